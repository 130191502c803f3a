"""Every line and every branch of the risk code is walked by its own tests: run here once more, and measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURED = ("engine/risk/*", "engine/core/supervision.py", "engine/core/guard.py")
TESTS = (
    "tests/risk",
    "tests/core/test_supervision.py",
    "tests/core/test_daily_loss_session.py",
    "tests/core/test_guard_marks.py",
    "tests/session/test_preview_days.py",
    "tests/view/test_preview_figures.py",
)


def test_risk_code_is_covered_to_the_last_branch(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTEST"))}
    env["COVERAGE_FILE"] = str(tmp_path / "coverage")
    report = tmp_path / "coverage.json"
    tests = ["-m", "pytest", "-o", "addopts=", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *TESTS]
    ignored = f"--ignore={Path(__file__).relative_to(ROOT)}"
    coverage = [sys.executable, "-m", "coverage"]
    measured = f"--include={','.join(MEASURED)}"

    played = subprocess.run(
        [*coverage, "run", "--rcfile=", "--branch", measured, *tests, ignored],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if played.returncode:
        pytest.fail(f"the tests of the risk code fail:\n{played.stdout[-4000:]}{played.stderr[-2000:]}")
    subprocess.run(
        [*coverage, "json", "--rcfile=", "-q", "-o", str(report)], cwd=ROOT, env=env, capture_output=True, check=True
    )

    files = json.loads(report.read_text())["files"]
    assert {Path(name).as_posix() for name in files} >= _modules()
    missing = [
        f"{name}: lines {figures['missing_lines']}, branches {figures['missing_branches']}"
        for name, figures in sorted(files.items())
        if figures["missing_lines"] or figures["missing_branches"]
    ]
    assert not missing, "\n".join(missing)


def _modules() -> set[str]:
    """All that must be measured: a module that no test imports would not be missed otherwise."""
    found = {path.relative_to(ROOT).as_posix() for pattern in MEASURED for path in ROOT.glob(pattern)}
    return {name for name in found if name.endswith(".py")}
