"""What leaves the screen: rows as text, tables as CSV, files that nobody else reads and nothing overwrites."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen import exporting
from zdte_tui.screen.copying import as_csv, row_text, rows_text
from zdte_tui.screen.exporting import file_name, folder, write_new
from zdte_tui.screen.grid import Column, Row

COLUMNS = (Column("name", "trade", 10), Column("pnl", "P&L", 8), Column("why", "", 8))


def row(key: str, *texts: str, **more: object) -> Row:
    return Row(key, tuple((text, "text") for text in texts), **more)  # type: ignore[arg-type]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_is_its_cells_with_tabs_and_its_titles_on_demand() -> None:
    found = row("1", " IC 10:00", "+$5.00", "a\tb\x1b[2J")
    assert row_text(found, COLUMNS) == "IC 10:00\t+$5.00\ta b?[2J"
    assert row_text(found, COLUMNS, titles=True) == "trade\tP&L\twhy\nIC 10:00\t+$5.00\ta b?[2J"
    assert rows_text((found,), COLUMNS).count("\n") == 1


def test_a_line_over_all_columns_has_no_titles() -> None:
    assert row_text(row("n", "  held by nobody", span=True), COLUMNS, titles=True) == "held by nobody"


def test_a_table_has_every_row_and_says_what_its_data_are() -> None:
    (found,) = read(as_csv((row("1", "IC", "-$5.00", "ok"),), COLUMNS, "SIMULATED", "2026-01-15 12:02:31 New York"))
    assert found == {
        "name": "IC",
        "pnl": "-$5.00",
        "why": "ok",
        "text": "",
        "data": "SIMULATED",
        "as_of": "2026-01-15 12:02:31 New York",
    }


def test_the_further_lines_of_a_text_are_joined_to_it_and_a_side_is_a_row_of_its_own() -> None:
    table = (
        row("7", "IC", "+$5.00", "stopped on"),
        row("7.0", "", "", "the put side", parent="7"),
        row("7.n", "UNARMED: nobody holds it", span=True, parent="7"),
        row("7.puts", "puts", "-", "", parent="7"),
    )
    found = read(as_csv(table, COLUMNS, "", ""))
    assert [(each["name"], each["why"], each["text"]) for each in found] == [
        ("IC", "stopped on the put side", "UNARMED: nobody holds it"),
        ("puts", "", ""),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+CMD|x", "-cmd()", "@SUM(A1)", "+", "-$", "=", "+5 and more", "--5"])
def test_a_text_that_looks_like_a_formula_is_told_to_be_one(text: str) -> None:
    (found,) = read(as_csv((row("1", text, "", ""),), COLUMNS, "", ""))
    assert found["name"] == f"'{text}"


@pytest.mark.parametrize("text", ["+$1,640.00", "-0.65", "+0.5", "-", "-12k", "+3%", "n/a", ">5870<", "2.35 e"])
def test_a_signed_number_stays_one(text: str) -> None:
    (found,) = read(as_csv((row("1", text, "", ""),), COLUMNS, "", ""))
    assert found["name"] == text


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=5))
def test_whatever_stands_in_the_cells_the_table_is_read_back(cells: list[tuple[str, str]]) -> None:
    table = tuple(row(str(n), first, second, "") for n, (first, second) in enumerate(cells))
    text = as_csv(table, COLUMNS, "x", "y")
    found = read(text)
    assert len(found) == len(cells)
    assert all(not value.startswith(("=", "@")) for each in found for value in each.values())
    assert "\x1b" not in text


def test_a_file_is_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        first = write_new(tmp_path / "made", "day", "csv", "one")
        second = write_new(tmp_path / "made", "day", "csv", "two\r\n")
    finally:
        os.umask(old)
    assert (first.name, second.name) == ("day.csv", "day-2.csv")
    assert first.read_text("utf-8") == "one"
    assert second.read_bytes() == b"two\r\n"
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.parent.stat().st_mode & 0o777 == 0o700


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_new(tmp_path, "day", "csv", "\ud800")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OSError, match="file"):
        write_new(tmp_path / "file", "day", "csv", "x")


def test_names_are_plain() -> None:
    assert file_name("REPLAY vendor lean/quote", "../x", "", "12:02") == "replay-vendor-lean-quote-x-12-02"


def test_files_go_to_the_documents_where_there_are_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents, state = tmp_path / "Documents", tmp_path / "state"
    monkeypatch.setattr(platformdirs, "user_documents_path", lambda: documents)
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: state / name)
    assert folder() == state / "zdte-tui" / "exports"
    documents.mkdir()
    assert exporting.folder() == documents / "zdte-tui"
