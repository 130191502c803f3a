"""Whether Alpaca can be reached: anything it answers says that it can, a while without any answer that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from engine.alpaca.failures import AlpacaError, Kind

PATIENCE = 10_000_000_000
"""So long nothing may be answered, ns of the machine, before what cannot be reached is called so."""
_ANSWERED: frozenset[Kind] = frozenset({"keys", "absent", "refused", "limit"})
_LEAST = 2
"""Requests that have ended without an answer by then: one of them alone may have had bad luck."""


class Reach:
    """Hears how each request ended, on any thread.

    Args:
        steady: a clock that never goes back, ns.
    """

    def __init__(self, steady: Callable[[], int]) -> None:
        self._steady = steady
        self._lock = Lock()
        self._since: int | None = None
        self._failed = 0
        self._why = ""

    def ended(self, error: AlpacaError | None) -> None:
        """A request has ended, well or not. What was kept back here says nothing."""
        with self._lock:
            if error is None or error.kind in _ANSWERED:
                self._since, self._failed, self._why = None, 0, ""
            elif error.kind != "unsent":
                self._since = self._steady() if self._since is None else self._since
                self._failed += 1
                self._why = str(error)

    @property
    def failing(self) -> bool:
        """Whether the last request got no answer: worth asking again soon."""
        return self._since is not None

    @property
    def down(self) -> str:
        """Why Alpaca cannot be reached; empty while it can, or while that is not certain."""
        with self._lock:
            long = self._since is not None and self._steady() - self._since >= PATIENCE
            return self._why if long and self._failed >= _LEAST else ""
