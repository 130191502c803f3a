"""Sends messages without anybody waiting for it: a queue, one thread that judges, one a address that sends."""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from engine.watch.address import THREAD
from engine.watch.limiter import Limiter
from engine.watch.messages import Message

log = logging.getLogger(__name__)

MOST_WAITING = 200
"""Messages that wait to be judged, and that wait for one address; more are dropped and counted."""
TRIES = 5
BACK_OFF = 2.0
"""Seconds before the second try; before each later one twice as many."""


class Receiver(Protocol):
    """Where messages go; ``engine.watch.address.Address`` is one."""

    name: str

    def send(self, title: str, text: str, grave: bool) -> str:
        """Send once: why it was not taken, or empty."""
        ...


class Push:
    """Sends the messages of one session.

    Args:
        heading: how every title begins: whose session it is.
        open_receivers: makes them, on the thread that judges: it may take a second.
        limiter: how much is sent. holds: whether anything is held now; it may wait a moment.

    Attributes:
        sent, failed, dropped: messages taken by an address, given up, never tried for want of room.
    """

    def __init__(
        self,
        heading: str,
        open_receivers: Callable[[], Iterable[Receiver]],
        limiter: Limiter,
        holds: Callable[[], bool],
        back_off: float = BACK_OFF,
    ) -> None:
        self._heading = heading
        self._open = open_receivers
        self._limiter = limiter
        self._holds = holds
        self._back_off = back_off
        self._waiting: queue.Queue[Message | None] = queue.Queue(MOST_WAITING)
        self._lanes: list[_Lane] = []
        self._over = threading.Event()
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name=f"{THREAD} judge", daemon=True)
        self._thread.start()

    @property
    def sent(self) -> int:
        """How many were taken, each address counted."""
        return sum(lane.sent for lane in self._lanes)

    @property
    def failed(self) -> int:
        """How many were given up."""
        return sum(lane.failed for lane in self._lanes)

    @property
    def dropped(self) -> int:
        """How many found no room."""
        return self._dropped + sum(lane.dropped for lane in self._lanes)

    @property
    def waiting(self) -> int:
        """How many are still to be sent."""
        return self._waiting.qsize() + sum(lane.waiting for lane in self._lanes)

    def tell(self, message: Message | None) -> None:
        """Have it sent. Returns at once, on any thread."""
        if message is None:
            return
        try:
            self._waiting.put_nowait(message)
        except queue.Full:
            self._dropped += 1

    def close(self, seconds: float) -> None:
        """Send what waits, for no more than so many seconds."""
        until = time.monotonic() + seconds
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            self._over.set()
        self._thread.join(max(0.0, until - time.monotonic()))
        for lane in self._lanes:
            lane.leave(until)
        self._over.set()
        if left := self.waiting:
            log.warning("%d messages were not sent before the session's end", left)

    def _run(self) -> None:
        try:
            self._lanes = [_Lane(receiver, self._back_off, self._over) for receiver in self._open()]
        except Exception:
            log.exception("no message can be sent")
            return
        while not self._over.is_set():
            message = self._waiting.get()
            if message is None:
                return
            try:
                self._judge(message)
            except Exception:
                log.exception("a message was not sent")

    def _judge(self, message: Message) -> None:
        if message.held and not self._holds():
            return
        judged = self._limiter.judge(message, time.monotonic())
        if judged is not None:
            for lane in self._lanes:
                lane.put(f"{self._heading}: {judged.title}", judged.text, judged.grave)


class _Lane:
    """One address and its thread: a slow one keeps no other waiting."""

    def __init__(self, receiver: Receiver, back_off: float, over: threading.Event) -> None:
        self._receiver = receiver
        self._back_off = back_off
        self._over = over
        self._queue: queue.Queue[tuple[str, str, bool] | None] = queue.Queue(MOST_WAITING)
        self._leaving = threading.Event()
        self._busy = 0
        self.sent = self.failed = self.dropped = 0
        self._thread = threading.Thread(target=self._run, name=f"{THREAD} {receiver.name}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return self._queue.qsize() + self._busy

    def put(self, title: str, text: str, grave: bool) -> None:
        try:
            self._queue.put_nowait((title, text, grave))
        except queue.Full:
            self.dropped += 1

    def leave(self, until: float) -> None:
        """Try what waits once more each, until then."""
        self._leaving.set()
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while not self._over.is_set():
            found = self._queue.get()
            if found is None:
                return
            self._busy = 1
            self._send(*found)
            self._busy = 0

    def _send(self, title: str, text: str, grave: bool) -> None:
        for tried in range(1, TRIES + 1):
            why = self._receiver.send(title, text, grave)
            if not why:
                self.sent += 1
                return
            log.warning("%s: a message was not taken, %s (try %d of %d)", self._receiver.name, why, tried, TRIES)
            wait = self._back_off * 2 ** (tried - 1) * random.uniform(0.8, 1.2)
            if tried == TRIES or self._leaving.wait(wait) or self._over.is_set():
                break
        self.failed += 1
