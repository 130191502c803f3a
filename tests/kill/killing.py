"""Runs the kill harness as a process of its own, so that nothing of pytest is forked with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).with_name("run.py")


def kill(*arguments: str, seconds: float = 900) -> dict[str, object]:
    """What ``run.py`` found: points, kills, violations, event time until reconciled."""
    done = subprocess.run(
        [sys.executable, str(RUN), *arguments], capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.stdout, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    assert not found["violations"], done.stderr
    assert done.returncode == 0, done.stderr
    return found


def line(what: str, found: dict[str, object]) -> str:
    """The harness's line for the end of a test run."""
    restarts = ""
    if found["restarts"]:
        p50, p99 = found["reconciled_p50_s"], found["reconciled_p99_s"]
        restarts = f"; {found['restarts']} restarts reconciled in p50 {p50} s, p99 {p99} s of event time"
    violations = found["violations"]
    assert isinstance(violations, list)
    return (
        f"kill harness, {what}: {found['points']} points, {found['kills']} SIGKILLs, {len(violations)} violations"
        f"{restarts} ({found['seconds']} s)"
    )
