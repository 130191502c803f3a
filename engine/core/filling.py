"""Executions into trades and the journal, each once; and back out again where they are busted."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.core.state import SessionState
from engine.events import FillRecord, LegFill, PositionRecord, TradeRecord
from engine.exchange.fees import Fees
from engine.market import NEVER
from engine.orders import Order
from engine.orders.table import BUST
from engine.portfolio import Trade


class Filler:
    """Books what orders report as executed."""

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._fees = Fees(state.config.fees, state.session.day)
        self.last_at = 0

    def book(self, order: Order, trade: Trade, legs: Iterable[LegFill]) -> None:
        """Fold executions of an order into its trade, and record how the trade stands."""
        state = self._state
        self.last_at = state.now
        for leg in map(self.completed, legs):
            if not state.portfolio.fold(trade.trade_id, leg, order.kind == "open", state.now):
                continue
            state.record(
                FillRecord,
                exec_id=leg.exec_id,
                client_order_id=order.client_order_id,
                trade_id=trade.trade_id,
                symbol=leg.contract.symbol,
                quantity=leg.quantity if leg.side == "buy" else -leg.quantity,
                price=leg.price,
                fee=leg.fee,
                bid=leg.bid,
                ask=leg.ask,
                quote_age_ns=leg.quote_age_ns,
            )
            holding = trade.holdings[leg.contract]
            state.record(
                PositionRecord,
                trade_id=trade.trade_id,
                symbol=leg.contract.symbol,
                quantity=holding.quantity,
                cash=holding.cash,
            )
        trade.filled = self.packages(trade)
        trade.status = "open" if trade.open or self._entering(trade) else "closed"
        self.record_trade(trade, "")

    def completed(self, leg: LegFill) -> LegFill:
        """An execution; of a broker that tells neither, with the configured fee and the quote of now."""
        state = self._state
        if state.config.broker.kind != "alpaca" or leg.exec_id.endswith(BUST):
            return leg
        if leg.bid is None and leg.ask is None:
            quote = state.market.quote(leg.contract)
            age = state.now - quote.ts if quote.ts > NEVER else None
            leg = msgspec.structs.replace(leg, bid=quote.bid, ask=quote.ask, quote_age_ns=age)
        if not leg.fee:
            fee = self._fees.of(leg.contract.root, leg.quantity, leg.price)
            leg = msgspec.structs.replace(leg, fee=fee)
        return leg

    def packages(self, trade: Trade) -> int:
        """Whole packages opened so far, over all the orders that open the trade."""
        opened = {leg.contract: 0 for leg in trade.package.legs}
        for order in self._state.orders.of(trade.trade_id):
            if order.kind == "open":
                for contract, quantity in order.executed().items():
                    opened[contract] += quantity
        return min(opened[leg.contract] // leg.ratio for leg in trade.package.legs)

    def _entering(self, trade: Trade) -> bool:
        return any(order.kind == "open" for order in self._state.orders.working(trade.trade_id))

    def record_trade(self, trade: Trade, text: str) -> None:
        """Write how a trade stands."""
        self._state.record(
            TradeRecord,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            key=trade.key,
            label=trade.label,
            expiry=trade.expiry,
            status=trade.status,
            quantity=trade.filled or trade.wanted,
            credit=trade.credit,
            fees=trade.fees,
            realised=trade.realised,
            worst_case=trade.worst_case,
            text=text,
        )
