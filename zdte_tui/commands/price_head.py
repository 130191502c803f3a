"""The head of a file to price: which columns it has, and what they are called when they come out."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from zdte_tui.exits import DATA, CommandError

RIGHT = "right"
NUMBERS = ("S", "K", "minutes_act365", "r", "q")
GREEKS = (
    "delta",
    "gamma",
    "theta",
    "vega",
    "rho",
    "vanna",
    "charm",
    "vomma",
    "veta",
    "speed",
    "zomma",
    "color",
    "ultima",
)
SIGMA, PRICE, IV = "sigma", "price", "iv"

COMPUTED = (IV, PRICE, *GREEKS)
"""What is computed, in the order in which it comes out."""

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Head:
    """Columns by name.

    Attributes:
        columns: where each column of the file stands.
        given: the file's columns as they come out, in its order.
        added: the computed columns that come after them.
        renamed: columns of the file whose name is computed here; they come out as ``given_...``.
    """

    columns: dict[str, int]
    given: tuple[str, ...]
    added: tuple[str, ...]
    renamed: tuple[str, ...]


def read_head(name: str, cells: list[str]) -> Head:
    """Raises ``CommandError`` where a column is missing or comes twice."""
    names = [cell.strip() for cell in cells]
    twice = next((each for at, each in enumerate(names) if each in names[:at]), None)
    if twice is not None:
        raise CommandError(f"{name}: the column {twice!r} comes twice", DATA)
    missing = [each for each in (RIGHT, *NUMBERS) if each not in names]
    if missing:
        raise CommandError(f"{name} has no column {', '.join(missing)}{_mend(names, missing[0])}", DATA)
    if SIGMA not in names and PRICE not in names:
        raise CommandError(
            f"{name} has neither a column sigma (volatility, to price) nor price (dollars, to solve)", DATA
        )
    renamed = tuple(each for each in names if each in COMPUTED and each != PRICE)
    given = tuple(f"given_{each}" if each in renamed else each for each in names)
    clash = next((each for at, each in enumerate(given) if each in given[:at]), None)
    if clash is not None:
        raise CommandError(f"{name}: rename the column {clash!r}, which is how its {clash[6:]} comes out", DATA)
    added = tuple(each for each in COMPUTED if each not in given)
    return Head({each: at for at, each in enumerate(names)}, given, added, renamed)


def _mend(names: list[str], missing: str) -> str:
    for mark, word in _SEPARATORS.items():
        if len(names) < 3 and any(mark in each for each in names):
            return f": its cells are separated by {word}; save it with commas, and numbers with a decimal point"
    near = get_close_matches(missing, names, n=1) or [each for each in names if each.lower() == missing.lower()]
    hint = f"; is it {near[0]!r}?" if near else ""
    return f"; its head is {', '.join(names)}{hint}"
