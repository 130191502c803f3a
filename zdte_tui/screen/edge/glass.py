"""What the terminal shows, cell by cell, and the bytes for what differs from it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem

from zdte_tui.screen.edge.pen import PLAIN, Pen, change, pen_of
from zdte_tui.screen.edge.pieces import Piece

NEAR = 4
"""As many unchanged cells of the same pen are written again rather than jumped over: a jump costs about as much."""


class Cell(NamedTuple):
    """One cell: its character with what combines with it, and its pen. ``""`` is the right half of a wide one."""

    text: str
    pen: Pen


_HALF = ""


class Glass:
    """The model of one terminal's screen, ``width`` x ``height`` cells, none of them known at first."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows: list[list[Cell | None]] = [[None] * width for _ in range(height)]

    def show(self, parts: Iterable[Piece], system: ColorSystem) -> str:
        """Codes and characters after which the terminal shows ``parts``; empty where it shows them already.

        They begin wherever the cursor is and end with a plain pen and the cursor anywhere. What lies outside the screen
        is left out.
        """
        changed: dict[int, list[int]] = {}
        for y, x, text, style in parts:
            if 0 <= y < self.height and 0 <= x < self.width:
                self._take(y, x, cells_of(text, pen_of(style, system)), changed)
        return self._drawn(changed)

    def _take(self, y: int, x: int, cells: tuple[Cell, ...], changed: dict[int, list[int]]) -> None:
        row = self._rows[y]
        if x + len(cells) > self.width:
            cells = cells[: self.width - x]
        end = x + len(cells)
        old = row[x:end]
        if tuple(old) == cells:
            return
        # A character that loses one of its halves is blanked by the terminal: what was there is not known any more.
        if x and old[0] is not None and old[0].text == _HALF:
            row[x - 1] = None
        if end < self.width and (after := row[end]) is not None and after.text == _HALF:
            row[end] = None
        row[x:end] = cells
        places = changed.setdefault(y, [])
        for n, cell in enumerate(cells):
            if cell != old[n]:
                places.append(x + n)
                while n and cells[n].text == _HALF:  # is drawn with its left half
                    n -= 1  # noqa: PLW2901
                    places.append(x + n)

    def _drawn(self, changed: dict[int, list[int]]) -> str:
        out: list[str] = []
        pen = PLAIN
        for y, places in changed.items():
            row = self._rows[y]
            at = -1  # where the cursor is in this line; -1 for anywhere else
            for x in sorted(set(places)):
                cell = row[x]
                if cell is None or cell.text == _HALF:
                    continue
                if x != at:
                    between = row[at:x] if 0 <= at < x and x - at <= NEAR else []
                    if between and all(each is not None and each.pen == pen and _easy(each.text) for each in between):
                        out += [each.text for each in between if each is not None]
                    else:
                        out.append(_move(y, at, x))
                if cell.pen != pen:
                    out.append(change(pen, cell.pen))
                    pen = cell.pen
                out.append(cell.text)
                # Terminals differ in how wide they draw what is not plain: the next cell is gone to by its number.
                at = x + 1 if _easy(cell.text) and x + 1 < self.width else -1
        if pen != PLAIN:
            out.append(change(pen, PLAIN))
        return "".join(out)


def _easy(text: str) -> bool:
    return len(text) == 1 and (text.isascii() or cell_len(text) == 1)


def _move(y: int, at: int, x: int) -> str:
    if 0 <= at < x:
        return f"\x1b[{x - at}C" if x - at > 1 else "\x1b[C"
    return f"\x1b[{y + 1};{x + 1}H"


@lru_cache(maxsize=16384)
def cells_of(text: str, pen: Pen) -> tuple[Cell, ...]:
    """``text`` in cells. What has no width of its own belongs to the character before it."""
    if text.isascii():
        return tuple(_cell(char, pen) for char in text)
    cells: list[Cell] = []
    for char in text:
        size = cell_len(char)
        if size:
            cells.append(_cell(char, pen))
            cells += [_cell(_HALF, pen)] * (size - 1)
        elif cells:
            lead = next(n for n in range(len(cells) - 1, -1, -1) if cells[n].text != _HALF)
            cells[lead] = Cell(cells[lead].text + char, pen)
    # Joined characters may be narrower together than one by one: the compositor counts them together.
    return _of_width(cells, cell_len(text), pen)


def _of_width(cells: list[Cell], width: int, pen: Pen) -> tuple[Cell, ...]:
    if len(cells) == width:
        return tuple(cells)
    whole = "".join(cell.text for cell in cells)
    return (_cell(whole, pen), *(_cell(_HALF, pen) for _ in range(width - 1))) if width else ()


@lru_cache(maxsize=16384)
def _cell(text: str, pen: Pen) -> Cell:
    return Cell(text, pen)
