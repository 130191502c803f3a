"""Sessions back to back in one process, and what the process holds after each: memory, threads, open files."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from engine.calendar import session
from engine.clock import MINUTE
from engine.config import Config, load
from engine.events import FillRecord, Tick
from engine.session.compose import Composed, compose_demo, compose_replay
from engine.session.port import LocalPort
from engine.session.simulation import Simulation, store_days
from engine.session.source import TapeSource
from engine.tape import Store
from engine.view import CommandRequest
from strategies.registry import REGISTRY

HOUR = 60 * MINUTE
_STORED_DAY = dt.date(2025, 3, 3)
_DEMO_DAY = dt.date(2026, 1, 15)
BLOCKS_A_SESSION, BLOCKS_ONCE = 40, 3_000
BYTES_A_SESSION, BYTES_ONCE = 150_000, 24_000_000
_SCENARIOS = ("", "whipsaw", "trend", "outage")


class Reading(NamedTuple):
    """What the process holds: blocks of Python's allocator, resident bytes, threads, open files, tasks of loops."""

    blocks: int
    resident: int
    threads: int
    files: int
    tasks: int


class Played(NamedTuple):
    """A session that was played: its kind, how much market time went by (ns), its orders, and what is held after."""

    kind: str
    market: int
    fills: int
    after: Reading


def reading() -> Reading:
    """After a collection. Linux tells all of it; elsewhere what the system does not tell is 0."""
    gc.collect()
    files = Path("/proc/self/fd")
    pages = Path("/proc/self/statm")
    tasks = sum(isinstance(each, asyncio.Task) for each in gc.get_objects())
    return Reading(
        sys.getallocatedblocks(),
        int(pages.read_text().split()[1]) * 4096 if pages.exists() else 0,
        threading.active_count(),
        len(list(files.iterdir())) if files.exists() else 0,
        tasks,
    )


class Endurance:
    """Plays sessions of all kinds in turn, in one process: the account's journal, the research journal, a screen's
    reader, a person's commands, restarts.

    Args:
        folder: gets the journals, recordings and the day store.
        step_seconds: between quotes of the stored days; those of demo sessions come every fifteen seconds.
    """

    def __init__(self, folder: Path, step_seconds: int = 60) -> None:
        self._folder = folder
        self._store = Store(folder / "store")
        for _ in store_days(Simulation("SPXW", _STORED_DAY, 2, 5, expiries=1, step_seconds=step_seconds), self._store):
            pass
        self._kinds: dict[str, Callable[[int], tuple[int, int]]] = {
            "demo": self._demo,
            "replay": self._replay,
            "restarted": self._restarted,
            "looked at": self._looked_at,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is played in turn."""
        return tuple(self._kinds)

    def play(self, hours: float) -> Iterator[Played]:
        """Until so many hours of market time have gone by."""
        total, turn = 0, 0
        for n, kind in enumerate(cycle(self._kinds)):
            turn = n // len(self._kinds)
            market, fills = self._kinds[kind](turn)
            total += market
            yield Played(kind, market, fills, reading())
            if total >= hours * HOUR:
                return

    def _config(self, turn: int) -> Config:
        scenario = _SCENARIOS[turn % len(_SCENARIOS)]
        return load(
            settings=[
                f"journal.path={self._folder / 'account.sqlite'}",
                f"research.path={self._folder / 'research.sqlite'}",
                f"demo.date={_DEMO_DAY}",
                f"demo.scenario={scenario}",
                "demo.expiries=1",
                "risk.vix_scale=false",
                "risk.per_trade=0.05",
            ]
        )

    def _demo(self, turn: int) -> tuple[int, int]:
        """A day of the account, without a screen."""
        counted = _Counted(_DEMO_DAY)
        composed = compose_demo(self._config(turn), REGISTRY, speed=0, stay=False, fresh=True, on_tick=counted)
        _run(composed, "completed")
        return counted.market, counted.fills

    def _replay(self, turn: int) -> tuple[int, int]:
        """A stored day, into the research journal."""
        day = self._store.days("SPXW")[turn % 2].day
        counted = _Counted(day)
        source = TapeSource(self._store, "SPXW", day)
        _run(compose_replay(self._config(turn), REGISTRY, source, speed=0, stay=False, on_tick=counted), "completed")
        return counted.market, counted.fills

    def _restarted(self, turn: int) -> tuple[int, int]:
        """A day that is left twice in the middle and continued, with a command in each part."""
        config, counted = self._config(turn), _Counted(_DEMO_DAY)
        for part in (1, 2, 3):
            holder: list[Composed] = []

            def watch(tick: Tick, part: int = part, holder: list[Composed] = holder) -> None:
                counted(tick)
                if part < 3 and tick.now - counted.opens > part * 2 * HOUR:
                    holder[0].runner.stop()

            composed = compose_demo(config, REGISTRY, speed=0, stay=False, fresh=part == 1, on_tick=watch)
            holder.append(composed)
            composed.runner.send(CommandRequest("note", text=f"part {part}"))
            _run(composed, "completed" if part == 3 else "stopped")
        return counted.market, counted.fills

    def _looked_at(self, turn: int) -> tuple[int, int]:
        """A day behind its port, on a thread of its own, with somebody who reads views and flattens at last."""
        counted = _Counted(_DEMO_DAY)

        def watch(tick: Tick) -> None:
            counted(tick)
            if tick.seq % 100 == 0:
                port.view()

        composed = compose_demo(self._config(turn), REGISTRY, speed=0, stay=True, fresh=True, on_tick=watch)
        port = LocalPort(composed.runner)
        port.start()
        while not (view := port.view()) or not view.progress.finished:
            time.sleep(0.02)
        port.command(CommandRequest("flatten"))
        outcome = port.stop()
        composed.close()
        assert outcome == "completed", composed.runner.error
        return counted.market, counted.fills


class _Counted:
    """How much market time a session's ticks went through, and how many fills they brought."""

    def __init__(self, day: dt.date) -> None:
        self.opens = session(day).open
        self.last = self.opens
        self.fills = 0

    def __call__(self, tick: Tick) -> None:
        self.last = max(self.last, tick.now)
        self.fills += sum(isinstance(record, FillRecord) for record in tick.records)

    @property
    def market(self) -> int:
        """From the open on, ns."""
        return self.last - self.opens


def _run(composed: Composed, wanted: str) -> None:
    try:
        outcome = composed.runner.run()
    finally:
        composed.close()
    assert outcome == wanted, f"{outcome}: {composed.runner.error}"


def unsteady(after: Sequence[Played], warm_up: int) -> list[str]:
    """What grew after the first ``warm_up`` sessions, which fill caches; empty where nothing did.

    Threads, open files and tasks may never be more than after the first of all. A session that is kept alive is some
    thousand blocks; what is left over here, of dictionaries that grow in steps, is under a hundred.
    """
    first, warm, last = after[0].after, after[warm_up - 1].after, after[-1].after
    played = len(after) - warm_up
    found = []
    for name in ("threads", "files", "tasks"):
        most = max(getattr(each.after, name) for each in after)
        if most > getattr(first, name):
            found.append(f"{name} grew from {getattr(first, name)} to {most}")
    if last.blocks - warm.blocks > BLOCKS_A_SESSION * played + BLOCKS_ONCE:
        found.append(f"blocks grew by {last.blocks - warm.blocks:,} over {played} sessions")
    if last.resident - warm.resident > BYTES_A_SESSION * played + BYTES_ONCE:
        found.append(f"resident memory grew by {(last.resident - warm.resident) / 1e6:.0f} MB over {played} sessions")
    return found
