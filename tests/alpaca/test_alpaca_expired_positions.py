"""What has expired is still shown by Alpaca until the night; a session hears of what trades."""

from __future__ import annotations

import datetime as dt

from engine.alpaca.parse import Held, MarketClock
from engine.alpaca.snapshot import Snapshot
from engine.broker.alpaca.telling import state_of
from engine.calendar import session
from engine.types import Contract

DAY = dt.date(2026, 1, 15)
TODAY = Contract("SPXW", DAY, 59000000, "P")
FUND = Contract("SPY", DAY, 5900000, "C")
TOMORROW = Contract("SPXW", dt.date(2026, 1, 16), 59000000, "P")


def told_at(now: int) -> dict[Contract, int]:
    held = tuple(Held(each.symbol, each, -2, None, None, None) for each in (TODAY, FUND, TOMORROW))
    snapshot = Snapshot(MarketClock(now, True, None, None), 0, held, (), True, ())
    return dict(state_of(snapshot, 0, []).positions)


def test_each_root_is_told_until_its_own_trading_ends() -> None:
    close = session(DAY).close
    assert told_at(close - 1) == {TODAY: -2, FUND: -2, TOMORROW: -2}
    assert told_at(close) == {FUND: -2, TOMORROW: -2}
    assert told_at(session(DAY).product_close("SPY")) == {TOMORROW: -2}
