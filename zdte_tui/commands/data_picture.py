"""A day as lines of text: strikes by minutes, or an underlying's path with its volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.events.market import Int32, Int64
    from engine.tape.coverage import Coverage

LABEL = 8


@dataclass(frozen=True)
class Pens:
    """What cells are drawn with: nothing there, then a little, half, most, all of it."""

    shades: str
    path: str
    crossed: str
    levels: str
    side: str
    tick: str
    line: str


FINE = Pens(" ░▒▓█", "●", "x", " ▁▂▃▄▅▆▇█", "│", "┼", "─")
ASCII = Pens(" .:+#", "o", "x", " .:-=+*#%", "|", "+", "-")


def chain_lines(found: Coverage, pens: Pens) -> list[str]:
    """The grid, highest strikes on top, with its hours below; the underlying's path is drawn over it."""
    from engine.types import MISSING, strike_text

    count = len(found.rows)
    drawn = [
        [_shade(found.share[row, at], pens) for at in range(found.share.shape[1])] for row in range(count)
    ]  # fmt: skip
    for row in range(count):
        for at in range(found.share.shape[1]):
            if found.crossed[row, at]:
                drawn[row][at] = pens.crossed
    over, under = [" "] * found.share.shape[1], [" "] * found.share.shape[1]
    for at, value in enumerate(found.path.tolist()):
        if value == MISSING:
            continue
        row = found.row_of(value)
        line = over if row == count else under if row < 0 else drawn[row]
        line[at] = pens.path
    lines = [f"{strike_text(found.rows[row][0]):>{LABEL - 1}} {pens.side}{''.join(drawn[row])}{pens.side}"
             for row in reversed(range(count))]  # fmt: skip
    outside = " " * (LABEL - 6)
    above = [f"{outside}above {pens.side}{''.join(over)}{pens.side}"] if any(cell != " " for cell in over) else []
    below = [f"{outside}below {pens.side}{''.join(under)}{pens.side}"] if any(cell != " " for cell in under) else []
    return [*above, *lines, *below, *hours(found.edges, pens)]


def path_lines(values: Int32, volume: Int32, edges: Int64, height: int, pens: Pens) -> list[str]:
    """An underlying's values, and below it the volume of each column where there is any."""
    from engine.types import MISSING, SCALE

    known = values[values != MISSING]
    if not len(known):
        return ["no value in the session"]
    low, high = int(known.min()), int(known.max())
    step = max(1, (high - low) / max(1, height - 1))
    drawn = [[" "] * len(values) for _ in range(height)]
    for at, value in enumerate(values.tolist()):
        if value != MISSING:
            drawn[min(height - 1, round((value - low) / step))][at] = pens.path
    lines = [
        f"{(low + row * step) / SCALE:>{LABEL - 1}.2f} {pens.side}{''.join(drawn[row])}{pens.side}"
        for row in reversed(range(height))
    ]
    traded = _traded(volume)
    if traded:
        most = max(traded)
        bars = "".join(pens.levels[-(-amount * (len(pens.levels) - 1) // most)] if most else " " for amount in traded)
        lines.append(f"{'volume':>{LABEL - 1}} {pens.side}{bars}{pens.side}")
    return [*lines, *hours(edges, pens)]


def _traded(volume: Int32) -> list[int]:
    """Volume of each column from the volume of the day so far; empty where the source has none."""
    from engine.types import MISSING

    if not (volume != MISSING).any():
        return []
    found, before = [], 0
    for value in volume.tolist():
        found.append(0 if value == MISSING else max(0, value - before))
        before = before if value == MISSING else value
    return found


def hours(edges: Int64, pens: Pens) -> list[str]:
    """A line with a mark at each hour, and a line with their names, New York."""
    from engine.calendar import clock_text
    from engine.clock import HOUR

    count = len(edges) - 1
    marks, names = [pens.line] * count, [" "] * (count + 5)
    names[:5] = clock_text(int(edges[0]), seconds=False)
    for at in range(1, count):
        if edges[at] // HOUR != edges[at - 1] // HOUR:
            marks[at] = pens.tick
            if all(cell == " " for cell in names[at - 1 : at + 2]):
                names[at : at + 2] = clock_text(int(edges[at]), seconds=False)[:2]
    return [f"{' ' * LABEL}{pens.tick}{''.join(marks)}{pens.tick}", f"{' ' * (LABEL + 1)}{''.join(names).rstrip()}"]


def _shade(share: float, pens: Pens) -> str:
    """Anything at all is seen, and only all of it is full."""
    if share <= 0:
        return pens.shades[0]
    return pens.shades[4] if share >= 0.999 else pens.shades[1 + min(2, int(share * 3))]
