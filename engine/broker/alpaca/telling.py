"""What Alpaca says of an order or of the account, as the engine hears it."""

from __future__ import annotations

from engine.alpaca.parse_orders import AlpacaOrder, broker_order
from engine.alpaca.parse_values import Told
from engine.alpaca.snapshot import Snapshot
from engine.broker.alpaca.lagging import Lagging
from engine.calendar import NotASession, session
from engine.events import BrokerOrder, BrokerReport, BrokerState, BrokerStatus, LegFill, ReportKind
from engine.types import Contract

_STANDS: dict[BrokerStatus, ReportKind] = {
    "accepted": "accepted",
    "partially_filled": "accepted",
    "pending_cancel": "pending_cancel",
    "cancelled": "cancelled",
    "rejected": "rejected",
    "expired": "expired",
}


class Incomplete(ValueError):
    """Something that matters cannot be told yet, such as the price of what was executed: it is asked again."""


def reports_of(order: AlpacaOrder, own: str, told: Told, lagging: Lagging | None = None) -> list[BrokerReport]:
    """Its executions, then how it stands. Raises ``Incomplete``."""
    known = _known(order, told, lagging or Lagging())
    reports = [] if not known.executions else [report(own, "fill", legs=known.executions)]
    end = _STANDS.get(known.status)
    if end is not None:
        reports.append(report(own, end, text="" if end == "accepted" else f"Alpaca says {order.word}"))
    return reports


def state_of(snapshot: Snapshot, asked: int, told: Told, lagging: Lagging | None = None) -> BrokerState:
    """The whole account; ``asked``: when the question left, ns UTC. Raises ``Incomplete``: it is true or not told."""
    if not snapshot.settled:
        raise Incomplete("orders were executed while the account was read")
    options = [held for held in snapshot.positions if held.contract is not None]
    for held in options:
        if held.quantity is None:
            raise Incomplete(f"how much of {held.symbol} is held cannot be read")
    waits = lagging or Lagging()
    now = asked if snapshot.clock.now is None else snapshot.clock.now
    orders = [_known(order, told, waits) for order in snapshot.orders if all(leg.contract for leg in order.legs)]
    return BrokerState(
        ts_known=asked,
        asked=asked,
        orders=tuple(orders),
        positions=tuple(
            sorted(
                (held.contract, held.quantity)
                for held in options
                if held.contract and held.quantity and not _has_expired(held.contract, now)
            )
        ),
        skew=snapshot.skew or 0,
    )


def _has_expired(contract: Contract, now: int) -> bool:
    """Whether it trades no more: Alpaca shows it until it has been settled, in the night."""
    try:
        return now >= session(contract.expiry).product_close(contract.root)
    except NotASession:
        return False


def report(
    own: str, kind: ReportKind, text: str = "", legs: tuple[LegFill, ...] = (), limit: int | None = None
) -> BrokerReport:
    """A report that is heard when it is fetched."""
    return BrokerReport(ts_known=0, cause=own, client_order_id=own, kind=kind, legs=legs, text=text, limit=limit)


def _known(order: AlpacaOrder, told: Told, lagging: Lagging) -> BrokerOrder:
    if any(leg.paid is None for leg in order.legs):
        raise Incomplete(f"order {order.client_order_id}: at what price it was executed is not there yet")
    if lagging.waits(order):
        raise Incomplete(f"order {order.client_order_id}: filled, and its executions are not all there yet")
    known = broker_order(order, told)
    if known is None:
        raise Incomplete(f"order {order.client_order_id} is not of options alone")
    return known
