"""One line that always tells where in the day a replay or a demo is, how fast it plays, and what happened when."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.view import Mark, ProgressView
from zdte_tui.screen.grid import Cell, Line
from zdte_tui.screen.text import number

DONE, REST, HERE = "━", "─", "┃"
LETTERS = {"command": "c", "alert": "a", "trade": "T", "stop": "!", "double stop": "!", "bookmark": "m"}
"""Of two marks on one cell the later in this order is shown; any other kind is a signal."""
SIGNAL = "s"
LEGEND = "   T trade  ! stop  s signal"
"""As much of it as there is room for; the help has all of it."""


def line(progress: ProgressView, width: int) -> Line:
    """State, speed, the bar with its marks, and the position, in ``width`` cells."""
    left, right, legend, room = _parts(progress, width)
    start, stop = _ends(progress)
    return (
        *left,
        (start, "dim"),
        *track(progress, room),
        (stop, "dim"),
        (right, "strong"),
        *(((legend, "dim"),) if legend else ()),
    )


def _ends(progress: ProgressView) -> tuple[str, str]:
    return f"  {clock_text(progress.open, seconds=False)} ", f" {clock_text(last(progress), seconds=False)}"


def _parts(progress: ProgressView, width: int) -> tuple[Line, str, str, int]:
    """What stands left of the bar, right of it and last, and how many cells the bar has."""
    word, style = state(progress)
    left: Line = ((f" {word:<8} ", style), (f"{speed_text(progress.speed):>5}", "strong"))
    if progress.practice is not None:
        left = ((" PRACTICE", "warn"), *left)
    right = f"   {clock_text(progress.now)} {fraction(progress, progress.now):>4.0%} "
    legend = LEGEND if width >= 140 else ""
    taken = sum(len(text) for text, _ in left) + sum(map(len, _ends(progress))) + len(right) + len(legend)
    return left, right, legend, max(5, width - taken)


def instant_at(progress: ProgressView, width: int, x: int) -> int | None:
    """The instant under cell ``x`` of the line: of a mark there, else of the bar; None beside the bar."""
    left, _, _, room = _parts(progress, width)
    cell = x - sum(len(text) for text, _ in left) - len(_ends(progress)[0])
    if not 0 <= cell < room:
        return None
    here = [mark.ts for mark in progress.marks if _cell(progress, mark.ts, room) == cell]
    share = cell / max(1, room - 1)
    found = here[-1] if here else progress.open + round(share * (last(progress) - progress.open))
    return max(found, progress.open, progress.earliest)


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
