"""The simulated exchange: takes packages, fills them whole on fresh quotes, expires and settles them.

It says what it does in broker reports, as a real broker would, and knows nothing of strategies or trades.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from engine.calendar import Session
from engine.clock import MINUTE
from engine.config import FeesTable, FillsTable
from engine.events import BrokerReport, LegFill, ReportKind, Settlement
from engine.exchange.fills import FillModel, Priced, fill_model
from engine.market import Chain, Market
from engine.types import Contract, Package, Price, product, sign


@dataclass(slots=True)
class Resting:
    """An order at the exchange. It can trade from ``arrives`` on."""

    client_order_id: str
    package: Package
    quantity: int
    limit: Price | None
    arrives: int
    accepted: bool = False


class SimulatedExchange:
    """Fills packages atomically, each leg on its own quote at that quote's own age."""

    def __init__(self, fills: FillsTable, fees: FeesTable, session: Session) -> None:
        self._model: FillModel = fill_model(fills)
        self._fees = fees
        self._session = session
        self._latency = fills.latency_ms * 1_000_000
        self._resting: dict[str, Resting] = {}
        self._positions: dict[Contract, int] = {}
        self._settled: dict[tuple[str, dt.date], bool] = {}

    def hold(self, contract: Contract, quantity: int) -> None:
        """After a restart: what the account holds here."""
        if quantity:
            self._positions[contract] = self._positions.get(contract, 0) + quantity

    def submit(self, client_order_id: str, package: Package, quantity: int, limit: Price | None, now: int) -> None:
        """Take an order; it arrives after the configured latency, in event time."""
        order = Resting(client_order_id, package, quantity, limit, now + self._latency)
        self._resting[client_order_id] = order

    def replace(self, client_order_id: str, limit: Price | None) -> None:
        """Change a resting order's limit."""
        order = self._resting.get(client_order_id)
        if order is not None:
            order.limit = limit

    def cancel(self, client_order_id: str, now: int, text: str) -> list[BrokerReport]:
        """Cancel a resting order at once."""
        if self._resting.pop(client_order_id, None) is None:
            return []
        return [_report(client_order_id, now, "cancelled", text)]

    def match(self, market: Market, now: int) -> list[BrokerReport]:
        """Accept what arrives, fill what can trade, expire what is over; reports in order of submission."""
        reports: list[BrokerReport] = []
        if not self._resting:
            return reports
        for order in list(self._resting.values()):
            if now < order.arrives:
                continue
            if not order.accepted:
                refused = self._refuse(order, now)
                if refused:
                    del self._resting[order.client_order_id]
                    reports.append(_report(order.client_order_id, now, "rejected", refused))
                    continue
                order.accepted = True
                reports.append(_report(order.client_order_id, now, "accepted", ""))
            if now >= self._session.product_close(order.package.legs[0].contract.root):
                del self._resting[order.client_order_id]
                reports.append(_report(order.client_order_id, now, "expired", "the product's close"))
                continue
            filled = self._fill(order, market, now)
            if filled is not None:
                del self._resting[order.client_order_id]
                reports.append(filled)
        return reports

    def _refuse(self, order: Resting, now: int) -> str:
        """Why a broker would reject the order, or empty."""
        problem = order.package.problem()
        if problem:
            return problem
        root = order.package.legs[0].contract.root
        if not self._session.open <= now < self._session.product_close(root):
            return f"{root} is not trading"
        for leg in order.package.legs:
            held = self._positions.get(leg.contract, 0) * sign(leg.side)
            opening, closing = self._at_work(leg.contract)
            if leg.effect == "open" and (held < 0 or opening * sign(leg.side) < 0):
                return f"position intent mismatch: {leg.contract.symbol} is held or worked the other way"
            if leg.effect == "close" and -held - closing < leg.ratio * order.quantity:
                return f"position intent mismatch: not so many {leg.contract.symbol} are held and free to close"
        return ""

    def _at_work(self, contract: Contract) -> tuple[int, int]:
        """What accepted orders would open of a contract, signed, and how many they would close."""
        opening = closing = 0
        for order in self._resting.values():
            for leg in order.package.legs if order.accepted else ():
                if leg.contract == contract and leg.effect == "open":
                    opening += leg.signed_ratio * order.quantity
                elif leg.contract == contract:
                    closing += leg.ratio * order.quantity
        return opening, closing

    def _fill(self, order: Resting, market: Market, now: int) -> BrokerReport | None:
        if market.feed.state != "ok":
            return None  # the market goes on, and what was last seen of it fills nothing
        priced = self._model.price(order.package, market, now)
        if isinstance(priced, str):
            return None
        if order.limit is not None and priced.trades_at > order.limit:
            return None
        return self._report_fill(order, priced, now)

    def _report_fill(self, order: Resting, priced: Priced, now: int) -> BrokerReport:
        legs = []
        for n, leg in enumerate(order.package.legs):
            quantity = leg.ratio * order.quantity
            self._positions[leg.contract] = self._positions.get(leg.contract, 0) + sign(leg.side) * quantity
            fee = quantity * self._fees.per_contract_units(leg.contract.root, self._session.day)
            quote = priced.quotes[n]
            legs.append(
                LegFill(
                    exec_id=f"{order.client_order_id}.1.{n + 1}",
                    contract=leg.contract,
                    side=leg.side,
                    quantity=quantity,
                    price=priced.prices[n],
                    fee=fee,
                    bid=quote.bid,
                    ask=quote.ask,
                    quote_age_ns=now - quote.ts,
                )
            )
        return BrokerReport(
            ts_known=now,
            ts_event=now,
            cause=order.client_order_id,
            client_order_id=order.client_order_id,
            kind="fill",
            quantity=order.quantity,
            legs=tuple(legs),
        )

    @property
    def idle(self) -> bool:
        """Whether no order rests here."""
        return not self._resting

    @property
    def next_arrival(self) -> int | None:
        """When the next order on its way arrives."""
        return min((order.arrives for order in self._resting.values() if not order.accepted), default=None)

    def settle(self, market: Market, chain: Chain | None, root: str, expiry: dt.date, now: int) -> Settlement | None:
        """Settle an expiry: on the official close where it has arrived, else provisionally on what is known.

        Once official, never again; once provisional, only by the official close.
        """
        key = (root, expiry)
        symbol = product(root).underlying
        close = market.closes.get(symbol)
        official = close is not None and close.day == expiry and close.ts_known <= now
        if key in self._settled and (self._settled[key] or not official):
            return None
        if official:
            assert close is not None
            value, text = close.close, f"official close of {symbol}"
        else:
            found = _last_known(market, chain, symbol, now)
            if found is None:
                return None
            value, text = found[0], f"{found[1]}, PROVISIONAL until the official close"
        self._settled[key] = official
        for contract in [held for held in self._positions if (held.root, held.expiry) == key]:
            del self._positions[contract]
        return Settlement(
            ts_known=now, ts_event=now, root=root, expiry=expiry, value=value, provisional=not official, text=text
        )


def _last_known(market: Market, chain: Chain | None, symbol: str, now: int) -> tuple[Price, str] | None:
    """The value to settle on for the time being, and what it is: fresh where one is, however old where not."""
    last, ts = market.value(symbol)
    if chain is not None and chain.spot is not None:
        return chain.spot, f"last {symbol} value" if chain.spot == last else "parity forward"
    if last is None:
        return None
    return last, f"last {symbol} value, {(now - ts) // MINUTE} minutes old"


def _report(client_order_id: str, now: int, kind: ReportKind, text: str) -> BrokerReport:
    return BrokerReport(
        ts_known=now,
        ts_event=now,
        cause=client_order_id,
        client_order_id=client_order_id,
        kind=kind,
        text=text,
    )
