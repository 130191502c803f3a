"""The files for systemd: as systemd reads them where it is there, and in any case as the program understands them."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from watched_sessions import Run

from engine.alpaca.key_ring import names
from engine.calendar import from_new_york
from engine.clock import SystemClock
from engine.watch.secrets import BEAT_CREDENTIAL, URLS_CREDENTIAL
from zdte_tui.exits import CONFIG, NO_AUTH, NO_INPUT, OK, RETRY, RISK_HALT, UNAVAILABLE, USAGE

CONTRIB = Path(__file__).parents[2] / "contrib"


def entries(name: str) -> list[tuple[str, str, str]]:
    """Section, key and value of every line; a line that is none of these fails."""
    found, section = [], ""
    for line in (CONTRIB / name).read_text().splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            assert re.fullmatch(r"[A-Za-z]+", key), line
            found.append((section, key, value))
    return found


def values(name: str, key: str) -> list[str]:
    return [value for _, each, value in entries(name) if each == key]


def test_systemd_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: the other tests parse the files")
    for name in ("zdte-tui.service", "zdte-tui.timer"):
        text = (CONTRIB / name).read_text().replace("/opt/zdte-tui/.venv/bin/zdte-tui", sys.executable)
        (tmp_path / name).write_text(text)
    units = [str(tmp_path / "zdte-tui.service"), str(tmp_path / "zdte-tui.timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_credentials_have_the_names_the_program_looks_for() -> None:
    assert values("zdte-tui.service", "LoadCredentialEncrypted") == [*names("paper"), URLS_CREDENTIAL, BEAT_CREDENTIAL]


def test_no_secret_and_no_key_stands_in_them() -> None:
    text = "".join((CONTRIB / name).read_text() for name in ("zdte-tui.service", "zdte-tui.timer"))
    assert not re.search(r"\b(PK|AK)[A-Z0-9]{8,}|://[^ ]*@|APCA_", text)


def test_ends_that_would_be_the_same_again_are_not_started_again() -> None:
    (codes,) = values("zdte-tui.service", "RestartPreventExitStatus")
    prevented = {int(code) for code in codes.split()}
    assert prevented == {RISK_HALT, USAGE, NO_INPUT, NO_AUTH, CONFIG}
    assert not prevented & {OK, UNAVAILABLE, RETRY}  # what may go well in a moment
    assert values("zdte-tui.service", "Restart") == ["on-failure"]
    assert values("zdte-tui.service", "StartLimitBurst") == ["5"]


def test_it_says_when_it_is_ready_and_that_it_lives() -> None:
    assert values("zdte-tui.service", "Type") == ["notify"]
    assert values("zdte-tui.service", "NotifyAccess") == ["main"]
    (seconds,) = values("zdte-tui.service", "WatchdogSec")
    assert int(seconds) >= 30  # the default of health.silent_seconds is 10


def test_a_crash_leaves_no_picture_of_the_memory() -> None:
    assert values("zdte-tui.service", "LimitCORE") == ["0"]


def test_commands_in_it_are_commands_of_the_program(run: Run) -> None:
    from zdte_tui.parser import build_parser

    for key in ("ExecCondition", "ExecStart"):
        (line,) = values("zdte-tui.service", key)
        program, *words = line.split()
        assert program == "/opt/zdte-tui/.venv/bin/zdte-tui"
        build_parser().parse_args(words)


def test_the_mode_is_named_so_that_missing_keys_play_no_demo() -> None:
    (line,) = values("zdte-tui.service", "ExecStart")
    assert "--set session.mode=paper" in line


def test_the_timer_fires_before_the_open_in_new_york() -> None:
    (when,) = values("zdte-tui.timer", "OnCalendar")
    assert when == "Mon..Fri 09:00 America/New_York"


@pytest.mark.parametrize(
    ("day", "time", "code", "words"),
    [
        (dt.date(2026, 1, 15), dt.time(9), 0, "2026-01-15 is a trading day\n"),
        (dt.date(2025, 11, 28), dt.time(9), 0, "2025-11-28 is a trading day, a HALF-DAY\n"),
        (dt.date(2025, 11, 28), dt.time(13, 19), 0, "2025-11-28 is a trading day, a HALF-DAY\n"),
        (dt.date(2025, 11, 28), dt.time(13, 20), 69, "2025-11-28 is over; the next trading day is Monday 2025-12-01\n"),
        (dt.date(2026, 1, 19), dt.time(9), 69, "Martin Luther King"),
        (dt.date(2026, 1, 17), dt.time(9), 69, "is a Saturday; the next trading day is Tuesday 2026-01-20\n"),
    ],
)
def test_the_condition_holds_on_trading_days_that_are_not_over(
    run: Run, monkeypatch: pytest.MonkeyPatch, day: dt.date, time: dt.time, code: int, words: str
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _self: from_new_york(day, time))
    said = run("check", "--day")
    assert said.code == code
    assert words in said.out
