"""What can be counted in a day's columns alone; stored with the day and counted again by ``data verify``."""

from __future__ import annotations

import numpy as np

from engine.events.market import Int64
from engine.tape.columns import FIELDS, Columns, Mask
from engine.types import MISSING, Contract, parse_symbol

_MARKET = tuple(name for name in FIELDS if name != "open_interest")


def tally(columns: Columns) -> dict[str, int]:
    """Counts of a day.

    ``minutes`` counts the instants with a quote or price, ``crossed`` the rows with bid above ask, ``one_sided`` the
    rows with one of the two, ``no_quote`` the option rows with neither in a file that has quotes (a trade went by).
    """
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    market = columns.has(*_MARKET)
    is_option = np.array([isinstance(instrument, Contract) for instrument in instruments])[columns.code]
    bid, ask = columns.has("bid"), columns.has("ask")
    has_quotes = bool(bid.any() or ask.any())
    return {
        "rows": len(columns),
        "minutes": _distinct(columns.ts_known[market]),
        "instruments": len(instruments),
        "expiries": len({instrument.expiry for instrument in instruments if isinstance(instrument, Contract)}),
        "crossed": int(crossed(columns).sum()),
        "one_sided": int((bid ^ ask).sum()),
        "no_quote": int((is_option & market & ~bid & ~ask).sum()) if has_quotes else 0,
        "underlying": int((~is_option & columns.has("price")).sum()),
    }


def _distinct(ordered: Int64) -> int:
    return int(np.count_nonzero(np.diff(ordered))) + 1 if len(ordered) else 0


def crossed(columns: Columns) -> Mask:
    """Which rows have a bid above their ask. No trade may be assumed against them."""
    if "bid" not in columns.values or "ask" not in columns.values:
        return np.zeros(len(columns), dtype=bool)
    bid, ask = columns.values["bid"], columns.values["ask"]
    found: Mask = (bid != MISSING) & (ask != MISSING) & (bid > ask)
    return found
