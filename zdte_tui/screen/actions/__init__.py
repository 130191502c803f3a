"""The registry: bindings, footer, help, palette and the words of the ``:`` line all come from here."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from zdte_tui.screen.actions.catalogue import ACTIONS, FOOTER
from zdte_tui.screen.actions.model import ALWAYS, PACED, Action, Mode, Scope

__all__ = [
    "ACTIONS",
    "ALWAYS",
    "FOOTER",
    "PACED",
    "Action",
    "Mode",
    "Scope",
    "action",
    "available",
    "bindings",
    "perform",
]


def action(id: str) -> Action:  # noqa: A002 - the field's name
    """The action called ``id`` (of the panes, the first)."""
    return next(each for each in ACTIONS if each.id == id)


def bindings(scope: Scope, where: str = "") -> list[BindingType]:
    """Textual's bindings of one scope; with ``where``, those of one pane alone."""
    return [
        Binding(
            ",".join(each.keys),
            each.call,
            each.title,
            show=bool(each.title),
            priority=each.anywhere or each.types,
            id=each.key_id,
        )
        for each in ACTIONS
        if each.scope == scope and each.where == where and each.keys
    ]


def available(paced: bool) -> tuple[Action, ...]:
    """The actions that mean something in this session."""
    mode: Mode = "paced" if paced else "live"
    return tuple(each for each in ACTIONS if mode in each.modes)


def perform(id: str, target: object, argument: object = None) -> None:  # noqa: A002 - the field's name
    """Carry out an action that has a function of its own, on the app, the workstation or a grid."""
    run = action(id).run
    if run is None:
        raise LookupError(f"the action {id} has no function")
    run(target, argument)
