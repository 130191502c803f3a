"""A rehearsal: a local exchange in a process of its own, and the settings with which a session trades on it."""

from __future__ import annotations

from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from engine.alpaca.keys import Keys
from engine.calendar import Session
from engine.clock import MINUTE, SECOND
from engine.config import Config
from engine.session.source import START_BEFORE_OPEN, Source

if TYPE_CHECKING:
    from engine.venue.access import Access

ACCOUNT = "rehearsal"
_BEFORE_OPEN = 5 * MINUTE
_TO_START = 6
"""Seconds of the machine that a session takes to begin; meanwhile the market's clock runs."""
_PATIENCE = 60.0
_END_SECONDS = 5.0


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
        from engine.processes import interrupts_held
        from engine.venue.key_folder import kept_access

        try:
            access = kept_access(keys, (ACCOUNT,))
        except OSError as error:
            raise NoExchange(f"cannot keep the made-up keys in {keys}: {error.strerror or error}") from None
        self.keys: Keys = access.keys[ACCOUNT]
        pair = (self.keys.key_id, self.keys.secret)
        limit = {"requests_a_minute": requests_a_minute(config, speed)}
        config = config.model_copy(update={"alpaca": config.alpaca.model_copy(update=limit)})
        ours, its = get_context("spawn").Pipe()
        arguments = (config, source, speed, start, seed, its)
        self._process = get_context("spawn").Process(target=_serve, args=arguments, name="exchange", daemon=True)
        with interrupts_held():
            self._process.start()
        its.close()
        with suppress(OSError):
            ours.send(pair)
        self.port = self._hear(ours)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid or 0

    def close(self) -> None:
        """End it; its orders and positions are gone."""
        self._process.terminate()
        self._process.join(_END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_END_SECONDS)

    def _hear(self, ours: Connection) -> int:
        said: object = "it does not say that it listens"
        try:
            if ours.poll(_PATIENCE):
                said = ours.recv()
        except EOFError:
            said = "it ended before it listened"
        finally:
            ours.close()
        if isinstance(said, int):
            return said
        self.close()
        raise NoExchange(f"the local exchange could not be started: {said}")


def _serve(config: Config, source: Source, speed: float, start: int, seed: int | None, told: Connection) -> None:
    """The exchange's process, from its start to its end."""
    from engine.processes import end_with_parent
    from engine.session.exchange import make_exchange, make_venue
    from engine.venue.app import serve
    from engine.venue.clock import VenueClock

    end_with_parent()
    try:
        venue = make_venue(config, source, VenueClock(start, speed=0), (ACCOUNT,))
        app = make_exchange(venue, _access(*told.recv()), seed=seed)

        def started(port: int) -> None:
            venue.clock.set(start, speed)
            told.send(port)

        serve(app, port=0, started=started)
    except Exception as error:
        with suppress(OSError):
            told.send(f"{type(error).__name__}: {error}")
        raise


def _access(key_id: str, secret: str) -> Access:
    from engine.venue.access import Access

    return Access({ACCOUNT: Keys(key_id, secret, "a rehearsal")})


def beginning(today: Session, speed: float) -> int:
    """When the market's clock begins, ns UTC: some minutes before the open, and time for a session to begin."""
    return today.open - min(START_BEFORE_OPEN, max(_BEFORE_OPEN, round(_TO_START * speed * SECOND)))


def rehearsed(config: Config, source: Source, port: int, speed: float) -> Config:
    """``config`` for a session on a local exchange. What waits for this machine and not for the market is given as much
    more market time as the market is faster."""
    url, fast = f"http://127.0.0.1:{port}", max(1.0, speed)
    alpaca = {
        "trading_url": url,
        "data_url": url,
        "stream_url": f"ws://127.0.0.1:{port}",
        "option_feed": "opra",
        "requests_a_minute": requests_a_minute(config, speed),
    }
    broker = {
        "answer_seconds": max(config.broker.answer_seconds, fast),
        "reconcile_seconds": max(config.broker.reconcile_seconds, 5 * fast),
    }
    return config.model_copy(
        update={
            "session": config.session.model_copy(update={"mode": "paper", "roots": list(source.roots)}),
            "account": config.account.model_copy(update={"name": ACCOUNT}),
            "alpaca": config.alpaca.model_copy(update=alpaca),
            "broker": config.broker.model_copy(update=broker),
            "risk": config.risk.model_copy(
                update={"max_clock_skew_ms": max(config.risk.max_clock_skew_ms, round(50 * fast))}
            ),
        }
    )


def requests_a_minute(config: Config, speed: float) -> int:
    """Of the machine, where the market's minutes are shorter."""
    return min(100_000, round(config.alpaca.requests_a_minute * max(1.0, speed)))
