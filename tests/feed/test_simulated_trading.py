"""What trades on a simulated day, which expiries are listed, and how one day follows another."""

from __future__ import annotations

import datetime as dt

import numpy as np
from simulated_days import DAY, batches_of, listing_of

from engine.calendar import next_session
from engine.events import ChainBatch, DailyClose
from engine.feed.simulator import SimulatedDay
from engine.types import MISSING, Contract


def test_trades_print_at_the_quote_and_say_who_started_them() -> None:
    batches, values = batches_of(), 4
    before = np.zeros(len(batches[0].idx) - values)
    buys, sells = 0, 0
    for batch in batches:
        new = batch.volume[values:] - before
        price, bid, ask = batch.price[values:], batch.bid[values:], batch.ask[values:]
        assert np.array_equal(price != MISSING, new > 0)
        printed = price != MISSING
        assert np.all((price == bid)[printed] | (price == ask)[printed])
        assert np.all(price[printed] > 0)
        buys += int((price == ask)[printed].sum())
        sells += int((price == bid)[printed].sum())
        before = batch.volume[values:]
        assert np.all(batch.buy_volume[values:] <= batch.volume[values:])
    bought = batches[-1].buy_volume[values:].sum() / batches[-1].volume[values:].sum()
    assert 0.45 < bought < 0.6
    assert buys > 0.4 * (buys + sells)


def test_buyers_of_calls_follow_a_rising_market() -> None:
    batches, listing = batches_of(), listing_of()
    calls = np.array([isinstance(c, Contract) and c.right == "C" for c in listing.instruments])
    spot = np.array([int(batch.price[0]) for batch in batches], float)
    volume = np.array([batch.volume[calls].sum() for batch in batches], float)
    bought = np.array([batch.buy_volume[calls].sum() for batch in batches], float)
    share = np.diff(bought) / np.diff(volume)
    assert np.corrcoef(share, np.diff(spot))[0, 1] > 0.5


def test_funds_trade_shares_and_indexes_do_not() -> None:
    spy, spx = batches_of(root="SPY"), batches_of()
    assert all(batch.volume[0] == MISSING for batch in spx[::100])
    volume = np.array([int(batch.volume[0]) for batch in spy])
    assert np.all(np.diff(volume) >= 0)
    assert 40e6 < volume[-1] < 100e6
    quarter = len(volume) // 26
    opening, noon = volume[quarter], volume[13 * quarter] - volume[12 * quarter]
    assert opening > 1.8 * noon
    assert all(0 <= batch.buy_volume[0] <= batch.volume[0] for batch in spy[::50])


def test_expiries_are_today_next_sessions_and_fridays() -> None:
    def dates(day: dt.date, count: int) -> list[str]:
        return [f"{expiry:%a %m-%d}" for expiry in SimulatedDay(day, count=count).expiries]

    assert dates(DAY, 1) == ["Thu 01-15"]
    assert dates(DAY, 2) == ["Thu 01-15", "Fri 01-16"]
    assert dates(DAY, 4) == ["Thu 01-15", "Fri 01-16", "Tue 01-20", "Fri 01-23"]
    assert dates(dt.date(2026, 3, 30), 3) == ["Mon 03-30", "Tue 03-31", "Thu 04-02"]  # Good Friday is 04-03
    assert dates(DAY, 6)[-2:] == ["Fri 01-23", "Fri 01-30"]
    batch = next(e for e in SimulatedDay(DAY, count=6, step_seconds=600).events() if isinstance(e, ChainBatch))
    assert (len(batch.idx) - 4) % 12 == 0


def test_a_day_follows_another() -> None:
    first = SimulatedDay(DAY, step_seconds=600)
    second = SimulatedDay(dt.date(2026, 1, 16), step_seconds=600, evening=first.next_evening)
    left = [e for e in first.events() if isinstance(e, DailyClose)][-4:]
    found = [e for e in second.events() if isinstance(e, DailyClose)][:4]
    assert [(e.symbol, e.day, e.close) for e in found] == [(e.symbol, e.day, e.close) for e in left]
    opening = next(e for e in second.events() if isinstance(e, ChainBatch))
    assert abs(int(opening.price[0]) / left[0].close - 1) < 0.03


def test_volatility_persists_from_day_to_day() -> None:
    day, evening, levels = DAY, None, []
    for _ in range(120):
        made = SimulatedDay(day, step_seconds=3600, evening=evening)
        levels.append(made.path.vol_level)
        evening, day = made.next_evening, next_session(day).day
    assert np.corrcoef(levels[:-1], levels[1:])[0, 1] > 0.6
    assert np.std(levels) < 0.6


def test_roots_that_trade_longer_leave_the_same_evening() -> None:
    spx, spy = (SimulatedDay(DAY, root, step_seconds=600).next_evening for root in ("SPXW", "SPY"))
    assert spx.volatility == spy.volatility
    assert spx.closes[1:] == spy.closes[1:]
