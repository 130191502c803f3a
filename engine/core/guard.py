"""Watches the book: marks of open trades, once a minute into the journal, and the day's loss against its limit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from engine.clock import MINUTE
from engine.core.exits import ExitDesk
from engine.core.state import SessionState
from engine.events import BreakerRecord, MarkRecord
from engine.portfolio import Standing, Trade, TradeMark, mark
from engine.risk import DailyLoss
from engine.types import Money, dollars_text, product


class Greeks(NamedTuple):
    """Dollar Greeks of signed holdings: delta a point, gamma (change of delta) a point, theta a day, vega a vol point.

    NaN where a held contract has no IV.
    """

    delta: float = 0.0
    gamma: float = 0.0
    theta: float = 0.0
    vega: float = 0.0

    def plus(self, state: SessionState, trade: Trade) -> Greeks:
        """With what a trade holds."""
        delta, gamma, theta, vega = self
        multiplier = product(trade.root).multiplier
        for expiry, held in trade.standing.expiries:
            chain = state.chain(trade.root, expiry)
            legs = None if chain is None else chain.layout.legs(held)
            if chain is None or legs is None:
                return UNKNOWN
            for each, quantity in zip(chain.held_greeks(legs.rows, legs.signs), legs.quantities, strict=True):
                shares = quantity * multiplier
                delta += shares * each[0]
                gamma += shares * each[1]
                theta += shares * each[2]
                vega += shares * each[3]
        return Greeks(delta, gamma, theta, vega)


UNKNOWN = Greeks(math.nan, math.nan, math.nan, math.nan)


def known(value: float) -> float | None:
    """None for NaN; else rounded to a millionth, so that records are the same on every machine."""
    return None if math.isnan(value) else round(value, 6)


class Guard:
    """Marks and the daily loss breaker."""

    def __init__(self, state: SessionState, exits: ExitDesk, price_marks: bool = True) -> None:
        self._state = state
        self._price_marks = price_marks
        self._woken = -1
        self._exits = exits
        self.daily_loss = DailyLoss(state.config.risk.daily_loss_units)
        self.max_width = state.config.risk.mark_max_width_units
        self._good: dict[int, Money] = {}
        self._marks: dict[int, tuple[tuple[int, int, Standing], TradeMark]] = {}

    def mark(self, trade: Trade) -> TradeMark:
        """What a trade is worth now; made once an instant and holding."""
        state = self._state
        now, version, standing = state.now, state.market.version, trade.standing
        kept = self._marks.get(trade.trade_id)
        if kept is not None and kept[0][0] == now and kept[0][1] == version and kept[0][2] is standing:
            return kept[1]
        fee = state.fee_each(trade.root)
        found = mark(trade, state.market, state.now, state.max_age, self.max_width, fee)
        self._marks[trade.trade_id] = ((now, version, standing), found)
        return found

    def seen(self, good: Iterable[tuple[int, Money]]) -> None:
        """Take up the open P&L of trades by sane marks that somebody else has made of the newest quotes."""
        self._good.update(good)

    def judge(self) -> None:
        """Trip the daily loss breaker once the loss has held; flatten, and lock the day."""
        state = self._state
        if "DAILY_LOSS" in state.states.breakers:
            return
        realised = state.portfolio.realised
        unrealised = self._unrealised()
        if not self.daily_loss.judge(state.now, realised, unrealised, state.market.last_batch_ts):
            if self.daily_loss.wake_at is not None:
                state.wake(self.daily_loss.wake_at)
            return
        total = realised + (unrealised or 0)
        limit = dollars_text(-self.daily_loss.limit, sign=True)
        text = f"day {dollars_text(total, sign=True)} reached {limit}; flattened and locked until the next session"
        state.states.trip("DAILY_LOSS", "HALTED", True, text)
        state.record(BreakerRecord, name="DAILY_LOSS", state="HALTED", latched=True, text=text)
        state.notice("alarm", "risk", text)
        self._exits.begin_all("daily_loss", text, "risk")

    def _unrealised(self) -> Money | None:
        """Open P&L to judge by: sane, possible marks; for a trade that has none now, its last good one.

        One that never had any counts as opened, so that it does not keep the others' losses from being judged.
        None when no trade has one at this instant.
        """
        trades = self._state.portfolio.open_trades
        if not trades:
            return 0
        fresh = False
        for trade in trades:
            found = self.mark(trade)
            if found.pnl_mid is not None and found.sane:
                self._good[trade.trade_id] = found.pnl_mid - trade.realised_so_far
                fresh = True
            elif trade.standing.only_longs:
                # Only longs are left: without a quote they are judged as worth nothing, which they cannot fall below.
                self._good[trade.trade_id] = trade.cash - trade.realised_so_far
                fresh = True
        return sum(self._good.get(trade.trade_id, 0) for trade in trades) if fresh else None

    def marks_due(self) -> bool:
        """Whether the minute's marks of open trades are still to be written; asks to be woken for the next ones."""
        state = self._state
        minute = state.now // MINUTE
        if minute != self._woken:
            for trade in state.portfolio.open_trades:
                if state.now < state.expiry_close(trade.root, state.session.day):
                    state.marks_at, self._woken = (minute + 1) * MINUTE, minute
                    break
        return minute != state.last_marks

    def write_marks(self, marks: Iterable[tuple[Trade, TradeMark]] | None = None) -> None:
        """Write each open trade's marks, once a minute, at the end of the minute's first event.

        ``marks``: of the open trades, in their order, from who has made them already.
        """
        state = self._state
        trades = state.portfolio.open_trades
        if not trades or not self.marks_due():
            return
        state.last_marks = state.now // MINUTE
        for trade, found in ((trade, self.mark(trade)) for trade in trades) if marks is None else marks:
            greeks, spot = UNKNOWN, None
            if self._price_marks:
                greeks = UNKNOWN if found.pnl_mid is None else Greeks().plus(state, trade)
                chain = state.chain(trade.root, trade.expiry)
                spot = chain.spot if chain is not None else None
            state.keep(
                MarkRecord(
                    seq=state.seq,
                    ts=state.now,
                    account=state.account,
                    trade_id=trade.trade_id,
                    spot=spot,
                    pnl_mid=found.pnl_mid,
                    pnl_now=found.pnl_now,
                    delta=known(greeks.delta),
                    gamma=known(greeks.gamma),
                    theta=known(greeks.theta),
                    vega=known(greeks.vega),
                    why=found.why,
                )
            )
