"""One line that always tells where in the day a replay or a demo is, how fast it plays, and what happened when."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.view import Mark, ProgressView
from zdte_tui.screen.grid import Cell, Line
from zdte_tui.screen.text import number

DONE, REST, HERE = "━", "─", "┃"
LETTERS = {"command": "c", "trade": "T", "stop": "!", "double stop": "!"}
"""Of two marks on one cell the later in this order is shown; any other kind is a signal."""
SIGNAL = "s"
LEGEND = "   T trade  ! stop  s signal"


def line(progress: ProgressView, width: int) -> Line:
    """State, speed, the bar with its marks, and the position, in ``width`` cells."""
    word, style = state(progress)
    share = fraction(progress, progress.now)
    left: Line = ((f" {word:<8} ", style), (f"{speed_text(progress.speed):>5}", "strong"))
    start = f"  {clock_text(progress.open, seconds=False)} "
    stop = f" {clock_text(last(progress), seconds=False)}"
    right = f"   {clock_text(progress.now)} {share:>4.0%} "
    legend = LEGEND if width >= 140 else ""
    room = width - sum(len(text) for text, _ in left) - len(start) - len(stop) - len(right) - len(legend)
    return (
        *left,
        (start, "dim"),
        *track(progress, max(5, room)),
        (stop, "dim"),
        (right, "strong"),
        *(((legend, "dim"),) if legend else ()),
    )


def state(progress: ProgressView) -> Cell:
    """PLAYING, PAUSED or FINISHED."""
    if progress.finished:
        return "FINISHED", "strong"
    return ("PAUSED", "warn") if progress.paused else ("PLAYING", "gain")


def speed_text(speed: float) -> str:
    """``60x``, ``0.5x``, or ``max``."""
    return "max" if speed <= 0 else f"{number(speed, 0 if speed == int(speed) else 1)}x"


def last(progress: ProgressView) -> int:
    """Where the bar ends, ns UTC."""
    return max(progress.end, progress.open + 1)


def fraction(progress: ProgressView, instant: int) -> float:
    """Where ``instant`` lies between the open (0) and the end (1)."""
    return min(1.0, max(0.0, (instant - progress.open) / (last(progress) - progress.open)))


def track(progress: ProgressView, width: int) -> Line:
    """The bar: done, here, to come, with the marks upon it; exactly ``width`` cells."""
    here = _cell(progress, progress.now, width)
    cells: list[Cell] = [(DONE, "done") if x < here else (REST, "rest") for x in range(width)]
    ranks = list(LETTERS)
    for mark in sorted(progress.marks, key=lambda mark: ranks.index(mark.kind) if mark.kind in ranks else -1):
        cells[_cell(progress, mark.ts, width)] = (_letter(mark), "mark")
    if cells[here][1] != "mark":
        cells[here] = (HERE, "strong")
    joined: list[Cell] = []
    for text, style in cells:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return tuple(joined)


def _cell(progress: ProgressView, instant: int, width: int) -> int:
    return min(width - 1, int(fraction(progress, instant) * (width - 1) + 0.5))


def _letter(mark: Mark) -> str:
    return LETTERS.get(mark.kind, SIGNAL)
