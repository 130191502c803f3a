"""All actions in the order of the help, gathered from their files."""

from __future__ import annotations

from zdte_tui.screen.actions.model import Action
from zdte_tui.screen.acts import killing, panes, program, replay, rows, touring

ACTIONS: tuple[Action, ...] = (
    *program.ACTIONS,
    *killing.ACTIONS,
    *replay.ACTIONS,
    *touring.ACTIONS,
    *panes.ACTIONS,
    *rows.ACTIONS,
)

FOOTER = (
    "help", "flatten", "play", "faster", "go_to", "next_event", "quit", "command", "kill", "step", "maximise",
    "next_expiry", "next_root", "pause_entries", "resume_trading",
)  # fmt: skip
"""Which actions the footer names, the most needed first: it shows as many as fit."""
