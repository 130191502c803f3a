"""Day 1, the trend of 2024-08-07: SPX fell from 5,329 at 10:00 to 5,200 at the close."""

from __future__ import annotations

import pytest
from real_days import CONDOR, TREND, Played, along, at, play, playing

from engine.events import ExitRecord
from engine.tape import Store

# VIX closed at 27.71 the day before, so sizing halves: 8 asked are 4 traded.
SETTINGS = (
    "account.equity=1000000",
    f"{CONDOR}.quantity=8",
    f'{CONDOR}.entries=["10:00", "11:00", "12:00", "13:00", "14:00"]',
)


@pytest.fixture(scope="module")
def day(recorded: Store) -> Played:
    return play(along(recorded, TREND, seed=2), *SETTINGS)


def test_the_put_side_of_each_condor_is_stopped_once_and_no_call_side(day: Played) -> None:
    assert sorted(day.stops()) == [(1, "puts"), (2, "puts"), (3, "puts")]
    for trade_id in (1, 2, 3):
        puts = [quantity for _, quantity, symbol in day.fills(trade_id) if symbol[-9] == "P"]
        assert sum(puts) == 0
        assert sum(abs(quantity) for quantity in puts) == 16  # two legs of four, in and out once


def test_the_calls_stay_managed_after_their_puts_are_gone(recorded: Store, day: Played) -> None:
    fired = next(e.ts for e in day.of(ExitRecord) if e.trigger == "stop")
    checked = None
    for event, played in playing(along(recorded, TREND, seed=2), *SETTINGS):
        if event.ts_known < fired + 60 * 10**9:
            continue
        state = played.engine.state
        if checked is None:
            trade = state.portfolio.get(2)
            assert trade is not None
            assert {contract.right for contract in trade.standing.held} == {"C"}
            levels = {side.label: side.stop_at for side in played.engine.strategies.sides(trade)}
            assert levels["calls"] == trade.credit + 500
            checked = state.tallies["stop checks"]
        elif event.ts_known > fired + 120 * 10**9:
            assert state.tallies["stop checks"] > checked
            return


def test_the_day_locks_at_five_hundred_dollars(day: Played) -> None:
    (tripped,) = [breaker for breaker in day.breakers() if breaker[1] == "DAILY_LOSS"]
    assert tripped[2] == "HALTED"
    told = [line for line in day.lines("-500.00") if line[1] == "alarm"]
    assert len(told) == 1
    assert "flattened and locked" in told[0][2]
    locked = at(TREND, tripped[0])
    flattened = [e for e in day.of(ExitRecord) if e.trigger == "daily_loss"]
    assert flattened
    assert all(exit_.ts == locked and exit_.actor == "risk" for exit_ in flattened)
    assert not day.engine.state.portfolio.open_trades
    total = sum(trade.realised or 0 for trade in day.results().values()) / 10_000
    assert -900 < total < -500


def test_later_windows_say_daily_loss(day: Played) -> None:
    assert day.entered() == ["10:00", "11:00", "12:00"]
    assert set(day.skipped()) == {"13:00", "14:00"}
    assert all("DAILY_LOSS" in why for why in day.skipped().values())


def test_the_path_is_the_recorded_one(recorded: Store) -> None:
    seen = {}
    for event, played in playing(along(recorded, TREND, seed=2)):
        seen[event.ts_known] = played.spot()
    assert seen[at(TREND, "10:01")] == 5329.34
    assert seen[at(TREND, "14:01")] == 5234.93
    assert played.settlements() == []
    close = played.engine.state.market.closes["SPX"]
    assert (close.day, close.close) == (TREND, 51_995_000)
