"""What the screen remembers from one session to the next, wired to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zdte_tui.screen.layout.memory import ColumnsIn, Memory

if TYPE_CHECKING:
    from zdte_tui.screen.app import WorkstationApp


def remember(app: WorkstationApp, memory: Memory) -> None:
    """From now on ``app`` is laid out as ``memory`` knows, and tells it what changes. Before it runs."""
    app.column_choice = ColumnsIn(memory)
    app.workstation.arrangement.memory = memory
