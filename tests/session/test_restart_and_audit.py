"""Promises 1 and 2 on the real program: killed, it goes on from its journal; its recorded inputs reproduce it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from session_days import environment, zdte

sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))
from pty_terminal import Terminal, home_env


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    """What a query finds in the demo account's journal."""
    path = home / "xdg_state_home" / "zdte-tui" / "demo.sqlite"
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def start_headless(home: Path, speed: str) -> subprocess.Popen[str]:
    """A paced demo session without a screen."""
    return subprocess.Popen(
        [sys.executable, "-m", "zdte_tui", "--demo", "--no-ui", "--speed", speed],
        env=environment(home),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def wait_for_rows(home: Path, query: str, seconds: float = 60) -> None:
    """Until a query finds something: what is printed comes before what is written."""
    until = time.monotonic() + seconds
    while not rows(home, query):
        assert time.monotonic() < until, f"never any row of {query!r}"
        time.sleep(0.01)


def wait_for_line(process: subprocess.Popen[str], text: str, seconds: float = 60) -> str:
    """Read the program's stderr until a line has the text."""
    assert process.stderr is not None
    until = time.monotonic() + seconds
    for line in process.stderr:
        if text in line:
            return line
        assert time.monotonic() < until, f"never said {text!r}"
    raise AssertionError(f"the program ended without saying {text!r}")


def test_killed_in_the_middle_the_session_goes_on_from_its_journal(tmp_path: Path) -> None:
    first = start_headless(tmp_path, "1200")
    wait_for_line(first, "10:00 entered")
    wait_for_rows(tmp_path, "SELECT * FROM positions")
    first.send_signal(signal.SIGKILL)
    first.wait()
    held = rows(tmp_path, "SELECT trade_id, symbol, quantity FROM positions ORDER BY id")
    assert held
    assert rows(tmp_path, "SELECT status FROM sessions") == [("open",)]
    assert "open: cut off" in zdte(tmp_path, "sessions").stdout

    second = zdte(tmp_path, "--demo", "--no-ui", "--speed", "max")

    assert second.returncode == 0, second.stderr
    assert "continuing demo-2026-01-15-SPXW-1" in second.stderr
    assert rows(tmp_path, "SELECT name, status, epochs FROM sessions") == [("demo-2026-01-15-SPXW-1", "closed", 2)]
    ids = [row[0] for row in rows(tmp_path, "SELECT client_order_id FROM orders")]
    assert len(ids) == len(set(ids))
    windows = rows(tmp_path, "SELECT key, count(*) FROM trades WHERE status = 'working' GROUP BY key")
    assert all(count == 1 for _, count in windows), "a window was entered twice"
    last = dict(rows(tmp_path, "SELECT trade_id, status FROM trades GROUP BY trade_id HAVING max(id)"))
    assert set(last.values()) <= {"settled", "closed"}

    audited = zdte(tmp_path, "journal", "audit")
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "reproduced" in audited.stdout
    assert "2 run(s)" in audited.stdout


def test_a_session_continued_after_a_kill_ends_as_one_that_was_never_killed(tmp_path: Path) -> None:
    """The market is the same, so the same windows enter and the same trades come to the same result."""
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = start_headless(killed, "1200")
    wait_for_line(process, "10:00 entered")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert zdte(killed, "--demo", "--no-ui", "--speed", "max").returncode == 0
    assert zdte(whole, "--demo", "--no-ui", "--speed", "max").returncode == 0

    final = "SELECT trade_id, key, status, credit_e4, realised_e4 FROM trades GROUP BY trade_id HAVING max(id)"
    assert rows(killed, final) == rows(whole, final)


def test_sigterm_stops_a_headless_session_cleanly_and_leaves_its_day_to_be_continued(tmp_path: Path) -> None:
    process = start_headless(tmp_path, "60")
    wait_for_line(process, "scheduled")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert rows(tmp_path, "SELECT status FROM sessions") == [("open",)]
    assert rows(tmp_path, "SELECT outcome FROM runs") == [("stopped",)]


def test_sigterm_leaves_the_screen_in_order(tmp_path: Path) -> None:
    with Terminal(["--demo", "--speed", "60"], home_env(tmp_path)) as terminal:
        terminal.wait_until("SIMULATED")
        terminal.kill(signal.SIGTERM)
        assert terminal.wait() == 0
    assert rows(tmp_path, "SELECT status FROM sessions") == [("open",)]
    assert rows(tmp_path, "SELECT outcome FROM runs") == [("stopped",)]


def test_a_second_program_on_the_same_journal_is_refused_in_one_line(tmp_path: Path) -> None:
    first = start_headless(tmp_path, "60")
    try:
        wait_for_line(first, "scheduled")
        second = zdte(tmp_path, "--demo", "--no-ui")
        assert second.returncode == 73
        assert str(first.pid) in second.stderr
        assert second.stderr.count("\n") == 1
    finally:
        first.kill()
        first.wait()


def test_audit_replay_reproduces_a_session_with_manual_commands(tmp_path: Path) -> None:
    with Terminal(["--demo", "--speed", "600"], home_env(tmp_path)) as terminal:
        terminal.wait_until("SIMULATED")
        terminal.wait_until("IC 10:00", 60)
        terminal.press("P", "y", "F", "y")
        terminal.wait_until("REDUCING")
        terminal.press("]", "]", "]", "]")
        terminal.wait_until("FINISHED", 60)
        terminal.press("q")
        assert terminal.wait() == 0
    assert rows(tmp_path, "SELECT kind, actor FROM commands") == [("pause", "person"), ("flatten", "person")]
    assert ("person",) in rows(tmp_path, "SELECT DISTINCT actor FROM exits")  # a stop may have come before

    audited = zdte(tmp_path, "journal", "audit")
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "reproduced" in audited.stdout


def test_an_edited_journal_is_not_reproduced(tmp_path: Path) -> None:
    assert zdte(tmp_path, "--demo", "--no-ui", "--speed", "max").returncode == 0
    path = tmp_path / "xdg_state_home" / "zdte-tui" / "demo.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER fills_stay")
    connection.execute("UPDATE fills SET price_e4 = price_e4 + 500 WHERE id = (SELECT min(id) FROM fills)")
    connection.commit()
    connection.close()

    audited = zdte(tmp_path, "journal", "audit")
    assert audited.returncode == 65
    assert "NOT reproduced" in audited.stdout
