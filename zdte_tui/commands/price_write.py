"""Priced rows as CSV and as JSON, every number in the fewest digits that read back as itself."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zdte_tui.commands.price_head import COMPUTED, PRICE, Head
from zdte_tui.commands.price_rows import Priced, number

_SPECIAL = '["\r\n,]'


class Writer(Protocol):
    """What comes out, as bytes."""

    def head(self) -> bytes:
        """What stands before the first row."""

    def rows(self, priced: Priced) -> bytes:
        """Some rows, in their order."""


class Csv:
    """CSV in UTF-8 with a head; what is missing is empty."""

    def __init__(self, head: Head) -> None:
        self._head = head

    def head(self) -> bytes:
        """The names of the columns."""
        names = pa.array([*self._head.given, *self._head.added])
        return (",".join(_quoted(names).to_pylist()) + "\n").encode()

    def rows(self, priced: Priced) -> bytes:
        """One line a row."""
        columns = [_quoted(column) for column in filled_in(self._head, priced)]
        columns += [digits(column(priced, name)) for name in self._head.added]
        lines = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
        whole = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
        return bytes(pc.binary_join(whole, "\n")[0].as_buffer()) + b"\n"


class Json:
    """A JSON object a line; the file's numbers as numbers, its other cells as text, what is missing as null."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._names = (*head.given, *head.added)
        self._encoder = msgspec.json.Encoder()

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def rows(self, priced: Priced) -> bytes:
        """One line a row."""
        texts = filled_in(self._head, priced)
        columns = [_values(texts[at], priced.numbers.get(name)) for name, at in self._head.columns.items()]
        columns += [column(priced, name).tolist() for name in self._head.added]
        found = [dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True)]
        return self._encoder.encode_lines(found)  # NaN is null


def column(priced: Priced, name: str) -> Any:
    """A computed column by its name."""
    return priced.computed[COMPUTED.index(name)]


def filled_in(head: Head, priced: Priced) -> list[Any]:
    """The file's own columns; where it has a price, the rows that give a volatility get theirs in it."""
    columns = list(priced.cells.columns)
    if PRICE in head.columns:
        at = head.columns[PRICE]
        empty = pc.equal(pc.utf8_trim_whitespace(columns[at]), "")
        columns[at] = pc.coalesce(pc.if_else(empty, digits(column(priced, PRICE)), columns[at]), "")
    return columns


def digits(values: Any) -> Any:
    """Numbers as text that reads back as the same number; null for NaN."""
    return pc.cast(pa.array(values, from_pandas=True), pa.string())


def _quoted(texts: Any) -> Any:
    """Cells as CSV wants them."""
    special = pc.match_substring_regex(texts, _SPECIAL)
    if not pc.any(special).as_py():
        return texts
    inside = pc.replace_substring(texts, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', inside, '"', ""), texts)


def _values(texts: Any, numbers: Any) -> list[Any]:
    """A column of the file for JSON. A price that was filled in is a number as well, by its text."""
    cells: list[Any] = texts.to_pylist()
    if numbers is None:
        return cells
    values: list[Any] = numbers.tolist()
    for at in np.flatnonzero(np.isnan(numbers)).tolist():
        values[at] = _value(cells[at])
    return values


def _value(text: str) -> float | str | None:
    value = number(text)
    return value if np.isfinite(value) else text if text.strip() else None
