"""The program itself: help, the ``:`` line, leaving."""

from __future__ import annotations

from zdte_tui.screen.actions.model import Action

ACTIONS: tuple[Action, ...] = (
    Action("help", ("question_mark",), "?", "help", "this help", "Program"),
    Action(
        "command", ("colon",), ":", "command", "any action by its name; tab completes, esc leaves", "Program",
        types=True,
    ),
    Action("quit", ("q",), "q", "quit", "leave; asks for y while trades are open", "Program"),
    Action(
        "leave", ("ctrl+q", "ctrl+c"), "ctrl+q", "", "the same, from anywhere (ctrl+c too)", "Program",
        scope="app", anywhere=True,
    ),
)  # fmt: skip
