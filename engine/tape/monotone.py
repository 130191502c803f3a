"""Calls fall and puts rise with the strike: how often the quotes or prices of one instant say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.tape.columns import Columns
from engine.tape.tally import crossed
from engine.types import Contract, Instrument, parse_symbol, product


class Breaks(NamedTuple):
    """``found`` of ``pairs`` of neighbouring strikes whose prices cannot both be right."""

    found: int
    pairs: int

    @property
    def share(self) -> float:
        """0 where there are no pairs."""
        return self.found / self.pairs if self.pairs else 0.0


def monotonicity(columns: Columns) -> Breaks:
    """Neighbouring strikes of one expiry and right at one instant.

    Of quotes a pair breaks if the bid of the option that must be cheaper is above the ask of the other: by more than
    their widths. Of prices, where there are no quotes, if it is dearer by more than a tick. Crossed quotes do not
    count.
    """
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    group, strike, is_call, tick = _layout(instruments)
    quoted = "bid" in columns.values and "ask" in columns.values and bool(columns.has("bid", "ask").any())
    if quoted:
        rows = np.flatnonzero((group[columns.code] >= 0) & columns.has("bid") & columns.has("ask") & ~crossed(columns))
        low, high = columns.values["bid"], columns.values["ask"]
    else:
        if "price" not in columns.values:
            return Breaks(0, 0)
        rows = np.flatnonzero((group[columns.code] >= 0) & columns.has("price"))
        low = high = columns.values["price"]
    code = columns.code[rows]
    order = np.lexsort((strike[code], group[code], columns.ts_known[rows]))
    rows, code = rows[order], code[order]
    same = (np.diff(columns.ts_known[rows]) == 0) & (np.diff(group[code]) == 0)
    first, second = rows[:-1][same], rows[1:][same]
    call = is_call[code[1:]][same]
    cheap, dear = np.where(call, second, first), np.where(call, first, second)
    slack = np.zeros(len(first), dtype=np.int64) if quoted else tick[code[1:]][same]
    broken = low[cheap].astype(np.int64) > high[dear] + slack
    return Breaks(int(broken.sum()), len(first))


def _layout(
    instruments: Sequence[Instrument],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """By instrument: its group (expiry and right; -1 for an underlying), strike, whether it is a call, its tick."""
    groups: dict[tuple[str, str, str], int] = {}
    group, strike, is_call, tick = [], [], [], []
    for one in instruments:
        option = one if isinstance(one, Contract) else None
        key = None if option is None else (option.root, option.expiry.isoformat(), option.right)
        group.append(-1 if key is None else groups.setdefault(key, len(groups)))
        strike.append(option.strike if option else 0)
        is_call.append(option is not None and option.right == "C")
        tick.append(product(option.root).tick_above if option else 0)
    return np.array(group), np.array(strike, dtype=np.int64), np.array(is_call), np.array(tick, dtype=np.int64)
