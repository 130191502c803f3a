"""An exchange that is kept in a diary: what it was asked is written down, and a new one goes on where it stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

from aiohttp import web

from engine.calendar import clock_text
from engine.venue.desk import Desk, Shown
from engine.venue.diary import Diary, DiaryError
from engine.venue.diary_records import Anchored, Listens, Outcome, Record, Request, Switched, Taken
from engine.venue.errors import Refused
from engine.venue.faults import Faults, faults_of
from engine.venue.rules import Rules
from engine.venue.trading import DESKS
from engine.venue.venue import Venue

log = logging.getLogger(__name__)

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_REPLAYED = "busted_trade"
"""It happens to executions, so it happens again as they do."""


class Keeper:
    """Has a venue do again what its diary says, at the same instants of the market, and keeps what it is asked then.

    Its clock is the one it had: the market has gone on meanwhile, as a real one does, and is played up to its now
    before anybody is answered. Where the machine was started anew its own time says how long that was.

    Args:
        venue: not played yet. desks: all accounts'. faults: as they are when an exchange begins.

    Attributes:
        requests: how many were done again. port: where it was found before, 0 where nowhere.
        continued: whether there was anything to go on from; a new exchange's clock begins when it is ``set``.

    Raises ``DiaryError`` where something else comes of a request than did before.
    """

    def __init__(self, venue: Venue, desks: dict[str, Desk], faults: Faults, diary: Diary) -> None:
        self._venue = venue
        self._desks = desks
        self._faults = faults
        self._diary = diary
        self.requests = 0
        self.port = 0
        anchors: list[Anchored] = []
        for record, following in zip_longest(diary.past, diary.past[1:]):
            match record:
                case Anchored():
                    anchors.append(record)
                case Listens():
                    self.port = record.port
                case Switched():
                    venue.play(record.at)
                    getattr(faults, record.how)(**record.words)
                case Taken() if record.name != _REPLAYED:
                    faults.again(record.name, record.drawn)
                case Taken() | Outcome():
                    pass
                case _:
                    self._again(record, following)
        self.continued = self.requests > 0 or len(anchors) > 1
        if self.continued:
            venue.clock.resume(*_resumed(anchors[-1]))
        else:
            self._anchor()
        venue.clock.moved.append(self._anchor)
        faults.asked.append(lambda how, words: self._note(Switched(venue.now, how, words)))
        faults.taken.append(lambda name: self._note(Taken(name, faults.drawn[name])))
        for desk in desks.values():
            desk.asks = self._ask

    def listens(self, port: int) -> None:
        """It is found there from now on."""
        self._note(Listens(port))

    def close(self) -> None:
        """Let go of the diary."""
        self._diary.close()

    def _ask(self, request: Request, do: Callable[[Request], Shown]) -> Shown:
        """Written before it is done, and what came of it before it is answered."""
        self._diary.write(request)
        text, shown, failed = _done(request, do)
        self._diary.write(Outcome(text))
        if failed is not None:
            raise failed
        return shown

    def _again(self, request: Any, following: Record | None) -> None:
        self.requests += 1
        self._venue.play(request.at)
        text, _, _ = _done(request, self._desks[request.account].do)
        if isinstance(following, Outcome) and following.text != text:
            raise DiaryError(
                f"{self._diary.path} cannot be gone on from: its request {self.requests}, at "
                f"{clock_text(request.at)} New York, came to {following.text!r} and comes to {text!r} now: the market "
                "or the program is another one; name another file for a new day"
            )

    def _anchor(self) -> None:
        clock = self._venue.clock
        start, since = clock.anchor
        wall = time.time_ns() - (time.monotonic_ns() - since)
        self._note(Anchored(start, since, clock.speed, _boot(), wall))

    def _note(self, record: Record) -> None:
        """What is no order is worth a line in the log if it cannot be kept."""
        try:
            self._diary.write(record)
        except OSError as error:
            log.error("%s: %s", self._diary.path, error.strerror)


KEEPER: web.AppKey[Keeper] = web.AppKey("keeper", Keeper)


def keep_exchange(app: web.Application, venue: Venue, path: Path, rules: Rules, seed: int | None) -> None:
    """Keep an exchange in a file, from where that ends, as ``app[KEEPER]``. After all parts, before it is served.

    Raises ``DiaryError``.
    """
    config = venue.config
    what = venue.plays | {
        "--accounts": ", ".join(venue.brokers),
        "--level": str(rules.level),
        "--expiring-limit": str(rules.expiring_limit),
        "--faults": "none" if seed is None else str(seed),
        "account.equity": str(config.account.equity),
        "broker.max_legs": str(config.broker.max_legs),
    }
    diary = Diary(path, what)
    try:
        app[KEEPER] = keeper = Keeper(venue, app[DESKS], faults_of(app), diary)
    except DiaryError:
        diary.close()
        raise

    async def close(_app: web.Application) -> None:
        keeper.close()

    app.on_cleanup.append(close)


def _done(request: Request, do: Callable[[Request], Shown]) -> tuple[str, Shown, Exception | None]:
    """What came of it in a few words, what is shown of it, and why it was not done."""
    try:
        shown = do(request)
    except Refused as refused:
        return f"refused: {refused}", {}, refused
    except Exception as error:  # a fault of ours is one of the next run too
        return f"failed: {type(error).__name__}", {}, error
    return shown.get("id", ""), shown, None


def _resumed(anchor: Anchored) -> tuple[int, int, float]:
    now = time.monotonic_ns()
    if anchor.boot == _boot() and anchor.since <= now:
        return anchor.start, anchor.since, anchor.speed
    gone = max(0, time.time_ns() - anchor.wall)
    return anchor.start + round(gone * anchor.speed), now, anchor.speed


def _boot() -> str:
    """Which start of the machine this is; empty where it does not say."""
    try:
        return _BOOT.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
