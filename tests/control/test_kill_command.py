"""``zdte-tui kill``, ``resume`` and ``status``: two real processes, over the real socket and over files."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from control_sessions import Process, rows, wait

from engine.control import Client, Status
from engine.events import BreakerRecord, CommandRecord

DEMO = ("--demo", "--no-ui")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A session whose market hardly moves, for tests that leave it as it is."""
    found = Process(tmp_path_factory.mktemp("slow"), *DEMO, "--speed", "0.01").ready()
    yield found
    found.leave()


def status(process: Process) -> Status:
    with Client(process.place, 10.0) as client:
        return client.status()


def with_a_trade(folder: Path) -> Process:
    """A session in which a trade was opened in the first minutes; a minute passes in a second."""
    entry = 'strategies.iron_condor.entries=["09:31"]'
    process = Process(folder, *DEMO, "--speed", "60", "--set", entry).ready()
    wait(lambda: any(trade.state == "open" for trade in status(process).trades), "a trade")
    return process


def test_flatten_waits_until_nothing_is_held_and_tells_what_it_made(home: Path) -> None:
    process = with_a_trade(home)
    try:
        said = process.run("kill", "flatten", "--wait", "30")
        assert (said.returncode, said.stderr) == (0, "")
        first, *rest = said.stdout.splitlines()
        assert first.startswith("demo [SIMULATED] flatten: closing 1 trade; no new entries until resumed; REDUCING")
        assert any(line.startswith("#1 ") and "closed: " in line and line.endswith(" net") for line in rest)
        assert rest[-1] == "nothing is left to do"

        said = process.run("kill", "pause", "--json")
        row = json.loads(said.stdout)
        assert row["outcome"] == "nothing changes: FLATTENED stands, which does what pause does"
        assert (row["account"], row["mode"], row["under_way"]) == ("demo", "SIMULATED", [])

        said = process.run("resume")
        assert said.stdout == "demo [SIMULATED] resume: entries are allowed\n"

        said = process.run("kill", "lock")
        assert "locked until the exchange's date changes" in said.stdout
        assert "still HALTED: LOCKED" in process.run("resume").stdout

        assert process.end() == 3, process.said
        assert "the day is LOCKED: LOCKED: a person flattened and locked the day" in process.said
    finally:
        process.leave()
    commands = [row for row in rows(process.place.journal, "CommandRecord") if isinstance(row, CommandRecord)]
    assert [row.kind for row in commands] == ["flatten", "pause", "resume", "lock", "resume"]
    assert all(row.text in ("zdte-tui kill", "zdte-tui resume") for row in commands)
    breakers = [row for row in rows(process.place.journal, "BreakerRecord") if isinstance(row, BreakerRecord)]
    assert [(row.name, row.state) for row in breakers] == [
        ("FLATTENED", "REDUCING"),
        ("FLATTENED", "ACTIVE"),
        ("LOCKED", "HALTED"),
    ]


def test_a_lock_outlives_a_kill_of_the_process_and_its_socket_is_replaced(home: Path) -> None:
    process = Process(home, *DEMO, "--speed", "0.01").ready()
    assert process.run("kill", "lock").returncode == 0
    process.end(signal.SIGKILL)
    assert process.place.door.exists(), "the case: a dead process's socket"
    said = process.run("status")
    assert said.returncode == 69
    assert "no session of demo is running" in said.stderr

    again = Process(home, *DEMO, "--speed", "0.01").ready()
    try:
        assert status(again).breakers == ("LOCKED",)
        assert again.end() == 3
        assert not again.place.folder.exists()
    finally:
        again.leave()


def test_status_in_words_and_as_json(slow: Process) -> None:
    said = slow.run("status")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("demo  [SIMULATED]  2026-01-15 09:30:")
    assert "ACTIVE" in said.stdout.splitlines()[0]
    assert "  day +$0.00 (realised +$0.00, open +$0.00)" in said.stdout
    assert "  nothing is held, no entry works" in said.stdout

    row = json.loads(slow.run("status", "--json").stdout)
    assert (row["account"], row["mode"], row["state"], row["trades"]) == ("demo", "SIMULATED", "ACTIVE", [])
    assert row["pid"] == slow.process.pid
    assert row["day_pnl_usd"] == "0.00"


def test_every_way_of_naming_the_session_reaches_it(slow: Process) -> None:
    for words in (
        ("--account", "demo"),
        ("--all",),
        ("--journal", str(slow.place.journal)),
        ("--set", "account.name=main"),
    ):
        row = json.loads(slow.run("status", "--json", *words).stdout)
        assert row["pid"] == slow.process.pid, words


def test_a_configuration_that_was_broken_since_does_not_disarm_the_switch(slow: Process) -> None:
    own = slow.folder / "config" / "zdte-tui" / "config.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("[risk]\ndaily_lss = 3\n")
    try:
        said = slow.run("status", "--json")
    finally:
        own.unlink()
    assert said.returncode == 0
    assert json.loads(said.stdout)["pid"] == slow.process.pid
    assert "did you mean daily_loss?; looking where journals lie by default" in said.stderr


def test_a_session_that_is_stopped_is_told_in_time_and_a_file_waits_for_it(home: Path) -> None:
    process = Process(home, *DEMO, "--speed", "0.01").ready()
    try:
        process.process.send_signal(signal.SIGSTOP)
        said = process.run("kill", "pause")
        assert said.returncode == 75
        assert said.stdout == ""
        assert said.stderr.count("\n") == 1
        assert "the session of demo does not answer: no answer within 5 s; its process may be stopped" in said.stderr
        command = said.stderr.strip().rpartition("touch ")[2]
        Path(command).touch()
        process.process.send_signal(signal.SIGCONT)
        wait(lambda: not Path(command).exists(), "the file's being followed")
        assert status(process).breakers == ("PAUSED",)
    finally:
        process.leave()


def test_no_session_is_a_line_that_names_the_file_for_the_next_start_which_works(home: Path) -> None:
    quiet = Process(home, "--version")
    quiet.process.wait(30)
    said = quiet.run("kill", "cancel")
    assert said.returncode == 69
    assert said.stderr.count("\n") == 1
    assert f"no session of demo is running (journal {quiet.place.journal})" in said.stderr
    file = Path(said.stderr.strip().rpartition("touch ")[2])
    assert quiet.run("kill", "flatten", "--all").returncode == 69
    assert "`zdte-tui status`" not in quiet.run("resume").stderr, "which would say no more than this"

    file.parent.mkdir(parents=True)
    file.touch()
    process = Process(home, *DEMO, "--speed", "0.01").ready()
    try:
        assert status(process).breakers == ("CANCELLED",)
        assert "lay there at the start" in process.said
        assert not file.exists()
    finally:
        process.leave()


def test_a_level_works_and_lasts_when_the_disk_is_full(home: Path) -> None:
    process = with_a_trade(home)
    try:
        # From here on no file of the session may grow: as on a full disk, in the middle of the day.
        resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
        wait(lambda: status(process).alarm, "the full disk")
        said = process.run("kill", "flatten", "--wait", "30")
        assert said.returncode == 0, said.stderr
        assert "nothing is left to do" in said.stdout
        (process.state / "demo.kill-lock").touch()
        wait(lambda: "LOCKED" in status(process).breakers, "the lock")
        assert not [trade for trade in status(process).trades if trade.state != "over"]
        assert process.end() == 3, process.said
        assert "cannot write the journal" in process.said
    finally:
        process.leave()
    assert (process.state / "demo.sqlite.kill-lock").exists(), "the journal cannot tell the next start"

    again = Process(home, *DEMO, "--speed", "0.01").ready()
    try:
        assert "LOCKED" in status(again).breakers
    finally:
        again.leave()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("kill",), 64, "which level? one of pause, cancel, flatten, lock"),
        (("kill", "flaten"), 64, "did you mean flatten?"),
        (("kill", "pause", "--wait", "0"), 64, "write seconds above 0, such as 30"),
        (("kill", "pause", "--wait", "nan"), 64, "write seconds above 0, such as 30"),
        (("kill", "pause", "--all", "--account", "demo"), 64, "not allowed with"),
        (("status", "--account", "../demo"), 64, "cannot name an account"),
        (("kill", "pause", "--set", "risk.daily_lss=3"), 78, "did you mean daily_loss?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_mistakes(
    home: Path,
    words: tuple[str, ...],
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from zdte_tui.main import main

    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    try:
        ended = main(list(words))
    except SystemExit as left:
        ended = int(left.code or 0)
    told = capsys.readouterr()
    assert ended == code
    assert says in told.err
    assert told.out == ""
