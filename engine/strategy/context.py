"""The read-only window through which a strategy sees the session. It cannot tell which mode it runs in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import msgspec

from engine.calendar import Session
from engine.events import TradeStatus
from engine.market import Chain, Quote
from engine.portfolio import ClosingCost
from engine.pricing import Bounds, payoff_bounds
from engine.types import Contract, Package, Price, Side


class Part(NamedTuple):
    """What is held of a trade, or of one side of it, and is not being closed already.

    Attributes:
        label: ``package``, ``puts`` or ``calls``. held: signed contracts.
        each: the same of one package: its legs' ratios with the signs of what is held. A partial close can leave a
            fraction of a package; what is held of each contract is then scaled all the same, so that a price made of
            ``each`` stays that of one package.
        bounds: within which ``each`` can be worth anything. shorts: the contracts that are short.
    """

    label: str
    held: Mapping[Contract, int]
    each: Mapping[Contract, int]
    bounds: Bounds
    shorts: tuple[Contract, ...]


class TradeInfo(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One of the strategy's own trades. The same object until something of the trade changes.

    Attributes:
        credit: net received a package at entry, price units; until a whole one is filled, what was asked for it.
        cash: net cash a package of all fills so far before fees, price units (received positive).
        held: signed contracts held now, of what is not left to expire.
        exiting: contracts that are being closed already.
        opened_at: when the first of it was filled, ns UTC; None before.
        stopped_elsewhere: whether the broker holds its stops, and is to fire them alone.
    """

    trade_id: int
    key: str
    status: TradeStatus
    package: Package
    filled: int
    credit: Price
    cash: Price
    held: Mapping[Contract, int]
    exiting: frozenset[Contract]
    opened_at: int | None = None
    stopped_elsewhere: bool = False

    @cached_property
    def whole(self) -> Part:
        """All of it that is not being closed."""
        return self._part("package", {c: held for c, held in self.held.items() if c not in self.exiting})

    @cached_property
    def sides(self) -> tuple[Part, Part]:
        """The puts and the calls of ``whole``."""
        held = self.whole.held
        puts = {contract: quantity for contract, quantity in held.items() if contract.right == "P"}
        calls = {contract: quantity for contract, quantity in held.items() if contract.right == "C"}
        return self._part("puts", puts), self._part("calls", calls)

    def _part(self, label: str, held: dict[Contract, int]) -> Part:
        ratio = {leg.contract: leg.ratio for leg in self.package.legs}
        in_order = [leg.contract for leg in self.package.legs if leg.contract in held] if label != "package" else held
        held = {contract: held[contract] for contract in in_order}
        each = {contract: ratio[contract] * (1 if quantity > 0 else -1) for contract, quantity in held.items()}
        shorts = tuple(contract for contract, quantity in held.items() if quantity < 0)
        return Part(label, held, each, payoff_bounds(each), shorts)


class Context(Protocol):
    """What a strategy may know now."""

    @property
    def now(self) -> int:
        """The instant, ns UTC."""
        ...

    @property
    def session(self) -> Session:
        """The trading day."""
        ...

    @property
    def root(self) -> str:
        """The option root this instance trades."""
        ...

    @property
    def news(self) -> bool:
        """Whether market data came with this event (as opposed to a timer, a report or a command)."""
        ...

    @property
    def trades(self) -> tuple[TradeInfo, ...]:
        """The strategy's trades on this root, oldest first."""
        ...

    @property
    def may_open(self) -> str:
        """Empty where entries are allowed, else why not, in words."""
        ...

    def chain(self, expiry: dt.date) -> Chain | None:
        """The chain of one expiry, or None before anything of it is listed."""
        ...

    def quote(self, contract: Contract) -> Quote | None:
        """A fresh, usable quote of a contract, or None."""
        ...

    def cost(
        self, held: Mapping[Contract, int], natural: bool = False, bounds: Bounds | None = None
    ) -> ClosingCost | None:
        """What closing these signed contracts costs; see ``cost_to_close``. None without fresh quotes."""
        ...

    @property
    def bars(self) -> bool:
        """Whether the root's source has bars and no quotes: of what came inside a minute only the range is known."""
        ...

    def worst(self, part: Part, since: int) -> Price | None:
        """What closing one package of a part cost at the worst inside the newest bars; see ``worst_in_bar``."""
        ...

    def opposed(self, contract: Contract, side: Side) -> bool:
        """Whether opening this leg would oppose what is held or working in the account."""
        ...

    def denial(self, key: str) -> str | None:
        """Why the gate denied the trade of that key, or None."""
        ...
