"""``zdte-tui journal export`` and ``zdte-tui sessions``, as a person and a pipe meet them."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from journal_samples import info, life, progress, signal

from engine.journal import JournalReader, JournalWriter, export
from zdte_tui.commands import journal, sessions
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_INPUT, OK, USAGE, CommandError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own: no test reads the developer's journals or configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "XDG_STATE_HOME" / "zdte-tui"


def play(path: Path, account: str = "main", mode: str = "demo", ended: bool = True) -> Path:
    with JournalWriter(path) as writer:
        writer.begin_session(info(account), mode=mode)
        for number, records in enumerate(life(), 1):
            writer.append(records, progress(number))
        if ended:
            writer.end_session("finished")
    return path


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="zdte-tui")
    subparsers = parser.add_subparsers(required=True)
    journal.add(subparsers)
    sessions.add(subparsers)
    args = parser.parse_args(words)
    code: int = args.run(args)
    return code


def refused(*words: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_accounts_own_journal_is_read_and_the_demos_where_there_is_none(
    state: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def names() -> set[str]:
        assert run("sessions", "--json") == OK
        return {json.loads(line)["name"] for line in capfdbinary.readouterr().out.splitlines()}

    play(state / "demo.sqlite", "demo")
    assert names() == {"demo-2024-08-07-SPXW-1"}
    play(state / "main.sqlite")
    assert names() == {"main-2024-08-07-SPXW-1"}
    play(state / "other.sqlite", "other")
    assert run("sessions", "--account", "other") == OK
    assert b"other-2024-08-07-SPXW-1" in capfdbinary.readouterr().out
    play(state / "research.sqlite", "main", "backtest")
    assert run("sessions", "--research") == OK
    assert b"backtest" in capfdbinary.readouterr().out


def test_sessions_say_what_they_earned_and_on_whose_data(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = play(tmp_path / "j.sqlite")
    play(path, ended=False)
    assert run("sessions", "--journal", str(path)) == OK
    out = capfdbinary.readouterr().out.decode().splitlines()
    assert out[0].split() == [
        "session",
        "day",
        "mode",
        "status",
        "runs",
        "trades",
        "wins",
        "P&L",
        "net",
        *out[0].split()[-3:],
    ]
    assert out[1].split() == [
        "main-2024-08-07-SPXW-1", "2024-08-07", "demo", "closed", "1", "1", "0",
        "-132.60", "2.60", "-132.60", "SIMULATED",
    ]  # fmt: skip
    assert "open: stopped" in out[2]
    assert run("sessions", "--journal", str(path), "--json") == OK
    first = json.loads(capfdbinary.readouterr().out.splitlines()[0])
    assert first["pnl_net_usd"] == "-132.60"
    assert first["provenance"] == ["SIMULATED"]
    assert first["provisional"] is False


def test_no_sessions_yet_says_how_to_get_one(state: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run("sessions") == OK
    said = capfdbinary.readouterr()
    assert said.out == b""
    assert b"no journal yet" in said.err
    assert b"zdte-tui --demo" in said.err
    JournalWriter(state / "main.sqlite").close()
    assert run("sessions") == OK
    assert b"no sessions in" in capfdbinary.readouterr().err


def test_a_missing_journal_has_its_exit_code(tmp_path: Path) -> None:
    for words in (("journal", "export"), ("journal", "export", "--research")):
        assert refused(*words).code == NO_INPUT
    missing = refused("sessions", "--journal", str(tmp_path / "gone.sqlite"))
    assert missing.code == NO_INPUT
    assert "gone.sqlite" in str(missing)


def test_a_file_that_is_no_journal_is_bad_data(tmp_path: Path) -> None:
    (tmp_path / "prose.txt").write_text("prose " * 300)
    assert refused("journal", "export", "--journal", str(tmp_path / "prose.txt")).code == DATA


def test_a_wrong_session_or_table_is_named(tmp_path: Path) -> None:
    path = str(play(tmp_path / "j.sqlite"))
    assert refused("journal", "export", "--journal", path, "--session", "x").code == USAGE
    assert "fills" in str(refused("journal", "export", "--journal", path, "--table", "fils"))
    assert refused("journal", "export", "--journal", path, "--canonical", "--table", "fills").code == USAGE


def test_export_writes_what_the_engine_exports(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = play(tmp_path / "j.sqlite")
    with JournalReader(path) as reader:
        wanted = b"".join(export(reader, "last", "canonical"))
    assert run("journal", "export", "--canonical", "--journal", str(path)) == OK
    assert capfdbinary.readouterr().out == wanted
    out = tmp_path / "out.jsonl"
    out.write_text("what was there before")
    assert run("journal", "export", "--canonical", "--journal", str(path), "-o", str(out)) == OK
    assert out.read_bytes() == wanted
    assert out.stat().st_mode & 0o777 == 0o600
    assert run("journal", "export", "--csv", "--session", "all", "--journal", str(path)) == OK
    assert capfdbinary.readouterr().out.startswith(b"session,name,day,account,trade_id,")


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = str(play(tmp_path / "j.sqlite"))
    taken = tmp_path / "folder"
    taken.mkdir()
    assert refused("journal", "export", "--journal", path, "-o", str(taken)).code == CANNOT_CREATE
    assert refused("journal", "export", "--journal", path, "-o", str(tmp_path / "no" / "o")).code == CANNOT_CREATE
    assert list(tmp_path.glob(".*")) == []


def test_a_pipe_that_closes_early_is_no_accident(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1, "x" * 500)] * 2_000, progress(1))
    code = (
        "import argparse, sys; from zdte_tui.commands import journal\n"
        "parser = argparse.ArgumentParser(); journal.add(parser.add_subparsers())\n"
        "args = parser.parse_args(sys.argv[1:]); sys.exit(args.run(args))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "journal", "export", "--journal", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b'{"session":')
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == OK
    process.stderr.close()
