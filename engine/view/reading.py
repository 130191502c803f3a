"""What the market says beyond its prices, a line each; ``engine.view.readings`` works it out."""

from __future__ import annotations

import msgspec


class ReadingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One signal of the market as of ``ts`` (ns UTC): ``text`` is the reading, or why there is none."""

    ts: int
    root: str
    name: str
    text: str
    known: bool
