"""Looks after the ways to Alpaca while nobody asks: whether it answers again, and whether the stream still speaks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

SECONDS = 4.0
"""Of the machine, between two looks: what the stream has not told from one to the next, it does not tell."""
PROBE_SECONDS = 2.0
"""Between two questions whether Alpaca answers again."""


class Attendant:
    """A thread that looks from time to time, until it is told to end.

    Args:
        look: what is done; returns how many seconds to wait for the next time.
    """

    def __init__(self, look: Callable[[], float], seconds: float = SECONDS) -> None:
        self._look = look
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alpaca attendant", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()

    def _run(self) -> None:
        wait = self._seconds
        while not self._ended.wait(wait):
            try:
                wait = self._look()
            except Exception:
                log.exception("looking after the ways to Alpaca")
                wait = self._seconds
