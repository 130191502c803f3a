"""What charts are drawn with: fonts differ in which of the characters they have."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from zdte_tui.screen.actions.model import Action

GLYPHS = ("braille", "block", "ascii")


def _reads(_station: Any, text: str) -> object:
    word = text.strip().lower()
    if not word:
        return None
    if word not in GLYPHS:
        near = get_close_matches(word, GLYPHS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(GLYPHS)}"
        raise ValueError(f"nothing is drawn with {text.strip()!r}; {hint}")
    return word


def _draw_with(station: Any, word: object) -> None:
    """With what was named, or the next of them."""
    from zdte_tui.screen.panes.drawn import DrawnPane

    panes = list(station.query(DrawnPane))
    now = panes[0].glyphs
    chosen = word or GLYPHS[(GLYPHS.index(now) + 1) % len(GLYPHS)]
    for pane in panes:
        pane.use(chosen)
    station.say(f"charts are drawn with {chosen}" if panes[0].glyphs == chosen else "the whole screen is plain ASCII")


ACTIONS: tuple[Action, ...] = (
    Action(
        "draw_with", (), ":draw-with", "", "charts in braille, block or ascii: what your font shows best", "Panes",
        takes="KIND", reads=_reads, run=_draw_with,
    ),
)  # fmt: skip
