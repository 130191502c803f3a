"""What is seen, and never what happens: a display that stands, a screen painted anew."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def freeze(station: Any, _argument: object = None) -> None:
    """The panes stand, or go on."""
    station.freeze()


def redraw(app: Any, _argument: object = None) -> None:
    """Everything is sent again."""
    if not app.cancelled_question():
        app.redraw()


ACTIONS: tuple[Action, ...] = (
    Action(
        "freeze", ("f",), "f", "freeze", "hold the panes still, and go on; the first lines and the engine never stop",
        "Panes", run=freeze,
    ),
    Action(
        "redraw", ("ctrl+l",), "ctrl+l", "", "paint the whole screen again, where something else wrote on it",
        "Program", scope="app", anywhere=True, run=redraw,
    ),
)  # fmt: skip
