"""A sweep gives each configuration what a backtest of its own gives it, and does no work twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from session_days import store_simulated_day

from engine.config import Config, load, on_root, points, read_axis
from engine.journal import JournalError, JournalReader, JournalWriter
from engine.session import backtest
from engine.session.cache import DayCache
from engine.session.grid import Cell, GridDay, GridPlayer, Sweep
from engine.session.plan import Plan
from engine.tape import Store, StoreError
from strategies.registry import REGISTRY

EASY = (
    "strategies.iron_condor.strikes.by=offset",
    "strategies.iron_condor.strikes.short=25",
    "strategies.iron_condor.strikes.wing=40",
    "risk.vix_scale=false",
    "risk.per_trade=0.05",
)
AXES = ("entries=10:00,11:00", "strikes.short=20,25", "latency_ms=0,1000")
ROOM = 10_000_000


def config_for(tmp_path: Path, *settings: str) -> Config:
    return load(settings=[f"research.path={tmp_path / 'research.sqlite'}", *EASY, *settings])


def week(store: Store, last: int = 9) -> Plan:
    return backtest.plan(store, "SPXW", dt.date(2024, 8, 5), dt.date(2024, 8, last), "midpoints")


def sweep(config: Config, chosen: Plan, axes: Sequence[str] = AXES, cache: DayCache | None = None) -> Sweep:
    read = [on_root(read_axis(text), config, chosen.root) for text in axes]
    settings = [f"research.path={config.research.path}", *EASY]
    found = points([], settings, read)
    return Sweep(config, REGISTRY, chosen, read, found, cache or DayCache(None, 0))


def swept(of: Sweep, jobs: int = 1) -> tuple[list[GridDay], list[Cell]]:
    return list(of.run(jobs)), of.cells


def alone(tmp_path: Path, chosen: Plan, cell: Cell) -> backtest.Summary:
    """What a backtest of a cell's configuration comes to."""
    own = load(settings=[f"research.path={tmp_path / 'alone.sqlite'}"])
    config = cell.point.config.model_copy(update={"research": own.research})
    days = list(backtest.run(config, REGISTRY, backtest.prepare(config, REGISTRY, chosen), 1))
    return backtest.summarise(days, len(chosen.unreadable))


def test_every_cell_is_the_backtest_of_its_configuration(real_store: Store, tmp_path: Path) -> None:
    chosen = week(real_store)
    days, cells = swept(sweep(config_for(tmp_path), chosen))
    assert [day.day for day in days] == [day for day, _ in chosen.days]
    assert {(day.played, day.remembered) for day in days} == {(8, 0)}
    assert [cell.summary for cell in cells] == [alone(tmp_path, chosen, cell) for cell in cells]
    assert len({cell.summary.pnl for cell in cells}) > 2
    assert all(cell.summary.trades for cell in cells)


def test_a_root_with_settings_of_its_own(tmp_path: Path) -> None:
    """XSP has its own wing: the grid moves that one, and the figures follow."""
    from zdte_tui.main import main

    store = Store(tmp_path / "store")
    command = ["data", "simulate", "--root", "XSP", "--days", "2", "--set", f"data.dir={store.path}"]
    assert main(command) == 0
    chosen = backtest.plan(store, "XSP", None, None, None)
    config = load(settings=[f"research.path={tmp_path / 'research.sqlite'}"])
    axes = [on_root(read_axis(text), config, "XSP") for text in ("wing=1,2,5", "quantity=1,4")]
    of = Sweep(config, REGISTRY, chosen, axes, points([], [], axes), DayCache(None, 0))
    _, cells = swept(of)
    assert [cell.summary for cell in cells] == [alone(tmp_path, chosen, cell) for cell in cells]
    assert len({cell.summary.pnl for cell in cells}) > 3
    assert cells[0].summary.provenance == ("SIMULATED",)


def by_settings(cells: list[Cell], axes: Sequence[str]) -> dict[frozenset[tuple[str, str]], backtest.Summary]:
    names = [read_axis(text).name for text in axes]
    return {frozenset(zip(names, cell.point.texts, strict=True)): cell.summary for cell in cells}


def test_neither_jobs_nor_the_order_of_axes_matters(real_store: Store, tmp_path: Path) -> None:
    chosen, config = week(real_store), config_for(tmp_path)
    _, cells = swept(sweep(config, chosen))
    _, by_two = swept(sweep(config, chosen), jobs=2)
    _, turned = swept(sweep(config, chosen, AXES[::-1]), jobs=2)
    assert by_two == cells
    assert [cell.point.texts for cell in turned] != [cell.point.texts for cell in cells]
    assert by_settings(turned, AXES[::-1]) == by_settings(cells, AXES)


# What was played is not played again


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dt.date, tuple[int, ...]]]:
    """Days that are played, each with the numbers of the configurations."""
    seen: list[tuple[dt.date, tuple[int, ...]]] = []
    play = GridPlayer.play

    def noted(self: GridPlayer, day: dt.date, source: str, which: tuple[int, ...]) -> Any:
        seen.append((day, which))
        return play(self, day, source, which)

    monkeypatch.setattr(GridPlayer, "play", noted)
    return seen


def test_only_what_is_missing_is_played(
    real_store: Store, tmp_path: Path, plays: list[tuple[dt.date, tuple[int, ...]]]
) -> None:
    config, path = config_for(tmp_path), tmp_path / "cache" / "days.sqlite"
    with DayCache(path, ROOM) as cache:
        _, first = swept(sweep(config, week(real_store, last=7), cache=cache))
    assert len(plays) == 3
    plays.clear()
    with DayCache(path, ROOM) as cache:
        days, again = swept(sweep(config, week(real_store, last=7), cache=cache))
    assert (again, plays) == (first, [])
    assert {(day.played, day.remembered) for day in days} == {(0, 8)}
    wider = ("entries=10:00,11:00", "strikes.short=20,25,30", "latency_ms=1000,0")
    with DayCache(path, ROOM) as cache:
        _, partly = swept(sweep(config, week(real_store, last=8), wider, cache))
    assert [day.day for day, _ in plays] == [5, 6, 7, 8]
    assert {which for day, which in plays if day.day < 8} == {(4, 5, 10, 11)}
    _, whole = swept(sweep(config, week(real_store, last=8), wider))
    assert partly == whole


def test_one_that_was_cut_off_is_gone_on_with(
    real_store: Store, tmp_path: Path, plays: list[tuple[dt.date, tuple[int, ...]]]
) -> None:
    config, path = config_for(tmp_path), tmp_path / "days.sqlite"
    with DayCache(path, ROOM) as cache:
        running = sweep(config, week(real_store), cache=cache).run(1)
        assert isinstance(running, Iterator)
        for _ in range(2):
            next(running)
        running.close()  # type: ignore[attr-defined]
    with JournalReader(tmp_path / "research.sqlite") as reader:
        assert reader.backtests() == [], "half a grid is no grid"
    plays.clear()
    with DayCache(path, ROOM) as cache:
        days, cells = swept(sweep(config, week(real_store), cache=cache))
    assert [day.remembered for day in days] == [8, 8, 0, 0, 0]
    assert len(plays) == 3
    assert cells == swept(sweep(config, week(real_store)))[1]


def test_a_day_with_other_closes_is_played(tmp_path: Path, plays: list[Any]) -> None:
    path = tmp_path / "days.sqlite"
    config = load(settings=[f"research.path={tmp_path / 'research.sqlite'}"])
    results = []
    for name in ("settled", "provisional"):
        store = Store(tmp_path / name)
        store_simulated_day(store)
        if name == "provisional":  # the same file, and another official close
            for file in (store.path / "daily").iterdir():
                file.unlink()
        chosen = backtest.plan(store, "SPXW", None, None, "demo")
        axes = [read_axis("hold_to_settlement=true")]
        with DayCache(path, ROOM) as cache:
            of = Sweep(config, REGISTRY, chosen, axes, points([], [], axes), cache)
            results.append(swept(of)[1][0].summary)
    assert len(plays) == 2
    assert results[0] != results[1]
    assert results[1].provisional_days == 1


def test_a_journal_in_use_is_told_before_anything_is_played(
    real_store: Store, tmp_path: Path, plays: list[Any]
) -> None:
    config = config_for(tmp_path)
    with JournalWriter(tmp_path / "research.sqlite"), pytest.raises(JournalError, match="in use"):
        swept(sweep(config, week(real_store)))
    assert plays == []


def test_days_that_nobody_can_read_are_counted_and_a_file_that_breaks_is_named(
    real_store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "store/days/SPXW"
    folder.mkdir(parents=True)
    for n in (5, 6, 7):
        path = real_store.choose("SPXW", dt.date(2024, 8, n), "midpoints").path
        data = path.read_bytes()
        (folder / path.name).write_bytes(data[: len(data) // 2] if n == 6 else data)
    chosen = backtest.plan(Store(tmp_path / "store"), "SPXW", None, None, None)
    _, cells = swept(sweep(config_for(tmp_path), chosen))
    assert {(cell.summary.days, cell.summary.unreadable_days) for cell in cells} == {(2, 1)}
    only_broken = chosen._replace(days=())
    _, nothing = swept(sweep(config_for(tmp_path), only_broken))
    assert {(cell.summary.days, cell.summary.trades, cell.summary.provenance) for cell in nothing} == {(0, 0, ())}
    of = sweep(config_for(tmp_path), chosen)
    next(folder.glob("*08-07*")).unlink()
    with pytest.raises(StoreError, match="2024-08-07"):
        swept(of)


# What is journalled


def test_one_row_a_configuration(real_store: Store, tmp_path: Path) -> None:
    config = config_for(tmp_path)
    _, cells = swept(sweep(config, week(real_store)))
    swept(sweep(config, week(real_store), AXES[:1]))
    with JournalReader(tmp_path / "research.sqlite") as reader:
        grids = reader.backtests()
        assert [(row.status, row.info.days, row.info.first) for row in grids] == [
            ("completed", 5, dt.date(2024, 8, 5))
        ] * 2
        assert grids[0].info.key != grids[1].info.key
        rows = reader.configurations(grids[0].backtest)
        assert len(reader.configurations(grids[1].backtest)) == 2
    assert [(row.trades, row.wins, row.pnl, row.fees, row.max_drawdown) for row in rows] == [
        (of.trades, of.wins, of.pnl, of.fees, of.max_drawdown) for of in (cell.summary for cell in cells)
    ]
    assert rows[1].settings == (
        '{"strategies.iron_condor.entries": "10:00", "strategies.iron_condor.strikes.short": "20", '
        '"fills.latency_ms": "1000"}'
    )
