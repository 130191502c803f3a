"""Processes of our own: how they are started, and that they end with whoever started them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process

__all__ = ["end_with_parent", "interrupts_held"]


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold ctrl+c back for a moment. Processes started meanwhile never hear it: a terminal sends it to all of them, and
    one that dies of it while it holds the lock of a queue would keep the others waiting for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """In a process that was started: end as soon as whoever started it is gone, killed or not."""
    threading.Thread(target=_follow, name="end-with-parent", daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
