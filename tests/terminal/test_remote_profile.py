"""The remote profile in a real terminal: what is on the screen after all that was sent is what a full repaint shows."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from pty_terminal import Terminal, home_env

CTRL_L = "\x0c"
Cells = list[list[object]]


def cells(terminal: Terminal) -> Cells:
    """Every cell with its colours and attributes."""
    screen = terminal.screen
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def settled(terminal: Terminal) -> Cells:
    """The cells once no message stands in place of the keys and nothing moves."""
    terminal.wait_until("F flatten")
    before = cells(terminal)
    for _ in range(40):
        terminal.read(0.4)
        now = cells(terminal)
        if now == before:
            return now
        before = now
    raise AssertionError(f"the screen never came to rest:\n{terminal.text}")


def repaints_to_the_same(terminal: Terminal) -> None:
    """ctrl+l sends everything, and no cell changes by it."""
    before = settled(terminal)
    terminal.press(CTRL_L)
    terminal.read(0.6)
    after = settled(terminal)
    wrong = [
        (x, y, was, now)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for x, (was, now) in enumerate(zip(old, new, strict=True))
        if was != now
    ]
    assert not wrong, f"{len(wrong)} cells differ, first {wrong[:3]}; the screen:\n{terminal.text}"


def test_what_was_sent_cell_by_cell_is_what_a_full_repaint_shows(tmp_path: Path) -> None:
    env = home_env(tmp_path) | {"COLORTERM": "truecolor", "SSH_CONNECTION": "192.0.2.1 5000 192.0.2.2 22"}
    with Terminal(["--demo", "--speed", "600"], env, 160, 45) as terminal:
        terminal.wait_until("SIMULATED", 120)
        terminal.wait_until("IC 10:00", 120)
        terminal.press(" ")
        terminal.wait_until("PAUSED")
        repaints_to_the_same(terminal)

        terminal.press("j", "j", "l", "o", "o", "\x1b[6~", "7", "/", "a", "\r", "2", "z", "?")
        terminal.read(0.5)
        terminal.press("\x1b")
        terminal.wait_until(lambda text: "esc goes back" not in text)
        repaints_to_the_same(terminal)

        for size in ((100, 30), (70, 24), (160, 45)):
            terminal.resize(*size)
            terminal.read(0.8)
        terminal.press("z", "1")
        repaints_to_the_same(terminal)

        # Something else writes on the terminal, and the screen is asked for anew.
        whole = settled(terminal)
        terminal._stream.feed(b"\x1b[5;5H\x1b[31mwall: the system goes down\x1b[0m")
        assert cells(terminal) != whole
        terminal.press(CTRL_L)
        terminal.read(0.6)
        assert settled(terminal) == whole
        terminal.press("q")
        terminal.read(1.0)
        if "Quit with" in terminal.text:
            terminal.press("y")
        assert terminal.wait(60) == 0


def test_a_stopped_program_paints_everything_when_it_goes_on(tmp_path: Path) -> None:
    env = home_env(tmp_path)
    with Terminal(["--demo", "--set", "ui.profile=remote"], env, 120, 40) as terminal:
        terminal.wait_until("SIMULATED", 120)
        terminal.press(" ")
        terminal.wait_until("PAUSED")
        whole = settled(terminal)
        os.killpg(terminal.pid, signal.SIGTSTP)
        terminal.read(1.0)
        terminal._stream.feed(b"\x1b[H\x1b[2J$ vi notes")
        assert "PAUSED" not in terminal.text
        os.killpg(terminal.pid, signal.SIGCONT)
        terminal.wait_until("PAUSED")
        assert settled(terminal) == whole
