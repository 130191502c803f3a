"""A look at a running session from another thread: its newest picture, and whether its engine still turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from engine.events import Tick
from engine.session.publisher import Reader
from engine.view import View, ViewRequest

FRESH_SECONDS = 1.0
"""How long a look waits for a picture of this moment before it takes the last one."""


class Watched(Protocol):
    """What is watched; ``engine.session.runner.Runner`` is one.

    Attributes:
        error: why the engine has stopped, or empty. turned: when its loop last turned, by ``time.monotonic``.
        mode: of the session. waiting: messages that were not taken up yet.
    """

    error: str
    turned: float

    @property
    def mode(self) -> str:
        """Of the session that is played now."""
        ...

    @property
    def waiting(self) -> int:
        """How many messages have not been taken up."""
        ...

    def watch(self, watcher: Callable[[Tick, float, int], None]) -> None:
        """Tell one more of every tick."""
        ...


class Look:
    """Looks at one session. From any thread; only ``fresh`` waits for the engine, and not for long."""

    def __init__(self, session: Watched, reader: Callable[[Callable[[], None]], Reader]) -> None:
        self._session = session
        self._made = threading.Event()
        self._made_at: float | None = None
        self._asking = threading.Lock()
        self._reader = reader(self._ready)
        self._reader.look_at(ViewRequest(parts=("orders",)))

    @property
    def reader(self) -> Reader:
        """The place among the session's readers, to be let go."""
        return self._reader

    @property
    def error(self) -> str:
        """Why the engine has stopped, or empty."""
        return self._session.error

    @property
    def silent(self) -> float:
        """Seconds since the engine's loop last turned; it does at least twice a second."""
        return max(0.0, time.monotonic() - self._session.turned)

    def alive(self, seconds: float) -> bool:
        """Whether the engine has turned within so many seconds, and has not failed."""
        return not self._session.error and self.silent < seconds

    def fresh(self) -> tuple[View | None, float | None]:
        """A view of this moment, else the last one; and its age in seconds. ``None`` before the first."""
        with self._asking:
            self._made.clear()
            view = self._reader.newest()
            if not self._session.error:
                self._made.wait(FRESH_SECONDS)
            view = self._reader.newest() or view
        age = None if self._made_at is None else max(0.0, time.monotonic() - self._made_at)
        return view, age

    def _ready(self) -> None:
        """On the runner's thread."""
        self._made_at = time.monotonic()
        self._made.set()
