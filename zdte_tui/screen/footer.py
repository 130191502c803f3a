"""The last line: the keys that matter now, or what the last key did."""

from __future__ import annotations

from zdte_tui.screen.actions import FOOTER, available
from zdte_tui.screen.grid import Cell, Line

GAP = 3


def keys_line(paced: bool, paused: bool, width: int) -> Line:
    """Keys and titles of the actions in ``FOOTER``, as many as fit in ``width``."""
    usable = {each.id: each for each in available(paced)}
    chosen: list[tuple[str, str]] = []
    used = 0
    for name in FOOTER:
        if name not in usable:
            continue
        title = "play on" if name == "play" and paused else usable[name].title
        keys = usable[name].hint or usable[name].shown
        size = len(keys) + 1 + len(title) + GAP
        if used + size > width:
            break
        used += size
        chosen.append((keys, title))
    cells: list[Cell] = []
    for keys, title in chosen:
        cells += [(f" {keys}", "key"), (f" {title} ", "dim")]
    return tuple(cells)


def message_line(text: str, alarm: bool = False) -> Line:
    """One line about the last key."""
    return ((f" {text}", "alarm" if alarm else "strong"),)
