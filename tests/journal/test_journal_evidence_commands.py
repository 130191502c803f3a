"""``journal verify``, ``heads``, ``backup``, ``restore``, ``drill``, ``archive`` as a person and a pipe meet them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from journal_evidence import behind_its_back, play
from journal_samples import info, progress, signal

from engine.config import load
from engine.journal import JournalWriter
from engine.journal.backup import backups
from engine.journal.verify import verify
from engine.session.compose import compose_demo
from strategies.registry import REGISTRY
from zdte_tui.commands import journal
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_INPUT, OK, USAGE, CommandError


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own; where its journals lie."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path / "XDG_STATE_HOME" / "zdte-tui"


@pytest.fixture
def main(state: Path) -> Path:
    return play(state / "main.sqlite")


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="zdte-tui")
    journal.add(parser.add_subparsers(required=True))
    args = parser.parse_args(["journal", *words])
    code: int = args.run(args)
    return code


def refused(*words: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert "\n" not in str(caught.value)
    return caught.value


Out = pytest.CaptureFixture[bytes]


# verify and heads.


def test_a_good_journal_is_one_line_with_rows_sessions_and_head(main: Path, capfdbinary: Out) -> None:
    assert run("verify") == OK
    (line,) = capfdbinary.readouterr().out.decode().splitlines()
    verdict = verify(main)
    assert line == f"{main}: verified: {verdict.rows} rows, 1 session, head {verdict.head.hash}"


def test_an_edited_journal_names_table_row_and_session(main: Path, capfdbinary: Out) -> None:
    with behind_its_back(main) as connection:
        connection.execute("UPDATE fills SET price_e4 = 12 WHERE id = 8")
    assert run("verify", "--account", "main") == DATA
    out = capfdbinary.readouterr().out.decode()
    assert "NOT as it was written: 1 problem" in out
    assert "fills 8 in main-2024-08-07-SPXW-1: is not what link" in out
    assert run("verify", "--json") == DATA
    found = json.loads(capfdbinary.readouterr().out)
    assert (found["ok"], found["problems_found"], found["sessions"]) == (False, 1, 1)
    assert "prove nothing" in str(refused("heads"))


def test_many_problems_are_counted_and_the_first_of_them_told(main: Path, capfdbinary: Out) -> None:
    with JournalWriter(main) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1)] * 100, progress(1))
    with behind_its_back(main) as connection:
        connection.execute("UPDATE signals SET text = 'x'")
        connection.execute("UPDATE orders SET client_order_id = 'x\x1b[31m'")
        connection.execute("UPDATE sessions SET name = 'y\x1b[32m' WHERE session = 1")
    assert run("verify") == DATA
    out = capfdbinary.readouterr().out.decode().splitlines()
    assert "109 problems" in out[0]
    assert out[-1] == "  and 89 more"
    assert not any("\x1b" in line for line in out), "what somebody wrote into the file is no command to the terminal"


def test_heads_are_kept_and_asked_for_again(main: Path, tmp_path: Path, capfdbinary: Out) -> None:
    assert run("heads") == OK
    kept = tmp_path / "heads.jsonl"
    kept.write_bytes(capfdbinary.readouterr().out)
    hash_ = json.loads(kept.read_text())["head"]
    play(main)
    assert run("verify", "--anchors", str(kept), "--head", hash_.upper()) == OK
    assert b"2 of 2 kept heads found in the chain" in capfdbinary.readouterr().out
    assert run("verify", "--head", "ab" * 32) == DATA
    assert b"not in the chain" in capfdbinary.readouterr().out
    kept.write_text("nothing of the sort")
    assert refused("verify", "--anchors", str(kept)).code == USAGE
    with pytest.raises(SystemExit):
        run("verify", "--head", "abc")


def test_research_has_no_chain_and_that_is_said(state: Path, capfdbinary: Out) -> None:
    with JournalWriter(state / "research.sqlite", synchronous="NORMAL") as writer:
        writer.begin_session(info(), mode="backtest")
        writer.append([signal(1)], progress(1))
        writer.end_session("completed")
    assert run("verify", "--research") == OK
    assert b"sound, 1 session; no hash chain" in capfdbinary.readouterr().out
    assert run("heads", "--research") == OK
    said = capfdbinary.readouterr()
    assert said.out == b""
    assert b"no hash chain, so no heads" in said.err


@pytest.mark.parametrize("action", ["verify", "heads", "backup", "drill"])
def test_a_missing_or_foreign_file_is_told(tmp_path: Path, action: str) -> None:
    assert refused(action, "--account", "nobody").code == NO_INPUT
    (tmp_path / "prose.txt").write_text("prose " * 300)
    wrong = refused(action, "--journal", str(tmp_path / "prose.txt"))
    assert wrong.code in (DATA, CANNOT_CREATE)
    assert "prose.txt" in str(wrong)


# backup and restore.


def test_a_backup_lies_beside_the_journal_and_old_ones_go(main: Path, capfdbinary: Out) -> None:
    for _ in range(3):
        assert run("backup", "--set", "journal.backup_keep=2") == OK
    said = capfdbinary.readouterr()
    assert len(backups(main)) == 2
    assert b"verified: " in said.out
    assert b"let go of main-" in said.err


def test_a_backup_goes_where_it_is_told_and_never_over_something(main: Path, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "mine.sqlite")) == OK
    assert verify(tmp_path / "mine.sqlite").sound
    assert refused("backup", str(tmp_path / "mine.sqlite")).code == CANNOT_CREATE
    (tmp_path / "folder").mkdir()
    assert run("backup", str(tmp_path / "folder")) == OK
    assert len(list((tmp_path / "folder").glob("main-*.sqlite"))) == 1


def test_a_backup_finds_its_own_accounts_journal_even_where_that_is_gone(
    main: Path, tmp_path: Path, capfdbinary: Out
) -> None:
    play(main.with_name("demo.sqlite"), account="demo")
    assert run("backup", str(tmp_path / "b.sqlite")) == OK
    main.unlink()
    assert run("restore", str(tmp_path / "b.sqlite")) == OK
    assert verify(main).sound
    assert f"{main}: restored from" in capfdbinary.readouterr().out.decode()
    play(main)
    assert run("restore", str(tmp_path / "b.sqlite")) == OK
    assert b"the journal before it is" in capfdbinary.readouterr().out


def test_what_cannot_be_restored_is_told(main: Path, tmp_path: Path) -> None:
    assert refused("restore", str(tmp_path / "gone")).code == NO_INPUT
    assert refused("restore", str(main)).code == USAGE
    run("backup", str(tmp_path / "b.sqlite"))
    assert (
        refused("restore", str(tmp_path / "b.sqlite"), "--account", "main", "--set", "journal.path=/dev/null").code
        == DATA
    )
    with JournalWriter(main):
        assert "in use by process" in str(refused("restore", str(tmp_path / "b.sqlite")))
    JournalWriter(tmp_path / "empty.sqlite").close()
    assert "of no account" in str(refused("restore", str(tmp_path / "empty.sqlite")))


# drill.


def test_a_drill_takes_an_open_position_back_into_an_engine(state: Path, capfdbinary: Out) -> None:
    """A real demo day, cut off with a trade open."""
    config = load(settings=[f"journal.path={state / 'demo.sqlite'}"])
    holder: list[object] = []

    def stop_when_open(tick: object) -> None:
        if any(getattr(record, "status", "") == "open" for record in tick.records):  # type: ignore[attr-defined]
            holder[0].runner.stop()  # type: ignore[attr-defined]

    composed = compose_demo(config, REGISTRY, speed=0, stay=False, on_tick=stop_when_open)
    holder.append(composed)
    assert composed.runner.run() == "stopped"
    composed.close()
    assert run("drill") == OK
    out = capfdbinary.readouterr().out.decode()
    assert "folded    demo-2026-01-15-SPXW-1" in out
    assert "(4 positions)" in out
    assert "proven in" in out


def test_a_drill_fails_where_the_journal_was_edited(main: Path) -> None:
    with behind_its_back(main) as connection:
        connection.execute("DELETE FROM signals WHERE id = 1")
    wrong = refused("drill")
    assert wrong.code == DATA
    assert "the drill failed: the backup failed" in str(wrong)


# archive.


def test_old_sessions_are_archived_with_their_inputs(main: Path, capfdbinary: Out) -> None:
    inputs = main.with_suffix(".inputs")
    inputs.mkdir()
    (inputs / "main-2024-08-07-SPXW-1.e0.events").write_bytes(b"recorded")
    assert run("archive", "--before", "2024-08-07") == OK
    assert b"no session of a day before 2024-08-07 to move" in capfdbinary.readouterr().out
    assert run("archive", "--keep-days", "30") == OK
    out = capfdbinary.readouterr().out.decode()
    assert "1 session moved there, and 1 recording of inputs" in out
    (file,) = (main.parent / "archive").glob("*.sqlite")
    assert (file.with_suffix(".inputs") / "main-2024-08-07-SPXW-1.e0.events").read_bytes() == b"recorded"
    assert run("verify", "--archives") == OK
    assert len(capfdbinary.readouterr().out.splitlines()) == 2
    file.unlink()
    assert run("verify", "--archives") == DATA
    assert b"is not there: say where it lies" in capfdbinary.readouterr().out


def test_how_far_to_archive_must_be_said_somewhere(main: Path, capfdbinary: Out) -> None:
    assert refused("archive").code == USAGE
    assert run("archive", "--set", "journal.keep_days=10") == OK
    assert b"1 session moved there" in capfdbinary.readouterr().out
    with pytest.raises(SystemExit):
        run("archive", "--keep-days", "0")
    with pytest.raises(SystemExit):
        run("archive", "--keep-days", "3", "--before", "2024-01-01")
