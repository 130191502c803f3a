"""The program itself: help, the ``:`` line, leaving."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _palette(station: Any, _argument: object) -> None:
    """Choose an action, and do it as if its word had been typed."""
    from zdte_tui.screen.dialogs import Palette

    def chosen(word: str | None) -> None:
        if word is not None:
            station.do_word(word)

    station.app.push_screen(Palette(station.desk.paced, station.keymap), chosen)


def _help(station: Any, _argument: object) -> None:
    from zdte_tui.screen.dialogs import Help

    station.app.push_screen(Help(station.desk.paced, station.primary, station.keymap))


def _quit(station: Any, _argument: object) -> None:
    station.app.action_leave()


ACTIONS: tuple[Action, ...] = (
    Action("help", ("question_mark",), "?", "help", "this help", "Program", run=_help),
    Action(
        "command", ("colon",), ":", "command", "any action by its name; tab completes, esc leaves", "Program",
        types=True,
    ),
    Action(
        "palette", ("ctrl+p",), "ctrl+p", "palette", "search all actions by what they do", "Program", types=True,
        run=_palette,
    ),
    Action("quit", ("q",), "q", "quit", "leave; asks for y while trades are open", "Program", run=_quit),
    Action(
        "leave", ("ctrl+q", "ctrl+c"), "ctrl+q", "", "the same, from anywhere (ctrl+c too)", "Program",
        scope="app", anywhere=True,
    ),
)  # fmt: skip
