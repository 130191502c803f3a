"""A day of frames by the minute: what stood at the end of each, for whoever compares prices of one instant."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.clock import MINUTE
from engine.events.market import Int64
from engine.tape.assemble import assemble
from engine.tape.columns import Columns
from engine.types import MISSING, parse_symbol

_QUOTE: Final = ("bid", "ask", "bid_size", "ask_size")


def by_minute(columns: Columns) -> Columns:
    """The last quote and the last value of each field that each instrument brought in each minute, known at its end.

    What did not change in a minute has no row in it. A quote keeps its own time, a row without one its value's.
    """
    minute = -(-columns.ts_known // MINUTE)
    order = np.lexsort((columns.code, minute))  # stable: in order of time within
    place = minute[order] * len(columns.symbols) + columns.code[order]
    starts = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
    quoted = columns.has("bid", "ask")[order]
    last = np.append(starts[1:], len(order)) - 1
    last_quote = _last(quoted, starts)
    shown = np.where(last_quote >= 0, last_quote, last)
    values = {}
    for name, column in columns.values.items():
        ordered = column[order]
        at = last_quote if name in _QUOTE else _last(ordered != MISSING, starts)
        values[name] = np.where(at >= 0, ordered[np.maximum(at, 0)], np.int32(MISSING)).astype(np.int32)
    return assemble(
        minute[order][starts] * MINUTE,
        columns.ts_event[order][shown],
        columns.code[order][starts],
        [parse_symbol(symbol) for symbol in columns.symbols],
        values,
    )


def _last(chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], starts: Int64) -> Int64:
    """The last chosen row of each group, -1 where there is none."""
    found: Int64 = np.maximum.reduceat(np.where(chosen, np.arange(len(chosen)), -1), starts)
    return found
