"""Days along recorded ones, in the store: which are made of what, and what cannot be made."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from real_days import DAYS, FOMC, HALF, OUTAGE, PIN, TREND, along, play

from engine.calendar import session
from engine.config import load
from engine.events import ChainBatch, DailyClose, Listing
from engine.market import Chains, Market
from engine.session.backtest import DayPlayer
from engine.session.recorded import RecordedDays, recorded_path
from engine.session.simulation import Simulation, store_days
from engine.session.source import TapeSource
from engine.tape import DailyRow, DailyTable, DayBuilder, DayEntry, DayTable, Store, StoreError, UnderlyingTable
from engine.types import Contract, Provenance, Underlying
from strategies.registry import REGISTRY
from zdte_tui.main import main

GIVEN = {"seed": 7, "expiries": 1, "step_seconds": 600, "source": "path"}


def days(store: Store, first: dt.date = TREND, last: dt.date | None = None, **changes: object) -> RecordedDays:
    given = {"along": "midpoints", "root": "SPXW", **GIVEN, **changes}
    return RecordedDays(store, first=first, last=last or first, **given)  # type: ignore[arg-type]


def chosen(store: Store, day: dt.date) -> DayEntry:
    return store.choose("SPXW", day, "midpoints")


def test_the_path_is_what_the_file_says_when_it_was_known(recorded: Store) -> None:
    path = recorded_path(recorded, chosen(recorded, TREND))
    assert (path.symbol, path.source) == ("SPX", "midpoints")
    assert path.values[:3] == (53_062_700, 53_293_400, 53_035_400)
    clock = [(time - session(TREND).open) // (60 * 10**9) for time in path.times]
    assert clock == [6, 31, 61, 91, 151, 211, 271, 331, 361]  # a minute after each stamp
    assert (path.prior_close, path.official_close, path.prior_vix) == (52_400_300, 51_995_000, 277_100)
    assert path.told.startswith("vendor midpoints mid: 9 values of SPX, 09:36 to 15:31, file ")


def test_what_options_priced_is_taken_from_the_same_file(recorded: Store) -> None:
    """The straddle of 5,330 cost 39.17 at 10:00: 0.8 standard deviations."""
    path = recorded_path(recorded, chosen(recorded, TREND))
    assert path.implied[1] == pytest.approx(39.17 / 5329.34 / 0.798, rel=0.06)
    assert all(found is not None for found in path.implied)


@pytest.mark.parametrize("day", [day for day in DAYS if day != dt.date(2024, 8, 5)])
def test_made_up_straddles_cost_what_recorded_ones_did(recorded: Store, day: dt.date) -> None:
    def straddles(source: TapeSource, meaning: str, clocks: set[int]) -> dict[int, float]:
        market = Market({"SPXW": meaning})  # type: ignore[dict-item]
        chains, found = Chains(market), {}
        for event in source.events():
            if isinstance(event, Listing):
                market.list_instruments(event)
            elif isinstance(event, ChainBatch):
                market.apply(event)
                chain = chains.at("SPXW", day, event.ts_known, session(day).close, 90 * 10**9)
                if event.ts_known in clocks and chain is not None:
                    found[event.ts_known] = chain.expected_move
        return found

    times = set(recorded_path(recorded, chosen(recorded, day)).times)
    was = straddles(TapeSource(recorded, "SPXW", day, "midpoints"), "mid", times)
    now = straddles(along(recorded, day, step_seconds=60, source="dear"), "quote", times)
    both = [now[time] / was[time] for time in sorted(times) if was[time] > 10]
    assert len(both) >= 3
    assert np.all(np.abs(np.array(both) - 1) < 0.06), both


def test_the_stored_day_says_what_it_is(recorded: Store) -> None:
    label = along(recorded, TREND, source="told").provenance[0]
    assert (label.source, label.origin, label.label) == ("told", "simulated", "SIMULATED")
    assert label.note.startswith("on the recorded spot of midpoints (vendor midpoints mid: 9 values of SPX")
    assert label.note.endswith("seed 7, step 15 s, closes of the market, simulator version 3")


def test_it_settles_on_the_markets_own_closes(recorded: Store) -> None:
    closes = {
        (event.symbol, event.day): event.close
        for event in along(recorded, PIN, source="closes").events()
        if isinstance(event, DailyClose)
    }
    assert closes == {
        ("SPX", dt.date(2024, 10, 10)): 57_800_500,
        ("VIX", dt.date(2024, 10, 10)): 209_300,
        ("SPX", PIN): 58_150_300,
    }


def test_a_range_takes_the_days_there_are(recorded: Store) -> None:
    found = days(recorded, dt.date(2024, 8, 1), dt.date(2024, 8, 31)).sessions
    assert found == (dt.date(2024, 8, 5), TREND, OUTAGE)


def test_two_runs_of_one_name_stand_side_by_side_and_the_same_again_changes_nothing(recorded: Store) -> None:
    first = [stored.saved for stored in store_days(days(recorded, TREND, source="twice"), recorded)]
    second = [stored.saved for stored in store_days(days(recorded, OUTAGE, source="twice", seed=9), recorded)]
    again = [stored.saved for stored in store_days(days(recorded, TREND, source="twice"), recorded)]
    spy = [stored.saved for stored in store_days(days(recorded, TREND, source="twice", root="SPY"), recorded)]
    assert (first, second, again, spy) == (["new"], ["new"], ["unchanged"], ["new"])


def test_a_made_up_market_may_not_share_its_name(recorded: Store) -> None:
    made_up = Simulation("SPXW", TREND - dt.timedelta(days=1), 1, 7, step_seconds=600, source="mine")
    assert [stored.saved for stored in store_days(made_up, recorded)] == ["new"]
    with pytest.raises(StoreError, match="from another run"):
        list(store_days(days(recorded, TREND, source="mine"), recorded))


def test_a_simulated_close_is_never_taken_for_the_markets(tmp_path: Path, recorded: Store) -> None:
    """A series that sorts first, and is simulated."""
    label = Provenance(source="aaa", origin="simulated", meaning="quote")
    recorded.save_daily(DailyTable("SPX", label, "test", 1, (DailyRow(TREND, 10_000),)))
    assert recorded_path(recorded, chosen(recorded, TREND)).official_close == 51_995_000


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"first": dt.date(2024, 8, 8)}, StoreError, r"the nearest: 2024-08-07 and 2024-08-22"),
        ({"along": "nobody"}, StoreError, r"no recorded day .* is from 'nobody'"),
        ({"root": "QQQ"}, StoreError, r"has a path for QQQ"),
        ({"scenario": "trend"}, ValueError, r"a path of its own"),
        ({"last": dt.date(2024, 8, 1)}, ValueError, r"--to is before --from"),
        ({"silent": (dt.time(17), None)}, ValueError, r"no part of the session"),
        ({"silent": (dt.time(9), dt.time(9, 20))}, ValueError, r"no part of the session"),
        ({"first": HALF, "silent": (dt.time(13, 30), None)}, ValueError, r"no part of the session of 2024-07-03"),
        ({"seed": -1}, ValueError, r"seed"),
    ],
)
def test_what_cannot_be_made_is_told_before_anything_is_written(
    recorded: Store, changes: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        days(recorded, **changes)  # type: ignore[arg-type]


def test_simulated_days_are_no_recorded_ones(recorded: Store) -> None:
    along(recorded, TREND, source="fake", step_seconds=600)
    with pytest.raises(StoreError, match="no recorded day"):
        days(recorded, along="fake")


def test_without_its_closes_a_path_has_no_ends(tmp_path: Path, recorded: Store) -> None:
    alone = Store(tmp_path)
    tape = recorded.open(chosen(recorded, TREND))
    (tmp_path / "days" / "SPXW").mkdir(parents=True)
    (tmp_path / "days" / "SPXW" / tape.path.name).write_bytes(tape.path.read_bytes())
    with pytest.raises(StoreError, match=r"no official close of SPX on 2024-08-0. is stored"):
        days(alone)


def index_day(store: Store, day: dt.date, values: dict[int, int], source: str = "bars") -> None:
    """A day of SPX alone, values in price units by the minute after the open."""
    columns = DayBuilder()
    for minute, value in values.items():
        time = session(day).open + minute * 60 * 10**9
        columns.put(time, time, Underlying("SPX"), price=value)
    label = Provenance(source=source, origin="vendor", meaning="trade_bar")
    store.save(UnderlyingTable("SPX", day, label, "test", 1, columns.build()))


def test_an_index_without_options_is_a_path_too(recorded: Store) -> None:
    values = {1: 53_000_000, 100: 52_500_000, 389: 52_000_000, 391: 51_999_900}
    index_day(recorded, TREND, values)
    path = recorded_path(recorded, recorded.choose_underlying("SPX", TREND, "bars"))
    assert path.values == (53_000_000, 52_500_000, 52_000_000)  # what was known after the close is no part of it
    assert path.implied == ()
    assert [stored.saved for stored in store_days(days(recorded, along="bars", source="by-bars"), recorded)] == ["new"]


def test_a_range_with_a_close_missing_is_refused_before_anything_is_written(recorded: Store) -> None:
    after = dt.date(2026, 8, 7)  # a day after the last close that is stored
    for day in (dt.date(2026, 8, 6), after):
        index_day(recorded, day, {10: 77_000_000}, source="late")
    with pytest.raises(StoreError, match="no official close of SPX on 2026-08-07"):
        days(recorded, dt.date(2026, 8, 1), after, along="late", source="by-late")
    assert not recorded.days(source="by-late")


def test_a_chain_without_the_underlyings_values_is_no_path(recorded: Store) -> None:
    builder = DayBuilder()
    time = session(PIN).open + 60 * 10**9
    builder.put(time, time, Contract("SPXW", PIN, 58_000_000, "C"), bid=10_000, ask=11_000)
    label = Provenance(source="options-only", origin="vendor", meaning="quote")
    recorded.save_day(DayTable("SPXW", PIN, label, "test", 1, builder.build()))
    with pytest.raises(StoreError, match="no recorded day"):
        days(recorded, PIN, along="options-only")
    index_day(recorded, PIN, {10: 57_850_000, 200: 58_100_000})
    assert days(recorded, PIN, along="options-only").path(PIN).values == (57_850_000, 58_100_000)


# From the command line


def zdte(store: Store, home: Path, *words: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    own = {"HOME": str(home), "PYTHONHASHSEED": hash_seed, "NO_COLOR": "1", **{name: str(home) for name in names}}
    command = [sys.executable, "-m", "zdte_tui", *words, "--set", f"data.dir={store.path}"]
    return subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, timeout=120, check=False)


SIMULATE = ("data", "simulate", "--along", "midpoints", "--step", "300", "--expiries", "1")


def test_simulate_along_then_replay_it(recorded: Store, tmp_path: Path) -> None:
    made = zdte(recorded, tmp_path, *SIMULATE, "--from", "2024-12-18", "--scenario", "fomc")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("SIMULATED SPXW 2024-12-18 as midpoints-path-fomc: 1 new;")
    assert "zdte-tui replay 2024-12-18 --root SPXW --source midpoints-path-fomc" in made.stderr
    played = zdte(recorded, tmp_path, "replay", str(FOMC), "--source", "midpoints-path-fomc", "--no-ui")
    assert played.returncode == 0, played.stderr
    assert "data: SIMULATED" in played.stderr
    assert "blackout: FOMC statement at 14:00" in played.stderr


def test_the_bytes_do_not_depend_on_the_process(recorded: Store, tmp_path: Path) -> None:
    path = recorded.path / "days" / "SPXW" / "2024-08-07.bytes.parquet"
    found = []
    for hash_seed in ("1", "2"):
        made = zdte(recorded, tmp_path, *SIMULATE, "--from", "2024-08-07", "--source", "bytes", hash_seed=hash_seed)
        assert made.returncode == 0, made.stderr
        found.append(path.read_bytes())
        path.unlink()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--along", "midpoints"), 64, "--from D"),
        (("--along", "midpoints", "--from", "2024-08-07", "--days", "3"), 64, "--to D for more than one"),
        (("--along", "midponts", "--from", "2024-08-07"), 66, "no recorded day"),
        (("--along", "midpoints", "--from", "2024-08-08"), 66, "the nearest: 2024-08-07"),
        (("--along", "midpoints", "--from", "2024-08-07", "--silent", "11"), 64, "write it like 11:00 or 12:10-12:25"),
        (("--along", "midpoints", "--from", "2024-08-07", "--silent", "12:00-11:00"), 64, "not a span of time"),
        (("--along", "midpoints", "--from", "2024-08-07", "--silent", "18:00"), 64, "no part of the session"),
        (("--along", "midpoints", "--from", "2024-08-07", "--scenario", "calm"), 64, "a path of its own"),
        (("--along", "Mid Points", "--from", "2024-08-07"), 64, "cannot name a source"),
        (("--along", "midpoints", "--from", "2024-08-07", "--root", "QQQ"), 66, "has a path for QQQ"),
        (("--silent", "11:00"), 64, "--silent goes with --along"),
        (("--to", "2024-08-07"), 64, "--to goes with --along"),
    ],
)
def test_a_slip_is_one_line_with_its_code(
    recorded: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    try:
        ended = main(["data", "simulate", *words, "--set", f"data.dir={recorded.path}"])
    except SystemExit as left:
        ended = int(left.code or 0)
    told = capsys.readouterr()
    assert ended == code, told.err
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert not told.out


# The same day in a backtest


@pytest.mark.parametrize(
    ("day", "settings"),
    [
        (TREND, ("account.equity=1000000", "strategies.iron_condor.quantity=8")),
        (dt.date(2024, 9, 11), ()),
        (HALF, ()),
        (OUTAGE, ()),
    ],
    ids=str,
)
def test_a_backtest_makes_of_it_what_a_replay_does(recorded: Store, day: dt.date, settings: tuple[str, ...]) -> None:
    """The backtest reads fewer columns and waits through quiet minutes; its records are the same."""
    source = along(recorded, day, seed=2, source="both")
    played = play(source, *settings)
    run = DayPlayer(load([], list(settings)), REGISTRY, recorded.path, "SPXW").play(day, "both")
    assert [(tick.now, tick.records) for tick in played.ticks if tick.records] == [
        (now, records) for now, _, records in run.ticks
    ]
    assert run.figures.origin == "simulated"
    assert run.figures.tallies == dict(sorted(played.engine.state.tallies.items()))
