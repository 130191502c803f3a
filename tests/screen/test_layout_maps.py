"""A map of each layout at each size, a cell for four columns and two lines. ``make snapshots`` renews them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from zdte_tui.screen import layout
from zdte_tui.screen.layout import PRESETS, Box
from zdte_tui.screen.needs import pane_needs
from zdte_tui.screen.slots import number_of

SCREENS = Path(__file__).parent / "screens"
AROUND = 4
"""Lines of the terminal that are no body: two of the header, the timeline, the footer."""


def drawn(boxes: Mapping[str, Box], width: int, height: int) -> str:
    cells = [[" "] * (width // 4 + 1) for _ in range(height // 2 + 1)]
    for name, box in boxes.items():
        left, right, top, bottom = box.x // 4, (box.x + box.width) // 4, box.y // 2, (box.y + box.height) // 2
        for x in range(left, right + 1):
            cells[top][x] = cells[bottom][x] = "-"
        for y in range(top, bottom + 1):
            cells[y][left] = cells[y][right] = "|"
        for offset, char in enumerate(f"{number_of(name)} {name}"[: right - left - 1]):
            cells[top + 1][left + 1 + offset] = char
        for offset, char in enumerate(f"{box.width}x{box.height}"[: right - left - 1]):
            if bottom > top + 2:
                cells[top + 2][left + 1 + offset] = char
    return "\n".join("".join(row).rstrip() for row in cells)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 50), (120, 40), (160, 28), (160, 48), (200, 60)], ids=str)
def test_every_layout(size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    width, height = size[0], size[1] - AROUND
    parts = []
    for preset in PRESETS:
        boxes = layout.arrange(
            width, height, layout.places(preset, width, height)[0][0], preset=preset, needs=pane_needs
        )
        parts.append(f"{preset.name}: {preset.help}\n{drawn(boxes, width, height)}\n{layout.hidden(boxes)}".rstrip())
    text = "\n\n".join(parts) + "\n"
    file = SCREENS / f"layouts-{size[0]}x{size[1]}.txt"
    if request.config.getoption("update_snapshots"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"the maps differ from {file}"
