"""Notices from beside the engine that it is stuck or has failed, which it cannot tell itself."""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.watch.look import Look

PERIOD = 0.5


class Pulse:
    """Calls ``told`` once when the engine falls silent, and once when it turns again; on a thread of its own."""

    def __init__(self, look: Look, limit: float, told: Callable[[str], None]) -> None:
        self._look = look
        self._limit = limit
        self._told = told
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        lived = True
        while not self._over.wait(PERIOD):
            lives = self._look.alive(self._limit)
            if lived and not lives:
                self._told(self._look.error or f"the engine has been silent for {self._look.silent:.0f} s")
            elif lives and not lived:
                self._told("the engine turns again")
            lived = lives
