"""Mistakes name the nearest right word; options in the wrong place and days that cannot be are said to be so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine.journal import JournalWriter, SessionInfo
from engine.types import Provenance
from zdte_tui.telling import one_line

SIMULATED = Provenance(source="demo", origin="simulated", meaning="quote", note="")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["replya", "2024-08-07"], 64, "did you mean replay?"),
        (["data", "improt", "x"], 64, "did you mean import?"),
        (["data", "list", "--rot", "SPXW"], 64, "did you mean --root?"),
        (["data", "import", "x", "--format", "leen"], 64, "did you mean lean?"),
        (["journal", "export", "--canonicl"], 64, "did you mean --canonical?"),
        (["completion", "zhs"], 64, "did you mean zsh?"),
        (["completion", "powershell"], 64, "invalid choice"),
        (["data"], 64, "one of import, list"),
        (["config"], 64, "one of init, show, check, path"),
        (["replay", "2024-08-07", "--root", "SPXX"], 64, "did you mean SPXW?"),
        (["backtest", "--root", ""], 64, "known: QQQ, SPXW, SPY, XSP"),
        (["replay", "08/07/2024"], 64, "write 2024-08-07 or 2024-07-08"),
        (["replay", "2024-08-10", "--no-ui"], 64, "is a Saturday; the sessions around it: 2024-08-09 and 2024-08-12"),
        (["replay", "2024-07-04", "--no-ui"], 64, "2024-07-03 and 2024-07-05"),
        (["replay", "1987-10-19", "--no-ui"], 64, "outside the calendar"),
        (["--demo", "--no-ui", "--speed", "٦٠"], 64, "is not a speed"),
        (["--demo", "--no-ui", "--set", "risk.max_open=[1"], 78, "not a TOML value"),
        (["--demo", "--no-ui", "--set", "risk.max_open"], 78, "write --set table.key=value"),
        (["--demo", "--no-ui", "--set", "session.roots=['SPXX']"], 78, "did you mean SPXW?"),
        (["sessions", "--account", "../../etc/x"], 64, "cannot name an account"),
        (["sessions", "--journal", ""], 64, "is not the name of a file"),
        (["replay", "2024-08-07\n2024-08-08"], 64, r"2024-08-07\n2024-08-08"),
        (["x\x1b]0;title\x07"], 64, r"x\x1b]0;title\x07"),
        (["data", "lst\udcff"], 64, r"lst\udcff"),
    ],
)
def test_a_mistake_is_one_line_with_the_nearest_right_word(
    run, home: Path, words: list[str], code: int, says: str
) -> None:
    said = run(*words)
    assert said.code == code, said.err
    assert says in said.line
    assert not list(home.iterdir()), "a mistake left something behind"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "risk.max_open=1", "backtest"], "write zdte-tui backtest --set"),
        (["--config", "x.toml", "replay", "2024-08-07"], "write zdte-tui replay --config"),
        (["--demo", "sessions"], "--demo stands before the command: sessions has no such option"),
    ],
)
def test_an_option_before_its_command_is_refused_because_it_would_do_nothing(run, words: list[str], says: str) -> None:
    said = run(*words)
    assert said.code == 64
    assert says in said.line


def test_a_day_in_the_future_is_said_to_be_one(run, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = dt.datetime(2024, 8, 7, 16, tzinfo=dt.UTC)
    monkeypatch.setattr("time.time_ns", lambda: int(noon.timestamp()) * 10**9)
    said = run("replay", "2024-08-08", "--no-ui")
    assert (said.code, "lies in the future: today is 2024-08-07" in said.line) == (66, True)
    assert "lies in the future" not in run("replay", "today", "--no-ui").line


def test_a_day_or_source_that_is_not_stored_names_the_nearest(run, shared: Path) -> None:
    assert run("data", "import", str(shared / "data" / "lean_spxw_nbbo" / "Data")).code == 0
    days = sorted({line.split()[1] for line in run("data", "list").out.splitlines() if line.startswith("SPXW")})
    assert days, "the sample data hold days of SPXW"
    assert days[0] in run("replay", "2020-12-31", "--no-ui").line
    assert "did you mean lean?" in run("replay", days[0], "--source", "leen", "--no-ui").line
    assert "no days of QQQ, only of SPXW" in run("replay", days[0], "--root", "QQQ", "--no-ui").line
    saturday = run("replay", "2024-08-10", "--no-ui")
    assert (saturday.code, f"the nearest stored: {days[-1]}" in saturday.line) == (64, True)


def test_a_session_that_is_not_there_names_the_nearest(run, tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    for number in (1, 2):
        with JournalWriter(path) as writer:
            writer.begin_session(
                SessionInfo(
                    account="demo",
                    day=dt.date(2024, 8, 6 + number),
                    roots=("SPXW",),
                    provenance=(SIMULATED,),
                    config_text="{}",
                    config_hash="0" * 64,
                    code_version="test",
                ),
                mode="demo",
            )
            writer.end_session("finished")
    for command in (["journal", "export", "--session"], ["journal", "audit"]):
        said = run(*command, "demo-2024-08-08-SPWX-1", "--journal", str(path))
        assert said.code == 64
        assert said.line.endswith("did you mean demo-2024-08-08-SPXW-1?")
        assert "lists what is there" in run(*command, "\udcff", "--journal", str(path)).line
    said = run("journal", "export", "--table", "filss", "--journal", str(path))
    assert (said.code, "did you mean fills?" in said.line) == (64, True)


def test_what_is_told_is_one_line_a_terminal_can_be_sent() -> None:
    assert one_line("plain é ٣ text") == "plain é ٣ text"
    assert one_line("a\nb\x1b[2J\u202e\udcff") == r"a\nb\x1b[2J\u202e\udcff"
    long = one_line("x" * 100_000 + "END")
    assert len(long) < 700
    assert long.endswith("END")
