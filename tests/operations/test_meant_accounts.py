"""Which session a command means that names none: the one that trades comes before the demo's."""

from __future__ import annotations

from pathlib import Path

import pytest
from watched_sessions import Run

from engine.config import load, state_dir
from engine.journal import JournalWriter
from zdte_tui.commands.accounts import account_names


@pytest.mark.parametrize(
    ("mode", "first"),
    [("auto", "main_paper"), ("paper", "main_paper"), ("shadow", "main_shadow"), ("live", "main"), ("demo", "main")],
)
def test_the_account_of_the_configured_mode_comes_first_and_the_demos_last(mode: str, first: str) -> None:
    names = account_names(load(settings=[f'session.mode="{mode}"']))
    assert (names[0], names[-1]) == (first, "demo")
    assert set(names) == {"main", "main_paper", "main_shadow", "rehearsal", "demo"}


@pytest.mark.parametrize("account", ["main", "main_paper", "main_shadow", "rehearsal", "demo"])
def test_a_kill_without_a_name_finds_whatever_session_runs(run: Run, home: Path, account: str) -> None:
    state_dir().mkdir(parents=True)
    with JournalWriter(state_dir() / f"{account}.sqlite"):  # a process that holds it, and listens nowhere
        said = run("kill", "pause")
    assert said.code == 69
    assert f"the session of {account} runs, but cannot be reached" in said.err


def test_a_session_that_trades_is_meant_and_not_a_demo_beside_it(run: Run, home: Path) -> None:
    state_dir().mkdir(parents=True)
    with JournalWriter(state_dir() / "demo.sqlite"), JournalWriter(state_dir() / "main_paper.sqlite"):
        said = run("status")
    assert "the session of main_paper runs" in said.err


def test_the_last_report_is_of_the_account_that_trades(run: Run, home: Path) -> None:
    assert run("--demo", "--no-ui", "--speed", "max", "--set", "demo.date=2025-11-28").code == 0
    assert run("report").code == 0
    with JournalWriter(state_dir() / "main_paper.sqlite"):
        pass
    said = run("report")
    assert (said.code, said.err) == (
        66,
        f"zdte-tui: the journal {state_dir() / 'main_paper.sqlite'} has no session yet\n",
    )
