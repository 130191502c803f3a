"""A rehearsal: a local exchange in a process of its own, and the settings with which a session trades on it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine.alpaca.keys import Keys
from engine.calendar import Session
from engine.clock import MINUTE, SECOND
from engine.config import Config
from engine.session.source import START_BEFORE_OPEN, Source

ACCOUNT = "rehearsal"
_BEFORE_OPEN = 5 * MINUTE
_TO_START = 6
"""Seconds of the machine that a session takes to begin; meanwhile the market's clock runs."""
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.25
"""Index values are asked for no oftener, ever."""


class Asked(NamedTuple):
    """What the exchange's process is told, through a pipe: nobody else can read a pipe."""

    config: Config
    source: Source
    speed: float
    start: int
    seed: int | None
    key_id: str
    secret: str


class NoExchange(Exception):
    """The local exchange did not begin; the line says why."""


class LocalExchange:
    """One that lives as long as the session does.

    Args:
        source: the day that is played. speed: seconds of market a second. start: market time at which it begins, ns
            UTC. seed: faults happen by chance as it says; None: none.

    Raises ``NoExchange``.
    """

    def __init__(self, config: Config, source: Source, speed: float, start: int, seed: int | None, keys: Path) -> None:
        from engine.venue.key_folder import kept_access

        try:
            access = kept_access(keys, (ACCOUNT,))
        except OSError as error:
            raise NoExchange(f"cannot keep the made-up keys in {keys}: {error.strerror or error}") from None
        self.keys: Keys = access.keys[ACCOUNT]
        limit = {"requests_a_minute": requests_a_minute(config, speed)}
        config = config.model_copy(update={"alpaca": config.alpaca.model_copy(update=limit)})
        asked = Asked(config, source, speed, start, seed, self.keys.key_id, self.keys.secret)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.session.rehearsal_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # ctrl+c in the terminal is the session's
        )
        self.port = self._begin(pickle.dumps(asked))

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def close(self) -> None:
        """End it; its orders and positions are gone."""
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _begin(self, asked: bytes) -> int:
        """Tell it what to play; its port."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said = b""
        with suppress(OSError):
            self._process.stdin.write(len(asked).to_bytes(8, "big") + asked)
            self._process.stdin.flush()
            said = self._process.stdout.readline()  # it ends, should it fail
        text = said.decode(errors="replace").strip()
        if text.isdigit():
            return int(text)
        self.close()
        raise NoExchange(f"the local exchange could not be started: {text or 'it ended before it listened'}")


def beginning(today: Session, speed: float) -> int:
    """When the market's clock begins, ns UTC: some minutes before the open, and time for a session to begin."""
    return today.open - min(START_BEFORE_OPEN, max(_BEFORE_OPEN, round(_TO_START * speed * SECOND)))


def rehearsed(config: Config, source: Source, port: int, speed: float) -> Config:
    """``config`` for a session on a local exchange at ``port``, under an account of its own."""
    url = f"http://127.0.0.1:{port}"
    alpaca = {
        "trading_url": url,
        "data_url": url,
        "stream_url": f"ws://127.0.0.1:{port}",
        "option_feed": "opra",
        "requests_a_minute": requests_a_minute(config, speed),
        "index_seconds": index_seconds(config, speed),
    }
    return config.model_copy(
        update={
            "session": config.session.model_copy(update={"mode": "paper", "roots": list(source.roots)}),
            "account": config.account.model_copy(update={"name": ACCOUNT}),
            "alpaca": config.alpaca.model_copy(update=alpaca),
        }
    )


def requests_a_minute(config: Config, speed: float) -> int:
    """Of the machine, where the market's minutes are shorter."""
    return min(100_000, round(config.alpaca.requests_a_minute * max(1.0, speed)))


def index_seconds(config: Config, speed: float) -> float:
    """Of the machine, between two looks at index values: as often in the market's time, else spot is minutes old."""
    wanted = config.alpaca.index_seconds
    return min(wanted, max(_LOOK_SECONDS, wanted / max(1.0, speed)))
