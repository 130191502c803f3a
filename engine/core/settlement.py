"""Expiry: what is held at the close settles, provisionally at first, and again once the official close is known."""

from __future__ import annotations

from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import Settlement, SettlementRecord
from engine.exchange import SimulatedExchange
from engine.portfolio import Trade
from engine.types import dollars_text, product


class SettlementDesk:
    """Asks the exchange for settlements from the close on, and applies them to trades."""

    def __init__(self, state: SessionState, orders: OrderDesk, exchange: SimulatedExchange) -> None:
        self._state = state
        self._orders = orders
        self._exchange = exchange
        self._first_close = min((state.session.product_close(root) for root in state.roots), default=0)

    def begin(self) -> None:
        """Be woken at each product's close."""
        for root in self._state.roots:
            self._state.wake(self._state.session.product_close(root))

    def run(self) -> None:
        """Settle every root whose close has come and of which something is held or still provisional."""
        state = self._state
        if state.now < self._first_close:
            return
        day = state.session.day
        for root in state.roots:
            if state.now < state.session.product_close(root) or not self._waiting(root):
                continue
            settled = self._exchange.settle(state.market, state.chain(root, day), root, day, state.now)
            # After a restart the exchange may offer again what the journal has settled provisionally.
            if settled is not None and (not settled.provisional or self._held(root)):
                self.apply(settled)

    @property
    def waits(self) -> bool:
        """Whether something is held past its product's close: any value of the underlying may then settle it."""
        state = self._state
        return state.now >= self._first_close and any(
            state.now >= state.session.product_close(root) and self._held(root) for root in state.roots
        )

    def _waiting(self, root: str) -> bool:
        return any(self._held_today(trade) for trade in self._state.portfolio if trade.root == root)

    def _held(self, root: str) -> bool:
        return any(trade.open for trade in self._state.portfolio if trade.root == root and self._held_today(trade))

    def _held_today(self, trade: Trade) -> bool:
        day = self._state.session.day
        return any(
            contract.expiry == day and (holding.quantity or holding.provisional)
            for contract, holding in trade.holdings.items()
        )

    def apply(self, settled: Settlement) -> None:
        """Settle every trade's contracts of that expiry."""
        state = self._state
        state.dealings += 1
        for trade in state.portfolio:
            if trade.root != settled.root or not self._held_today(trade):
                continue
            for contract, holding in trade.holdings.items():
                if contract.expiry != settled.expiry:
                    continue
                amount = state.portfolio.settle(trade, contract, settled.value, settled.provisional)
                if amount is None:
                    continue
                state.record(
                    SettlementRecord,
                    trade_id=trade.trade_id,
                    symbol=contract.symbol,
                    quantity=holding.settled_quantity,
                    value=settled.value,
                    amount=amount,
                    provisional=settled.provisional,
                    text=settled.text,
                )
            trade.status = "settled_provisional" if settled.provisional else "settled"
            self._orders.record_trade(trade, settled.text)
        text = f"{settled.root} {settled.expiry} settles at {dollars_text(settled.value)}: {settled.text}"
        if product(settled.root).settlement == "physical":
            text += "; shares are not modelled, holdings are cashed at intrinsic value"
        state.notice("info", "exchange", text)
