"""Which code is looked at: floors 0 to 9 of the engine, the simulator and the pacing above them, and all strategies."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

# Rooms of floors 10 and 11, which wait for disks, networks and people. A new room is looked at unless it is named here.
_WAITING = ("alpaca", "broker", "control", "feed", "journal", "session", "tape", "venue", "watch")
_INSIDE = ("feed/simulator",)
"""Rooms in a waiting one that must be deterministic all the same: a seed gives the same day everywhere."""


def sources(root: Path = ROOT) -> list[Path]:
    """The files to look at, in order."""
    engine = root / "engine"
    found = [path for path in engine.rglob("*.py") if path.relative_to(engine).parts[0] not in _WAITING]
    found += [path for room in _INSIDE for path in (engine / room).rglob("*.py")]
    found += (root / "strategies").rglob("*.py")
    return sorted(found)


def module_of(path: Path, root: Path = ROOT) -> str:
    """``engine.core.state`` of a file; a package's ``__init__`` is the package."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
