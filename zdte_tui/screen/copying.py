"""Rows of a table as text: for the clipboard, and as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Column, Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SIGNED = re.compile(r"^[+-]\$?[0-9.,]*[0-9][kM%]?$")
TEXT = "text"
"""The column for lines that go over all others."""


def row_text(row: Row, columns: Sequence[Column], titles: bool = False) -> str:
    """One row, a tabulator between its cells, every column; with ``titles``, those in a line above it."""
    cells = "\t".join(_plain(text) for text, _ in row.cells)
    if row.span or not titles:
        return cells.strip("\t") if row.span else cells
    return "\t".join(_plain(column.title or column.key) for column in columns) + "\n" + cells


def rows_text(rows: Iterable[Row], columns: Sequence[Column]) -> str:
    """Rows under the titles of their columns."""
    lines = [row_text(row, columns) for row in rows]
    return "\n".join(["\t".join(_plain(column.title or column.key) for column in columns), *lines])


def as_csv(rows: Iterable[Row], columns: Sequence[Column], data: str, as_of: str) -> str:
    """A table with every column, hidden or not, under the columns' keys.

    Numbers stand as they are shown. A line that continues a row is joined to it; one that goes over all columns comes
    into a last one. Every row says what the data are (``SIMULATED``) and of when. A text that a spreadsheet would take
    for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(column.key for column in columns), TEXT, "data", "as_of"])
    for cells in _joined(rows, len(columns)):
        writer.writerow([_safe(cell) for cell in (*cells, data, as_of)])
    return out.getvalue()


def _joined(rows: Iterable[Row], columns: int) -> list[list[str]]:
    found: list[list[str]] = []
    keys: dict[str, list[str]] = {}
    for row in rows:
        texts = [_plain(text) for text, _ in row.cells]
        cells = [*[""] * columns, " ".join(filter(None, texts))] if row.span else [*texts, ""]
        above = keys.get(row.parent) if row.parent else None
        if above is not None and (row.span or _continues(cells, above)):
            for n, cell in enumerate(cells):
                above[n] = " ".join(filter(None, (above[n], cell)))
            keys[row.key] = above
        else:
            found.append(cells)
            keys[row.key] = cells
    return found


def _continues(cells: list[str], above: list[str]) -> bool:
    """Whether a row has texts only where the one above has too, and less: the rest of a long text."""
    filled = [n for n, cell in enumerate(cells) if cell]
    return bool(filled) and not cells[0] and all(above[n] for n in filled)


def _plain(text: str) -> str:
    return " ".join(clean(text).split())


def _safe(text: str) -> str:
    if text.startswith(_FORMULA) and text != "-" and not _SIGNED.match(text):
        return f"'{text}"
    return text
