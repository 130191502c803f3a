"""A broker's own book of orders: what it was asked, what it has executed, and how it tells that again."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.events import BrokerOrder, BrokerReport, BrokerStatus, LegFill, OrderRequest, ReportKind
from engine.types import Contract, Leg, Package, Price

_BY_REPORT: dict[str, BrokerStatus] = {
    "accepted": "accepted",
    "rejected": "rejected",
    "cancelled": "cancelled",
    "expired": "expired",
}


@dataclass(slots=True)
class Kept:
    """One order at the broker."""

    package: Package
    quantity: int
    limit: Price | None
    stop: Price | None
    status: BrokerStatus = "accepted"
    text: str = ""
    executions: dict[str, LegFill] = field(default_factory=dict)

    @property
    def working(self) -> bool:
        """Whether it may still trade."""
        return self.status in ("accepted", "partially_filled", "pending_cancel")

    def filled(self) -> bool:
        """Whether every leg is filled."""
        done: dict[Contract, int] = {}
        for each in self.executions.values():
            done[each.contract] = done.get(each.contract, 0) + each.quantity
        return all(done.get(leg.contract, 0) >= leg.ratio * self.quantity for leg in self.package.legs)


class OrderBook:
    """Every order the broker has ever taken, by its client order id; nothing is forgotten during the day."""

    def __init__(self) -> None:
        self._orders: dict[str, Kept] = {}

    def get(self, client_order_id: str) -> Kept | None:
        """The order, or None for an id never heard of."""
        return self._orders.get(client_order_id)

    def enter(self, request: OrderRequest) -> Kept:
        """Take up a new order."""
        assert request.package is not None
        kept = Kept(request.package, request.quantity, request.limit, request.stop)
        self._orders[request.client_order_id] = kept
        return kept

    def note(self, report: BrokerReport) -> None:
        """Keep what the exchange has reported; an order it acts with of its own accord appears here too."""
        kept = self._orders.get(report.client_order_id)
        if kept is None:
            legs = tuple(Leg(leg.contract, leg.side, "close") for leg in report.legs)
            kept = Kept(Package(legs), max((leg.quantity for leg in report.legs), default=0), None, None)
            self._orders[report.client_order_id] = kept
        if report.kind == "fill":
            kept.executions.update((leg.exec_id, leg) for leg in report.legs)
            if kept.working:
                kept.status = "filled" if kept.filled() else "partially_filled"
        elif report.kind == "busted":
            for leg in report.legs:
                kept.executions.pop(leg.exec_id, None)
        elif report.kind == "replaced":
            kept.limit = report.limit
        elif report.kind in _BY_REPORT and (kept.working or report.kind != "accepted"):
            kept.status, kept.text = _BY_REPORT[report.kind], report.text

    def orders(self) -> tuple[BrokerOrder, ...]:
        """All orders of the day with their executions."""
        return tuple(
            BrokerOrder(
                client_order_id=client_order_id,
                status=kept.status,
                package=kept.package,
                quantity=kept.quantity,
                limit=kept.limit,
                stop=kept.stop,
                executions=tuple(kept.executions.values()),
            )
            for client_order_id, kept in self._orders.items()
        )

    def told_again(self, client_order_id: str, now: int) -> list[BrokerReport]:
        """How an order stands, as reports: its executions, then its state; ``absent`` where it was never heard of."""
        kept = self._orders.get(client_order_id)
        if kept is None:
            return [BrokerReport(ts_known=now, ts_event=now, client_order_id=client_order_id, kind="absent")]
        reports = []
        if kept.executions:
            legs = tuple(kept.executions.values())
            reports.append(
                BrokerReport(ts_known=now, ts_event=now, client_order_id=client_order_id, kind="fill", legs=legs)
            )
        if kept.status == "accepted" or kept.status == "partially_filled":  # noqa: PLR1714 - mypy narrows by these
            reports.append(BrokerReport(ts_known=now, ts_event=now, client_order_id=client_order_id, kind="accepted"))
        elif kept.status == "filled":
            if not kept.filled():  # its trades were busted: nothing more comes of it
                text = "filled, and its trades busted"
                reports.append(
                    BrokerReport(
                        ts_known=now, ts_event=now, client_order_id=client_order_id, kind="cancelled", text=text
                    )
                )
        else:
            end: ReportKind = kept.status
            reports.append(
                BrokerReport(ts_known=now, ts_event=now, client_order_id=client_order_id, kind=end, text=kept.text)
            )
        return reports
