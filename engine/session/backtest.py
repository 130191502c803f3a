"""Every stored day of a range through the engine: in one process or several, always the same rows in date order."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.config import Config, config_hash, research_path
from engine.journal import BacktestInfo, BacktestRow, JournalReader, JournalWriter, OlderJournal, Progress, SessionInfo
from engine.session.code import code_digest
from engine.session.compose import code_version, make_engine, session_info
from engine.session.day import DayFigures, DayRun, max_drawdown, run_day
from engine.session.plan import Plan, plan
from engine.session.pool import in_order
from engine.session.source import DECIDING, TapeSource
from engine.strategy import Planned, Registry, plan_strategies
from engine.tape import Store
from engine.types import Money

__all__ = ["DayPlayer", "Plan", "Prepared", "Resumable", "Summary", "plan", "prepare", "resumable", "run", "summarise"]


class Resumable(NamedTuple):
    """An earlier run of the very same backtest, and the figures of the days it finished."""

    row: BacktestRow
    done: dict[dt.date, DayFigures]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to play."""
        return self.row.status == "completed"


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """All days together, money units, net of fees. ``max_drawdown`` is that of the sum of daily results.

    ``failed_days``: on which a strategy failed and did nothing more.
    """

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
    failed_days: int = 0


@dataclass(frozen=True)
class DayPlayer:
    """Plays single days under one configuration; what its days have in common is read once."""

    config: Config
    registry: Registry
    store: Path
    root: str

    @cached_property
    def _store(self) -> Store:
        return Store(self.store)

    def play(self, day: dt.date, source: str) -> DayRun:
        """One day, flat out."""
        tape = TapeSource(self._store, self.root, day, source, DECIDING)
        account = self.config.account.name
        return run_day(tape, make_engine(self.config, self.registry, tape, account, planned=self._planned))

    @cached_property
    def _planned(self) -> list[Planned]:
        return plan_strategies(self.config.strategies, self.registry, (self.root,))


class Prepared(NamedTuple):
    """A plan, and what the journal is to know of each day and of the whole, with the hashes of data and code."""

    plan: Plan
    days: dict[dt.date, SessionInfo]
    info: BacktestInfo


def prepare(config: Config, registry: Registry, chosen: Plan) -> Prepared:
    """Look at the files of every day once. Raises ``StoreError`` for one that has gone."""
    sources = _sources(chosen)
    days = _infos(config, registry, sources)
    return Prepared(chosen, days, _backtest_info(config, registry, chosen, sources, days))


def resumable(config: Config, prepared: Prepared) -> Resumable | None:
    """The latest earlier run of the same days, settings and code, cut off or complete; ``None`` where there is none.

    Raises ``JournalError`` for a research journal that cannot be read.
    """
    path = research_path(config)
    if not path.exists():
        return None
    try:
        reader = JournalReader(path)
    except OlderJournal:  # of older code, whose figures are not used again; the writer brings it up to date
        return None
    with reader:
        rows = reader.backtests(prepared.info.key)
        if not rows:
            return None
        figures = reader.backtest_figures(rows[-1].backtest)
    return Resumable(rows[-1], {day: msgspec.json.decode(text, type=DayFigures) for day, text in figures.items()})


def run(
    config: Config, registry: Registry, prepared: Prepared, jobs: int, earlier: Resumable | None = None
) -> Iterator[DayFigures]:
    """Play every day, journal each, and hand over its figures in date order.

    With several jobs, children only compute; this process alone writes. Days that ``earlier`` finished are not played
    again: their figures come from the journal, and the others go on under the same backtest.
    """
    chosen, infos, info = prepared
    done = {} if earlier is None else earlier.done
    if earlier is not None and earlier.complete:
        yield from (done[day] for day, _ in chosen.days)
        return
    left = [(day, source) for day, source in chosen.days if day not in done]
    player = DayPlayer(config, registry, chosen.store, chosen.root)
    with JournalWriter(research_path(config), synchronous="NORMAL", commit="flush") as writer:
        if earlier is None:
            writer.begin_backtest(info)
        else:
            writer.resume_backtest(earlier.row.backtest)
        played = in_order(player, left, jobs)
        for day, _ in chosen.days:
            if day in done:
                yield done[day]
                continue
            result = next(played)
            _journal(writer, infos[day], result)
            yield result.figures
        writer.end_backtest()


def _sources(chosen: Plan) -> dict[dt.date, TapeSource]:
    store = Store(chosen.store)
    return {day: TapeSource(store, chosen.root, day, source) for day, source in chosen.days}


def _infos(config: Config, registry: Registry, sources: dict[dt.date, TapeSource]) -> dict[dt.date, SessionInfo]:
    """What the journal is to know of each day."""
    account = config.account.name
    return {day: session_info(config, registry, source, account, None) for day, source in sources.items()}


def _backtest_info(
    config: Config,
    registry: Registry,
    chosen: Plan,
    sources: dict[dt.date, TapeSource],
    infos: dict[dt.date, SessionInfo],
) -> BacktestInfo:
    days = [(infos[day], source.content) for day, source in sources.items()]
    told = [code_digest(registry), *(msgspec.json.encode(day, order="deterministic") for day in days)]
    return BacktestInfo(
        key=hashlib.sha256(b"\n".join(told)).hexdigest(),
        root=chosen.root,
        first=min(infos, default=dt.date.min),
        last=max(infos, default=dt.date.min),
        days=len(infos),
        config_hash=config_hash(config),
        code_version=code_version(),
    )


def _journal(writer: JournalWriter, info: SessionInfo, played: DayRun) -> None:
    try:
        writer.begin_session(info, mode="backtest")
        writer.append_all((records, Progress(ts=now, seq=seq)) for now, seq, records in played.ticks)
        writer.end_session("completed", figures=msgspec.json.encode(played.figures).decode())
    except KeyboardInterrupt:
        writer.abandon_session()  # half a day is no day: it is played again
        raise


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
        failed_days=sum(bool(day.failed) for day in days),
    )
