"""Opens a session to other terminals: screens that attach, commands over its socket, and an account's kill files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.control import Control
    from engine.session.compose import Composed


def open_control(composed: Composed) -> Control:
    """The way to a session, before it runs; what is wrong with it is its ``problem``.

    A replay can be attached to; the kill switch from elsewhere is for accounts.
    """
    from engine.control import Control

    path, replay = composed.writer.path, not composed.for_account
    account = path.stem if replay else composed.info.account
    control = Control(composed.runner, path, account, composed.name, replay)
    control.open()
    return control


def close_control(control: Control | None, composed: Composed, outcome: str) -> None:
    """Close it once the session has ended."""
    if control is not None:
        locked = composed.for_account and bool(composed.runner.locked)
        control.close(outcome, lock_is_unwritten=outcome == "unwritten" and locked)
