"""An environment of its own for each rival, made once, outside the repository."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

_PINNED = Path(__file__).parent / "rivals"


def folder() -> Path:
    """Where environments and simulated days are kept; delete it freely."""
    return Path(platformdirs.user_cache_dir("zdte-tui")) / "benchmarks"


def pinned(name: str) -> tuple[str, ...]:
    """The packages that ``rivals/NAME.txt`` lists, each with its version."""
    lines = (line.partition("#")[0].strip() for line in (_PINNED / f"{name}.txt").read_text("utf-8").splitlines())
    return tuple(line for line in lines if line)


def python_with(name: str, packages: tuple[str, ...]) -> Path | str:
    """The interpreter of an environment that holds ``packages``, or one line that says why there is none."""
    key = hashlib.sha256("\n".join((sys.version, *packages)).encode()).hexdigest()[:12]
    home = folder() / f"{name}-{key}"
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = home / "ready"
    if ready.exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    uv = shutil.which("uv")
    if uv is not None:
        steps = [[uv, "venv", "-q", "--python", sys.executable, str(home)]]
        steps.append([uv, "pip", "install", "-q", "--python", str(python), *packages])
    else:
        steps = [[sys.executable, "-m", "venv", str(home)]]
        steps.append([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages])
    try:
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                return f"could not be installed (is there a network?): {_said(done.stderr or done.stdout)}"
        ready.touch()
    except OSError as error:
        return f"could not be installed: {error.strerror}: {error.filename}"
    return python


def _said(output: str) -> str:
    """The line of an installer's output that says what was wrong."""
    lines = output.strip().splitlines() or ["no message"]
    return ([line for line in lines if line.startswith("ERROR")] or lines)[-1][:160]
