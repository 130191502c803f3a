"""``zdte-tui calendar --cutoffs``: what holds on a day, and of whom it is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zdte_tui.main import main


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_a_half_days_cutoffs_with_who_says_the_earliest_and_who_says_later(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "2026-11-27", "--cutoffs", "--set", 'session.roots=["SPY"]']) == 0
    said = capsys.readouterr().out
    assert "Friday 2026-11-27, a half-day" in said
    assert "opens nothing from   12:30  docs\n" in said
    assert "closes nothing from  not known\n" in said
    assert "liquidates from      12:30  no ETF exception (later: docs 12:45, seen closed 12:45)\n" in said
    assert "a session is flat by 12:15\n" in said


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "2026-01-15", "--cutoffs", "--json"]) == 0
    (spxw,) = json.loads(capsys.readouterr().out)["roots"]
    assert (spxw["open_until"], spxw["close_until"], spxw["flat_by"]) == ("15:15", None, "15:00")
    assert spxw["reports"] == [
        {"source": "docs", "open_until": "15:15", "close_until": None, "liquidate_from": "15:30"}
    ]


def test_a_day_without_a_session_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "2026-11-26", "--cutoffs"]) == 64
    assert "Thanksgiving" in capsys.readouterr().err


def test_it_says_where_nothing_is_known_and_nothing_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    off = ("--set", "cutoffs.schedule=[]", "--set", "cutoffs.flat_minutes=0")
    assert main(["calendar", "2026-01-15", "--cutoffs", *off]) == 0
    said = capsys.readouterr().out
    assert said.count("not known") == 3
    assert "off: cutoffs.flat_minutes = 0" in said
