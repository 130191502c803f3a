"""A session and a local exchange, each in a process of its own, either of which may be killed at any moment."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from engine.alpaca.keys import Keys
from engine.calendar import clock_text

SPEED = 120
SETTINGS = (
    'strategies.iron_condor.entries=["10:00", "10:03", "10:06", "10:09", "10:12"]',
    'strategies.iron_condor.exit_time="10:18"',
    "strategies.iron_condor.min_credit=0",
    "strategies.iron_condor.min_side_credit=0",
    "strategies.iron_condor.max_imbalance=0",
    "risk.vix_scale=false",
    "risk.max_repeats=1000",
    "alpaca.index_seconds=0",
    "alpaca.requests_a_minute=100000",
    "demo.expiries=1",
    "journal.backup_minutes=0",
)
"""Five condors in a quarter of an hour, and all of them out again: two minutes of market a second."""


def play(folder: str, port: int) -> None:
    """A session of the account ``rehearsal``, to its end; the body of a process."""
    from engine.alpaca.failures import AlpacaError
    from engine.config import load
    from engine.session.live_compose import compose_live
    from strategies.registry import REGISTRY

    home = Path(folder)
    url = f"127.0.0.1:{port}"
    where = [f"alpaca.{name}_url=http://{url}" for name in ("trading", "data")]
    config = load(
        [],
        [*SETTINGS, *where, f"alpaca.stream_url=ws://{url}", "alpaca.option_feed=opra", f"journal.path={home / 'j'}"],
    )
    names = ("alpaca-paper-key-id", "alpaca-paper-secret")
    pair = [(home / "keys" / "rehearsal" / name).read_text().strip() for name in names]
    until = time.monotonic() + 60
    while True:  # where its exchange is dead too it says so and ends; whoever watches it starts it again
        try:
            composed = compose_live(config, REGISTRY, "paper", stay=False, keys=Keys(*pair), account_called="rehearsal")
            break
        except AlpacaError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    composed.runner.run()
    composed.close()


class Both:
    """The two processes, and the seed by which one of them is killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = Random(seed)
        self.port = 0
        self.kills: Counter[str] = Counter()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["either_side_preload"])
        self._session: Any = None
        self._exchange: subprocess.Popen[str] | None = None
        self.start_exchange()
        self.start_session()

    def start_exchange(self) -> None:
        """Begin, or go on where it was killed."""
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        arguments = ["exchange", "--http", str(self.port), "--keep", str(self.folder / "kept"), "--speed", str(SPEED)]
        settings = [word for each in SETTINGS for word in ("--set", each)]
        self._exchange = subprocess.Popen(
            [sys.executable, "-m", "zdte_tui", *arguments, "--start", "09:52", *settings],
            env={**os.environ, "HOME": str(self.folder), "XDG_STATE_HOME": str(state)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        assert self._exchange.stderr is not None
        said = []
        for line in self._exchange.stderr:
            said.append(line)
            if found := re.search(r"url_override='http://127\.0\.0\.1:(\d+)'", line):
                self.port = int(found[1])
            if "Ctrl+C" in line:
                break
        assert self.port, "".join(said)
        keys = self.folder / "keys"
        if not keys.exists():
            keys.symlink_to(state / "zdte-tui" / "exchange-keys")

    def start_session(self) -> None:
        """Begin, or go on from the journal."""
        self._session = self._context.Process(target=play, args=(str(self.folder), self.port), daemon=True)
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # where the server of forks finds what it imports
        try:
            self._session.start()
        finally:
            del os.environ["PYTHONPATH"]
            if before is not None:
                os.environ["PYTHONPATH"] = before

    @property
    def plays(self) -> bool:
        """Whether the session has not ended."""
        return bool(self._session.is_alive())

    def kill(self, which: str) -> None:
        """SIGKILL, and begin again."""
        self.kills[which] += 1
        if which == "session":
            with suppress(ProcessLookupError):  # one that began while its exchange was dead has ended by itself
                os.kill(self._session.pid, signal.SIGKILL)
            self._session.join()
            self.start_session()
        else:
            assert self._exchange is not None
            self._exchange.kill()
            self._exchange.wait()
            self.start_exchange()

    def close(self) -> None:
        """End both."""
        with suppress(ProcessLookupError):
            os.kill(self._session.pid, signal.SIGKILL)
        self._session.join()
        if self._exchange is not None:
            self._exchange.kill()
            self._exchange.wait()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the journal; nothing while it is not there yet."""
        try:
            connection = sqlite3.connect(f"file:{self.folder / 'j'}?mode=ro", uri=True)
        except sqlite3.OperationalError:
            return []
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def pause(self, least: float, most: float) -> None:
        """So many seconds."""
        time.sleep(self.random.uniform(least, most))

    def wait_for_data(self, seconds: float) -> None:
        """Until the session is under way."""
        until = time.monotonic() + seconds
        while not self.rows("SELECT 1 FROM signals LIMIT 1"):
            assert time.monotonic() < until, "the session never began"
            time.sleep(0.05)

    @property
    def journal(self) -> Path:
        """Where the session writes."""
        return self.folder / "j"

    @property
    def keys(self) -> Keys:
        """Of the account."""
        names = ("alpaca-paper-key-id", "alpaca-paper-secret")
        key_id, secret = ((self.folder / "keys" / "rehearsal" / name).read_text().strip() for name in names)
        return Keys(key_id, secret)

    def wait_until_flat(self, seconds: float) -> None:
        """Until every window has been dealt with and nothing is held or works any more."""
        until = time.monotonic() + seconds
        while not self._flat():
            assert time.monotonic() < until, f"it never was flat: {self._stands()}"
            assert self.plays, f"the session ended before it was flat: {self._stands()}"
            time.sleep(0.1)

    def _flat(self) -> bool:
        states = self.rows("SELECT status FROM trades GROUP BY trade_id HAVING max(id)")
        return bool(states) and all(state in ("closed", "abandoned") for (state,) in states) and self._late()

    def _stands(self) -> str:
        trades = self.rows("SELECT trade_id, status, text FROM trades GROUP BY trade_id HAVING max(id)")
        sessions = self.rows("SELECT name, status FROM sessions")
        return f"at {clock_text(self._now())}, exit code {self._session.exitcode}, trades {trades}, sessions {sessions}"

    def _late(self) -> bool:
        return self._now() > _at(10, 18)

    def _now(self) -> int:
        """The exchange's time, ns UTC; it is never dead for long."""
        from engine.alpaca.venue_clock import read_venue_clock

        told = read_venue_clock(f"http://127.0.0.1:{self.port}")
        assert told is not None
        return told.at(time.monotonic_ns())


def _at(hour: int, minute: int) -> int:
    from engine.calendar import from_new_york

    return from_new_york(dt.date(2026, 1, 15), dt.time(hour, minute))
