"""The process a shell starts waits, and its child runs the session: so a session can leave its terminal behind.

A process that a shell waits for cannot give the prompt back and live on; its child can. The child stays in the process
group that the shell gave to both, where keys and ctrl+z are meant for it, until it lets go. Signals sent to the one who
waits are handed on.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from types import FrameType

_HANDED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_CONTINUED_SECONDS = 0.2


class Custody:
    """The child's side.

    Attributes:
        parent: the process that waits.
    """

    def __init__(self, parent: int, way: int) -> None:
        self.parent = parent
        self._way = way

    @property
    def orphaned(self) -> bool:
        """Whether the process that waited was killed; never true once it was let go."""
        return self._way >= 0 and os.getppid() != self.parent

    def let_go(self, code: int) -> None:
        """Leave the terminal's session and process group; who waits ends with ``code``."""
        if self._way < 0:
            return
        with contextlib.suppress(OSError):  # it leads a session already
            os.setsid()
        with contextlib.suppress(OSError):  # nobody waits any more
            os.write(self._way, bytes([code]))
        os.close(self._way)
        self._way = -1


def under_custody() -> Custody:
    """Go on in a child process. The process that calls this ends here, with the child's exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    read, write = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(read)
        return Custody(parent, write)
    os.close(write)
    try:
        code = _wait(child, read)
    except BaseException:
        os._exit(1)
    os._exit(code)


def _wait(child: int, way: int) -> int:
    """Until the child ends or lets go; the exit code."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)

    def hand_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    ignored = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN  # nohup
    for number in _HANDED_ON:
        if not (number == signal.SIGHUP and ignored):
            signal.signal(number, hand_on)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    while True:
        pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            _stop_too(child)
            continue
        if pid:
            return _code(status)
        ready, _, _ = select.select([way, wake], [], [])
        if wake in ready:
            os.read(wake, 256)
        if way in ready:
            said = os.read(way, 1)
            if said:
                return said[0]
            _, status = os.waitpid(child, 0)  # it has closed its end by ending
            return _code(status)


def _stop_too(child: int) -> None:
    """Be stopped as the child is, so that the shell knows; go on together."""
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(_CONTINUED_SECONDS)  # a shell continues the whole group, the child too
    if os.waitid(os.P_PID, child, os.WCONTINUED | os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        os.kill(child, signal.SIGCONT)


def _code(status: int) -> int:
    """As a shell tells it."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code
