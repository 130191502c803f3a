"""What a run's processes need not do again and again: compile what another has compiled, look for rubbish among what
stays."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from engine.processes.collecting import collect_seldom


def keep_bytecode() -> None:
    """Keep what is compiled, here and in all processes that are started: else each compiles the program anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """In a worker: import its share of the tests first. To rewrite asserts takes long; the others find it done."""
    given: dict[str, object] | None = getattr(session.config, "workerinput", None)
    if given is None:
        return
    number, many = int(str(given["workerid"]).removeprefix("gw")), int(str(given["workercount"]))
    folders = [Path(session.config.invocation_params.dir, arg) for arg in session.config.args]
    files = sorted(file for folder in folders if folder.is_dir() for file in folder.rglob("test_*.py"))
    for file in files[number::many]:
        if str(file.parent) not in sys.path:
            sys.path.insert(0, str(file.parent))  # as pytest does when it comes to it
        with suppress(Exception, pytest.skip.Exception):  # pytest imports it again, and tells
            importlib.import_module(file.stem)


def pytest_collection_finish() -> None:
    """As a process that trades: thousands of tests and all that they import are not looked through again."""
    collect_seldom()
