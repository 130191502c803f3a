"""Moving in the rows of the focused pane."""

from __future__ import annotations

from zdte_tui.screen.actions.model import Action


def _row(name: str, keys: tuple[str, ...], shown: str, words: str) -> Action:
    return Action(name, keys, shown, "", words, "Rows", scope="grid")


ACTIONS: tuple[Action, ...] = (
    _row("row_up", ("up", "k"), "up k", "one row up"),
    _row("row_down", ("down", "j"), "down j", "one row down"),
    _row("page_up", ("pageup",), "page up", "a screenful up"),
    _row("page_down", ("pagedown",), "page down", "a screenful down"),
    _row("first_row", ("home",), "home", "the first row"),
    _row("last_row", ("end",), "end", "the last row; in the log, follow it again"),
    _row("follow", ("c",), "c", "follow again: the money in the chain, the newest line in the log"),
)
