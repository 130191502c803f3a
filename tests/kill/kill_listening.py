"""An exchange beside the engine, in one process, that writes down when it was asked what."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.broker import SimulatedBroker
from engine.broker.port import Answer
from engine.calendar import session
from engine.config import Config, load
from engine.events import OrderRequest, Tick
from engine.session import compose
from engine.session.compose import Composed, compose_demo
from engine.session.source import Source, meanings
from strategies.registry import REGISTRY


@dataclass(frozen=True)
class Asked:
    """One request: when in the market's time (ns) and on the wall (s), and whether its order was committed by then."""

    action: str
    reduces: bool
    now: int
    wall: float
    committed: bool


class Listening(SimulatedBroker):
    """A simulated broker that remembers its requests."""

    def __init__(self, config: Config, source: Source, journal: Path) -> None:
        super().__init__(config, session(source.day), meanings(source), source.events())
        self._journal = journal
        self.asked: list[Asked] = []

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        for each in requests:
            committed = each.action == "submit" and self._committed(each.client_order_id)
            self.asked.append(Asked(each.action, each.reduces, now, time.perf_counter(), committed))
        return super().converse(requests, now)

    def _committed(self, client_order_id: str) -> bool:
        query = "SELECT count(*) FROM orders JOIN intents USING (session, intent_id) WHERE client_order_id = ?"
        with closing(sqlite3.connect(f"file:{self._journal}?mode=ro", uri=True)) as journal:
            return bool(journal.execute(query, (client_order_id,)).fetchone()[0])


class Watched:
    """A session on such a broker. ``look``: called with every tick, on the runner's thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, source: Source, *settings: str) -> None:
        path = folder / "j.sqlite"
        config = load([], ["broker.kind=socket", "demo.expiries=1", f"journal.path={path}", *settings])
        self.broker = Listening(config, source, path)
        monkeypatch.setattr(compose, "demo_source", lambda _config: source)
        monkeypatch.setattr(compose, "connect", lambda *_words, **_more: self.broker)
        self.journal = path
        self.composed: Composed = compose_demo(config, REGISTRY, speed=0, stay=False, on_tick=self._tick)
        self.ticks: list[Tick] = []

    def _tick(self, tick: Tick) -> None:
        self.ticks.append(tick)
        self.look(tick)

    def look(self, tick: Tick) -> None:
        """Nothing, unless a test wants something."""

    def run(self) -> str:
        """To its end."""
        outcome = self.composed.runner.run()
        self.composed.close()
        assert outcome == "completed", self.composed.runner.error
        return outcome

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.journal)) as journal:
            return journal.execute(query).fetchall()
