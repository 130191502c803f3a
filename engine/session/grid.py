"""A sweep: many configurations over the same days. Each day is decoded and priced once for all of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.config import Axis, Config, Point, axes_text, config_hash, research_path
from engine.journal import BacktestInfo, ConfigurationRow, JournalWriter
from engine.session.abreast import run_abreast
from engine.session.backtest import Summary, summarise
from engine.session.cache import DayCache, config_key, day_key
from engine.session.code import code_digest
from engine.session.compose import code_version, make_engine
from engine.session.day import DayFigures
from engine.session.plan import Plan
from engine.session.pool import in_order
from engine.session.source import DECIDING, TapeSource
from engine.strategy import Planned, Registry, plan_strategies
from engine.tape import Store


@dataclass(frozen=True)
class GridPlayer:
    """Plays single days under some of the configurations."""

    configs: tuple[Config, ...]
    registry: Registry
    store: Path
    root: str

    @cached_property
    def _store(self) -> Store:
        return Store(self.store)

    @cached_property
    def _planned(self) -> list[list[Planned]]:
        return [plan_strategies(config.strategies, self.registry, (self.root,)) for config in self.configs]

    def play(self, day: dt.date, source: str, which: tuple[int, ...]) -> list[DayFigures]:
        """One day's figures under the configurations of those numbers, in their order."""
        tape = TapeSource(self._store, self.root, day, source, DECIDING)
        return run_abreast(
            tape,
            lambda chains: [
                make_engine(
                    self.configs[n],
                    self.registry,
                    tape,
                    self.configs[n].account.name,
                    planned=self._planned[n],
                    chains=chains,
                    price_marks=False,
                )
                for n in which
            ],
        )


class Cell(NamedTuple):
    """One configuration and what it came to over all days."""

    point: Point
    summary: Summary


class GridDay(NamedTuple):
    """A day that is done: how many configurations were played now, and how many an earlier run had played."""

    day: dt.date
    played: int
    remembered: int


class Sweep:
    """A grid over a plan. ``run`` it, then read ``cells``.

    Args:
        cache: what was played before; only what it lacks is played.
    """

    def __init__(
        self,
        config: Config,
        registry: Registry,
        chosen: Plan,
        axes: Sequence[Axis],
        points: Sequence[Point],
        cache: DayCache,
    ) -> None:
        self._config = config
        self._registry = registry
        self._plan = chosen
        self._axes = axes
        self._points = points
        self._cache = cache
        self._figures: list[list[DayFigures]] = [[] for _ in points]
        store = Store(chosen.store)
        self._code = code_digest(registry)
        self._days = {day: TapeSource(store, chosen.root, day, source) for day, source in chosen.days}

    def run(self, jobs: int) -> Iterator[GridDay]:
        """Play what is missing, day by day in their order; at the end, and only then, write one row a configuration.

        What was played is remembered as it comes: a run that was cut off is gone on with by the same command.
        """
        configs = tuple(point.config for point in self._points)
        keys = [config_key(self._code, config) for config in configs]
        contents = {day: day_key(tape) for day, tape in self._days.items()}
        known = {day: self._cache.find([(key, contents[day]) for key in keys]) for day in contents}
        missing = {day: tuple(n for n, found in enumerate(known[day]) if found is None) for day in contents}
        tasks = [(day, source, missing[day]) for day, source in self._plan.days if missing[day]]
        if tasks:  # a journal that cannot be written is told before hours are played, not after
            self._writer().close()
        player = GridPlayer(configs, self._registry, self._plan.store, self._plan.root)
        with closing(in_order(player, tasks, jobs, at_a_time=1)) as played:
            for day, _ in self._plan.days:
                found = known[day]
                if missing[day]:
                    results = dict(zip(missing[day], next(played), strict=True))
                    self._cache.keep([(keys[n], contents[day], figures) for n, figures in results.items()])
                    for n, figures in results.items():
                        found[n] = figures
                for n, figures_of in enumerate(found):
                    assert figures_of is not None
                    self._figures[n].append(figures_of)
                yield GridDay(day, len(missing[day]), len(found) - len(missing[day]))
        self._journal(hashlib.sha256(b"".join([*keys, *contents.values()])).hexdigest())

    @property
    def cells(self) -> list[Cell]:
        """Every configuration with its figures, in the order of the points."""
        unreadable = len(self._plan.unreadable)
        return [
            Cell(point, summarise(figures, unreadable))
            for point, figures in zip(self._points, self._figures, strict=True)
        ]

    def _journal(self, key: str) -> None:
        days = [day for day, _ in self._plan.days]
        info = BacktestInfo(
            key=key,
            root=self._plan.root,
            first=min(days, default=dt.date.min),
            last=max(days, default=dt.date.min),
            days=len(days),
            config_hash=config_hash(self._config),
            code_version=code_version(),
        )
        rows = [
            ConfigurationRow(
                settings=axes_text(self._axes, cell.point),
                config_hash=config_hash(cell.point.config),
                trades=cell.summary.trades,
                wins=cell.summary.wins,
                pnl=cell.summary.pnl,
                fees=cell.summary.fees,
                max_drawdown=cell.summary.max_drawdown,
                figures=msgspec.json.encode(cell.summary).decode(),
            )
            for cell in self.cells
        ]
        with self._writer() as writer:
            writer.write_sweep(info, rows)

    def _writer(self) -> JournalWriter:
        return JournalWriter(research_path(self._config), synchronous="NORMAL", commit="flush")
