"""Lines of a session without a screen: with real money each begins with that word and the account."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from engine.events import NoticeRecord, Tick
from engine.session.compose import SessionInfo
from zdte_tui.headless import LinePrinter

TICK = Tick(
    seq=1,
    now=1,
    changes=frozenset(),
    records=(NoticeRecord(seq=1, ts=1, account="main", level="info", source="feed", text="ok"),),
    outbox=(),
    wake_at=None,
)


def lines(banner: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    info = SessionInfo(
        account="main",
        day=dt.date(2026, 11, 24),
        roots=("SPXW",),
        provenance=(),
        config_text="{}",
        config_hash="",
        code_version="",
        seed=None,
    )
    composed: Any = SimpleNamespace(banner=banner, name="main-1", greeting="hello", label="data", info=info)
    printer = LinePrinter(as_json=False)
    printer.introduce(composed)
    printer(TICK)
    return capsys.readouterr().err.splitlines()


def test_real_money_is_said_first_and_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_, last = lines("LIVE *6789 vendor alpaca-opra quote", capsys)
    assert first == "zdte-tui: !!! LIVE *6789 vendor alpaca-opra quote !!!"
    assert last.startswith("LIVE *6789 ")
    assert last.endswith("feed         ok")


@pytest.mark.parametrize("banner", ["PAPER *6789 SIMULATED", "SHADOW SIMULATED-fills vendor x quote"])
def test_others_are_said_at_the_beginning(banner: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, *_, last = lines(banner, capsys)
    assert first == f"zdte-tui: [ {banner} ]"
    assert "6789" not in last


def test_a_demo_says_what_it_always_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines("", capsys)[0] == "zdte-tui: hello"
