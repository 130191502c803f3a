"""A home of one's own, and the program run in this process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from watched_sessions import Run, Said

from zdte_tui.main import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home without keys, secrets or systemd."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder / name.lower()))
    for name in list(os.environ):
        if name.startswith(("APCA", "ALPACA", "ZDTE_PUSH", "ZDTE_HEARTBEAT", "NOTIFY_", "WATCHDOG_", "CREDENTIALS")):
            monkeypatch.delenv(name)
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``zdte-tui`` with these words."""

    def command(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = main(list(words))
        except SystemExit as left:
            code = int(left.code or 0)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return command
