"""Who hears what each event came to. One that fails is told no more: it must not stop the trading."""

from __future__ import annotations

import logging
from collections.abc import Callable

from engine.events import Tick

log = logging.getLogger(__name__)

Watcher = Callable[[Tick, float, int], None]
"""Hears every tick, how many seconds the engine took for it, and how late its event was, ns of the session's clock. On
the runner's thread; it must return at once."""


class Observers:
    """Those of one runner, on its thread.

    Args:
        on_tick: hears every tick; None where nobody does.
    """

    def __init__(self, on_tick: Callable[[Tick], None] | None) -> None:
        self._on_tick = on_tick
        self._watchers: list[Watcher] = []

    def add(self, watcher: Watcher) -> None:
        """One more, before the session begins."""
        self._watchers.append(watcher)

    def tell(self, tick: Tick, took: float, late: int) -> None:
        """What an event came to; see ``Watcher``."""
        if self._on_tick is not None:
            try:
                self._on_tick(tick)
            except Exception:
                log.exception("the observer failed and is told no more")
                self._on_tick = None
        for watcher in tuple(self._watchers):
            try:
                watcher(tick, took, late)
            except Exception:
                log.exception("who watches the session failed and is told no more")
                self._watchers.remove(watcher)
