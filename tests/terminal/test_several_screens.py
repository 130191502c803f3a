"""Several real screens on one session without any of its own: one in control, the others watch, none holds it up."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lasting import Lasting, lasting, wait
from pty_terminal import PROGRAM, Terminal, home_env


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Lasting]:
    """A session without a screen, in its own process."""
    env = {**os.environ, **home_env(tmp_path)}
    nowhere = subprocess.DEVNULL
    program = subprocess.Popen(
        [*PROGRAM, "--demo", "--no-ui", "--speed", "60"], env=env, stdin=nowhere, stdout=nowhere, stderr=nowhere
    )
    try:
        with lasting(tmp_path) as found:
            wait(found.answers, "the session")
            yield found
    finally:
        program.kill()
        program.wait(60)


def screen(session: Lasting, *words: str) -> Terminal:
    """One more, attached."""
    stale = {"COLUMNS": "80", "LINES": "24"}  # as a shell exports them once: the window is believed, not these
    found = Terminal(["attach", *words], home_env(session.home) | stale, 160, 40)
    found.wait_until("SIMULATED", 120)
    return found


def test_one_is_in_control_until_another_takes_it_and_all_are_told_of_the_end(session: Lasting) -> None:
    with screen(session) as first, screen(session) as second, screen(session, "--watch") as third:
        second.wait_until("WATCHING; :take-control")
        third.wait_until("WATCHING ONLY")
        first.wait_until("in control of 3 screens")

        second.press(" ")
        second.wait_until("not sent: this screen only watches")
        assert not session.status().paused
        first.press(" ")
        session.until(lambda status: status.paused, "the pause")
        second.wait_until("PAUSED")

        second.press(*":take-control\r")
        second.wait_until("TAKE CONTROL of this session?")
        second.press("y")
        second.wait_until("in control of 3 screens")
        first.wait_until("WATCHING; :take-control")
        second.press(" ")
        session.until(lambda status: not status.paused, "playing on")

        third.press(*":take-control\r")
        third.wait_until("cannot take control")
        third.press("K", "p")
        third.wait_until("y confirms")
        third.press("y")
        session.until(lambda status: "PAUSED" in status.breakers, "the kill switch, which every screen has")

        second.kill(signal.SIGKILL)
        second.wait(60)
        first.wait_until("nobody is in control")
        assert session.answers(), "the session does not care"

        session.end()
        for terminal in (first, third):
            assert terminal.wait(60) == 0
            terminal.wait_until("has ended", 1)


def test_a_screen_that_is_stopped_holds_up_neither_the_session_nor_the_others(session: Lasting) -> None:
    with screen(session) as first, screen(session, "demo") as second:
        first.kill(signal.SIGSTOP)
        begun = session.status().now
        session.until(lambda status: status.now > begun + 300 * 10**9, "five minutes of market")
        second.press(*":take-control\r")
        second.wait_until("TAKE CONTROL")
        second.press("y")
        second.wait_until("in control of 2 screens")
        first.kill(signal.SIGCONT)
        first.wait_until("WATCHING")
        first.hang_up()
        first.wait(60)
        second.press("q")
        assert second.wait(60) == 0
        session.end()
