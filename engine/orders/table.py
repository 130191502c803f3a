"""Every order of a session and what became of it, as a fold over broker reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.events import Actor, BrokerReport, LegFill, OrderKind, OrderStatus
from engine.orders.states import DONE, OVERTAKEN, IllegalTransition, check
from engine.types import Contract, Package, Price, sign

BUST = "!bust"
"""Ends the execution id under which an execution is taken back."""


@dataclass(slots=True)
class Order:
    """One order: what was asked, and how it stands. ``limit`` is the signed net price, None for a market order.

    Attributes:
        stop: of a protective stop order: the ask at which it becomes a market order. Of a closing one: the price to
            close at which it was stopped inside a bar.
        filled: whole packages, every leg of them.
        executions: by their ids, those that took others back included.
        absent: whether it was closed because the broker had never heard of it.
        moved_at: when its state last changed, ns UTC.
    """

    client_order_id: str
    intent_id: int
    trade_id: int
    strategy: str
    root: str
    actor: Actor
    kind: OrderKind
    package: Package
    quantity: int
    limit: Price | None
    created: int
    status: OrderStatus = "new"
    filled: int = 0
    stop: Price | None = None
    executions: dict[str, LegFill] = field(default_factory=dict)
    absent: bool = False
    moved_at: int = 0

    @property
    def working(self) -> bool:
        """Whether anything more is expected of it."""
        return self.status not in DONE

    def move(self, status: OrderStatus) -> None:
        """Go to another state; raises ``IllegalTransition``."""
        check(self.status, status)
        self.status = status

    def executed(self) -> dict[Contract, int]:
        """Contracts filled so far, a leg; busts are taken off. Positive, whatever the side."""
        found = {leg.contract: 0 for leg in self.package.legs}
        sides = {leg.contract: leg.side for leg in self.package.legs}
        for each in self.executions.values():
            found[each.contract] += each.quantity if each.side == sides[each.contract] else -each.quantity
        return found

    def outstanding(self) -> dict[Contract, int]:
        """Signed contracts (bought positive) that it may still bring; none once it is done."""
        if not self.working:
            return {}
        done = self.executed()
        rest = {leg.contract: leg.ratio * self.quantity - done[leg.contract] for leg in self.package.legs}
        return {leg.contract: sign(leg.side) * rest[leg.contract] for leg in self.package.legs if rest[leg.contract]}

    def take(self, executions: Iterable[LegFill]) -> None:
        """Take executions up that are known to be true, and count whole packages."""
        self.executions.update((each.exec_id, each) for each in executions)
        done = self.executed()
        self.filled = min(done[leg.contract] // leg.ratio for leg in self.package.legs)

    @property
    def complete(self) -> bool:
        """Whether every leg is filled as wanted."""
        done = self.executed()
        return all(done[leg.contract] == leg.ratio * self.quantity for leg in self.package.legs)


class OrderTable:
    """Orders by client order id, in the order of their creation."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._live: dict[str, Order] = {}  # those not yet seen to be over, which is final

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def __len__(self) -> int:
        return len(self._orders)

    def get(self, client_order_id: str) -> Order | None:
        """The order, or None for an id never seen."""
        return self._orders.get(client_order_id)

    def add(self, order: Order) -> None:
        """Take up a new order; an id may not be used twice."""
        if order.client_order_id in self._orders:
            raise ValueError(f"client order id {order.client_order_id} is in use")
        self._orders[order.client_order_id] = self._live[order.client_order_id] = order

    @property
    def live(self) -> bool:
        """Whether any order may still be working."""
        return bool(self._live)

    def working(self, trade_id: int | None = None) -> list[Order]:
        """Orders of which more is expected, of one trade or of all."""
        for order in [order for order in self._live.values() if not order.working]:
            del self._live[order.client_order_id]
        return [order for order in self._live.values() if trade_id in (None, order.trade_id)]

    def of(self, trade_id: int) -> list[Order]:
        """All orders of one trade, in the order of their creation."""
        return [order for order in self._orders.values() if order.trade_id == trade_id]

    def fold(self, report: BrokerReport) -> Order | None:
        """Apply a report; the order it changed, or None where it says nothing new.

        An execution counts once, by its id, and a report that a later one has overtaken changes nothing: in whatever
        order the reports of one order arrive, it ends in the same state. Raises ``IllegalTransition`` for a report that
        cannot be true of the order, and ``KeyError`` for an unknown order.
        """
        order = self._orders[report.client_order_id]
        match report.kind:
            case "fill":
                return _fold_fill(order, report)
            case "busted":
                return _fold_bust(order, report)
            case "replaced":
                return _fold_replaced(order, report)
            case "absent":
                return _fold_absent(order)
            case _:
                pass
        if order.status == report.kind or order.status in OVERTAKEN.get(report.kind, ()):
            return None
        # A broker that gives up cancelling says accepted; what is filled by then stays told.
        order.move("partially_filled" if report.kind == "accepted" and any(order.executed().values()) else report.kind)
        return order


def _fold_fill(order: Order, report: BrokerReport) -> Order | None:
    executions = [leg.exec_id for leg in report.legs]
    if not executions or len(set(executions)) != len(executions):
        raise IllegalTransition(f"{order.client_order_id}: a fill needs executions, each with its own id")
    news = [leg for leg in report.legs if leg.exec_id not in order.executions]
    if not news:
        return None
    _refuse_impossible(order, news)
    before = order.status
    wanted = {leg.contract: leg.ratio * order.quantity for leg in order.package.legs}
    done = order.executed()
    for leg in news:
        done[leg.contract] += leg.quantity
    if before == "filled":
        pass  # an execution that was taken back is corrected by another
    elif all(done[contract] == wanted[contract] for contract in wanted):
        order.move("filled")
    elif before not in ("pending_cancel", "cancelled", "expired"):
        order.move("partially_filled")
    order.take(news)
    return order


def _refuse_impossible(order: Order, news: list[LegFill]) -> None:
    legs = {leg.contract: leg for leg in order.package.legs}
    done = order.executed()
    for fill in news:
        leg = legs.get(fill.contract)
        if leg is None or leg.side != fill.side or fill.quantity < 1:
            what = f"{fill.side} {fill.quantity} {fill.contract.short_name}"
            raise IllegalTransition(f"{order.client_order_id}: it never asked to {what}")
        done[fill.contract] += fill.quantity
        if done[fill.contract] > leg.ratio * order.quantity:
            raise IllegalTransition(
                f"{order.client_order_id} wants {leg.ratio * order.quantity} {fill.contract.short_name}; "
                f"{done[fill.contract]} are too many"
            )


def _fold_bust(order: Order, report: BrokerReport) -> Order | None:
    """An execution taken back stays in the order as its reverse; the order is not filled by it any more."""
    if not report.legs:
        raise IllegalTransition(f"{order.client_order_id}: a bust must name its executions")
    missing = [leg.exec_id for leg in report.legs if leg.exec_id not in order.executions]
    if missing:
        raise IllegalTransition(f"{order.client_order_id}: a bust of {', '.join(missing)}, which it never had")
    news = reversals(order, report.legs)
    if not news:
        return None
    order.take(news)
    return order


def reversals(order: Order, legs: Iterable[LegFill]) -> list[LegFill]:
    """What takes executions of an order back that are not taken back yet: the other side, the fee returned."""
    found = []
    for leg in legs:
        was = order.executions.get(leg.exec_id)
        if was is not None and was.exec_id + BUST not in order.executions:
            found.append(
                LegFill(
                    exec_id=was.exec_id + BUST,
                    contract=was.contract,
                    side="sell" if was.side == "buy" else "buy",
                    quantity=was.quantity,
                    price=was.price,
                    fee=-was.fee,
                )
            )
    return found


def _fold_replaced(order: Order, report: BrokerReport) -> Order | None:
    if not order.working:
        return None
    if order.status in ("sent", "unknown"):
        order.move("partially_filled" if any(order.executed().values()) else "accepted")
    order.limit = report.limit
    return order


def _fold_absent(order: Order) -> Order | None:
    if not order.working:
        return None
    order.move("cancelled")
    order.absent = True
    return order
