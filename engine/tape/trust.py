"""May a backtest rely on a stored day? Yes; yes, but not for its stops; or no, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.calendar import Session
from engine.clock import MINUTE
from engine.tape.columns import Columns
from engine.tape.daytape import DayTape
from engine.tape.header import UnderlyingHeader
from engine.types import Contract, parse_symbol

INDICATIVE = "indicative"
"""The flag of a recorded day whose quotes its vendor has modified."""

_SPARSE = 0.5
_FEWEST = 4  # strikes: the least that a condor is made of


@dataclass(frozen=True, slots=True)
class Trust:
    """``no stops``: entries and settlements can be believed, what happened in between cannot. ``why`` of a "yes"
    is what limits its use."""

    answer: Literal["yes", "no stops", "no"]
    why: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In one line: ``trust: no stops (its prices are of trades)``."""
        reasons = "; ".join(self.why)
        if self.answer == "no":
            return f"trust: no: {reasons}"
        return f"trust: {self.answer}{f' ({reasons})' if reasons else ''}"


def judge(tape: DayTape, of: Session, reasons: Sequence[str], *, has_underlying: bool) -> Trust:
    """Of a chain's day: ``reasons`` make it suspect, ``has_underlying`` with what would be joined to it."""
    against = list(reasons)
    if tape.provenance.origin == "simulated":
        against.append("simulated: no market showed these prices")
    columns = tape.columns
    expiring = _expiring(columns, tape.day)
    if not expiring.any():
        against.append("no option of it expires that day")
    elif not has_underlying and _paired(columns, expiring) < _SPARSE:
        against.append("no values of its underlying, and too few pairs of call and put to tell them from")
    if against:
        return Trust("no", tuple(against))
    doubts = []
    if tape.provenance.meaning != "quote":
        doubts.append("one price and no quote" if tape.provenance.meaning == "mid" else "prices of trades, no quotes")
    if INDICATIVE in tape.header.flags:
        doubts.append("its quotes are indicative, which nobody could trade on")
    share = _filled(columns, expiring, of)
    if share < _SPARSE:
        doubts.append(f"a contract has a price in {100 * share:.0f}% of the minutes")
    answer: Literal["yes", "no stops"] = "no stops" if doubts else "yes"
    strikes = _strikes(columns, expiring)
    if strikes < _FEWEST:
        doubts.append(f"only {strikes} strike{'s' * (strikes > 1)} of that day's expiry")
    return Trust(answer, tuple(doubts))


def judge_underlying(header: UnderlyingHeader, reasons: Sequence[str]) -> Trust:
    """Of an underlying's day."""
    against = list(reasons)
    if header.provenance.origin == "simulated":
        against.append("simulated: no market showed these prices")
    return Trust("no", tuple(against)) if against else Trust("yes")


def _expiring(columns: Columns, day: object) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which rows are prices of options that expire that day."""
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    expires = np.array([isinstance(one, Contract) and one.expiry == day for one in instruments])
    found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = expires[columns.code] & columns.has("bid", "ask", "price")
    return found


def _strikes(columns: Columns, rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """How many strikes those rows are of."""
    listed = (parse_symbol(columns.symbols[code]) for code in np.unique(columns.code[rows]).tolist())
    return len({one.strike for one in listed if isinstance(one, Contract)})


def _paired(columns: Columns, rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """At which share of the instants a strike has both its call and its put."""
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    strikes = np.array([one.strike if isinstance(one, Contract) else 0 for one in instruments], dtype=np.int64)
    times, strike = columns.ts_known[rows], strikes[columns.code[rows]]
    order = np.lexsort((strike, times))
    both = (np.diff(times[order]) == 0) & (np.diff(strike[order]) == 0)
    instants = np.unique(times)
    return len(np.unique(times[order][1:][both])) / len(instants) if len(instants) else 0.0


def _filled(columns: Columns, rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], of: Session) -> float:
    """Of the minutes from a contract's first price to the close, the share in which it has one; over all contracts."""
    code, minute = columns.code[rows], (columns.ts_known[rows] - 1 - of.open) // MINUTE
    inside = minute >= 0
    code, minute = code[inside], minute[inside]
    if not len(code):
        return 0.0
    seen = np.unique(code.astype(np.int64) * 10_000 + minute)
    first = np.full(len(columns.symbols), of.minutes, dtype=np.int64)
    np.minimum.at(first, code, minute)
    possible = int((of.minutes - first[np.unique(code)]).clip(min=1).sum())
    return min(1.0, len(seen) / possible)
