"""Opens a session to other terminals: their commands over its socket, and kill files. A replay is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.control import Control
    from engine.session.compose import Composed


def open_control(composed: Composed) -> Control | None:
    """The way to an account's session, before it runs; None for a replay. What is wrong with it is its ``problem``."""
    if not composed.for_account:
        return None
    from engine.control import Control

    control = Control(composed.runner, composed.writer.path, composed.info.account)
    control.open()
    return control


def close_control(control: Control | None, composed: Composed, outcome: str) -> None:
    """Close it once the session has ended."""
    if control is not None:
        control.close(outcome, lock_is_unwritten=outcome == "unwritten" and bool(composed.runner.locked))
