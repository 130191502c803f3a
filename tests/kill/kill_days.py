"""Short days that trade much: a stretch of a simulated morning, and settings that make every kind of order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from engine.calendar import session
from engine.clock import MINUTE
from engine.config import Config, load
from engine.events import AnyEvent, ChainBatch
from engine.session.source import DemoSource
from engine.types import Provenance

DAY = dt.date(2026, 1, 15)
OPENS = session(DAY).open
STRETCH = (28, 62)
"""Minutes after the open between which the market is played; of the rest only the last two minutes."""

WIDTH = 0.025
"""Strikes listed to each side of the open, as a share of it: what the condors choose from, and little beside."""


@dataclass(frozen=True)
class Short:
    """A day of which only a stretch is played, from memory: the same events for every process forked from here."""

    whole: DemoSource

    @property
    def days(self) -> tuple[object, ...]:
        return self.whole.days

    @property
    def day(self) -> dt.date:
        return self.whole.day

    @property
    def roots(self) -> tuple[str, ...]:
        return self.whole.roots

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        return self.whole.provenance

    @property
    def close_provenance(self) -> tuple[Provenance, ...]:
        return self.whole.close_provenance

    @property
    def grace(self) -> int:
        return self.whole.grace

    @cached_property
    def played(self) -> tuple[AnyEvent, ...]:
        """What is played, made once."""
        first, last = (OPENS + minutes * MINUTE for minutes in STRETCH)
        end = session(self.day).close - 2 * MINUTE
        return tuple(
            event
            for event in self.whole.events()
            if not isinstance(event, ChainBatch) or first <= event.ts_known <= last or event.ts_known >= end
        )

    def events(self) -> Iterator[AnyEvent]:
        return iter(self.played)


_COMMON = (
    "broker.kind=socket",
    "broker.reconcile_seconds=600",
    "demo.scenario=whipsaw",
    "demo.expiries=1",
    "journal.backup_minutes=0",
    "account.equity=5000000",
    "risk.max_open=20",
    "risk.vix_scale=false",
    "risk.daily_loss=1000000",
    "risk.max_contracts_day=50000",
    "risk.max_notional=1000000000",
    'strategies.iron_condor.entries=["10:00", "10:02", "10:06", "10:12"]',
    "strategies.iron_condor.entry_tolerance_minutes=3",
    "strategies.iron_condor.min_credit=0.2",
    "strategies.iron_condor.min_side_credit=0.05",
    "strategies.iron_condor.max_imbalance=0",
    "strategies.iron_condor.strikes.short=0.2",
    'strategies.iron_condor.exit_time="10:24"',
    "strategies.iron_condor.blackout.events=[]",
)


@dataclass(frozen=True)
class KillDay:
    """One way to trade the stretch.

    Attributes:
        settings: what differs from the others. flatten_at: minutes after the open at which a person flattens.
        locks: whether the day's loss limit is meant to be reached.
    """

    name: str
    settings: tuple[str, ...]
    flatten_at: int | None = None

    def config(self, folder: Path, *more: str) -> Config:
        """Its configuration, with journal and socket in a folder."""
        places = (f"journal.path={folder / 'kill.sqlite'}", f"broker.path={folder / 'x.sock'}")
        return load([], [*_COMMON, *self.settings, *places, *more])


DAYS: dict[str, KillDay] = {
    day.name: day
    for day in (
        KillDay("plain", ("strategies.iron_condor.quantity=2",)),
        KillDay(
            "partial",
            (
                "strategies.iron_condor.quantity=60",
                "risk.max_contracts=5000",
                "fills.model=improve",
                "entries.start=mid",
            ),
        ),
        KillDay("saga", ("strategies.iron_condor.quantity=12", "broker.max_legs=2", "entries.start=mid")),
        KillDay(
            "late",
            (
                "strategies.iron_condor.quantity=3",
                "fills.latency_ms=1500",
                "broker.replaces=false",
                "fills.model=improve",
            ),
        ),
        KillDay("flatten", ("strategies.iron_condor.quantity=50",), flatten_at=44),
        KillDay("locked", ("strategies.iron_condor.quantity=20", "risk.daily_loss=3000")),
    )
}


def market() -> Short:
    """The market of all of them."""
    config = DAYS["plain"].config(Path("/"))
    demo = config.demo
    whole = DemoSource.of(demo.date, config.session.roots, demo.seed, demo.scenario, demo.expiries, step_seconds=60)
    return Short(DemoSource(tuple(replace(day, width=WIDTH) for day in whole.days)))
