"""Files that ``zdte-tui price`` cannot use get one clear line; and the two readers of its CSV give the same cells."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_contracts import COMPUTED, HEAD, csv_text

from zdte_tui.commands import price_cells
from zdte_tui.commands.price_source import Source

GOOD = ("C", 5990, 6000, 390, 0.05, 0.013, 0.15)
CSV = csv_text([GOOD])
NAMES = ",".join(HEAD)

BAD = [
    ("empty", b"", "is empty: its first line names the columns"),
    ("blank lines", b"\n\r\n \n", "is empty: its first line names the columns"),
    ("no rows", f"{NAMES}\n".encode(), "has a head and no rows"),
    ("a missing column", CSV.replace("minutes_act365", "minutes").encode(), "no column minutes_act365; its head is"),
    ("nothing to price", csv_text([GOOD[:6]], HEAD[:6]).encode(), "neither a column sigma"),
    ("a column twice", csv_text([(*GOOD, 1)], (*HEAD, "S")).encode(), "the column 'S' comes twice"),
    ("given_ twice", csv_text([(*GOOD, 1, 2)], (*HEAD, "iv", "given_iv")).encode(), "rename the column 'given_iv'"),
    ("semicolons", CSV.replace(",", ";").replace(".", ",").encode(), "its cells are separated by semicolons"),
    ("tabs", CSV.replace(",", "\t").encode(), "its cells are separated by tabs"),
    ("utf-16", CSV.encode("utf-16"), "is UTF-16; save it as CSV in UTF-8"),
    ("latin-1", csv_text([GOOD, (*GOOD[:6], "é")]).encode("latin-1"), "line 3 is not UTF-8 (byte 0xe9)"),
    ("a latin-1 head", csv_text([GOOD], (*HEAD[:6], "é")).encode("latin-1"), "line 1 is not UTF-8 (byte 0xe9)"),
    ("a program", b"\x7fELF\x02\x01\x01\0\0\0\0", "is no text: it holds NUL bytes"),
    ("no lines", b"x" * 1_200_000, "is no CSV: it has a line of more than 1,048,576 bytes"),
    ("an endless cell", f'{CSV}C,"{CSV * 5000}'.encode(), "line 3 is no CSV: it has a cell without end"),
]


@pytest.mark.parametrize(("data", "says"), [pytest.param(data, says, id=name) for name, data, says in BAD])
def test_a_file_that_cannot_be_used_is_one_line_and_no_output(data: bytes, says: str, run: Any, tmp_path: Path) -> None:
    path = tmp_path / "chain.csv"
    path.write_bytes(data)
    said = run("price", str(path))
    assert (said.code, said.out) == (65, "")
    assert said.line.startswith(f"zdte-tui: {path}")
    assert says in said.line


@pytest.mark.parametrize(
    ("place", "code", "says"),
    [
        ("nowhere.csv", 66, "there is no file"),
        (".", 66, "is a folder: name a CSV file, or - for standard input"),
        ("pipe", 65, "is empty"),
        ("loop", 66, "cannot read"),
        ("/dev/zero", 65, "is no CSV"),
        ("/dev/null", 65, "is empty"),
    ],
)
def test_what_is_no_file_is_one_line(place: str, code: int, says: str, run: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    said = run("price", str(tmp_path / place))
    assert (said.code, said.out) == (code, "")
    assert says in said.line


def test_a_quote_that_is_never_closed_is_named_where_it_is_opened(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "chain.csv"
    path.write_text(csv_text([(*GOOD, "a"), (*GOOD, '"b'), (*GOOD, "c")], (*HEAD, "note")))
    said = run("price", str(path))
    assert said.code == 0
    assert "line 3: a quote is opened here and never closed" in said.line


def test_a_head_that_is_wrong_in_letter_case_is_told_what_is_near(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "chain.csv"
    path.write_text(CSV.replace(",K,", ",k,"))
    assert run("price", str(path)).line.endswith("is it 'k'?")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + CSV.encode(),
        CSV.replace("\n", "\r\n").encode(),
        CSV.replace("\n", "\r").encode(),
        CSV.strip().encode(),
        f"\n\n{CSV}\n\n".encode(),
        f'"{NAMES.replace(",", chr(34) + "," + chr(34))}"\n{CSV.splitlines()[1]}\n'.encode(),
    ],
    ids=["bom", "crlf", "cr", "no last line end", "blank lines", "quoted head"],
)
def test_the_ways_in_which_programs_write_csv_are_one(data: bytes, run: Any, tmp_path: Path) -> None:
    path = tmp_path / "chain.csv"
    path.write_text(CSV)
    plain = run("price", str(path))
    path.write_bytes(data)
    assert run("price", str(path)) == plain
    assert plain.out.count("\n") == 2


def test_standard_input(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(CSV.encode()), isatty=bool, fileno=_no_file))
    said = run("price", "-")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == ",".join((*HEAD, *COMPUTED))
    monkeypatch.setattr(sys, "stdin", None)
    assert run("price", "-").line == "zdte-tui: standard input is closed: name a CSV file"


def _no_file() -> int:
    raise io.UnsupportedOperation("fileno")


# Two readers

CELLS = st.text(st.sampled_from("ab1 .-é;\t"), max_size=4)
ENDS = st.sampled_from(["\n", "\r\n"])


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=12), ENDS, st.booleans())
def test_the_fast_reader_gives_the_same_cells_as_the_careful_one(rows: list[list[str]], end: str, last: bool) -> None:
    block = end.join(",".join(row) for row in rows) + (end if last else "")
    fast = price_cells._plain(block.encode(), 2, 5)
    careful, used, held = price_cells._quoted("x", block, 2, 5, last=False)
    assert held == ""
    if fast is None:
        return  # then the careful one reads it
    assert [column.to_pylist() for column in fast.columns] == [column.to_pylist() for column in careful.columns]
    assert list(fast.lines) == list(careful.lines)
    assert (fast.ragged, careful.ragged) == ({}, {})
    assert used == len(fast.lines)


def test_plain_blocks_take_the_fast_way() -> None:
    rows = price_cells._plain(csv_text([GOOD] * 3).encode(), 7, 2)
    assert rows is not None
    assert rows.lines == range(2, 6)


@given(
    st.lists(st.sampled_from(["a,b\n", '"c\nd",e\n', '"f""\r\ng",h\r\n', "\n", "i,j\r\n", "k\n"]), max_size=30),
    st.integers(1, 40),
)
def test_wherever_the_bytes_are_cut_the_rows_are_the_same(parts: list[str], size: int) -> None:
    data = ("m,n\n" + "".join(parts)).encode()

    def cells(step: int) -> tuple[list[list[str]], list[int], dict[int, str]]:
        found: list[list[str]] = [[], []]
        lines: list[int] = []
        ragged: dict[int, str] = {}
        for each in price_cells.read_cells(Source("x", None, _pieces(data, step)))[1]:
            ragged |= {len(lines) + at: why for at, why in each.ragged.items()}
            lines += each.lines
            for column, texts in zip(found, each.columns, strict=True):
                column.extend(texts.to_pylist())
        return found, lines, ragged

    assert cells(size) == cells(len(data))


def _pieces(data: bytes, step: int) -> Any:
    pieces: Iterator[bytes] = iter([data[at : at + step] for at in range(0, len(data), step)])
    return lambda _: next(pieces, b"")
