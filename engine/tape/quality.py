"""Whether a stored day can be believed: what ``data verify`` looks at beyond the hash."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.calendar import clock_text, is_session, session
from engine.clock import MINUTE
from engine.tape.columns import Columns, problem
from engine.tape.daily import DailySeries
from engine.tape.daytape import DayTape
from engine.tape.files import broken
from engine.tape.tally import crossed, tally
from engine.types import SCALE, Contract, PriceMeaning, Underlying, parse_symbol

_NEAR = 0.05
_PARITY_BASE = {"quote": 0.0005, "mid": 0.001, "trade_bar": 0.001}
_CARRY_A_YEAR = 0.08
_YEAR_DAYS = 365.0
_CROSSED_LIMIT = 0.01
_EARLY_END = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class DayReport:
    """What was found. A day with ``reasons`` is suspect; ``parity`` is in points, ``None`` where it has no meaning."""

    reasons: tuple[str, ...]
    crossed: int
    parity: float | None

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the day."""
        return not self.reasons


def inspect_day(tape: DayTape) -> DayReport:
    """Look at an opened day; raises ``StoreError`` where its order or its counts are not what its header says."""
    columns, header = tape.columns, tape.header
    reason = problem(columns)
    if reason:
        raise broken(tape.path, reason)
    counted = tally(columns)
    wrong = [name for name, count in counted.items() if header.counts.get(name) != count]
    if wrong:
        raise broken(tape.path, f"its header miscounts {wrong[0]}")
    if not is_session(tape.day):
        return DayReport((f"{tape.day} is not a trading day",), counted["crossed"], None)
    reasons = [flag.replace(":", " ", 1) for flag in header.flags if flag.startswith(("truncated", "gap"))]
    if session(tape.day).early != ("half_day" in header.flags):
        reasons.append("half-day" if session(tape.day).early else "not a half-day")
        reasons[-1] += " by the calendar, not by its flag"
    if counted["crossed"] > _CROSSED_LIMIT * counted["rows"]:
        reasons.append(f"{counted['crossed']} of {counted['rows']} rows crossed")
    reasons += _gaps(tape)
    error, limit = parity_error(columns, tape.day, tape.provenance.meaning)
    if error is not None and error > limit:
        reasons.append(f"put-call parity is off by {error:.2f} points (at most {limit:.2f} expected)")
    return DayReport(tuple(reasons), counted["crossed"], error)


def inspect_daily(series: list[DailySeries]) -> list[str]:
    """Where the sources of one symbol contradict each other by more than 1%, in words."""
    found: list[str] = []
    for number, one in enumerate(series):
        for other in series[number + 1 :]:
            days = [
                day
                for day, close in one.closes.items()
                if day in other.closes and abs(close.close - other.closes[day].close) > 0.01 * close.close
            ]
            if days:
                names = f"{one.header.provenance.source} and {other.header.provenance.source}"
                found.append(f"{names} differ by more than 1% on {len(days)} days, last on {days[-1]}")
    return found


def parity_error(columns: Columns, day: dt.date, meaning: PriceMeaning = "quote") -> tuple[float | None, float]:
    """Median of |strike + call - put - spot| in points over instants and strikes within 5% of spot, nearest expiry.

    With it the most that is believable: half a thousandth of spot (a whole one where prices are of trades, made at
    different seconds of the minute), and 8% a year of it for carry until that expiry.
    ``None`` where no instant has the underlying and both sides of a strike.
    """
    instruments = [parse_symbol(symbol) for symbol in columns.symbols]
    sides: dict[tuple[dt.date, int], dict[str, int]] = defaultdict(dict)
    for code, instrument in enumerate(instruments):
        if isinstance(instrument, Contract):
            sides[instrument.expiry, instrument.strike][instrument.right] = code
    spots = [code for code, instrument in enumerate(instruments) if isinstance(instrument, Underlying)]
    pairs = sorted((expiry, strike, side["C"], side["P"]) for (expiry, strike), side in sides.items() if len(side) == 2)
    if not pairs or not spots:
        return None, 0.0
    price = _prices(columns)
    starts = columns.starts()
    instant = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(columns))))
    grid = np.full((len(starts), len(instruments)), np.nan)
    grid[instant, columns.code] = price
    spot = grid[:, spots[0]][:, None]
    for expiry in sorted({pair[0] for pair in pairs}):
        chosen = [pair for pair in pairs if pair[0] == expiry]
        strike = np.array([pair[1] for pair in chosen], dtype=float)
        calls, puts = grid[:, [pair[2] for pair in chosen]], grid[:, [pair[3] for pair in chosen]]
        near = np.abs(strike - spot) <= _NEAR * spot
        errors = np.abs(strike + calls - puts - spot)[near]
        errors = errors[np.isfinite(errors)]
        if errors.size:
            level = float(np.nanmedian(spot))
            limit = level * (_PARITY_BASE[meaning] + _CARRY_A_YEAR * (expiry - day).days / _YEAR_DAYS)
            return float(np.median(errors)) / SCALE, limit / SCALE
    return None, 0.0


def _prices(columns: Columns) -> NDArray[np.float64]:
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


def _gaps(tape: DayTape) -> list[str]:
    """Minutes without a quote and an early end, in a day of quotes, which come by the minute."""
    if tape.provenance.meaning != "quote":
        return []
    columns = tape.columns
    instants = np.unique(columns.ts_known[columns.has("bid", "ask")])
    if len(instants) < 2:
        return ["one instant only"]
    of, found = session(tape.day), list[str]()
    if of.close - instants[-1] > _EARLY_END and not any(flag.startswith("truncated") for flag in tape.header.flags):
        found.append(f"stops at {clock_text(int(instants[-1]), seconds=False)}")
    edges = np.concatenate(([of.open], instants[instants <= of.close]))
    steps = np.diff(edges)
    holes = np.flatnonzero(steps > MINUTE)
    if not len(holes):
        return found
    longest = int(holes[np.argmax(steps[holes])])
    missing = int((steps[holes] // MINUTE - 1).sum())
    length, start = int(steps[longest]) // MINUTE, clock_text(int(edges[longest]), seconds=False)
    return [*found, f"{missing} minutes without quotes, the longest gap {length} min after {start}"]
