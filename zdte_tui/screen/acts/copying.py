"""Out of the screen: to the clipboard, as CSV, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zdte_tui.screen.actions.model import Action

_SHOWN = 60


def _copy(grid: Any, text: str, what: str) -> None:
    app = grid.app
    if not text:
        app.workstation.say(f"nothing to copy: {what} is empty")
        return
    app.copy_to_clipboard(text)
    first = text if len(text) <= _SHOWN and "\n" not in text else f"{len(text):,} characters"
    app.workstation.say(f"{what} sent to the terminal's clipboard (OSC 52): {first.replace(chr(9), '  ')}")


def _place(path: Path) -> str:
    """The file's name before its folder: a narrow terminal cuts the end of a message."""
    folder = path.parent
    home = Path.home()
    return f"{path.name} in {Path('~') / folder.relative_to(home) if folder.is_relative_to(home) else folder}"


def copy_cell(grid: Any, _argument: object = None) -> None:
    """The cell under the cursor."""
    row = grid.selected
    if row is None:
        grid.app.workstation.say("nothing to copy: this pane has no rows now")
    elif row.span:
        _copy(grid, row.cells[0][0].strip(), "the line")
    else:
        column = grid.chosen_column()
        if column is not None:
            title = grid.COLUMNS[column].title or grid.COLUMNS[column].key
            _copy(grid, row.cells[column][0].strip(), f"{title} of this row")


def copy_row(grid: Any, _argument: object = None) -> None:
    """The row under the cursor; a second time with the titles."""
    from zdte_tui.screen.copying import row_text

    row = grid.selected
    if row is None:
        grid.app.workstation.say("nothing to copy: this pane has no rows now")
        return
    again = grid.copied == row.key
    grid.copied = "" if again else row.key
    text = row_text(row, grid.COLUMNS, titles=again)
    _copy(grid, text, "the row with its titles" if again else "the row")


def copy_trade(grid: Any, _argument: object = None) -> None:
    """All rows of the trade under the cursor, from every pane that has some."""
    from zdte_tui.screen.copying import rows_text

    row, station = grid.selected, grid.app.workstation
    if row is None or not row.trade:
        station.say("no trade under the cursor: its rows are in the positions (2)")
        return
    parts = []
    for pane in station.tables:
        rows = [each for each in pane.natural if each.trade == row.trade]
        if rows:
            parts.append(f"{pane.id}\n{rows_text(rows, pane.COLUMNS)}")
    _copy(grid, f"trade {row.trade}, {station.stamp.words}\n" + "\n\n".join(parts), f"trade {row.trade}")


def write_csv(grid: Any, _argument: object = None) -> None:
    """The whole table into a file."""
    from zdte_tui.screen.copying import as_csv
    from zdte_tui.screen.exporting import file_name, folder, write_new

    station = grid.app.workstation
    if not grid.natural:
        station.say("nothing to write: this pane has no rows now")
        return
    stamp = station.stamp
    text = as_csv(grid.natural, grid.COLUMNS, stamp.data, stamp.as_of)
    name = file_name(stamp.data, stamp.account, stamp.day, grid.id or "table", stamp.clock.replace(":", ""))
    try:
        path = write_new(folder(), name, "csv", text)
    except OSError as error:
        station.say(f"not written: {error}", alarm=True)
    else:
        station.say(f"{len(grid.natural)} rows written to {_place(path)}")


def screenshot(app: Any, _argument: object = None) -> None:
    """The screen as it is, as SVG."""
    from zdte_tui.screen.exporting import file_name, folder, keeping_blanks, write_new

    if app.cancelled_question():
        return
    station = app.workstation
    stamp = station.stamp
    name = file_name(stamp.data, stamp.account, stamp.day, "screen", stamp.clock.replace(":", ""))
    try:
        path = write_new(folder(), name, "svg", keeping_blanks(app.export_screenshot()))
    except OSError as error:
        station.say(f"not written: {error}", alarm=True)
    else:
        station.say(f"the screen is written to {_place(path)}")


def _row(name: str, keys: tuple[str, ...], shown: str, words: str, run: Any) -> Action:
    return Action(name, keys, shown, "", words, "Rows", scope="grid", run=run)


ACTIONS: tuple[Action, ...] = (
    _row("copy_cell", ("y",), "y", "copy the cell under the cursor", copy_cell),
    _row("copy_row", ("ctrl+y",), "ctrl+y", "copy the row; again, with its titles", copy_row),
    _row("copy_trade", ("ctrl+o",), "ctrl+o", "copy every row of the trade under the cursor", copy_trade),
    _row("write_csv", ("w",), "w", "write the table to a CSV file, every row and column", write_csv),
    Action(
        "screenshot", ("ctrl+s",), "ctrl+s", "", "write the screen to an SVG file", "Program", scope="app",
        anywhere=True, run=screenshot,
    ),
)  # fmt: skip
