"""The rows of an import: one line each in a file, and on a terminal never broken inside a word."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.tape.importers import IMPORTERS
from engine.tape.looking import Found
from zdte_tui.commands.data_progress import Progress, pace

REASON = "refused: row 3: not a date with a year, a time and a zone, such as July 12, 2022, 11:55 AM EDT"


def rows(found: list[Found], capsys) -> list[str]:
    with Progress(found, rows=True) as progress:
        progress.row(found[0], REASON)
    return capsys.readouterr().out.splitlines()


def test_a_file_gets_a_line_a_path_below_the_folder_without_detours(tmp_path: Path, capsys) -> None:
    (tmp_path / "deep").mkdir()
    found = [Found(tmp_path / "deep" / ".." / "a.csv", IMPORTERS["long"], (), 1, named=False)]
    assert rows(found, capsys)[0].startswith(f"path below {tmp_path}  ")
    assert rows(found, capsys)[1].split() == ["a.csv", "long", *REASON.split()]


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_a_terminal_gets_whole_words_the_later_lines_below_the_firsts(
    columns: int, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    head, *lines = rows([Found(tmp_path / "a.csv", IMPORTERS["long"], (), 1, named=False)], capsys)
    assert " ".join(lines).split() == ["a.csv", "long", *REASON.split()]
    assert all(len(line) <= columns for line in lines)
    indent = head.index("result") if columns - head.index("result") >= 24 else 4
    assert all(len(line) - len(line.lstrip()) == indent for line in lines[1:])


@pytest.mark.parametrize(
    ("rows", "seconds", "told"),
    [
        (0, 3.0, ""),
        (30, 0.0, ""),
        (30, 2.0, "15 rows/s"),
        (390_000, 2.0, "195k rows/s"),
        (3_100_000, 2.0, "1.6M rows/s"),
    ],
)
def test_the_pace_is_told_in_rows_a_second_once_there_is_one(rows: int, seconds: float, told: str) -> None:
    assert pace(rows, seconds) == told


def test_the_bar_moves_by_bytes_over_all_paths_whichever_is_read_first(tmp_path: Path, capsys) -> None:
    found = [Found(tmp_path / name, IMPORTERS["long"], (), 100, named=False) for name in ("a.csv", "b.csv")]
    moved: list[float] = []
    with Progress(found, rows=True) as progress:
        progress._move = lambda done, text: moved.append(done)
        watch = progress.watch
        watch.share(found[1], 0.5)
        watch.share(found[0], 0.25)
        watch.table("SPXW 2024-08-07", 30)
        progress.row(found[0], "imported 1 day")
        watch.share(found[1], 1.0)
    assert moved == [50, 75, 75, 150, 200]
