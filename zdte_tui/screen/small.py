"""What a terminal shows that is too small for panes: which mode this is, how the day stands, and the keys that work."""

from __future__ import annotations

from engine.view import View
from zdte_tui.screen.grid import Line
from zdte_tui.screen.header import banner
from zdte_tui.screen.layout import SMALLEST
from zdte_tui.screen.text import money, wrap


def too_small(width: int, height: int) -> bool:
    """Whether a terminal of this size has no room for panes."""
    return width < SMALLEST[0] or height < SMALLEST[1]


def lines(width: int, height: int, view: View | None) -> tuple[Line, ...]:
    """The message, for ``width`` cells of which two are the margin."""
    found: list[Line] = []
    if view is not None:
        head = view.header
        word, style = banner(head.banner)
        day = f"day {money(head.day_pnl, sign=True)}, {head.state}"
        found = [((line, style),) for line in wrap(word, width - 2)]
        found += [((line, "text"),) for line in wrap(day, width - 2)]
    least = f"{SMALLEST[0]} x {SMALLEST[1]}"
    words = (
        f"The terminal is too small: {width} x {height}, needed is {least}. F flattens, K is the kill switch and q"
        " quits even here."
    )
    return (*found, *(((line, "strong"),) for line in wrap(words, width - 2)))
