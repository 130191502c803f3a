"""The simulated exchange: takes packages, fills them on fresh quotes as far as is shown, and expires them.

It says what it does in broker reports, as a real broker would, and knows nothing of strategies or trades.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.calendar import Session
from engine.config import CutoffsTable, FeesTable, FillsTable
from engine.events import BrokerReport, ReportKind
from engine.exchange import stops
from engine.exchange.cutoffs import Cutoffs
from engine.exchange.executions import Executions
from engine.exchange.fees import Fees
from engine.exchange.fills import FillModel, Waiting, fill_model
from engine.exchange.liquidation import Liquidation
from engine.exchange.resting import Instruction, Resting, at_work
from engine.exchange.sizes import QuotedSizes
from engine.market import Market
from engine.types import Contract, Package, Price, sign

SIZE_UNKNOWN = "quoted size not known"


class DuplicateOrder(ValueError):
    """A client order id was used twice."""


class SimulatedExchange:
    """Fills packages atomically, each leg on its own quote at that quote's own age, and no more than is shown.

    Orders, new limits and cancellations arrive after the configured latency, in the market's own time; a fill before
    a cancellation arrives is a fill. Without latency a new limit and a cancellation hold at once.
    """

    def __init__(
        self, fills: FillsTable, fees: FeesTable, session: Session, cutoffs: CutoffsTable | None = None
    ) -> None:
        table = CutoffsTable() if cutoffs is None else cutoffs
        self._model: FillModel = fill_model(fills)
        self._max_age = fills.max_quote_age_ns
        self._sizes = QuotedSizes(fills.size_limit)
        self._executions = Executions(Fees(fees, session.day))
        self._cutoffs = Cutoffs(table, session)
        self._liquidation = Liquidation(table, self._cutoffs, session)
        self._session = session
        self._latency = fills.latency_ms * 1_000_000
        self._resting: dict[str, Resting] = {}
        self._known: set[str] = set()
        self._under_way: list[Instruction] = []

    def hold(self, contract: Contract, quantity: int) -> None:
        """The account holds so many more here, signed: after a restart, or fewer once they have settled."""
        self._executions.hold(contract, quantity)

    @property
    def positions(self) -> Mapping[Contract, int]:
        """Signed contracts the account holds here; nothing that is flat."""
        return self._executions.positions

    @property
    def resting(self) -> tuple[Resting, ...]:
        """The orders here and on their way, in the order in which they were sent."""
        return tuple(self._resting.values())

    def submit(
        self,
        client_order_id: str,
        package: Package,
        quantity: int,
        limit: Price | None,
        now: int,
        *,
        stop: Price | None = None,
        in_bar: bool = False,
    ) -> None:
        """Take an order; it arrives after the configured latency, in event time.

        Args:
            stop: a stop order of one leg: at this price of its contract it becomes a market order.
            in_bar: the order closes what was stopped inside the newest bar at ``stop``, the package's price to close:
                it fills there, at the worst of the bar.

        Raises ``DuplicateOrder`` for an id that was used before.
        """
        if client_order_id in self._known:
            raise DuplicateOrder(f"client order id {client_order_id} was used before")
        self._known.add(client_order_id)
        self._resting[client_order_id] = Resting(
            client_order_id, package, quantity, limit, now + self._latency, stop, in_bar
        )

    def replace(self, client_order_id: str, limit: Price | None, now: int) -> list[BrokerReport]:
        """Change a resting order's limit: at once and without a word, or once this has arrived, which is reported."""
        order = self._resting.get(client_order_id)
        if order is not None and self._latency:
            self._under_way.append(Instruction(now + self._latency, client_order_id, "replace", limit))
        elif order is not None:
            order.limit = limit
        return []

    def cancel(self, client_order_id: str, now: int, text: str) -> list[BrokerReport]:
        """Cancel a resting order: at once, or once this has arrived; until then it can fill."""
        order = self._resting.get(client_order_id)
        if order is None or order.leaving:
            return []
        if not self._latency:
            return [self._drop(order, now, "cancelled", text)]
        order.leaving = True
        self._under_way.append(Instruction(now + self._latency, client_order_id, "cancel", text=text))
        return [_report(order, now, "pending_cancel", text)]

    def bust(self, exec_id: str, now: int) -> list[BrokerReport]:
        """Take a trade back, with all its legs; see ``Executions.bust``."""
        return self._executions.bust(exec_id, now)

    @property
    def idle(self) -> bool:
        """Whether no order rests here, nothing is on its way, and the broker has nothing to liquidate."""
        return not self._resting and not self._under_way and self._liquidation.next_look(self.positions) is None

    @property
    def next_wake(self) -> int | None:
        """When the next order, cancellation or limit on its way arrives, or the broker comes to liquidate."""
        times = [order.arrives for order in self._resting.values() if not order.accepted]
        times += [instruction.at for instruction in self._under_way]
        look = self._liquidation.next_look(self.positions)
        return min(times if look is None else [*times, look], default=None)

    def match(self, market: Market, now: int) -> list[BrokerReport]:
        """Accept what arrives, fill what can trade, expire what is over; reports in order of submission."""
        reports = self._arrive(now) if self._under_way else []
        if market.feed.state == "ok":
            reports += self._liquidation.run(
                market,
                now,
                self._executions,
                self._model,
                self._sizes,
                lambda contract: self._clear(contract, now),
            )
        for order in list(self._resting.values()) if self._resting else ():
            if now >= order.arrives:
                reports += self._match(order, market, now)
        return reports

    def _arrive(self, now: int) -> list[BrokerReport]:
        arrived = [instruction for instruction in self._under_way if instruction.at <= now]
        self._under_way = [instruction for instruction in self._under_way if instruction.at > now]
        reports = []
        for instruction in arrived:
            order = self._resting.get(instruction.client_order_id)
            if order is None:
                continue  # it was filled or is over: its report has said so
            if instruction.kind == "cancel":
                reports.append(self._drop(order, now, "cancelled", instruction.text))
            else:
                order.limit = instruction.limit
                reports.append(_report(order, now, "replaced", ""))
        return reports

    def _match(self, order: Resting, market: Market, now: int) -> list[BrokerReport]:
        reports = []
        if not order.accepted:
            refused = self._refuse(order, now)
            if refused:
                return [self._drop(order, now, "rejected", refused)]
            order.accepted = True
            if not order.leaving:
                reports.append(_report(order, now, "accepted", ""))
        if now >= self._session.product_close(order.package.legs[0].contract.root):
            return [*reports, self._drop(order, now, "expired", "the product's close")]
        filled = self._fill(order, market, now)
        return reports if filled is None else [*reports, filled]

    def _drop(self, order: Resting, now: int, kind: ReportKind, text: str) -> BrokerReport:
        del self._resting[order.client_order_id]
        return _report(order, now, kind, text)

    def _clear(self, contract: Contract, now: int) -> list[BrokerReport]:
        """Cancel the account's own orders in a contract that the broker is about to close."""
        text = f"the simulated broker liquidates {contract.short_name}"
        mine = [
            order for order in self._resting.values() if any(leg.contract == contract for leg in order.package.legs)
        ]
        return [self._drop(order, now, "cancelled", text) for order in mine]

    def _refuse(self, order: Resting, now: int) -> str:
        """Why a broker would reject the order, or empty."""
        problem = order.package.problem() or stops.problem(order) or ("" if order.quantity > 0 else "nothing is wanted")
        if problem:
            return problem
        root = order.package.legs[0].contract.root
        if not self._session.open <= now < self._session.product_close(root):
            return f"{root} is not trading"
        late = self._cutoffs.refusal(order.package, now)
        if late:
            return late
        for leg in order.package.legs:
            held = self.positions.get(leg.contract, 0) * sign(leg.side)
            working = at_work(self._resting.values(), leg.contract)
            if leg.effect == "open" and (held < 0 or working.opening * sign(leg.side) < 0):
                return f"position intent mismatch: {leg.contract.symbol} is held or worked the other way"
            if leg.effect == "close" and -held - working.closing < leg.ratio * order.quantity:
                return f"position intent mismatch: not so many {leg.contract.symbol} are held and free to close"
        return ""

    def _fill(self, order: Resting, market: Market, now: int) -> BrokerReport | None:
        if market.feed.state != "ok":
            return None  # the market goes on, and what was last seen of it fills nothing
        in_bar = order.in_bar
        if order.stop is not None and not in_bar and not order.elected:
            in_bar = stops.reached_in_bar(order, market)
            order.elected = in_bar or stops.reached(order, market, now, self._max_age)
            if not order.elected:
                return None
        waited = 0 if order.limit is None else now - order.arrives  # who buys at any price is met at the far side
        priced = self._model.price(order.package, market, now, Waiting(order.client_order_id, waited))
        if isinstance(priced, str):
            return None
        if in_bar:
            priced = stops.worst_of_bar(order, priced, market)
        if order.limit is not None and priced.trades_at > order.limit:
            return None
        room = self._sizes.room(order.package, priced.quotes, market)
        packages = min(order.left, room.packages)
        if packages < 1:
            return None
        self._sizes.take(order.package, priced.quotes, market, packages)
        words = [
            priced.how,
            f"{packages} of {order.left}, all that is quoted" if packages < order.left else "",
            # A quote is of one contract at least.
            SIZE_UNKNOWN if room.unknown and packages * max(leg.ratio for leg in order.package.legs) > 1 else "",
        ]
        order.filled += packages
        if not order.left:
            del self._resting[order.client_order_id]
        text = "; ".join(word for word in words if word)
        return self._executions.fill(order.client_order_id, order.package, packages, priced, now, text)


def _report(order: Resting, now: int, kind: ReportKind, text: str) -> BrokerReport:
    return BrokerReport(
        ts_known=now,
        ts_event=now,
        cause=order.client_order_id,
        client_order_id=order.client_order_id,
        kind=kind,
        text=text,
        limit=order.limit if kind == "replaced" else None,
    )
