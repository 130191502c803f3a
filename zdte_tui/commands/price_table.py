"""Priced rows for people: an aligned table in bands that fit the terminal, with six digits of every number."""

from __future__ import annotations

import math
import shutil
import textwrap
from collections.abc import Iterator

from zdte_tui.commands.data_text import table
from zdte_tui.commands.price_head import RIGHT, Head
from zdte_tui.commands.price_rows import Priced
from zdte_tui.commands.price_write import column, filled_in
from zdte_tui.telling import one_line

_KEY = (RIGHT, "S", "K", "minutes_act365")  # stands in every band
_PAGE = 40  # rows until the next band
_GAP = 2
_NOTES = (
    "Raw derivatives by S, per 1.00 of volatility, per year; theta, charm, veta and color are MINUS the derivative in "
    "time to expiry.",
    "Six digits; --csv and --json print every one.",
)


class Table:
    """Aligned columns; ``n/a`` is what is missing."""

    def __init__(self, head: Head) -> None:
        self._head = head
        names = (*head.given, *head.added)
        self._order = [
            *(names.index(name) for name in _KEY),
            *(at for at, name in enumerate(names) if name not in _KEY),
        ]
        self._names = [names[at] for at in self._order]

    def head(self) -> bytes:
        """What the numbers are."""
        lines = [line for note in _NOTES for line in textwrap.wrap(note, max(40, _width()))]
        return "".join(f"{line}\n" for line in (*lines, "")).encode()

    def rows(self, priced: Priced) -> bytes:
        """Pages of some rows, each in as many bands as the terminal's width asks for."""
        own = {at: name for name, at in self._head.columns.items()}
        columns = [
            [_given(cell, own[at] in priced.numbers) for cell in texts.to_pylist()]
            for at, texts in enumerate(filled_in(self._head, priced))
        ]
        columns += [[_short(value) for value in column(priced, name).tolist()] for name in self._head.added]
        ordered = [columns[at] for at in self._order]
        lines = (
            line
            for start in range(0, len(priced.cells.lines), _PAGE)
            for line in self._page([cells[start : start + _PAGE] for cells in ordered])
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def _page(self, columns: list[list[str]]) -> Iterator[str]:
        widths = [max(map(len, (name, *cells))) for name, cells in zip(self._names, columns, strict=True)]
        for band in _bands(widths, _width()):
            heads = tuple(f">{self._names[at]}" for at in band)
            yield from table(heads, zip(*(columns[at] for at in band), strict=True))
            yield ""


def _width() -> int:
    return shutil.get_terminal_size((160, 40)).columns


def _bands(widths: list[int], room: int) -> Iterator[list[int]]:
    """Columns that stand side by side: the key and whatever else fits, at least one."""
    key = list(range(len(_KEY)))
    left = start = room - sum(widths[at] + _GAP for at in key) + _GAP
    band: list[int] = []
    for at in range(len(_KEY), len(widths)):
        if band and left < widths[at] + _GAP:
            yield key + band
            band, left = [], start
        band.append(at)
        left -= widths[at] + _GAP
    yield key + band


def _given(text: str, number: bool) -> str:
    """A cell of the file; long numbers are shortened."""
    text = one_line(text.strip())
    try:
        return _short(float(text)) if number and len(text) > 8 else text
    except ValueError:
        return text


def _short(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "n/a"
