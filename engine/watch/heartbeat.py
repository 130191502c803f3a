"""A dead man's switch: calls an address of an outside service while the engine lives. It alarms when calls stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

TIMES = (3.0, 10.0)
"""Seconds to connect, and to wait for an answer."""


class Heartbeat:
    """Calls ``url`` every ``seconds`` while ``alive`` says so. On a thread of its own, until it is closed.

    Attributes:
        beats: calls that were answered well. missed: that were not. problem: why the latest was not, or empty.
    """

    def __init__(self, url: str, seconds: float, alive: Callable[[], bool]) -> None:
        self._url = url
        self._seconds = seconds
        self._alive = alive
        self._over = threading.Event()
        self.beats = self.missed = 0
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Call no more."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.is_set():
            if self._alive():
                self._beat()
                self._over.wait(self._seconds)
            else:
                self._over.wait(min(self._seconds, 1.0))

    def _beat(self) -> None:
        before, self.problem = self.problem, call(self._url)
        if self.problem:
            self.missed += 1
            if not before:
                log.warning("the heartbeat did not arrive: %s", self.problem)
        else:
            self.beats += 1
            if before:
                log.warning("the heartbeat arrives again")


def call(url: str) -> str:
    """Call an address once: why that did not go well, without the address, or empty."""
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False
            with session.get(url, timeout=TIMES, allow_redirects=False, stream=True) as answer:
                return "" if answer.status_code < 300 else f"HTTP {answer.status_code}"
    except (requests.RequestException, ValueError, OSError) as error:
        return type(error).__name__  # its words quote the address
