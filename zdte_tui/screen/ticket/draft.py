"""The order a person is putting together. Pure: what is asked of the engine and what is sent come from it alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from engine.types import Contract, Leg, OpenTrade, Package, Price, Side, sign, strike_text
from engine.view import TicketRequest

Pricing = Literal["mid", "natural", "fixed"]

LONGEST = 8
"""Legs that a ticket takes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order by hand.

    Attributes:
        legs: signed contracts a package, bought positive, in the order in which they were put in.
        quantity: packages; 0: as many as the limits allow. limit: signed net price, a debit positive, where ``pricing``
            is fixed; else it follows the mid or the natural price.
        until: when it is given up, ns UTC; 0: at the end of trading.
        stop, side_stop, target: closing costs of a package, or of one side.
        name: of the structure it was made from; empty for legs put in by hand.
    """

    legs: tuple[tuple[Contract, int], ...] = ()
    quantity: int = 1
    pricing: Pricing = "mid"
    limit: Price = 0
    until: int = 0
    stop: Price | None = None
    side_stop: Price | None = None
    target: Price | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    name: str = ""

    @property
    def root(self) -> str:
        """Of its first leg; empty without one."""
        return self.legs[0][0].root if self.legs else ""

    @property
    def package(self) -> Package:
        """Its legs as they would be opened."""
        sides: dict[bool, Side] = {True: "buy", False: "sell"}
        return Package(tuple(Leg(contract, sides[n > 0], "open", abs(n)) for contract, n in self.legs))

    @property
    def two_sided(self) -> bool:
        """Whether it has puts and calls."""
        return len({contract.right for contract, _ in self.legs}) == 2

    @property
    def label(self) -> str:
        """As a trader writes it: ``5845/5855P 5900/5910C``; ratios where they are not one."""
        words = []
        for right in ("P", "C"):
            own = sorted((c.strike, n) for c, n in self.legs if c.right == right)
            if own:
                text = "/".join((f"{abs(n)}x" if abs(n) > 1 else "") + strike_text(strike) for strike, n in own)
                words.append(f"{text}{right}")
        short = {"iron condor": "IC", "iron butterfly": "IB"}.get(self.name, "")
        return " ".join((*((short,) if short else ()), *words))

    def with_leg(self, contract: Contract, side: Side) -> Draft:
        """One contract more on that side; one on the other side is taken back first. ``ValueError`` says what is wrong
        with it."""
        if self.legs and contract.root != self.root:
            raise ValueError(f"the ticket is of {self.root}: an order has one root; O, then c clears it")
        found = dict(self.legs)
        found[contract] = found.get(contract, 0) + sign(side)
        if not found[contract]:
            del found[contract]
        if len(found) > LONGEST:
            raise ValueError(f"a ticket takes {LONGEST} legs")
        return self._with(found)

    def without_leg(self, index: int) -> Draft:
        """Without one of its legs."""
        return self._with(dict(leg for n, leg in enumerate(self.legs) if n != index))

    def moved_leg(self, index: int, to: Contract) -> Draft:
        """One of its legs on another strike; where another leg is, they are joined."""
        found: dict[Contract, int] = {}
        for n, (contract, ratio) in enumerate(self.legs):
            where = to if n == index else contract
            found[where] = found.get(where, 0) + ratio
        return self._with({contract: ratio for contract, ratio in found.items() if ratio})

    def _with(self, legs: dict[Contract, int]) -> Draft:
        """Other legs: a limit that was fixed is of the legs before."""
        return replace(
            self, legs=tuple(legs.items()), pricing="mid" if self.pricing == "fixed" else self.pricing, name=""
        )

    def request(self) -> TicketRequest | None:
        """What the engine is asked about it; None without a leg."""
        if not self.legs:
            return None
        return TicketRequest(
            root=self.root,
            package=self.package,
            quantity=self.quantity,
            limit=self.limit if self.pricing == "fixed" else None,
            at="natural" if self.pricing == "natural" else "mid",
            stop=self.stop,
            side_stop=self.side_stop,
            target=self.target,
        )

    def order(self, quantity: int, limit: Price) -> OpenTrade:
        """The message that sends it, at the quantity and limit that were confirmed."""
        return OpenTrade(
            root=self.root,
            package=self.package,
            quantity=quantity,
            limit=limit,
            until=self.until,
            label=self.label,
            stop=self.stop,
            side_stop=self.side_stop,
            target=self.target,
            note=self.note,
            tags=self.tags,
            exact=True,
        )
