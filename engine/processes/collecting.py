"""When Python looks for rubbish that holds itself: what is made here by the minute is let go of without that."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 20_000  # Python's own is 700: a look every few dozen frames, each as long as several decisions
_OLDER = 50


def collect_seldom() -> None:
    """For a process that trades: what stands now is never looked through again, what is new only seldom."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)


@contextmanager
def no_collecting() -> Iterator[None]:
    """While a day is played: its thousands of records are no rubbish, and to look for some among them is a tenth of the
    time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
