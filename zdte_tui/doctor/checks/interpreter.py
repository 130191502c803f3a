"""Python itself: its version, its word size, and whether it is the project's own."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

from zdte_tui.doctor.finding import Finding, fail, note, ok, warn
from zdte_tui.doctor.surroundings import Surroundings

OLDEST = (3, 11)
NEWEST = (3, 13)
"""The versions the program is tested on."""


def check(around: Surroundings) -> Iterator[Finding]:
    """The interpreter that runs this."""
    yield version(sys.version_info[:2], f"{platform.python_implementation()} {platform.python_version()}")
    if platform.python_implementation() != "CPython":
        yield warn("implementation", platform.python_implementation(), "install CPython: the packages are built for it")
    if sys.maxsize > 2**32:
        yield ok("word size", f"64 bit, {platform.machine()}")
    else:
        yield fail("word size", "32 bit: times in nanoseconds and tapes need 64", "install a 64-bit Python")
    if sys.prefix != sys.base_prefix or "CONDA_PREFIX" in around.env:
        yield ok("environment", sys.prefix)
    else:
        seen = f"{sys.prefix}: no virtual environment; other programs share its packages"
        yield note("environment", seen, "python3 -m venv .venv && .venv/bin/pip install zdte-tui")
    if sys.flags.optimize:
        yield warn("optimisation", "python -O leaves out the program's own checks", "unset PYTHONOPTIMIZE, drop -O")


def version(found: tuple[int, ...], name: str) -> Finding:
    """Whether the program is made for that version."""
    span = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
    if found < OLDEST:
        return fail("python", f"{name}: too old, the program needs {span}", "install Python 3.11 or newer")
    if found > NEWEST:
        return note("python", f"{name}: newer than the program is tested on ({span})")
    return ok("python", name)
