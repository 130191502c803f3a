"""Ctrl+C: the first ends a command cleanly, an impatient second does not tear up that end, the third leaves at once."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from zdte_tui.exits import INTERRUPTED

_AT_ONCE = 3


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Inside, SIGINT raises ``KeyboardInterrupt`` once. A command may set its own handler meanwhile.

    Once it was heard it stays so, for the interpreter's own end waits for threads and processes, too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = 0

    def hear(_signal: int, _frame: FrameType | None) -> None:
        nonlocal heard
        heard += 1
        if heard == 1:
            raise KeyboardInterrupt
        if heard >= _AT_ONCE:
            os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, hear)
    atexit.unregister(_deaf)
    atexit.register(_deaf)
    try:
        yield
    finally:
        if before is not None and not heard:
            signal.signal(signal.SIGINT, before)


def _deaf() -> None:
    """At the very end, after threads and processes: the interpreter would give SIGINT its own meaning back before it is
    gone, and one that comes just then would take the exit code with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
