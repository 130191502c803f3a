"""The last line: the keys that matter now, or what the last key did."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from zdte_tui.screen.actions import FOOTER, available
from zdte_tui.screen.actions.keymap import DEFAULT, Keymap
from zdte_tui.screen.grid import Cell, Line

GAP = 3


TOUR: tuple[Cell, ...] = ((" new here? ", "dim"), (":tour", "key"), (" shows you round ", "dim"))
PLAYS = {"play", "faster", "next_event", "step", "order", "close"}
"""What has nothing left to do when the day is over."""


def keys_line(
    paced: bool,
    paused: bool,
    width: int,
    finished: bool = False,
    new: bool = False,
    keymap: Keymap = DEFAULT,
    first: tuple[str, ...] = (),
) -> Line:
    """Keys and titles of the actions in ``FOOTER``, as many as fit in ``width``; before them those of ``first``, which
    matter where the focus is. ``new`` invites to the tour first; of a day that is ``finished`` it says so, and names no
    key that plays it on."""
    usable = {each.id: each for each in available(paced)}
    cells: list[Cell] = list(TOUR) if new else [(" the day is over ", "strong")] if finished else []
    used = sum(len(text) for text, _ in cells)
    for name in dict.fromkeys((*FOOTER[:2], *first, *FOOTER[2:])):
        if name not in usable or (finished and name in PLAYS):
            continue
        title = "play on" if name == "play" and paused else usable[name].title
        title = "go back" if name == "go_to" and finished else title
        keys = keymap.hint(usable[name])
        used += len(keys) + 1 + len(title) + GAP
        if used > width:
            break
        cells += [(f" {keys}", "key"), (f" {title} ", "dim")]
    return tuple(cells)


def with_note(note: str, line: Line) -> Line:
    """``line``, after what must be said of how far behind the panes are."""
    return ((f" {note} ", "warn"), *line) if note else line


def message_line(text: str, width: int, alarm: bool = False) -> Line:
    """One line about the last key; of what is longer than ``width`` cells that is said, by a …."""
    if cell_len(text) > width - 1:
        text = set_cell_size(text, max(0, width - 3)).rstrip() + " …"
    return ((f" {text}", "alarm" if alarm else "strong"),)
