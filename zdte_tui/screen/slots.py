"""Which panes there are, and which number each answers to. Panes of one number share one place on the screen."""

from __future__ import annotations

SLOTS: tuple[tuple[str, ...], ...] = (
    ("chain",),
    ("positions",),
    ("greeks",),
    ("signals",),
    ("risk",),
    ("chart", "payoff", "gamma", "smile", "term", "equity", "compare"),
    ("log",),
    ("orders",),
    ("alerts",),
)
"""By number from 1. The panes of a slot are shown one at a time; its number again turns to the next."""

PANE_NAMES: tuple[str, ...] = tuple(name for slot in SLOTS for name in slot)


def number_of(pane: str) -> int:
    """The number a pane answers to, from 1."""
    return next(number for number, slot in enumerate(SLOTS, 1) if pane in slot)


def mates(pane: str) -> tuple[str, ...]:
    """The panes that share a place with ``pane``, itself among them."""
    return SLOTS[number_of(pane) - 1]
