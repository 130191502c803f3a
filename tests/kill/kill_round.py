"""One kill point: play, die there, start again (and perhaps die again), and compare with the exchange."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kill_checks import finished, reconciled_within, violations
from kill_days import DAYS, KillDay, Short
from kill_exchange import ExchangeProcess
from kill_points import Point
from kill_session import COUNTED, ENDED, KILLED, SHOWN, run_child

from engine.config import journal_path
from engine.journal import JournalWriter
from engine.session.exchange import market_text

MOST_RESTARTS = 3


@dataclass
class Round:
    """What one point came to. ``points``: where the first process dies, and those after it."""

    day: str
    points: tuple[Point, ...]
    killed: int = 0
    found: list[str] = field(default_factory=list)
    reconciled: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.day}: {', then '.join(str(point) for point in self.points) or 'never killed'}"


class Bench:
    """Sessions of one kill day, one after the other, against one exchange process that outlives them all."""

    def __init__(self, day: KillDay, market: Short, folder: Path, *, inside: bool = False) -> None:
        self.day = day
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.config = day.config(folder, *(["broker.kind=inside"] if inside else []))
        self._market = market_text(self.config, market)
        self._template = folder / "template"
        JournalWriter(self._template).close()
        self.exchange = None if inside else ExchangeProcess(self.config, market)

    def play(self, points: tuple[Point, ...]) -> Round:
        """Play the day with these deaths; whoever is started last is left alone."""
        self._clean()
        played = Round(self.day.name, points)
        for point in (*points, None):
            how = run_child(self.day, self.config, self._folder, point)
            if how == KILLED and point is not None:
                played.killed += 1
                if finished(self.config):
                    break  # it died after its end: there is nothing to restart
            elif how != ENDED:
                played.found.append(f"f: {how}")
                return played
            else:
                break
        said = self.exchange.said() if self.exchange is not None else None
        played.found = violations(self.config, self._market, said, self.day.name == "locked")
        played.reconciled = reconciled_within(self.config)
        return played

    def counts(self) -> dict[str, int]:
        """How often the session comes to each stage if nothing kills it."""
        whole = self.play(())
        if whole.found:
            raise RuntimeError(f"{self.day.name} is broken without a kill: {whole.found}")
        counts: dict[str, int] = json.loads((self._folder / COUNTED).read_text())
        return counts

    def _clean(self) -> None:
        journal = journal_path(self.config, "demo")
        for name in (journal.name, f"{journal.name}-wal", f"{journal.name}-shm", SHOWN, COUNTED):
            (self._folder / name).unlink(missing_ok=True)
        shutil.rmtree(journal.with_suffix(".inputs"), ignore_errors=True)
        shutil.copy(self._template, journal)

    def keep(self, to: Path) -> None:
        """Copy what the last round left."""
        shutil.copytree(self._folder, to, ignore=shutil.ignore_patterns("*.sock"), dirs_exist_ok=True)

    def end(self) -> None:
        """End the exchange."""
        if self.exchange is not None:
            self.exchange.end()


def spread(counts: dict[str, int], stages: tuple[str, ...], many: int, seed: int) -> Iterator[Point]:
    """So many points, spread evenly over every time the session comes to one of the stages; ``seed`` shifts them."""
    every = [Point(stage, n) for stage in stages for n in range(1, counts.get(stage, 0) + 1)]
    for i in range(many):
        yield every[(i * len(every) // many + seed) % len(every)]


def all_days() -> list[KillDay]:
    return list(DAYS.values())
