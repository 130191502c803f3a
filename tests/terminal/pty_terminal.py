"""A real program in a real pseudo-terminal, its screen kept by a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

PROGRAM = [sys.executable, "-m", "zdte_tui"]


class Terminal:
    """Runs ``arguments`` of zdte-tui in a pseudo-terminal of ``columns`` x ``lines``."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        columns: int = 120,
        lines: int = 40,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as in a login, also where the tests run under nohup
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))  # before it can look
            os.execvpe(program[0], [*program, *arguments], {**os.environ, **env, "TERM": "xterm-256color"})
        os.set_inheritable(self._fd, False)  # else the next terminal's program holds this one open
        self.resize(columns, lines)
        self.status: int | None = None

    def resize(self, columns: int, lines: int) -> None:
        """Resize the terminal; the program gets SIGWINCH."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def read(self, seconds: float) -> None:
        """Take in what the program writes for at most ``seconds``, or until it is silent for a moment."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self._fd], [], [], min(left, 0.05))
            if not ready:
                continue
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return
            if not data:
                return
            self._stream.feed(data)

    @property
    def text(self) -> str:
        """What a person sees."""
        return "\n".join(self.screen.display)

    def wait_until(self, seen: str | Callable[[str], bool], seconds: float = 60) -> str:
        """Wait until the screen shows a text or fulfils a condition; fails with the screen where it never does."""
        shows = seen if callable(seen) else lambda text: seen in text
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read(0.1)
            if shows(self.text):
                return self.text
        raise AssertionError(f"never saw {seen!r} within {seconds} s; the screen:\n{self.text}")

    def press(self, *keys: str) -> None:
        """Type keys, with time to react after each."""
        for key in keys:
            os.write(self._fd, key.encode())
            self.read(0.15)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        os.close(self._fd)
        self._fd = -1

    def wait(self, seconds: float = 60) -> int:
        """The program's exit code, negative for a signal; fails where it does not end."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._fd >= 0:
                self.read(0.05)
            else:
                time.sleep(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
        raise AssertionError(f"the program did not end within {seconds} s; the screen:\n{self.text}")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.killpg(self.pid, signal.SIGKILL)  # who waits, and the session it waits for
            os.waitpid(self.pid, 0)
        if self._fd >= 0:
            os.close(self._fd)


def home_env(folder: Path) -> dict[str, str]:
    """An environment whose home is ``folder``: an empty one is a newcomer's."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    return {"HOME": str(folder), **{name: str(folder / name.lower()) for name in names}}
