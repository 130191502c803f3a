"""A simulated day along a recorded path: exact where something was recorded, made up between."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import from_new_york, session
from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus, Listing
from engine.feed.simulator import RecordedPath, SimulatedDay
from engine.types import MISSING, SCALE, Contract, Underlying

DAY = dt.date(2024, 8, 7)
HALF_DAY = dt.date(2024, 7, 3)


def at(clock: str, day: dt.date = DAY) -> int:
    return from_new_york(day, dt.time.fromisoformat(clock))


RECORDED = RecordedPath(
    symbol="SPX",
    source="mids",
    times=(at("09:36"), at("10:01"), at("12:01"), at("15:31")),
    values=(53_062_700, 53_293_400, 52_929_900, 52_216_600),
    prior_close=52_400_300,
    official_close=51_995_000,
    prior_vix=277_100,
    implied=(0.0103, 0.0092, 0.0078, None),
    told="vendor mids mid: 4 values",
)


def made(recorded: RecordedPath = RECORDED, **changes: object) -> SimulatedDay:
    given_ = {"day": DAY, "count": 1, "with_vix": False, "step_seconds": 60, "recorded": recorded, **changes}
    return SimulatedDay(**given_)  # type: ignore[arg-type]


def spots(events: list[AnyEvent]) -> dict[int, int]:
    return {e.ts_known: int(e.price[0]) for e in events if isinstance(e, ChainBatch) and e.price is not None}


@pytest.mark.parametrize("step", [7, 15, 60, 600])
@pytest.mark.parametrize("seed", [0, 7])
def test_spot_is_every_recorded_value_at_its_time(step: int, seed: int) -> None:
    seen = spots(list(made(seed=seed, step_seconds=step).events()))
    assert [seen[time] for time in RECORDED.times] == list(RECORDED.values)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**31),
    minutes=st.lists(st.integers(1, 389), min_size=1, max_size=12, unique=True).map(sorted),
    moves=st.lists(st.integers(-400, 400), min_size=12, max_size=12),
)
def test_any_path_is_kept_to_the_cent(seed: int, minutes: list[int], moves: list[int]) -> None:
    values = tuple(52_400_300 + 100 * int(total) * 40 for total in np.cumsum(moves[: len(minutes)]))
    times = tuple(session(DAY).open + minute * 60 * 10**9 for minute in minutes)
    day = made(replace(RECORDED, times=times, values=values, implied=()), seed=seed, step_seconds=1800, width=0.01)
    seen = spots(list(day.events()))
    assert [seen[time] for time in times] == list(values)


def test_between_the_values_the_seed_decides_and_the_noise_is_that_of_such_a_day() -> None:
    paths = np.array([made(seed=seed).path.spot for seed in range(30)])
    recorded = [int(np.searchsorted(made().path.times, time)) for time in RECORDED.times]
    assert np.allclose(paths[:, recorded].std(axis=0), 0, atol=1e-12)
    free = paths[:, recorded[1] + 60]  # an hour after 10:01, an hour before 12:01
    assert 5 < free.std() * 5240.03 < 30


def test_the_same_arguments_give_the_same_bytes() -> None:
    first, second = list(made().events()), list(made().events())
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        if isinstance(a, ChainBatch):
            assert isinstance(b, ChainBatch)
            for name in ("bid", "ask", "price", "bid_size", "volume"):
                assert np.array_equal(getattr(a, name), getattr(b, name))
    assert made().provenance == made().provenance
    assert made().provenance.sha256 != made(replace(RECORDED, values=(*RECORDED.values[:3], 1))).provenance.sha256


def test_it_opens_near_the_first_value_and_not_at_the_close_before() -> None:
    for seed in range(10):
        first = made(seed=seed).path.spot[0] * 5240.03
        assert abs(first - 5306.27) < 40


def test_the_closes_are_the_markets() -> None:
    closes = [(e.symbol, e.day, e.close) for e in made().events() if isinstance(e, DailyClose)]
    assert closes == [
        ("SPX", dt.date(2024, 8, 6), 52_400_300),
        ("VIX", dt.date(2024, 8, 6), 277_100),
        ("SPX", DAY, 51_995_000),
    ]
    last = list(spots(list(made().events())).values())[-1]
    assert 0 < abs(last - 51_995_000) < 2 * SCALE  # the last print is not the official close


def test_nobody_recorded_a_vix_during_the_day() -> None:
    listing = next(e for e in made().events() if isinstance(e, Listing))
    assert [i.symbol for i in listing.instruments if isinstance(i, Underlying)] == ["SPX"]
    bare = made(replace(RECORDED, prior_vix=None))
    assert "VIX" not in {e.symbol for e in bare.events() if isinstance(e, DailyClose)}


def test_options_are_as_dear_as_recorded_ones_where_those_tell() -> None:
    path = made().path
    for time, deviation in zip(RECORDED.times[:3], (0.0103, 0.0092, 0.0078), strict=True):
        assert path.remaining[np.searchsorted(path.times, time)] == pytest.approx(deviation**2, rel=1e-9)
    assert path.remaining[-1] == 0


def test_without_options_the_evenings_vix_says_how_wild_the_day_is() -> None:
    calm, wild = (made(replace(RECORDED, implied=(), prior_vix=vix)).path for vix in (120_000, 480_000))
    assert wild.remaining[0] / calm.remaining[0] == pytest.approx(16, rel=0.35)
    # A day of VIX 12: two thirds of its variance fall between open and close, priced at 1.15 where the VIX has 1.6.
    assert np.sqrt(calm.remaining[0]) == pytest.approx(0.12 * (0.67 * 1.15 / 1.6 / 252) ** 0.5, rel=0.2)
    usual = made(replace(RECORDED, implied=(), prior_vix=None)).path
    assert np.sqrt(usual.remaining[0]) == pytest.approx(0.006, rel=0.6)


def test_strikes_quotes_stay_free_of_arbitrage_along_a_jump() -> None:
    """A recorded fall of two per cent within a minute, which no model would draw."""
    torn = replace(
        RECORDED,
        times=(at("12:00"), at("12:01")),
        values=(53_000_000, 51_900_000),
        implied=(),
    )
    listing, *batches = [e for e in made(torn).events() if isinstance(e, Listing | ChainBatch)]
    assert isinstance(listing, Listing)
    calls = [n for n, i in enumerate(listing.instruments) if isinstance(i, Contract) and i.right == "C"]
    for batch in batches:
        assert isinstance(batch, ChainBatch)
        bid, ask = batch.bid[calls], batch.ask[calls]  # type: ignore[index]
        assert np.all(ask >= bid)
        assert np.all(bid[1:] <= ask[:-1])


def test_spy_follows_at_a_scale_that_its_label_tells() -> None:
    day = made(root="SPY")
    seen = spots(list(day.events()))
    assert seen[RECORDED.times[1]] == round(53_293_400 * 0.09975 / 100) * 100
    closes = {e.day: e.close for e in day.events() if isinstance(e, DailyClose) and e.symbol == "SPY"}
    assert closes[DAY] == round(51_995_000 * 0.09975 / 100) * 100
    assert "SPY as 0.09975 of SPX" in day.provenance.note
    assert " as " not in made().provenance.note.split(";")[0]


def test_its_label_says_what_is_recorded_and_what_is_not() -> None:
    label = made(scenario="fomc").provenance
    assert (label.origin, label.label) == ("simulated", "SIMULATED")
    assert label.note.startswith("on the recorded spot of mids (vendor mids mid: 4 values)")
    assert "all else is made up; quotes and feed of scenario fomc" in label.note
    assert "seed 7" in label.note


def test_a_scenario_gives_its_quotes_and_not_its_path() -> None:
    plain, gap = made(), made(scenario="gap")
    assert np.array_equal(plain.path.spot, gap.path.spot)
    first, second = (next(e for e in day.events() if isinstance(e, ChainBatch)) for day in (plain, gap))
    assert np.mean(second.ask - second.bid) > 1.5 * np.mean(first.ask - first.bid)  # type: ignore[operator]
    late = [e for e in gap.events() if isinstance(e, ChainBatch) and at("09:31") < e.ts_known < at("09:34")]
    assert late
    assert {int(e.price[0]) for e in late} == {MISSING}  # type: ignore[index]


def test_a_silence_ends_the_data_and_not_the_day() -> None:
    events = list(made(silent=(90.0, 450.0)).events())
    times = [e.ts_known for e in events if isinstance(e, ChainBatch)]
    assert max(times) == at("10:59")
    assert [e.close for e in events if isinstance(e, DailyClose)][-1] == 51_995_000
    back = [e.ts_known for e in made(silent=(90.0, 110.0)).events() if isinstance(e, ChainBatch)]
    assert at("11:20") in back
    assert not [time for time in back if at("11:00") <= time < at("11:20")]


def test_a_silence_without_an_end_is_told_by_a_feed_that_tells() -> None:
    told = SimulatedDay(dt.date(2026, 1, 15), count=1, step_seconds=60, silent=(90.0, 450.0))
    states = [e.state for e in told.events() if isinstance(e, FeedStatus)]
    assert states == ["stale", "down"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"with_vix": True}, "no VIX during the day"),
        ({"prior_close": 52_000_000}, "that market's closes"),
        ({"day": HALF_DAY}, "not of the session of 2024-07-03"),
        ({"root": "QQQ"}, "QQQ does not follow the path of SPX"),
        ({"recorded": replace(RECORDED, times=(), values=())}, "not of the session"),
        ({"recorded": replace(RECORDED, times=(at("09:00"),), values=(52_000_000,))}, "not of the session"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made(**wrong)


def test_a_days_own_path_is_what_it_was_without_a_recorded_one() -> None:
    plain = SimulatedDay(dt.date(2026, 1, 15), count=1, step_seconds=60)
    assert float(plain.path.spot[0]) == pytest.approx(1.0, abs=0.03)
    assert plain.provenance.note == "seed 7, simulator version 3"
