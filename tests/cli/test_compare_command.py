"""``zdte-tui compare`` and ``zdte-tui replay --session``: real journals, and what cannot be played again says why."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.calendar import from_new_york
from engine.config import data_dir, journal_path, load, research_path
from engine.events import BrokerReport
from engine.journal import JournalReader, JournalWriter, SessionInfo
from engine.session.compose import Composed, compose_demo, compose_replay
from engine.session.ledger import recording_path
from engine.session.port import LocalPort
from engine.session.source import TapeSource
from engine.tape import Store
from engine.tape.recording import Recorder
from engine.types import Provenance
from engine.view import CommandRequest, Pace, View
from strategies.registry import REGISTRY
from zdte_tui.main import main

DAY = dt.date(2026, 1, 15)
REPLAY, PRACTICE, DEMO = "main-2026-01-15-SPXW-1", "main-2026-01-15-SPXW-2", "demo-2026-01-15-SPXW-1"
SIMULATED = Provenance(source="demo", origin="simulated", meaning="quote", note="")


def at(hour: int, minute: int) -> int:
    return from_new_york(DAY, dt.time(hour, minute))


class Playing:
    """A session on its own thread."""

    def __init__(self, composed: Composed) -> None:
        self.composed = composed
        self.port = LocalPort(composed.runner)
        self.port.start()

    def until(self, seen: Callable[[View], object]) -> View:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            view = self.port.view()
            if view is not None and seen(view):
                return view
            time.sleep(0.005)
        raise AssertionError("the session never came to what was waited for")

    def go(self, instant: int) -> None:
        self.port.pace(Pace("goto", instant=instant))
        self.until(lambda view: view.progress.now == instant)

    def leave(self) -> None:
        self.port.stop()
        self.composed.close()


@contextmanager
def playing(composed: Composed) -> Iterator[Playing]:
    played = Playing(composed)
    try:
        yield played
    finally:
        played.leave()


def replayed(speed: float = 0.001) -> Composed:
    config = load()
    return compose_replay(
        config, REGISTRY, TapeSource(Store(data_dir(config)), "SPXW", DAY, "sim"), speed=speed, stay=True
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a demo was played to its end, and a stored day taken over at 10:30 and flattened."""
    folder = tmp_path_factory.mktemp("played")
    with pytest.MonkeyPatch.context() as patch:
        _live_in(folder, patch)
        assert main(["data", "simulate", "--days", "1", "--expiries", "1"]) == 0
        assert main(["--demo", "--no-ui", "--speed", "max"]) == 0
        with playing(replayed()) as day:
            day.port.pace(Pace("pause"))
            day.go(at(10, 30))
            day.port.pace(Pace("take_over"))
            day.until(lambda view: view.progress.practice is not None)
            day.port.command(CommandRequest("flatten"))
            day.go(at(11, 30))
            day.port.pace(Pace("speed", value=0))
            day.port.pace(Pace("resume"))
            day.until(lambda view: view.progress.finished)
    return folder


def _live_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("HOME", str(folder))
    for name, where in (("CONFIG", ".config"), ("DATA", ".local/share"), ("STATE", ".local/state")):
        patch.setenv(f"XDG_{name}_HOME", str(folder / where))


@pytest.fixture
def here(played: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which a test may spoil."""
    shutil.copytree(played, home, dirs_exist_ok=True)
    _live_in(home, monkeypatch)
    return home


def test_a_practice_session_stands_beside_the_hands_off_run(run, here: Path) -> None:
    said = run("compare", PRACTICE)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == "data: SIMULATED"
    assert lines[2].split() == [PRACTICE, "hands-off", "difference"]
    assert "net by the half hour (ET)" in lines
    told = lines[lines.index("what differed") + 1 :]
    assert told[0].split()[1] == "otherwise", "the first trade, closed by hand"
    assert any("only there" in line for line in told), "the entries of the strategies alone"


def test_the_figures_for_a_program_are_the_journals(run, here: Path) -> None:
    said = run("compare", PRACTICE, "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    config = load()
    with JournalReader(research_path(config)) as reader:
        (row,) = (row for row in reader.sessions() if row.name == PRACTICE)
        summary = reader.summary(row.session)
    first = found["first"]
    assert found["data"] == ["SIMULATED"]
    assert (first["name"], first["trades"], first["wins"]) == (PRACTICE, summary.trades, summary.wins)
    assert first["net_usd"] == pytest.approx(summary.pnl / 10_000)
    assert first["fees_usd"] == pytest.approx(summary.fees / 10_000)
    assert found["second"]["name"] == "hands-off"
    assert found["second"]["trades"] > first["trades"]
    assert found["path"][-1]["first_usd"] == pytest.approx(first["net_usd"])
    assert {each["side"] for each in found["differences"]} <= {"first", "second", "both"}


def test_two_sessions_of_a_day(run, here: Path) -> None:
    """The one that was left at 10:30 has the first trade still open."""
    said = run("compare", REPLAY, PRACTICE, "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["first"]["name"], found["second"]["name"]) == (REPLAY, PRACTICE)
    assert (found["first"]["open"], found["second"]["open"]) == (1, 0)


def test_a_session_beside_itself_differs_in_nothing(run, here: Path) -> None:
    assert "nothing differed" in run("compare", PRACTICE, PRACTICE).out
    assert "nothing differed" in run("compare", DEMO).out, "nobody gave an order in the demo"


def test_a_past_session_is_played_with_its_orders(run, here: Path) -> None:
    said = run("replay", "--session", PRACTICE, "--no-ui", "--json")
    assert said.code == 0, said.err
    records = [json.loads(line) for line in said.out.splitlines()]
    orders = [record for record in records if record["record"] == "command"]
    assert [record["kind"] for record in orders][-1] == "flatten"
    assert "main-2026-01-15-SPXW-3" in said.err


def test_a_name_that_two_journals_have_is_asked_about(run, here: Path) -> None:
    assert run("replay", "--session", DEMO, "--no-ui").code == 0  # of the research journal, with the same name
    for command in (["compare"], ["replay", "--no-ui", "--session"]):
        said = run(*command, DEMO)
        assert said.code == 64
        assert said.line.endswith(f"write research:{DEMO} or demo:{DEMO}")
    both = run("compare", f"demo:{DEMO}", f"research:{DEMO}", "--json")
    assert both.code == 0, both.err
    found = json.loads(both.out)
    assert found["differences"] == []
    assert (found["first"]["name"], found["second"]["name"]) == (f"demo:{DEMO}", f"research:{DEMO}")


@pytest.mark.parametrize("command", [["compare"], ["replay", "--no-ui", "--session"]], ids=["compare", "replay"])
@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("main-2026-01-15-SPWX-2", 66, f"did you mean {PRACTICE}?"),
        ("zzz", 66, "`zdte-tui sessions --research` list them"),
        (f"research:{DEMO}", 66, f"no journal has a session 'research:{DEMO}'"),
        (f"archive:{DEMO}", 64, f"'archive' is no journal: write research:{DEMO}, account:{DEMO}, paper:{DEMO}, "),
        ("a\nb", 66, r"no journal has a session 'a\nb'"),
    ],
)
def test_a_name_that_none_has(run, here: Path, command: list[str], name: str, code: int, says: str) -> None:
    before = (run("sessions").out, run("sessions", "--research").out)
    said = run(*command, name)
    assert said.code == code, said.err
    assert says in said.line
    assert (run("sessions").out, run("sessions", "--research").out) == before, "nothing is begun"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["compare"], "the following arguments are required: SESSION"),
        (["compare", "a", "b", "c"], "unrecognized arguments: c"),
        (["compare", PRACTICE, DEMO, "--jsn"], "did you mean --json?"),
        (["replay", "--session", PRACTICE, "2026-01-15"], "name a DAY such as 2024-08-07, or a session"),
        (["replay", "--session", PRACTICE, "--root", "SPXW"], "a session brings its own root and source"),
        (["replay", "--session", PRACTICE, "--json"], "--json goes with --no-ui"),
    ],
)
def test_wrong_words(run, here: Path, words: list[str], says: str) -> None:
    said = run(*words)
    assert said.code == 64
    assert says in said.line


def test_before_there_is_any_journal(run) -> None:
    for words in (["compare", PRACTICE], ["replay", "--no-ui", "--session", PRACTICE]):
        said = run(*words)
        assert (said.code, f"no journal has a session '{PRACTICE}'" in said.line) == (66, True)


def test_one_that_still_runs(run, here: Path) -> None:
    with playing(replayed()) as day:
        name = day.composed.name
        for words in (["compare", name], ["replay", "--no-ui", "--session", name]):
            said = run(*words)
            assert said.code == 65
            assert f"session {name} is still running" in said.line


def test_one_whose_day_is_gone_or_has_changed(run, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = ["data", "simulate", "--days", "1", "--expiries", "1", "--seed", "8"]
    assert run(*again).code == 0
    for words in (["compare", PRACTICE], ["replay", "--no-ui", "--session", PRACTICE]):
        said = run(*words)
        assert said.code == 65
        assert f"the stored day of session {PRACTICE} (SPXW 2026-01-15, sim) has changed since" in said.line
        assert said.line.endswith("zdte-tui replay 2026-01-15 --root SPXW --source sim")
    for file in (here / ".local/share/zdte-tui/days/SPXW").iterdir():
        file.unlink()
    for words in (["compare", PRACTICE], ["replay", "--no-ui", "--session", PRACTICE]):
        said = run(*words)
        assert said.code == 65
        assert f"the day of session {PRACTICE} is no longer in the store" in said.line
    assert run("compare", REPLAY, PRACTICE).code == 0, "two journalled sessions need no tape"


def test_one_that_was_restarted_on_its_way(run, home: Path) -> None:
    for instant in (at(10, 30), at(11, 30)):
        with playing(compose_demo(load(), REGISTRY, speed=0, stay=True)) as demo:
            demo.until(lambda view: view.progress.now >= instant)  # noqa: B023
    for words in (["compare", DEMO], ["replay", "--no-ui", "--session", DEMO]):
        said = run(*words)
        assert said.code == 65
        assert said.line.endswith(f"session {DEMO} was restarted 1 times: only whole runs can be replayed")


def test_one_whose_inputs_are_gone(run, here: Path) -> None:
    recording = recording_path(journal_path(load(), "demo"), DEMO, 0)
    recording.write_bytes(recording.read_bytes()[:40] + b"\xff" * 40 + recording.read_bytes()[80:])
    said = run("compare", DEMO)
    assert (said.code, f"the inputs of session {DEMO} are gone or damaged" in said.line) == (65, True)
    recording.unlink()
    said = run("replay", "--no-ui", "--session", DEMO)
    assert (said.code, f"the inputs of session {DEMO} are gone or damaged" in said.line) == (65, True)


def _session_of(journal: Path, day: dt.date, mode: str) -> str:
    journal.parent.mkdir(parents=True, exist_ok=True)
    with JournalWriter(journal, chained=mode == "paper") as writer:
        writer.begin_session(
            SessionInfo(
                account="main",
                day=day,
                roots=("SPXW",),
                provenance=(SIMULATED,),
                config_text="{}",
                config_hash="0" * 64,
                code_version="test",
            ),
            mode=mode,
        )
        writer.end_session("finished")
    with JournalReader(journal) as reader:
        return reader.sessions()[-1].name


def test_one_that_traded_at_a_broker_outside(run, home: Path) -> None:
    journal = journal_path(load(), "main")
    name = _session_of(journal, DAY, "paper")
    with Recorder(recording_path(journal, name, 0)) as recorder:
        recorder.write(BrokerReport(ts_known=at(10, 0), client_order_id="main-20260115-0-1", kind="accepted"))
    for words in (["compare", name], ["replay", "--no-ui", "--session", name]):
        said = run(*words)
        assert said.code == 65
        assert f"session {name} traded at a broker outside" in said.line


def test_sessions_of_two_days_are_not_compared(run, here: Path) -> None:
    other = _session_of(research_path(load()), dt.date(2026, 1, 16), "replay")
    said = run("compare", PRACTICE, other)
    assert said.code == 64
    assert f"{PRACTICE} is of 2026-01-15 SPXW and {other} of 2026-01-16 SPXW" in said.line
