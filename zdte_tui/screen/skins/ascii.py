"""Plain ASCII for everything that is painted: the one place where other characters are replaced.

A line is as wide after as before. Frames keep what they say: a focused one is of ``=`` and ``#``, one of real money of
``=`` and ``!``, a replay's of ``~`` and ``:``.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SAME = {
    **dict(zip("─│━┃═║╍╏┄┆╌╎┅┇┈┊┉┋╱╲╳", "-|=#=!~:-|-|-|-|-|/\\x", strict=True)),
    **dict(
        zip(
            "…±×÷·•°−–—‐‘’“”«»→←↑↓↔⇒≤≥≈≠√∞µ€£¢½¼¾²³ΔΓΘσ\u00a0",
            "~~x/.*o----''\"\"<>><^v-><>~!v~uELc~~~23DGTs ",
            strict=True,
        )
    ),
    **dict(zip("▲▼△▽▶◀►◄▸◂▴▾●○◆◇■□★☆✓✔✗✘", "^v^v><><><^v*o*o#o**++xx", strict=True)),
    **dict(zip("█▉▊▋▌▍▎▏▐▕▁▂▃▄▅▆▇▔▀░▒▓▘▝▖▗▙▚▛▜▞▟", "####||||||__..-=#''.:#''..#:##:#", strict=True)),
}
"""Lines, signs, shapes and blocks, each above its likeness."""
_BOX = range(0x2500, 0x2580)
_BRAILLE = range(0x2800, 0x2900)
_UPPER, _MIDDLE, _LOWER = 0x01 | 0x08, 0x02 | 0x10 | 0x04 | 0x20, 0x40 | 0x80
"""The dots of the first line of a braille cell, of the two in the middle, and of the last."""


def plain(text: str) -> str:
    """``text`` in ASCII, as many cells wide. What has no likeness is ``?``, once for each cell."""
    return text if text.isascii() else "".join(map(_plain, text))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char.isascii():
        return char
    if char in _SAME:
        return _SAME[char]
    code = ord(char)
    if code in _BRAILLE:
        return _dots(code - _BRAILLE.start)
    if code in _BOX:
        name = unicodedata.name(char)
        return "!" if "DOUBLE" in name else "#" if "HEAVY" in name else "+"
    size = cell_len(char)
    base = unicodedata.normalize("NFKD", char)[:1]
    if size == 1 and base.isascii() and base.isprintable():
        return base
    return "?" * size


def _dots(mask: int) -> str:
    """A braille cell by where its dots are."""
    upper, middle, lower = bool(mask & _UPPER), bool(mask & _MIDDLE), bool(mask & _LOWER)
    if upper and lower:
        return "|" if middle else ":"
    if middle:
        return "-" if not (upper or lower) else "'" if upper else "."
    return "'" if upper else "." if lower else " "


class AsciiFilter(LineFilter):
    """Textual's way to have a say about everything that is painted, frames and typed lines too."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's
        """Segments of ASCII."""
        return [
            each if each.text.isascii() else Segment(plain(each.text), each.style, each.control) for each in segments
        ]
