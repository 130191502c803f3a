"""Every stored day of a range through the engine: in one process or several, always the same rows in date order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.config import Config, research_path
from engine.journal import JournalWriter, Progress
from engine.session.compose import make_engine, session_info
from engine.session.day import DayFigures, DayRun, max_drawdown, run_day
from engine.session.source import TapeSource
from engine.strategy import Registry
from engine.tape import DayEntry, Store, StoreError
from engine.types import Money


class Plan(NamedTuple):
    """Which days are played, and which cannot be, with the reason."""

    store: Path
    root: str
    days: tuple[tuple[dt.date, str], ...]
    unreadable: tuple[tuple[dt.date, str], ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """All days together, money units, net of fees. ``max_drawdown`` is that of the sum of daily results."""

    days: int
    days_traded: int
    trades: int
    wins: int
    pnl: Money
    fees: Money
    max_drawdown: Money
    best_day: Money
    worst_day: Money
    provenance: tuple[str, ...]
    provisional_days: int
    unreadable_days: int
    tallies: dict[str, int]


def plan(store: Store, root: str, first: dt.date | None, last: dt.date | None, source: str | None) -> Plan:
    """Choose one file a day.

    Raises ``StoreError`` where there is none, and where simulated and real days would fall into one figure.
    """
    entries = [entry for entry in store.days(root, first, last, source) if not entry.problem]
    broken = {entry.day: entry.problem for entry in store.days(root, first, last, source) if entry.problem}
    chosen: dict[dt.date, DayEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.preference):
        chosen.setdefault(entry.day, entry)
    if not chosen and not broken:
        raise StoreError(_nothing(store, root, first, last, source))
    origins = {entry.provenance.origin == "simulated" for entry in chosen.values()}
    if len(origins) > 1:
        names = ", ".join(sorted({entry.source for entry in chosen.values()}))
        raise StoreError(f"simulated and real days are never mixed in one figure: choose one of {names} with --source")
    days = tuple((day, chosen[day].source) for day in sorted(chosen))
    unreadable = tuple((day, broken[day]) for day in sorted(broken.keys() - chosen.keys()))
    return Plan(store.path, root, days, unreadable)


def _nothing(store: Store, root: str, first: dt.date | None, last: dt.date | None, source: str | None) -> str:
    every = store.days(root)
    if not every:
        return f"no {root} day is stored in {store.path}: `zdte-tui data import PATH` brings some"
    span = f"from {first or 'the first'} to {last or 'the last'}" + (f" of source {source}" if source else "")
    return f"no {root} day {span} is stored; there are {len(every)}, from {every[0].day} to {every[-1].day}"


class _Task(NamedTuple):
    config: Config
    registry: Registry
    store: Path
    root: str
    day: dt.date
    source: str


def _play(task: _Task) -> DayRun:
    source = TapeSource(Store(task.store), task.root, task.day, task.source)
    engine = make_engine(task.config, task.registry, source, task.config.account.name)
    return run_day(source, engine)


def run(config: Config, registry: Registry, chosen: Plan, jobs: int) -> Iterator[DayFigures]:
    """Play every day, journal each, and hand over its figures in date order.

    With several jobs, children only compute; this process alone writes.
    """
    tasks = [_Task(config, registry, chosen.store, chosen.root, day, source) for day, source in chosen.days]
    with JournalWriter(research_path(config), synchronous="NORMAL", commit="flush") as writer:
        for task, played in zip(tasks, _results(tasks, jobs), strict=True):
            _journal(writer, task, played)
            yield played.figures


def _results(tasks: list[_Task], jobs: int) -> Iterator[DayRun]:
    if jobs <= 1 or len(tasks) <= 1:
        yield from map(_play, tasks)
        return
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(_play, tasks, chunksize=max(1, min(8, len(tasks) // (4 * jobs))))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _journal(writer: JournalWriter, task: _Task, played: DayRun) -> None:
    source = TapeSource(Store(task.store), task.root, task.day, task.source)
    writer.begin_session(
        session_info(task.config, task.registry, source, task.config.account.name, None), mode="backtest"
    )
    for now, seq, records in played.ticks:
        writer.append(records, Progress(ts=now, seq=seq))
    writer.end_session("completed")


def summarise(days: list[DayFigures], unreadable: int) -> Summary:
    """The figures of all days together."""
    tallies: dict[str, int] = {}
    for day in days:
        for name, count in day.tallies.items():
            tallies[name] = tallies.get(name, 0) + count
    path, total = [0], 0
    for day in days:
        total += day.pnl
        path.append(total)
    return Summary(
        days=len(days),
        days_traded=sum(day.trades > 0 for day in days),
        trades=sum(day.trades for day in days),
        wins=sum(day.wins for day in days),
        pnl=total,
        fees=sum(day.fees for day in days),
        max_drawdown=max_drawdown(path),
        best_day=max((day.pnl for day in days), default=0),
        worst_day=min((day.pnl for day in days), default=0),
        provenance=tuple(sorted({day.provenance for day in days})),
        provisional_days=sum(day.provisional for day in days),
        unreadable_days=unreadable,
        tallies=dict(sorted(tallies.items())),
    )
