"""CSV as columns of text, block by block: what stands in a cell is kept to the letter.

pyarrow reads a plain block several times faster than the standard library; blocks with quotes, blank lines or rows of
another length are read by the ``csv`` module, which says more about them. Both give the same cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from zdte_tui.commands.price_source import Source
from zdte_tui.exits import DATA, CommandError

_LINE_END = re.compile(rb"\r\n|\n|\r")
_END = "\x1aend of the block"  # stands behind a block's last line: an open quote swallows it
_BOM = b"\xef\xbb\xbf"
_WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True, slots=True)
class Cells:
    """Some rows.

    Attributes:
        columns: a pyarrow string array for each column of the head, as long as there are rows.
        lines: the line of the file that each row begins on, the first being 1.
        ragged: what is wrong with rows that have more or fewer cells than the head; the cells that lack are empty.
    """

    columns: list[Any]
    lines: Sequence[int]
    ragged: dict[int, str]


def read_cells(source: Source) -> tuple[list[str], Iterator[Cells]]:
    """The head's cells and the rows below it.

    Raises ``CommandError``, here or on the way, for what is no text in UTF-8 or no CSV.
    """
    blocks = source.blocks()
    begin = next(blocks, b"")
    _require_text(source.name, begin)
    begin = begin.removeprefix(_BOM)
    line = 1
    while True:
        found = _LINE_END.search(begin)
        row, rest = (begin, b"") if found is None else (begin[: found.start()], begin[found.end() :])
        if row.strip():
            break
        begin = rest or next(blocks, b"")
        line += 1
        if not begin:
            raise CommandError(f"{source.name} is empty: its first line names the columns", DATA)
    try:
        head = next(csv.reader([_text(source.name, row, line)]))
    except csv.Error as error:
        raise CommandError(f"{source.name} line {line} is no CSV: {error}", DATA) from None
    return head, _rows(source.name, len(head), chain([rest], blocks), line + 1)


def _require_text(name: str, begin: bytes) -> None:
    kind = _WIDE.get(begin[:2])
    if kind is not None or b"\0" in begin:
        what = f"is {kind}" if kind else "is no text: it holds NUL bytes"
        raise CommandError(f"{name} {what}; save it as CSV in UTF-8", DATA)


def _text(name: str, data: bytes, line: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        at = line + data.count(b"\n", 0, error.start)
        raise CommandError(
            f"{name} line {at} is not UTF-8 (byte 0x{data[error.start]:02x}); save it as CSV in UTF-8", DATA
        ) from None


def _rows(name: str, width: int, blocks: Iterator[bytes], line: int) -> Iterator[Cells]:
    held = ""
    for block in blocks:
        cells = None if held or b'"' in block else _plain(block, width, line)
        if cells is None:
            cells, used, held = _quoted(name, held + _text(name, block, line), width, line, last=False)
        else:
            used = len(cells.lines)
        line += used
        if cells.lines:
            yield cells
    if held:
        yield _quoted(name, held, width, line, last=True)[0]


def _plain(block: bytes, width: int, line: int) -> Cells | None:
    """A block of one row a line, each as wide as the head; None for any other."""
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(autogenerate_column_names=True, block_size=len(block) + 1, use_threads=False),
            arrow_csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types={f"f{at}": pa.string() for at in range(width)}, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    rows = block.count(b"\n") + (not block.endswith(b"\n"))
    if table.num_columns != width or table.num_rows != rows or b"\n\n" in block or b"\n\r" in block:
        return None
    return Cells([column.combine_chunks() for column in table.columns], range(line, line + rows), {})


def _quoted(name: str, text: str, width: int, line: int, *, last: bool) -> tuple[Cells, int, str]:
    """Any block: its rows, how many lines they take, and the text of a last row that goes on in the next block."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(chain(lines, [_END]))
    rows: list[list[str]] = []
    starts: list[int] = []
    before = 0
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                rows.append(row)
                starts.append(before)
            before = reader.line_num
    except csv.Error as error:
        why = "it has a cell without end: is a quote never closed?" if "limit" in str(error) else error
        raise CommandError(f"{name} line {line + before} is no CSV: {why}", DATA) from None
    used, held = len(lines), ""
    ragged: dict[int, str] = {}
    if rows[-1] == [_END]:
        rows.pop()
        starts.pop()
    elif last:
        rows[-1][-1] = rows[-1][-1].removesuffix(_END)
        ragged[len(rows) - 1] = "a quote is opened here and never closed"
    else:
        used = starts.pop()
        rows.pop()
        held = "".join(lines[used:])
    for at, row in enumerate(rows):
        if len(row) != width:
            ragged.setdefault(at, f"{len(row)} cells, where the head has {width}")
            rows[at] = [*row, *[""] * width][:width]
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return Cells(columns, [line + at for at in starts], ragged), used, held
