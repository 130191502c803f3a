"""What many tests need: the shared folder of real data."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from light_processes import keep_bytecode
from light_processes import pytest_collection as pytest_collection
from light_processes import pytest_collection_finish as pytest_collection_finish
from reliability_summary import pytest_terminal_summary as pytest_terminal_summary

# The same examples at every run, and no verdict on a shared machine's speed.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

keep_bytecode()

ROOT = Path(__file__).parents[1]
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 8 << 30

OWN = ""
"""The folder this very run has made; empty in its workers, and in a run that one of its tests starts."""

if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
    # Thousands of journals are written and thrown away: none of them need wait for a disk. Workers inherit it. It is a
    # new folder, and goes with the run: what a killed process left in the last one is not found by the next.
    OWN = os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="z", dir=MEMORY)
    atexit.register(shutil.rmtree, OWN, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Short names for the folders of tests: a socket's path has 107 bytes at the most."""
    if config.option.basetemp is None and OWN:
        config.option.basetemp = Path(OWN, "t")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data. Its absence skips a casual user's test, and fails in CI (ZDTE_REQUIRE_SHARED=1)."""
    folder = Path(os.environ.get("ZDTE_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        reason = f"no real data at {folder}: set ZDTE_SHARED to the shared folder"
        if os.environ.get("ZDTE_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A whole file as a parameter would be the test's name: unreadable, and other bytes in another process."""
    return f"{argname}-{len(val)}" if isinstance(val, str | bytes) and len(val) > 80 else None
