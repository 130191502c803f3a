"""How the terminal draws: attributes and colours, and the fewest codes that lead from one to another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style

_ATTRIBUTES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""SGR of Rich's attributes, in the order of its bits."""
_DEFAULTS = frozenset({"39", "49"})


class Pen(NamedTuple):
    """Attributes and colours as SGR codes; empty where they are the terminal's own."""

    attributes: tuple[str, ...] = ()
    colour: str = ""
    background: str = ""


PLAIN = Pen()


@lru_cache(maxsize=4096)
def pen_of(style: Style | None, system: ColorSystem) -> Pen:
    """The pen that draws ``style``, in the colours there are."""
    if style is None:
        return PLAIN
    bits = style._attributes & style._set_attributes
    return Pen(
        tuple(code for bit, code in enumerate(_ATTRIBUTES) if bits & (1 << bit)),
        _colour(style, system, foreground=True),
        _colour(style, system, foreground=False),
    )


def _colour(style: Style, system: ColorSystem, *, foreground: bool) -> str:
    colour = style.color if foreground else style.bgcolor
    if colour is None:
        return ""
    codes = ";".join(colour.downgrade(system).get_ansi_codes(foreground))
    return "" if codes in _DEFAULTS else codes


@lru_cache(maxsize=8192)
def change(old: Pen, new: Pen) -> str:
    """What makes a terminal that draws as ``old`` draw as ``new``; empty where they are one."""
    if old == new:
        return ""
    codes: list[str] = []
    if set(old.attributes) <= set(new.attributes):
        codes += [code for code in new.attributes if code not in old.attributes]
    else:  # switching one off has a code a terminal may not know, for bold even two meanings
        codes += ["", *new.attributes]
        old = PLAIN
    if old.colour != new.colour:
        codes.append(new.colour or "39")
    if old.background != new.background:
        codes.append(new.background or "49")
    return f"\x1b[{';'.join(codes)}m"
