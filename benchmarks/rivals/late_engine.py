"""The program itself behind a slow or stalled line: how late its engine takes up what is due.

    python late_engine.py fast|slow|stall SECONDS PROFILE

It is started in a pseudo-terminal whose other end is read at full speed, at 30 kB/s, or not at all for five seconds of
every fifteen. The engine thread's lateness is measured where it is decided: between the instant its pacer said an event
was due and the instant it was taken up. It answers with JSON: that in milliseconds, one number an event.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

COLUMNS, LINES = 160, 48
RATE = 30_000
"""Bytes a second of the slow line."""
STALL, EVERY = 5.0, 15.0
SETTLE = 3.0
"""Seconds from the first paint on that do not count: the session is being opened."""
SPEED = "600"


def run_program(answer: Path, home: str, profile: str) -> None:
    """Become the program, with a pacer that notes how late each event was taken up."""
    from engine.pacing import pacer
    from engine.session import runner

    late: list[tuple[float, float]] = []

    class Watched(pacer.Pacer):
        """Notes when the event next in line was due."""

        _due: float | None = None

        def wait(self, ts: int, wall: float) -> float | None:
            seconds = super().wait(ts, wall)
            if seconds:
                self._due = wall + seconds
            elif seconds == 0.0 and self._due is not None:
                late.append((wall, (wall - self._due) * 1e3))
                self._due = None
            return seconds

    runner.Pacer = Watched  # type: ignore[misc]

    def tell(_signal: int, _frame: object) -> None:
        if late:  # of the two processes the one that plays the session
            answer.write_text(json.dumps(late), encoding="utf-8")

    signal.signal(signal.SIGUSR1, tell)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ[name] = f"{home}/{name.lower()}"
    os.environ.update(HOME=home, TERM="xterm-256color", COLORTERM="truecolor")
    from zdte_tui.main import main

    sys.argv = [
        "zdte-tui",
        "--demo",
        "--fresh",
        "--speed",
        SPEED,
        "--set",
        f"ui.profile={profile}",
        "--set",
        "ui.refresh_hz=4",
    ]
    main()


def read(fd: int, line: str, seconds: float) -> tuple[int, float, float]:
    """Be the line for so long; bytes that came, and from when to when counted."""
    begun = time.monotonic()
    first = 0.0
    total, said = 0, b""
    allowance, before = 0.0, begun
    while True:
        now = time.monotonic()
        if first and now > first + SETTLE + seconds:
            return total, first + SETTLE, now
        if now > begun + seconds + 60:
            raise TimeoutError("the program never painted anything")
        if line == "stall" and first and (now - first) % EVERY > EVERY - STALL:
            time.sleep(0.02)
            continue
        size = 65536
        if line == "slow":
            allowance = min(RATE / 10, allowance + (now - before) * RATE)
            before = now
            size = int(allowance)
            if size < 64:
                time.sleep(0.005)
                continue
        if not select.select([fd], [], [], 0.05)[0]:
            continue
        try:
            data = os.read(fd, size)
        except OSError as error:  # the other end of a pseudo-terminal has closed
            raise RuntimeError(f"the program ended early: {said[-300:]!r}") from error
        said += data if len(said) < 4096 else b""
        allowance -= len(data)
        total += len(data)
        first = first or now


def main() -> None:
    """Start it, be its line, ask it how late it was."""
    if sys.argv[1] == "program":
        run_program(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
        return
    line, seconds, profile = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as home:
        answer = Path(home) / "late.json"
        pid, fd = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            own = [sys.executable, __file__, "program", str(answer), home, profile]
            os.execv(sys.executable, own)  # noqa: S606 - the child becomes the program
        try:
            total, since, until = read(fd, line, seconds)
            os.killpg(pid, signal.SIGUSR1)
            for _ in range(400):
                if answer.exists() and answer.stat().st_size:
                    break
                if select.select([fd], [], [], 0)[0]:
                    os.read(fd, 65536)
                time.sleep(0.02)
            late = json.loads(answer.read_text("utf-8"))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.close(fd)
            os.waitpid(pid, 0)
    counted = [milliseconds for at, milliseconds in late if since <= at <= until]
    print(json.dumps({"late": counted, "bytes_a_second": total / (until - since + SETTLE)}))


if __name__ == "__main__":
    main()
