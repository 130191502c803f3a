"""A home of its own for the program's exchange and sessions, each started as a person would start it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HALF_DAY = (
    "broker.kind=socket",
    "demo.date=2026-11-27",
    "demo.expiries=1",
    "journal.backup_minutes=0",
    "risk.daily_loss=100000",
    "account.equity=1000000",
    'strategies.iron_condor.entries=["10:00", "10:30"]',
    "strategies.iron_condor.min_credit=0.2",
    "strategies.iron_condor.min_side_credit=0.05",
    "strategies.iron_condor.max_imbalance=0",
    "strategies.iron_condor.stop.scope=none",
)


class ExchangeRoom:
    """Starts and ends processes; whatever still runs is killed at the end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.journal = home / "j.sqlite"
        self.socket = home / "x.sock"
        self._running: list[subprocess.Popen[str]] = []

    def words(self, *arguments: str, settings: tuple[str, ...] = ()) -> list[str]:
        places = (f"journal.path={self.journal}", f"broker.path={self.socket}")
        more = [word for setting in (*HALF_DAY, *places, *settings) for word in ("--set", setting)]
        return [sys.executable, "-m", "zdte_tui", *arguments, *more]

    def _environment(self) -> dict[str, str]:
        names = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
        return {**os.environ, **{name: str(self.home) for name in names}}

    def run(self, *arguments: str, settings: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            self.words(*arguments, settings=settings),
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *arguments: str, settings: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """A command that goes on."""
        process = subprocess.Popen(
            self.words(*arguments, settings=settings),
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._running.append(process)
        return process

    def exchange(self) -> subprocess.Popen[str]:
        """The exchange, once it listens."""
        process = self.start("exchange")
        heard(process, "listens at")
        return process

    def session(self, speed: str) -> subprocess.Popen[str]:
        """A session without a screen."""
        return self.start("--demo", "--no-ui", "--speed", speed)

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def heard(process: subprocess.Popen[str], text: str, seconds: float = 60) -> str:
    """Read a program's stderr until a line has the text; that line."""
    assert process.stderr is not None
    until, seen = time.monotonic() + seconds, []
    for line in process.stderr:
        seen.append(line)
        if text in line:
            return line
        assert time.monotonic() < until, f"never said {text!r}"
    raise AssertionError(f"the program ended without saying {text!r}: {''.join(seen[-5:])}")
