"""Small items side by side, in as few lines as they fit in."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from zdte_tui.screen.grid import Cell, Line

GAP = 3


def flow(items: Sequence[Line], width: int) -> list[Line]:
    """Lines of at most ``width`` cells, as far as no single item is wider."""
    lines: list[list[Cell]] = []
    used = 0
    for item in items:
        size = sum(cell_len(text) for text, _ in item)
        if lines and used + GAP + size <= width:
            lines[-1] += [(" " * GAP, "text"), *item]
            used += GAP + size
        else:
            lines.append(list(item))
            used = size
    return [tuple(line) for line in lines]
