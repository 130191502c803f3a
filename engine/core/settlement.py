"""Expiry: what is held at the close settles, provisionally at first, and again once the official close is known."""

from __future__ import annotations

from typing import Protocol

from engine.calendar import clock_text, exercise_cutoff
from engine.core.completeness import Completeness
from engine.core.orders import OrderDesk
from engine.core.reconcile import UNREAD
from engine.core.state import SessionState
from engine.events import PositionRecord, Settlement, SettlementRecord
from engine.exchange import Settler
from engine.portfolio import Trade, bare, pin_risk
from engine.types import Contract, dollars_text, product

SHARES = "trades left with shares overnight"
"""The tally of trades that expiry left with shares."""


class Account(Protocol):
    """Who holds the positions: it is told what is no longer held."""

    def hold(self, contract: Contract, quantity: int) -> None:
        """Hold so many more, signed."""
        ...


class SettlementDesk:
    """Finds out from the close on what today's expiries settle on, and applies it to trades."""

    def __init__(self, state: SessionState, orders: OrderDesk, account: Account) -> None:
        self._state = state
        self._orders = orders
        self._account = account
        self._settler = Settler()
        self._completeness = Completeness(state)
        self._last: dict[str, Settlement] = {}
        self._first_close = min((state.session.product_close(root) for root in state.roots), default=0)

    def begin(self) -> None:
        """Be woken at each product's close."""
        for root in self._state.roots:
            self._state.wake(self._state.session.product_close(root))

    def run(self) -> None:
        """Settle every root whose close has come and of which something is held or still provisional."""
        state = self._state
        if state.now < self._first_close or UNREAD in state.states.breakers:
            return  # after a restart, what the broker has executed meanwhile is settled with the rest
        self._completeness.look()
        day = state.session.day
        for root in state.roots:
            if state.now < state.session.product_close(root) or not self._waiting(root):
                continue
            settled = self._settler.settle(state.market, state.chain(root, day), root, day, state.now)
            if settled is None and self._held(root):  # an execution was heard of that is older than the close
                settled = self._last.get(root)
            # After a restart what the journal has settled provisionally may be offered again.
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
        self._last[settled.root] = settled
        text = f"{settled.root} {settled.expiry} settles at {dollars_text(settled.value)}: {settled.text}"
        state.notice("info", "exchange", text)
        for trade in state.portfolio:
            if trade.root == settled.root and self._held_today(trade):
                self._settle(trade, settled)

    def _settle(self, trade: Trade, settled: Settlement) -> None:
        state = self._state
        had_shares = trade.shares is not None
        for contract, holding in trade.holdings.items():
            if contract.expiry != settled.expiry:
                continue
            held = holding.quantity
            amount = state.portfolio.settle(trade, contract, settled.value, settled.provisional)
            if amount is None:
                continue
            if held:
                self._account.hold(contract, -held)
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
        shares = trade.shares
        self._orders.record_trade(trade, f"{settled.text}; {shares.text}" if shares else settled.text)
        if product(trade.root).settlement == "physical":
            self._tell_shares(trade, settled, had_shares)

    def _tell_shares(self, trade: Trade, settled: Settlement, had_shares: bool) -> None:
        """The shares that exercise and assignment left, or that a restatement took away again; what may change."""
        state, shares = self._state, trade.shares
        state.tallies.pop(SHARES, None)
        if left := sum(each.shares is not None for each in state.portfolio):
            state.tallies[SHARES] = left
        expired = {c: h.settled_quantity for c, h in trade.holdings.items() if c.expiry == settled.expiry}
        words = [bare(expired, settled.value)]
        if shares is not None or had_shares:
            symbol = product(trade.root).underlying
            quantity, cash = (shares.quantity, shares.cash) if shares else (0, 0)
            state.record(PositionRecord, trade_id=trade.trade_id, symbol=symbol, quantity=quantity, cash=cash)
            result = dollars_text(shares.result, sign=True) if shares else ""
            words.insert(0, f"{shares.text}, {result} at the close, not realised" if shares else "no shares after all")
        words.append(pin_risk(expired, settled.value, clock_text(exercise_cutoff(state.session), seconds=False)))
        text = "; ".join(word for word in words if word)
        if text:
            state.notice("alarm" if shares else "warning", "exchange", f"#{trade.trade_id} {trade.root}: {text}")
