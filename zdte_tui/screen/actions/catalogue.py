"""All actions in the order of the help, gathered from their files."""

from __future__ import annotations

from zdte_tui.screen.actions.model import Action
from zdte_tui.screen.acts import (
    alerts,
    attaching,
    chart,
    copying,
    display,
    drawing,
    gamma,
    killing,
    layouts,
    log,
    panes,
    payoff,
    program,
    replay,
    rows,
    ticket,
    touring,
    trading,
)

ACTIONS: tuple[Action, ...] = (
    *program.ACTIONS,
    *attaching.ACTIONS,
    *killing.ACTIONS,
    *ticket.ACTIONS,
    *trading.ACTIONS,
    *replay.ACTIONS,
    *alerts.ACTIONS,
    *touring.ACTIONS,
    *panes.ACTIONS,
    *layouts.ACTIONS,
    *rows.ACTIONS,
    *drawing.ACTIONS,
    *chart.ACTIONS,
    *log.ACTIONS,
    *payoff.ACTIONS,
    *gamma.ACTIONS,
    *copying.ACTIONS,
    *display.ACTIONS,
    *ticket.FIELDS,
)

FOOTER = (
    "help", "flatten", "order", "close", "play", "faster", "go_to", "next_event", "quit", "command", "kill", "step",
    "maximise", "next_expiry", "next_root", "pause_entries", "resume_trading", "next_layout",
)  # fmt: skip
"""Which actions the footer names, the most needed first: it shows as many as fit."""
