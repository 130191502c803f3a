"""Simulated days in the store: the same market as the demo's, labelled for ever, the same again when asked again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from session_days import json_lines, zdte

from engine.calendar import LAST_DAY, session
from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus
from engine.feed.simulator import SCENARIOS
from engine.session.simulation import Simulation, store_days
from engine.session.source import DemoSource, TapeSource
from engine.tape import DailyRow, DailyTable, DayTable, Store, StoreError
from engine.types import MISSING, Provenance

DAY = dt.date(2026, 1, 15)
_COLUMNS = ("bid", "ask", "bid_size", "ask_size", "price", "volume", "buy_volume", "open_interest")


def ordered(**changes: object) -> Simulation:
    return Simulation(**{"root": "SPXW", "first": DAY, "days": 1, "seed": 7, "step_seconds": 600, **changes})  # type: ignore[arg-type]


def run(simulation: Simulation, store: Store) -> list[str]:
    return [f"{stored.day} {stored.saved}" for stored in store_days(simulation, store)]


def told(events: list[AnyEvent], closes: set[str]) -> list[object]:
    """What a strategy can see of a day: batches value by value, and the closes both kinds of source bring."""
    seen: list[object] = []
    for event in events:
        if isinstance(event, ChainBatch):
            row: list[object] = [event.ts_known]
            for name in _COLUMNS:
                column = getattr(event, name)
                values = np.full(len(event.idx), MISSING) if column is None else column
                quote_ts = event.quote_ts if event.quote_ts is not None else np.full(len(event.idx), event.ts_event)
                known = values != MISSING
                row += [name, event.idx[known].tolist(), values[known].tolist(), quote_ts[known].tolist()]
            seen.append(row)
        elif isinstance(event, DailyClose) and event.symbol in closes:
            seen.append((event.symbol, event.day, event.close))
    return sorted(seen, key=str)


@pytest.mark.parametrize("name", ["", *SCENARIOS])
def test_a_stored_day_is_the_demo_day_of_the_same_arguments(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    simulation = ordered(scenario=name, expiries=3)
    run(simulation, store)
    day = simulation.sessions[0]
    taped = list(TapeSource(store, "SPXW", day, "sim").events())
    live = list(DemoSource.of(day, ["SPXW"], 7, name, 3, 600).events())
    live = [event for event in live if not isinstance(event, FeedStatus)]
    assert told(taped, {"SPX"}) == told(live, {"SPX"})
    assert len(told(taped, {"SPX"})) > 15


def test_days_are_consecutive_and_each_begins_where_the_last_ended(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run(ordered(days=5), store)
    entries = store.days("SPXW")
    assert [str(entry.day) for entry in entries] == [
        "2026-01-15",
        "2026-01-16",
        "2026-01-20",
        "2026-01-21",
        "2026-01-22",
    ]
    closes = {close.day: close.close for close in store.daily_closes("SPX", source="sim")}
    assert set(closes) == {dt.date(2026, 1, 14), *(entry.day for entry in entries)}
    for symbol in ("VIX", "VIX9D", "VIX1D"):
        assert {close.day for close in store.daily_closes(symbol, source="sim")} == set(closes)
    for entry in entries:
        first = next(e for e in TapeSource(store, "SPXW", entry.day, "sim").events() if isinstance(e, ChainBatch))
        prior = store.prior_close("SPX", entry.day, "sim")
        assert prior is not None
        assert first.price is not None
        assert abs(int(first.price[0]) / prior.close - 1) < 0.03


def test_the_same_again_changes_nothing_and_more_days_leave_the_first_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert run(ordered(days=2), store) == ["2026-01-15 new", "2026-01-16 new"]
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    assert run(ordered(days=2), store) == ["2026-01-15 unchanged", "2026-01-16 unchanged"]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == before
    assert run(ordered(days=3), store)[-1] == "2026-01-20 new"
    day = next(path for path in before if path.parent.name == "SPXW")
    assert day.read_bytes() == before[day]


def test_scenario_days_stand_apart_so_that_each_keeps_its_own_evening(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run(ordered(days=3, scenario="gap", source="sim-gap"), store)
    assert [str(e.day) for e in store.days("SPXW")] == ["2026-01-15", "2026-01-20", "2026-01-22"]
    for entry in store.days("SPXW"):
        events = list(TapeSource(store, "SPXW", entry.day, "sim-gap").events())
        prior = next(e for e in events if isinstance(e, DailyClose) and e.symbol == "SPX")
        assert prior.close == 6000_0000
        opening = [e for e in events if isinstance(e, ChainBatch)][1]
        assert opening.price is not None
        assert 0.955 < int(opening.price[0]) / prior.close < 0.975


def test_half_days_are_where_the_calendar_has_them() -> None:
    days = ordered(days=3, scenario="halfday", first=dt.date(2025, 1, 2)).sessions
    assert [str(day) for day in days] == ["2025-07-03", "2025-11-28", "2025-12-24"]
    assert all(session(day).early for day in days)


def test_it_is_labelled_simulated_with_its_seed_and_scenario(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run(ordered(scenario="pin", source="sim-pin"), store)
    label = store.days("SPXW")[0].provenance
    assert (label.source, label.origin, label.label) == ("sim-pin", "simulated", "SIMULATED")
    assert "scenario pin (closes within cents of a strike)" in label.note
    assert "seed 7" in label.note
    assert len(label.sha256) == 64
    for entry in store.daily_series():
        assert entry.header is not None
        assert entry.header.provenance.origin == "simulated"


def test_another_run_may_not_take_its_neighbours_closes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run(ordered(days=3), store)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    for other in (
        ordered(days=2, seed=8),
        ordered(days=1, seed=8, first=dt.date(2026, 1, 21)),
        ordered(days=3, seed=8, root="SPY"),
    ):
        with pytest.raises(StoreError, match=r"from another run .*--source"):
            run(other, store)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")} == before
    assert run(ordered(days=3, seed=8), store) == [
        f"{day} replaced" for day in ("2026-01-15", "2026-01-16", "2026-01-20")
    ]
    assert run(ordered(days=3, seed=8, root="SPY"), store)[0] == "2026-01-15 new"


def test_a_simulated_day_settles_on_its_own_source_and_a_real_day_on_none_of_them(tmp_path: Path) -> None:
    store = Store(tmp_path)
    run(ordered(source="sim"), store)
    run(ordered(source="a-sim", seed=8), store)  # sorts before both
    real = Provenance(source="market", origin="vendor", meaning="quote")
    rows = (DailyRow(dt.date(2026, 1, 14), 5_000_0000), DailyRow(DAY, 5_001_0000))
    store.save_daily(DailyTable("SPX", real, "test", 1, rows))

    def closes(source: str) -> list[int]:
        found = TapeSource(store, "SPXW", DAY, source).events()
        return [event.close for event in found if isinstance(event, DailyClose) and event.symbol == "SPX"]

    assert closes("sim") == [close.close for close in store.daily_closes("SPX", source="sim")]
    assert closes("a-sim") == [close.close for close in store.daily_closes("SPX", source="a-sim")]
    assert closes("sim")[1] != closes("a-sim")[1]
    made = store.days("SPXW", source="sim")[0]
    table = store.open(made)
    store.save_day(DayTable("SPXW", DAY, real, "test", 1, table.columns))
    assert closes("market") == [5_000_0000, 5_001_0000]
    assert TapeSource(store, "SPXW", DAY, "market").close_provenance == (real,)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"days": 0}, "days"), ({"seed": -1}, "seed"), ({"expiries": 13}, "expiries"), ({"step_seconds": 0}, "step")],
)
def test_what_cannot_be_simulated_is_refused_before_anything_is_written(wrong: dict[str, int], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        ordered(**wrong)


def test_simulate_then_replay_then_backtest(tmp_path: Path) -> None:
    first = zdte(tmp_path, "data", "simulate", "--days", "2", "--from", "2026-01-15")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("SIMULATED SPXW 2026-01-15 to 2026-01-16 as sim: 2 new;")
    again = zdte(tmp_path, "data", "simulate", "--days", "2", "--from", "2026-01-15")
    assert "2 unchanged" in again.stdout

    replayed = zdte(tmp_path, "replay", "2026-01-15", "--source", "sim", "--no-ui", "--json")
    assert replayed.returncode == 0, replayed.stderr
    assert "data: SIMULATED" in replayed.stderr
    records = json_lines(replayed.stdout)
    assert [r for r in records if r.get("record") == "fill"]

    tested = zdte(tmp_path, "backtest", "--source", "sim", "--json")
    assert tested.returncode == 0, tested.stderr
    assert '"SIMULATED"' in tested.stdout
    assert '"provisional_days":0' in tested.stdout.replace(" ", "")


def test_the_demo_plays_a_scenario_and_says_so(tmp_path: Path) -> None:
    played = zdte(tmp_path, "--no-ui", "--demo", "--speed", "max", "--json", "--scenario", "halfday")
    assert played.returncode == 0, played.stderr
    assert "SIMULATED halfday" in played.stderr
    assert "on 2025-12-24, the half-day nearest 2026-01-15" in played.stderr
    assert "scenario halfday" in played.stdout.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--demo", "--scenario", "trnd"), 64, "did you mean trend?"),
        (("--no-ui", "--demo", "--set", "demo.scenario=wipsaw"), 78, "did you mean whipsaw?"),
        (("data", "simulate", "--days", "0"), 64, "from 1 to 5000"),
        (("data", "simulate", "--seed", "-1"), 64, "seed"),
        (("data", "simulate", "--from", LAST_DAY.isoformat()), 64, "no session beyond"),
        (("data", "simulate", "--source", "Not A Name"), 64, "cannot name a source"),
    ],
)
def test_a_slip_is_one_line_with_its_code(arguments: tuple[str, ...], code: int, words: str, tmp_path: Path) -> None:
    result = zdte(tmp_path, *arguments)
    assert result.returncode == code, result.stderr
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
