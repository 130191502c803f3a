"""Option roots on the command line."""

from __future__ import annotations

from difflib import get_close_matches

from engine.types import PRODUCTS
from zdte_tui.exits import USAGE, CommandError


def known_root(text: str) -> str:
    """The root, in capitals; raises ``CommandError`` naming the nearest known one."""
    root = text.upper()
    if root in PRODUCTS:
        return root
    near = get_close_matches(root[:32], PRODUCTS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise CommandError(f"unknown root {text!r}{hint}; known: {', '.join(sorted(PRODUCTS))}", USAGE)
