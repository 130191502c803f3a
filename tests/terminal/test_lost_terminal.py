"""The real program loses its real terminal: the session goes on as configured, the journal says so, attach finds it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from lasting import Lasting, lasting, wait
from pty_terminal import PROGRAM, Terminal, home_env

HUNG_UP = 129


EARLY = 'strategies.iron_condor.entries=["09:36"]'


def demo(home: Path, *words: str, program: Sequence[str] = PROGRAM) -> Terminal:
    """The workstation on the demo, at a pace at which the first trade comes soon."""
    return Terminal(["--demo", "--speed", "300", "--set", EARLY, *words], home_env(home), 160, 45, program)


def holds_a_trade(session: Lasting) -> None:
    """Once the first condor is filled."""
    wait(session.answers, "the session")
    session.until(lambda status: any(trade.state == "open" for trade in status.trades), "an open trade")


def test_keep_goes_on_and_attach_shows_the_same_positions_and_flattens_them(tmp_path: Path) -> None:
    with lasting(tmp_path) as session:
        with demo(tmp_path) as terminal:
            terminal.wait_until("SIMULATED", 120)
            holds_a_trade(session)
            terminal.press(" ")
            before = session.until(lambda status: status.paused, "the pause")
            terminal.hang_up()
            assert terminal.wait(60) == HUNG_UP
        status = session.until(lambda status: status.alarm == "", "an answer")
        assert (status.pid, status.now, status.paused) == (before.pid, before.now, True), "the same process, untouched"
        assert status.trades == before.trades

        with Terminal(["attach"], home_env(tmp_path), 160, 45) as attached:
            attached.wait_until("IC 09:36", 120)
            attached.wait_until("the terminal was lost")
            assert "WATCHING" not in attached.text, "nobody else is there, so it is in control"
            attached.press(" ")
            session.until(lambda status: not status.paused, "playing on")
            attached.press("F")
            attached.wait_until("y confirms")
            attached.press("y")
            session.until(lambda status: all(each.state == "over" for each in status.trades), "everything closed")
            attached.wait_until("closed")
            attached.resize(100, 30)
            attached.wait_until("SIMULATED")
            attached.press("q")
            assert attached.wait(60) == 0, "leaving asks nothing: the session goes on"
        assert session.answers()
        session.end()
        said = [(each.actor, each.kind, each.text) for each in session.commands()]
        lost = [each for each in said if "the terminal was lost" in each[2]]
        assert [each[:2] for each in lost] == [("engine", "alarm")]
        assert "policy keep" in lost[0][2]
        assert ("person", "flatten") in [each[:2] for each in said]
        assert session.outcomes() == ["stopped"]


def test_flatten_closes_everything_and_ends_where_it_is_told_to(tmp_path: Path) -> None:
    with lasting(tmp_path) as session:
        with demo(tmp_path, "--set", 'terminal.lost="flatten"', "--set", 'terminal.after_flat="end"') as terminal:
            terminal.wait_until("SIMULATED", 120)
            holds_a_trade(session)
            terminal.hang_up()
            terminal.wait(60)
        wait(lambda: not session.runs, "the end once nothing is held")
        (row,) = [each for each in session.commands() if each.kind == "flatten"]
        assert (row.actor, "the terminal was lost" in row.text) == ("engine", True)
        assert "closing 1 trade" in row.outcome


def test_cancel_cancels_entries_and_goes_on(tmp_path: Path) -> None:
    with lasting(tmp_path) as session:
        with demo(tmp_path, "--set", 'terminal.lost="cancel"') as terminal:
            terminal.wait_until("SIMULATED", 120)
            holds_a_trade(session)
            terminal.hang_up()
            terminal.wait(60)
        status = session.until(lambda status: "CANCELLED" in status.breakers, "the cancelling")
        assert "the engine cancelled all entries" in status.why
        assert [each.state for each in status.trades] == ["open"], "what is held is kept, its stops too"
        session.end()


def test_a_hangup_while_nobody_reads_does_not_hang_the_session(tmp_path: Path) -> None:
    with lasting(tmp_path) as session, demo(tmp_path, "--set", "ui.refresh_hz=30") as terminal:
        terminal.wait_until("SIMULATED", 120)
        wait(session.answers, "the session")
        shown = session.status().now
        stalled = session.until(lambda status: status.now > shown + 600 * 10**9, "ten minutes that nobody reads")
        for number in range(40):  # each is painted, until the writer has nowhere to write
            os.write(terminal._fd, str(1 + number % 9).encode())
        terminal.kill(signal.SIGHUP)
        wait(lambda: any("SIGHUP" in each.text for each in session.commands()), "the journal to say so")
        later = session.until(lambda status: status.now > stalled.now, "the session to go on")
        assert later.pid == stalled.pid
        session.end()


STUCK = """
import signal, threading, time
from textual.app import App

def stuck(*_):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # nothing interrupts this thread
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

App.exit = stuck
import runpy, sys
sys.argv[0] = "zdte-tui"
runpy.run_module("zdte_tui", run_name="__main__", alter_sys=True)
"""


def test_a_screen_that_never_ends_does_not_keep_the_policy_from_being_carried_out(tmp_path: Path) -> None:
    program = [PROGRAM[0], "-c", STUCK]
    with lasting(tmp_path) as session, demo(tmp_path, "--set", 'terminal.lost="cancel"', program=program) as terminal:
        terminal.wait_until("SIMULATED", 120)
        wait(session.answers, "the session")
        pid = session.status() and session.pid
        terminal.kill(signal.SIGHUP)
        for _ in range(20):  # closing shells say it more than once, while the screen is still waited for too
            time.sleep(0.3)
            os.kill(session.pid, signal.SIGHUP)
        terminal.hang_up()
        assert terminal.wait(60) == HUNG_UP
        status = session.until(lambda status: "CANCELLED" in status.breakers, "the cancelling")
        assert "the terminal was lost" in status.why
        assert session.pid == pid
        assert "thread MainThread" in (tmp_path / "xdg_state_home/zdte-tui/zdte-tui.log").read_text(encoding="utf-8")
        session.end()
        assert session.outcomes() == ["stopped"]


def test_a_stalled_terminal_costs_the_session_nothing_and_is_repainted(tmp_path: Path) -> None:
    with lasting(tmp_path) as session, demo(tmp_path) as terminal:
        terminal.wait_until("SIMULATED", 120)
        wait(session.answers, "the session")
        begun = session.status().now
        session.until(lambda status: status.now > begun + 1200 * 10**9, "twenty minutes that nobody reads")
        terminal.press(" ")
        session.until(lambda status: status.paused, "the pause")
        terminal.wait_until("PAUSED")
        terminal.press("q", "y")
        assert terminal.wait(60) == 0
        assert not [each for each in session.commands() if "lost" in each.text]


def test_a_hangup_without_a_signal_is_noticed(tmp_path: Path) -> None:
    """As under a parent that keeps the signal to itself: nothing but polling tells that the terminal is gone."""
    master, slave = pty.openpty()
    with lasting(tmp_path) as session:
        env = {**os.environ, **home_env(tmp_path), "TERM": "xterm-256color"}
        program = subprocess.Popen(
            [*PROGRAM, "--demo"], stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True
        )
        os.close(slave)
        os.set_blocking(master, False)

        def answers() -> bool:
            with suppress(BlockingIOError):
                os.read(master, 65536)
            return session.answers()

        wait(answers, "the session")
        os.close(master)
        assert program.wait(60) == HUNG_UP
        wait(lambda: any("it hung up" in each.text for each in session.commands()), "the journal to say so")
        assert session.answers()
        session.end()


def test_a_later_hangup_signal_ends_a_session_without_a_screen(tmp_path: Path) -> None:
    with lasting(tmp_path) as session, demo(tmp_path) as terminal:
        terminal.wait_until("SIMULATED", 120)
        wait(session.answers, "the session")
        terminal.press(*":detach\r")
        assert terminal.wait(60) == 0
        assert session.answers(), "the prompt is back, and the session is not gone"
        terminal.hang_up()
        assert session.answers(), "nor is it when the login closes"
        until = time.monotonic() + 60
        while session.runs and time.monotonic() < until:  # within seconds of leaving, one is taken for the login's own
            os.kill(session.pid, signal.SIGHUP)
            time.sleep(0.5)
        assert not session.runs
        assert [each.kind for each in session.commands()] == ["note"]


@pytest.mark.parametrize("words", [["attach"], ["attach", "demo"], ["attach", "--watch"]])
def test_nothing_to_attach_to_is_one_line(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [*PROGRAM, *words], env={**os.environ, **home_env(tmp_path)}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 69
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "is running; `zdte-tui --demo` starts one" in done.stderr


def test_what_is_stopped_is_stopped_for_its_shell_too_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with lasting(tmp_path) as session, demo(tmp_path) as terminal:
        terminal.wait_until("SIMULATED", 120)
        wait(session.answers, "the session")
        os.kill(session.pid, signal.SIGTSTP)

        def stopped() -> bool:
            terminal.read(0.05)  # it stops once its last words are read
            return os.WIFSTOPPED(os.waitpid(terminal.pid, os.WNOHANG | os.WUNTRACED)[1])

        wait(stopped, "the stop of who waits")
        os.kill(terminal.pid, signal.SIGCONT)
        wait(session.answers, "the session, though only who waits was told to go on")
        terminal.press(" ")
        session.until(lambda status: status.paused, "the pause")
        terminal.press("q", "y")
        assert terminal.wait(60) == 0
        assert session.outcomes() == ["stopped"]
