"""Which characters a drawing is made of: braille dots, quarter blocks, or plain ASCII. One word switches all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Glyphs = Literal["braille", "block", "ascii"]
GLYPHS: tuple[Glyphs, ...] = ("braille", "block", "ascii")
"""From the finest to what every terminal has."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters of one of ``GLYPHS``.

    Attributes:
        across, down: dots in a cell.
        dots: the character of every set of dots; bit ``row * across + column`` is the dot there.
        level: what a horizontal line through a cell is drawn with. dashed: one that is only an aid to the eye.
        upright: a vertical line. full: a filled cell.
        opened, closed, cut: markers of something opened, closed, and closed by a stop. spot: where a price stands.
    """

    across: int
    down: int
    dots: tuple[str, ...]
    level: str
    dashed: str
    upright: str
    full: str
    opened: str
    closed: str
    cut: str
    spot: str


def _braille() -> tuple[str, ...]:
    # Unicode counts the dots down the columns, and put the lowest row last.
    bits = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
    masks = (sum(bit for at, bit in enumerate(bits) if mask >> at & 1) for mask in range(256))
    return (" ", *(chr(0x2800 + mask) for mask in masks if mask))


_SIGNS: dict[Glyphs, Signs] = {
    "braille": Signs(2, 4, _braille(), "─", "┄", "│", "█", "▲", "▼", "×", "◂"),
    "block": Signs(2, 2, tuple(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"), "─", "┄", "│", "█", "▲", "▼", "×", "◂"),
    "ascii": Signs(1, 2, tuple(" '.:"), "-", "-", "|", "#", "^", "v", "x", "<"),
}


def signs(glyphs: Glyphs) -> Signs:
    """The characters of ``glyphs``."""
    return _SIGNS[glyphs]
