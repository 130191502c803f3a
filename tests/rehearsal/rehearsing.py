"""Sessions on a local exchange in a process of its own, and what came of them."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.calendar import from_new_york
from engine.config import Config, load
from engine.session.compose import Composed
from engine.session.live_compose import compose_live
from engine.session.rehearsal import ACCOUNT, LocalExchange, rehearsed
from engine.session.source import Source
from strategies.registry import REGISTRY

DAY = dt.date(2026, 1, 15)
SPEED = 120.0
QUICK = (
    'strategies.iron_condor.entries=["10:00"]',
    'strategies.iron_condor.exit_time="10:03"',
    "strategies.iron_condor.min_credit=0",
    "strategies.iron_condor.min_side_credit=0",
    "strategies.iron_condor.max_imbalance=0",
    "alpaca.index_seconds=0",
    "risk.vix_scale=false",
    "journal.backup_minutes=0",
)
"""One condor that is opened at 10:00 and closed from 10:03 on."""


def settings(folder: Path, *more: str) -> Config:
    """The configuration of a rehearsal whose files lie in a folder."""
    return load(
        [], [*QUICK, f"journal.path={folder / 'live.sqlite'}", f"research.path={folder / 'direct.sqlite'}", *more]
    )


def at(hour: int, minute: int, day: dt.date = DAY) -> int:
    """A time of the day in New York, ns UTC."""
    return from_new_york(day, dt.time(hour, minute))


@dataclass
class Rehearsal:
    """A session under way, on a thread of its own."""

    composed: Composed
    exchange: LocalExchange
    thread: threading.Thread

    @property
    def journal(self) -> Path:
        """Where it writes."""
        return self.composed.writer.path

    def wait(self, what: Callable[[], bool], seconds: float = 60.0) -> None:
        """Until something is so."""
        until = time.monotonic() + seconds
        while not what():
            assert self.thread.is_alive(), f"the session ended: {self.composed.runner.error}"
            assert time.monotonic() < until, "it never was so"
            time.sleep(0.02)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query finds in the journal."""
        connection = sqlite3.connect(self.journal)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def closed(self) -> bool:
        """Whether there were trades and all are over."""
        found = self.rows("SELECT status FROM trades GROUP BY trade_id HAVING max(id)")
        return bool(found) and all(status in ("closed", "abandoned") for (status,) in found)

    @property
    def now(self) -> int:
        """The market's time, ns UTC."""
        view = self.composed.runner.view()
        return 0 if view is None else view.progress.now


@contextmanager
def rehearsal(
    config: Config, source: Source, folder: Path, *, start: int, speed: float = SPEED, seed: int | None = None
) -> Iterator[Rehearsal]:
    """A session of the source's day from ``start`` (ns UTC) on."""
    exchange = LocalExchange(config, source, speed, start, seed, folder / "keys")
    try:
        composed = compose_live(
            rehearsed(config, source, exchange.port, speed),
            REGISTRY,
            "paper",
            stay=False,
            fresh=True,
            keys=exchange.keys,
            account_called=ACCOUNT,
        )
        composed.ends = (*composed.ends, exchange.close)
        thread = threading.Thread(target=composed.runner.run, daemon=True)
        thread.start()
        try:
            yield Rehearsal(composed, exchange, thread)
        finally:
            composed.runner.stop()
            thread.join(20)
            composed.close()
    finally:
        exchange.close()


def fills(journal: Path) -> list[tuple[str, str, int, int, str]]:
    """Minute, contract, signed contracts, price in 1e-4 dollars and kind of order of all that was executed together."""
    connection = sqlite3.connect(journal)
    try:
        return connection.execute(
            """SELECT strftime('%H:%M', f.ts / 1000000000, 'unixepoch') AS minute, f.symbol, sum(f.quantity),
            f.price_e4, o.kind
            FROM fills f JOIN orders o ON o.client_order_id = f.client_order_id AND o.session = f.session
            GROUP BY minute, f.symbol, f.price_e4, o.kind ORDER BY minute, f.symbol, f.price_e4"""
        ).fetchall()
    finally:
        connection.close()
