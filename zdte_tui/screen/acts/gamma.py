"""The keys inside the gamma pane."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _turn(pane: Any, _argument: object) -> None:
    pane.all_expiries = not pane.all_expiries
    pane.screen.place_panes()


ACTIONS: tuple[Action, ...] = (
    Action(
        "gamma_expiries", ("u",), "u", "", "of all listed expiries, or of the chain's alone", "Gamma", scope="grid",
        where="gamma", run=_turn,
    ),
)  # fmt: skip
