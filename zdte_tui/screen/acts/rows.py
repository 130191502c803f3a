"""Moving in the rows and columns of the focused pane; which rows and columns it shows, and in which order."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def filter_rows(grid: Any, argument: object = None) -> None:
    """Only rows in which these words stand; without words, a line to type them into."""
    from zdte_tui.screen.dialogs import Filter

    if argument:
        grid.narrow(str(argument))
    else:
        grid.app.push_screen(Filter(grid))


def choose_columns(grid: Any, _argument: object = None) -> None:
    """The dialog of the columns."""
    from zdte_tui.screen.dialogs import Columns

    grid.app.push_screen(Columns(grid), lambda keep: keep and grid.keep_choice())


def _row(name: str, keys: tuple[str, ...], shown: str, words: str, **more: Any) -> Action:
    return Action(name, keys, shown, "", words, "Rows", scope="grid", **more)


ACTIONS: tuple[Action, ...] = (
    _row("row_up", ("up", "k"), "up k", "one row up"),
    _row("row_down", ("down", "j"), "down j", "one row down"),
    _row("page_up", ("pageup",), "page up", "a screenful up"),
    _row("page_down", ("pagedown",), "page down", "a screenful down"),
    _row("half_page_up", ("ctrl+u",), "ctrl+u", "half a screenful up"),
    _row("half_page_down", ("ctrl+d",), "ctrl+d", "half a screenful down"),
    _row("first_row", ("home",), "home", "the first row"),
    _row("last_row", ("end",), "end", "the last row; in the log, follow it again"),
    _row("follow", ("c",), "c", "follow again: the money in the chain, the newest line in the log"),
    _row("column_left", ("left", "h"), "left h", "the column cursor to the left"),
    _row("column_right", ("right", "l"), "right l", "the column cursor to the right"),
    _row("sort", ("o",), "o", "sort by the column: rising, falling, as it comes; so does a click on a title"),
    _row(
        "filter", ("slash",), "/", "only rows in which all the words stand; esc shows all again", takes="WORDS",
        types=True, run=filter_rows,
    ),
    _row("columns", ("v",), "v", "switch columns on and off, and move them", run=choose_columns),
)  # fmt: skip
