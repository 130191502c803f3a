"""Numbers as a trader reads them. Whatever is ``None`` or not finite is ``n/a``, never zero."""

from __future__ import annotations

import math

from rich.cells import cell_len

from engine.types import Money, Price, dollars_text
from zdte_tui.screen.clean import clean

SECOND = 1_000_000_000
MISSING_TEXT = "n/a"


def price(units: Price | None, places: int = 2) -> str:
    """A price without a dollar sign, ``1,234.50``."""
    return dollars_text(units, places)


def money(units: Money | None, sign: bool = False, places: int = 2) -> str:
    """An amount in dollars, ``$1,640.00``; with ``sign``, ``+$186.00``. A negative one always has its minus."""
    text = dollars_text(units, places, sign)
    if text == MISSING_TEXT:
        return text
    return f"{text[0]}${text[1:]}" if text[0] in "+-" else f"${text}"


def pnl_style(units: int | float | None) -> str:
    """The style that repeats the sign of a result."""
    if units is None or units == 0:
        return "text" if units == 0 else "dim"
    return "gain" if units > 0 else "loss"


def number(value: float | None, places: int = 2, sign: bool = False) -> str:
    """A float with thousands separators."""
    if value is None or not math.isfinite(value):
        return MISSING_TEXT
    return f"{value:+,.{places}f}" if sign else f"{value:,.{places}f}"


def percent(fraction: float | None, places: int = 1) -> str:
    """A fraction in percent, without the sign ``%``: 0.152 is ``15.2``."""
    return number(None if fraction is None else fraction * 100, places)


def count(value: int | None) -> str:
    """A count in at most six characters: ``950``, ``12,345``, ``1,234k``, ``12.3M``."""
    if value is None:
        return MISSING_TEXT
    if value < 100_000:
        return f"{value:,}"
    return f"{value / 1000:,.0f}k" if value < 10_000_000 else f"{value / 1e6:,.1f}M"


def age(nanoseconds: int | None) -> str:
    """How old something is, from ns: ``0.4s``, ``12s``, ``3m05s``, ``2h07m``."""
    if nanoseconds is None:
        return MISSING_TEXT
    seconds = nanoseconds / SECOND
    return f"{seconds:.1f}s" if seconds < 9.95 else duration(seconds)


def duration(seconds: float) -> str:
    """A span of time in two units at most: ``12s``, ``3m05s``, ``2h07m``."""
    if not math.isfinite(seconds):
        return MISSING_TEXT
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def bar(fraction: float, width: int) -> str:
    """A plain bar, ``####----``: full at 1, and it shows one mark as soon as anything is used."""
    if not math.isfinite(fraction) or fraction <= 0:
        return "-" * width
    full = min(width, max(1, math.floor(fraction * width)))
    return "#" * full + "-" * (width - full)


def wrap(text: str, width: int) -> list[str]:
    """Cleaned ``text`` in lines of at most ``width`` cells, broken at spaces; a longer word is cut. Never empty."""
    width = max(2, width)
    lines: list[str] = []
    line = ""
    for word in clean(text).split():
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, width)
        lines += full
    return [*lines, line] if line or not lines else lines


def _cut(word: str, width: int) -> list[str]:
    pieces, piece, used = [], "", 0
    for char in word:
        size = cell_len(char)
        if used + size > width:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + char, used + size
    return [*pieces, piece]
