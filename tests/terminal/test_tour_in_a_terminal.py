"""The tour over the real demo day, in a real terminal: enter alone leads through all of it, and no order leaves."""

from __future__ import annotations

import re
import time
from pathlib import Path

from pty_terminal import Terminal, home_env

from engine.events import CommandRecord
from engine.journal import JournalReader
from zdte_tui.screen.tour import STEPS

SECONDS = 120.0
AT = re.compile(r"tour (\d+) of \d+   ([^━]+)")


def number(terminal: Terminal) -> str:
    """The step on the screen, or nothing."""
    found = AT.search(terminal.text)
    return found[1] if found else ""


def test_enter_alone_leads_through_the_demo_day(tmp_path: Path) -> None:
    with Terminal(["--demo"], home_env(tmp_path), 120, 40) as terminal:
        terminal.wait_until("new here? :tour")
        terminal.press(":tour\r")
        terminal.wait_until(f"tour 1 of {len(STEPS)}")
        seen: dict[str, str] = {}
        end = time.monotonic() + SECONDS
        while at := number(terminal):
            terminal.read(0.3)  # a step is painted whole
            if STEPS[int(at) - 1].still:
                terminal.wait_until("PAUSED")
            seen[at] = terminal.text
            assert time.monotonic() < end, f"stuck; the screen:\n{terminal.text}"
            terminal.press("\r")
            patience = time.monotonic() + 2
            while number(terminal) == at and time.monotonic() < patience:
                terminal.read(0.1)
            if "esc goes back" in terminal.text:  # the step of the help has opened it
                terminal.press("\x1b")
                terminal.wait_until(lambda text: "esc goes back" not in text)
        assert list(seen) == [str(n) for n in range(1, len(STEPS) + 1)]
        steps = dict(zip((step.id for step in STEPS), seen.values(), strict=True))
        # Whatever the day brings, what is said of it is what is on the screen.
        assert ("filled for" in steps["trade"] and "1 open" in steps["trade"]) or "No trade was made" in steps["trade"]
        terminal.wait_until("the tour is over")
        terminal.press("q")
        terminal.read(1.5)
        if "Quit with" in terminal.text:
            terminal.press("y")
        assert terminal.wait() == 0
    with JournalReader(next(tmp_path.rglob("demo.sqlite"))) as reader:
        (session,) = reader.sessions()
        assert not [record for record in reader.records(session.session) if isinstance(record, CommandRecord)]
