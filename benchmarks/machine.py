"""The machine a benchmark ran on, as it says of itself."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

_PACKAGES = ("numba", "numpy", "pyarrow", "msgspec", "textual")


class Machine(NamedTuple):
    """When and where: the date, and lines for a person."""

    date: str
    lines: tuple[str, ...]


def machine() -> Machine:
    """This one, now."""
    now = dt.datetime.now(dt.UTC)
    own = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    lines = (
        f"{_processor()}, {_cores()} cores, {_memory()}, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {own}",
        f"zdte-tui {_version('zdte-tui')}{_commit()}",
        f"load average at the start {load():.1f}",
    )
    return Machine(f"{now:%Y-%m-%d %H:%M} UTC", lines)


def load() -> float:
    """The load average of the last minute; NaN where the platform has none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    return _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory() -> str:
    kilobytes = _line("/proc/meminfo", "MemTotal").split()
    return f"{int(kilobytes[0]) / 2**20:.0f} GiB of memory" if kilobytes else "memory not known"


def _line(file: str, key: str) -> str:
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")


def _commit() -> str:
    """The commit of this checkout, and whether it has changes; empty where git cannot tell."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        try:
            done = subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=False)
        except OSError:
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = git("rev-parse", "--short", "HEAD")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "../engine", "../strategies", "../zdte_tui")
    return f" at {commit}{' with changes' if changed else ''}" if commit else ""
