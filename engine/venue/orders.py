"""One order as the exchange keeps it, and as Alpaca shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from engine.events import LegFill
from engine.types import SCALE, Leg, Package, Price, sign
from engine.venue.wire import NO_ID, id_of, instant_text, money_text, number_text

OrderClass = Literal["simple", "mleg"]

OPEN = frozenset({"pending_new", "new", "accepted", "held", "partially_filled", "pending_cancel", "pending_replace"})
"""The statuses of an order that may still trade."""


@dataclass(slots=True, eq=False)
class Order:
    """An order of one account.

    Attributes:
        key: its client order id at the simulated exchange. limit: signed net price, a debit positive; None: none.
        stop: what its contract must reach; None: none.
        created: and every other time: ns UTC, market time. times: of what became of it, by the name of the field.
        before: what an order that this one replaces had filled: packages, and what they cost net, price units.
        executions: those of its legs, by execution id, but for those that were taken back: so many packages, which are
            not traded again.
        next: the order that is to replace it, while that is under way.
    """

    id: str
    client_order_id: str
    order_class: OrderClass
    kind: str
    package: Package
    quantity: int
    limit: Price | None
    stop: Price | None
    created: int
    expires: int
    status: str = "pending_new"
    key: str = ""
    updated: int = 0
    times: dict[str, int] = field(default_factory=dict)
    replaces: str | None = None
    replaced_by: str | None = None
    before: tuple[int, int] = (0, 0)
    executions: dict[str, LegFill] = field(default_factory=dict)
    taken_back: int = 0
    next: Order | None = None

    def __post_init__(self) -> None:
        self.key = self.key or self.client_order_id
        self.updated = self.updated or self.created

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return self.status in OPEN

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Of its package."""
        return self.package.legs

    def leg_id(self, number: int) -> str:
        """The order id of a leg, which is an order of its own in a package of several; ``number`` from 0."""
        return id_of(self.id, "leg", number) if self.order_class == "mleg" else self.id

    def of_leg(self, leg: Leg) -> tuple[int, int]:
        """Contracts of a leg filled so far, and what they cost together: price units, positive."""
        fills = [fill for fill in self.executions.values() if fill.contract == leg.contract]
        done, cost = sum(fill.quantity for fill in fills), sum(fill.quantity * fill.price for fill in fills)
        packages, net = self.before
        return done + packages * leg.ratio, cost + net * sign(leg.side)  # what was before is of one leg

    @property
    def filled(self) -> int:
        """Packages filled so far."""
        return min(self.of_leg(leg)[0] // leg.ratio for leg in self.legs)

    @property
    def left(self) -> int:
        """Packages still to fill."""
        return self.quantity - self.filled - self.taken_back

    @property
    def net(self) -> int:
        """What the fills cost, price units over all packages; a debit is positive."""
        return sum(sign(leg.side) * self.of_leg(leg)[1] for leg in self.legs)

    # As Alpaca shows it

    def body(self, *, nested: bool = True, no_id: str = "") -> dict[str, Any]:
        """The order; a package's parent has neither symbol nor side, and its legs only if ``nested``.

        Args:
            no_id: what stands for the asset's id of a package: nothing over REST, zeros on the stream.
        """
        if self.order_class == "simple":
            (leg,) = self.legs
            done, cost = self.of_leg(leg)
            return self._body(
                **_asset(leg),
                filled_qty=str(done),
                filled_avg_price=_average(cost, done),
                side=leg.side,
                position_intent=leg.position_intent,
            )
        filled = self.filled
        return self._body(
            symbol="",
            asset_id=no_id,
            asset_class="",
            filled_qty=str(filled),
            filled_avg_price=_average(self.net, filled),
            side="",
            legs=list(self.leg_bodies()) if nested else None,
        )

    def leg_bodies(self) -> Iterator[dict[str, Any]]:
        """The legs of a package as orders."""
        for number, leg in enumerate(self.legs):
            done, cost = self.of_leg(leg)
            yield self._body(
                **_asset(leg),
                id=self.leg_id(number),
                client_order_id=id_of(self.id, "client", number),
                filled_qty=str(done),
                filled_avg_price=_average(cost, done),
                side=leg.side,
                position_intent=leg.position_intent,
                ratio_qty=str(leg.ratio),
                qty=str(leg.ratio * self.quantity),
                limit_price=None,
                type="",
                order_type="",
                expires_at=instant_text(self.expires),
            )

    def _body(self, **fields: Any) -> dict[str, Any]:
        limit = self.limit if self.limit is None or self.order_class == "mleg" else abs(self.limit)
        simple = {} if self.order_class == "mleg" else {"expires_at": instant_text(self.expires)}
        return {
            "id": self.id,
            "client_order_id": self.client_order_id,
            "created_at": instant_text(self.created),
            "updated_at": instant_text(self.updated),
            "submitted_at": instant_text(self.created),
            **{name: instant_text(self.times.get(name)) for name in _TIMES},
            **simple,
            "replaced_by": self.replaced_by,
            "replaces": self.replaces,
            "notional": None,
            "qty": str(self.quantity),
            "order_class": self.order_class,
            "order_type": self.kind,
            "type": self.kind,
            "time_in_force": "day",
            "limit_price": money_text(limit),
            "stop_price": money_text(self.stop),
            "status": self.status,
            "extended_hours": False,
            "legs": None,
            "trail_percent": None,
            "trail_price": None,
            "hwm": None,
            "subtag": None,
            "source": None,
            **fields,
        }

    def streamed(self) -> dict[str, Any]:
        """The order as it is in a trade update."""
        body = self.body(no_id=NO_ID)
        return body if self.order_class == "simple" else body | {"position_intent": ""}


_TIMES = ("filled_at", "expired_at", "canceled_at", "failed_at", "replaced_at")


def _asset(leg: Leg) -> dict[str, str]:
    return {"symbol": leg.contract.symbol, "asset_id": id_of(leg.contract.symbol), "asset_class": "us_option"}


def _average(cost: int, count: int) -> str | None:
    return number_text(round(Decimal(cost) / SCALE / count, 6)) if count else None
