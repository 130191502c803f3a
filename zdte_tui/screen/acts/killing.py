"""The kill switch, from pausing entries to locking the day."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _level(_station: Any, text: str) -> object:
    from zdte_tui.screen.desk import kill_level

    return kill_level(text) if text else None


ACTIONS: tuple[Action, ...] = (
    Action(
        "flatten", ("F",), "F", "flatten", "close every open trade now, after an estimate", "Trading",
        confirm=True, scope="app", anywhere=True,
    ),
    Action(
        "kill", ("K",), "K", "kill", "the kill switch: pause, cancel, flatten or lock", "Trading",
        confirm=True, scope="app", anywhere=True, takes="LEVEL", reads=_level,
    ),
    Action(
        "pause_entries", ("P",), "P", "pause entries", "no new trades until you resume; exits go on working", "Trading",
        confirm=True,
    ),
    Action("resume_trading", ("A",), "A", "resume", "let strategies enter again", "Trading", confirm=True),
)  # fmt: skip
