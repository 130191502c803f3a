"""From process start to what a person sees, in a real pseudo-terminal, beside an empty Textual app in the same run.

    python benchmarks/startup.py                twelve turns
    python benchmarks/startup.py --turns 30

Measured is the warm start: bytecode and the compiled kernel are on disk, as after the first run. Every turn starts each
program once, in turns, so that a noisy machine disturbs all of them alike.

    first paint     the first character on the alternate screen
    first Greeks    the first delta of the demo's chain on the screen
    --help          process start to its end
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
COLUMNS, LINES = 160, 48
PATIENCE = 60.0

ALTERNATE = b"\x1b[?1049h"
ESCAPES = re.compile(
    rb"\x1b(?:\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[()].|[=>78cM])", re.S
)
DELTA = re.compile(rb"[+-]0\.[0-9]{2}(?![0-9])")


class Row(NamedTuple):
    """One figure: milliseconds over all turns, and what it is measured against."""

    work: str
    p50: float
    p90: float
    reach: float | None
    turns: int

    @property
    def line(self) -> str:
        """For the table."""
        limit = "" if self.reach is None else f"{self.reach:10.0f}"
        return f"{self.work:44}{self.p50:10.0f}{self.p90:10.0f}{limit}"


class Program(NamedTuple):
    """What is started, and the marks it is watched for: (name, pattern, milliseconds to reach)."""

    command: Sequence[str]
    marks: Sequence[tuple[str, str, float | None]]


def programs(python: str) -> tuple[Program, ...]:
    """Ours, and the empty app."""
    ours = [python, "-m", "zdte_tui"]
    return (
        Program(
            [python, str(HERE / "rivals" / "empty_textual.py")], [("empty Textual app: first paint", "paint", None)]
        ),
        Program(
            [*ours, "--demo", "--fresh"],
            [("zdte-tui --demo: first paint", "paint", 400.0), ("zdte-tui --demo: first Greeks", "delta", 1200.0)],
        ),
        Program([*ours, "--help"], [("zdte-tui --help", "end", 250.0)]),
    )


def start(program: Program, env: Mapping[str, str]) -> dict[str, float]:
    """Start a program in a terminal; milliseconds until each of its marks. It is ended after the last."""
    wanted = [mark for _, mark, _ in program.marks]
    begun = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execvpe(program.command[0], program.command, dict(env))  # noqa: S606 - the child becomes the program
    found: dict[str, float] = {}
    written = b""
    try:
        while len(found) < len(wanted):
            left = begun + PATIENCE - time.perf_counter()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise TimeoutError(f"{' '.join(program.command)}: never saw {wanted}")
            try:
                data = os.read(fd, 65536)
            except OSError:  # the other end of a pseudo-terminal has closed
                data = b""
            now = (time.perf_counter() - begun) * 1e3
            written += data
            for mark in wanted:
                if mark not in found and _seen(mark, written, not data):
                    found[mark] = now
            if not data and len(found) < len(wanted):
                raise RuntimeError(f"{' '.join(program.command)} ended early: {written[-300:]!r}")
    finally:
        if "end" not in wanted:
            os.kill(pid, signal.SIGKILL)
        os.close(fd)
        os.waitpid(pid, 0)
    return found


def _seen(mark: str, written: bytes, ended: bool) -> bool:
    if mark == "end":
        return ended
    _, alternate, after = written.partition(ALTERNATE)
    if not alternate:
        return False
    return bool(DELTA.search(after) if mark == "delta" else ESCAPES.sub(b"", after).strip(b"\x00\r\n\t \x1b"))


def environment(home: str) -> dict[str, str]:
    """A home of its own, bytecode as usual, and a terminal of many colours."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folders = {name: f"{home}/{name.lower()}" for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    path = os.pathsep.join(filter(None, (str(HERE.parent), env.get("PYTHONPATH"))))
    return {**env, **folders, "HOME": home, "PYTHONPATH": path, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def measure(turns: int = 12) -> list[Row]:
    """Every figure, over ``turns`` starts of each program after one that is not counted."""
    watched = programs(sys.executable)
    taken: dict[str, list[float]] = {title: [] for program in watched for title, _, _ in program.marks}
    with tempfile.TemporaryDirectory() as home:
        env = environment(home)
        for turn in range(-1, turns):
            for program in watched:
                found = start(program, env)
                if turn >= 0:
                    for title, mark, _ in program.marks:
                        taken[title].append(found[mark])
    return [
        Row(title, statistics.median(taken[title]), statistics.quantiles(taken[title], n=10)[-1], reach, turns)
        for program in watched
        for title, _, reach in program.marks
    ]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=12, help="starts of each program (12)")
    rows = measure(max(2, parser.parse_args().turns))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}{load}")
    print(f"{'milliseconds from process start':44}{'p50':>10}{'p90':>10}{'reach':>10}")
    print("\n".join(row.line for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
