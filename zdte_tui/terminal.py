"""The terminal of a session: noticing that it is gone, and letting go of it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

STREAMS = (0, 1, 2)
_ENDING = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 1.0
SAME_SECONDS = 5.0
"""A closing terminal may send SIGHUP more than once: the kernel does, the shell too. Within so long it is one."""


class TerminalWatch:
    """Tells once that the terminal is gone: by SIGHUP, a hang-up that only polling finds, or since an orphan has none.

    A signal's number goes into a pipe before Python hears of it (``signal.set_wakeup_fd``): a main thread that is stuck
    in a write to that very terminal runs no handler.

    Args:
        lost: called on a thread of its own, with why in words.
        again: called for each SIGHUP, SIGTERM or SIGINT that comes later; once ``lost`` has returned.
        orphaned: whether the process that shared the terminal with this one was killed.

    Attributes:
        why: in words, once it is gone; empty before.
        left: set when there is no terminal any more, on purpose; nothing is told after that.
    """

    def __init__(
        self, lost: Callable[[str], None], again: Callable[[], None], orphaned: Callable[[], bool] = lambda: False
    ) -> None:
        self._lost = lost
        self._again = again
        self._orphaned = orphaned
        self.why = ""
        self.left = threading.Event()
        self._gone_at: float | None = None
        self._closed = False
        self._before: Any = signal.SIG_DFL
        self._woke_before = -1
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self.terminals = tuple(each for each in STREAMS if _is_terminal(each))
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)

    def start(self) -> None:
        """Listen and look. Where SIGHUP is ignored, as under nohup, it stays so."""
        self._before = signal.getsignal(signal.SIGHUP)
        if self._before != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, heard_in_the_pipe)
        self._woke_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._thread.start()

    def close(self) -> None:
        """Listen no more: SIGHUP means what it meant before."""
        if self._before != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._before)
        signal.set_wakeup_fd(self._woke_before)
        self._closed = True
        with contextlib.suppress(BlockingIOError):  # full: it wakes without another
            os.write(self._write, b"\0")
        self._thread.join(SAME_SECONDS)
        if not self._thread.is_alive():
            os.close(self._read)
            os.close(self._write)

    def leave(self) -> None:
        """The terminal is left on purpose: from now on a SIGHUP is one that comes later."""
        self.left.set()
        self._gone_at = time.monotonic()

    def gone(self) -> bool:
        """Whether the terminal hung up; where so, the watch is given the time to tell."""
        poll = select.poll()
        for each in self.terminals:
            poll.register(each, 0)
        gone = any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))
        until = time.monotonic() + SAME_SECONDS
        while gone and not self.why and time.monotonic() < until:
            time.sleep(0.01)
        return bool(self.why)

    def _run(self) -> None:
        while not self._closed:
            why = self._look()
            if self._closed or not why:
                continue
            now = time.monotonic()
            if self._gone_at is None:
                self._gone_at = now
                self.why = why
                self._lost(why)
                self._gone_at = time.monotonic()  # what came meanwhile was of the same end, but for these
                if self._heard().intersection(_ENDING):
                    self._again()
            elif why != "SIGHUP" or now - self._gone_at > SAME_SECONDS:
                self._again()

    def _look(self) -> str:
        """Wait a while for something to be wrong; in words, or empty."""
        poll = select.poll()
        poll.register(self._read, select.POLLIN)
        watching = self._gone_at is None
        for each in self.terminals if watching else ():
            poll.register(each, 0)  # a hang-up is told whatever one asks for
        for descriptor, event in poll.poll(LOOK_SECONDS * 1000):
            if descriptor == self._read:
                heard = self._heard()
                if not watching and heard.intersection(_ENDING):
                    return "SIGTERM"
                if signal.SIGHUP in heard:
                    return "SIGHUP"
            elif watching and event & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                return "it hung up"
        return "its shell was killed" if self._gone_at is None and self._orphaned() else ""

    def _heard(self) -> set[int]:
        """The signals since it was last asked."""
        try:
            return set(os.read(self._read, 256))
        except BlockingIOError:
            return set()


def let_go(terminals: tuple[int, ...]) -> None:
    """Put the null device in place of a terminal, so that nobody ever waits for it again.

    What waits to be written to one that nobody reads is thrown away. Python's own streams are replaced, for a thread
    that is stuck in a write may hold their locks.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for each in terminals:
        with contextlib.suppress(OSError):
            old = os.dup(each)
            os.dup2(null, each)
            with contextlib.suppress(termios.error):
                termios.tcflush(old, termios.TCOFLUSH)
            os.close(old)
    os.close(null)
    forget_streams(terminals)


def forget_streams(terminals: tuple[int, ...]) -> None:
    """New streams in place of those that wrote to a terminal."""
    nowhere = Path(os.devnull)
    if 1 in terminals:
        sys.stdout = nowhere.open("w", encoding="utf-8")
    if 2 in terminals:
        sys.stderr = nowhere.open("w", encoding="utf-8")


def heard_in_the_pipe(_signal: int, _frame: FrameType | None) -> None:
    """A signal's handler in place of the default, which ends the process: a ``TerminalWatch`` hears it."""


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
