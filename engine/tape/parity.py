"""Put-call parity of a stored day against its own underlying: the check that finds wrong zones and wrong spots."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from engine.tape.columns import Columns
from engine.tape.tally import crossed
from engine.types import SCALE, Contract, PriceMeaning, Underlying, parse_symbol, product

_NEAR = 0.05
_BASE = {"quote": 0.0005, "mid": 0.001, "trade_bar": 0.001}
_CARRY_A_YEAR = 0.08
_YEAR_DAYS = 365.0


def parity_error(
    columns: Columns, day: dt.date, meaning: PriceMeaning = "quote", root: str | None = None
) -> tuple[float | None, float]:
    """Median of |strike + call - put - spot| in points over instants and strikes within 5% of spot, nearest expiry.

    With it the most that is believable: half a thousandth of spot (a whole one where prices are of trades, made at
    different seconds of the minute), and 8% a year of it for carry until that expiry. The spot is that of ``root``'s
    underlying, or of the first underlying listed.
    ``None`` where no instant has the underlying and both sides of a strike.
    """
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    sides: dict[tuple[dt.date, int], dict[str, int]] = defaultdict(dict)
    for code, instrument in enumerate(instruments):
        if isinstance(instrument, Contract):
            sides[instrument.expiry, instrument.strike][instrument.right] = code
    wanted = None if root is None else product(root).underlying
    spots = [
        code
        for code, instrument in enumerate(instruments)
        if isinstance(instrument, Underlying) and wanted in (None, instrument.symbol)
    ]
    pairs = sorted((expiry, strike, side["C"], side["P"]) for (expiry, strike), side in sides.items() if len(side) == 2)
    if not pairs or not spots:
        return None, 0.0
    price = option_prices(columns)
    starts = columns.starts()
    instant = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(columns))))
    for expiry in sorted({pair[0] for pair in pairs}):
        chosen = [pair for pair in pairs if pair[0] == expiry]
        place = np.full(len(instruments), -1)
        order = [spots[0], *(pair[2] for pair in chosen), *(pair[3] for pair in chosen)]
        place[order] = np.arange(len(order))
        rows = place[columns.code] >= 0
        grid = np.full((len(starts), len(order)), np.nan)
        grid[instant[rows], place[columns.code[rows]]] = price[rows]
        spot, calls, puts = grid[:, :1], grid[:, 1 : 1 + len(chosen)], grid[:, 1 + len(chosen) :]
        strike = np.array([pair[1] for pair in chosen], dtype=float)
        near = np.abs(strike - spot) <= _NEAR * spot
        errors = np.abs(strike + calls - puts - spot)[near]
        errors = errors[np.isfinite(errors)]
        if errors.size:
            level = float(np.nanmedian(spot))
            limit = level * (_BASE[meaning] + _CARRY_A_YEAR * (expiry - day).days / _YEAR_DAYS)
            return float(np.median(errors)) / SCALE, limit / SCALE
    return None, 0.0


def option_prices(columns: Columns) -> NDArray[np.float64]:
    """The middle of an uncrossed quote, or the price where the row has no bid and ask; units, NaN where neither."""
    found = np.full(len(columns), np.nan)
    if "price" in columns.values:
        found = np.where(columns.has("price"), columns.values["price"], np.nan)
    if "bid" in columns.values and "ask" in columns.values:
        bid, ask = columns.values["bid"].astype(float), columns.values["ask"].astype(float)
        both = columns.has("bid") & columns.has("ask") & ~crossed(columns)
        is_option = np.array([isinstance(parse_symbol(symbol), Contract) for symbol in columns.symbols])[columns.code]
        # A traded price beside quotes may be old: options of a quoted day count by their quotes alone.
        found = np.where(both, (bid + ask) / 2, np.where(is_option, np.nan, found))
    return found
