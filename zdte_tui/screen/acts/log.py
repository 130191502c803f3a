"""The key inside the log."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action

SHOWN = {"info": "every line", "warning": "warnings and alarms", "alarm": "alarms alone"}


def _louder(pane: Any, _argument: object) -> None:
    pane.screen.say(f"the log shows {SHOWN[pane.louder()]}")


ACTIONS: tuple[Action, ...] = (
    Action(
        "log_level", ("u",), "u", "", "every line, warnings and alarms, alarms alone; / finds a source or a word",
        "Log", scope="grid", where="log", run=_louder,
    ),
)  # fmt: skip
