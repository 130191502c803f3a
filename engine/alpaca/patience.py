"""Asking again: what only reads may be asked as often as it takes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from engine.alpaca.failures import AlpacaError

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)

_PASSES: Final = frozenset({"limit", "server", "unreadable", "timeout", "dropped", "unsent"})
"""What may be over in a moment. Keys do not change by asking again; a host that is not there is told of at once."""
_WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


def patiently(
    ask: Callable[[], Answer], waits: tuple[float, ...] = _WAITS, sleep: Callable[[float], object] = time.sleep
) -> Answer:
    """The answer to a question that changes nothing, asked again after ``waits`` seconds where a moment may mend it.

    Raises ``AlpacaError`` with the last failure.
    """
    for wait in waits:
        try:
            return ask()
        except AlpacaError as error:
            if error.kind not in _PASSES:
                raise
            log.warning("Alpaca: %s; asked again in %g s", error, wait)
        sleep(wait)
    return ask()
