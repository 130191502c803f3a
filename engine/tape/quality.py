"""Whether a stored day can be believed: what ``data verify`` looks at beyond the hash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.calendar import clock_text, is_session, session
from engine.clock import MINUTE, SECOND
from engine.tape.columns import Columns, problem
from engine.tape.daily import DailySeries
from engine.tape.dayfile import check_content
from engine.tape.daytape import DayTape
from engine.tape.files import broken
from engine.tape.gaps import gaps, standing_still
from engine.tape.header import FORMAT_VERSION, Header, UnderlyingHeader
from engine.tape.heard import Heard
from engine.tape.join import join
from engine.tape.minutes import by_minute
from engine.tape.monotone import Breaks, monotonicity
from engine.tape.parity import parity_error
from engine.tape.silence import LONG
from engine.tape.tally import tally
from engine.tape.trust import Trust, judge, judge_underlying
from engine.types import product

_CROSSED_LIMIT = 0.01
_BREAKS_LIMIT = {"quote": 0.01, "mid": 0.05, "trade_bar": 0.05}
_JUMP = 0.03
_SOON = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class DayReport:
    """What was found. A day with ``reasons`` is suspect.

    Attributes:
        parity: in points, ``None`` where it has no meaning.
        breaks: neighbouring strikes whose prices contradict each other.
        trust: whether a backtest may rely on the day.
    """

    reasons: tuple[str, ...]
    crossed: int
    parity: float | None
    breaks: Breaks
    trust: Trust

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the day."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class UnderlyingReport:
    """The same for a day of an index or a fund alone."""

    reasons: tuple[str, ...]
    trust: Trust

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the day."""
        return not self.reasons


def inspect_day(tape: DayTape, values: Columns | None = None) -> DayReport:
    """Look at an opened day, and beside it at the ``values`` of its underlying that would be joined to it.

    Raises ``StoreError`` where its order or its counts are not what its header says.
    """
    columns, header = tape.columns, tape.header
    counted = _recount(tape.path, header, columns, tape.heard)
    if tape.heard is not None:  # frames bring what changed: only what stood at once can be compared
        columns = by_minute(columns)
    breaks = monotonicity(columns)
    if not is_session(tape.day):
        reasons = [f"{tape.day} is not a trading day"]
        return DayReport(tuple(reasons), counted["crossed"], None, breaks, Trust("no", tuple(reasons)))
    of = session(tape.day)
    meaning = tape.provenance.meaning
    reasons = _flagged(header, of.early)
    if counted["crossed"] > _CROSSED_LIMIT * counted["rows"]:
        reasons.append(f"{counted['crossed']} of {counted['rows']} rows crossed")
    if breaks.share > _BREAKS_LIMIT[meaning]:
        reasons.append(f"{breaks.found} of {breaks.pairs} neighbouring strikes contradict each other")
    if tape.heard is not None:
        reasons += [each.text for each in tape.silences() if each.end - each.start >= LONG]
    elif meaning == "quote":
        instants = np.unique(columns.ts_known[columns.has("bid", "ask")])
        reasons += gaps(instants, of, ended=not _is_truncated(header))
    if meaning == "quote":
        still = standing_still(columns, of)
        reasons += [still] if still else []
    whole = columns if values is None else join(columns, values)
    error, limit = parity_error(whole, tape.day, meaning, tape.root)
    if error is not None and error > limit:
        reasons.append(f"put-call parity is off by {error:.2f} points (at most {limit:.2f} expected)")
    trust = judge(
        replace(tape, columns=columns), of, reasons, has_underlying=product(tape.root).underlying in whole.symbols
    )
    return DayReport(tuple(reasons), counted["crossed"], error, breaks, trust)


def inspect_underlying(header: UnderlyingHeader, columns: Columns, path: Path) -> UnderlyingReport:
    """Look at an opened day of an underlying; raises as ``inspect_day`` does."""
    _recount(path, header, columns)
    if not is_session(header.day):
        reasons = [f"{header.day} is not a trading day"]
        return UnderlyingReport(tuple(reasons), Trust("no", tuple(reasons)))
    of = session(header.day)
    reasons = _flagged(header, of.early)
    priced = columns.has("price")
    instants, price = columns.ts_known[priced], columns.values["price"][priced] if priced.any() else np.zeros(0)
    if len(instants) < 2:
        reasons.append("one value only" if len(instants) else "no value at all")
    else:
        steps = np.diff(instants)
        usual = int(np.median(steps))
        if of.close - instants[-1] > max(usual, _SOON) and not _is_truncated(header):
            reasons.append(f"stops at {clock_text(int(instants[-1]), seconds=False)}")
        holes = int((steps > usual).sum())
        if holes > 0.01 * len(steps):
            reasons.append(f"{holes} holes in values that come every {usual // SECOND} s")
        moves = np.abs(np.diff(price.astype(float))) / price[:-1]
        if (moves > _JUMP).any():
            reasons.append(f"jumps by {100 * float(moves.max()):.1f}% between two values")
    bad = _contradicting_bars(columns)
    if bad:
        reasons.append(f"{bad} bars whose close lies outside their high and low")
    return UnderlyingReport(tuple(reasons), judge_underlying(header, reasons))


def inspect_daily(series: list[DailySeries]) -> list[str]:
    """Where the sources of one symbol contradict each other by more than 1%, in words; simulated ones may."""
    found: list[str] = []
    series = [one for one in series if one.header.provenance.origin != "simulated"]
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


def _recount(path: Path, header: Header, columns: Columns, heard: Heard | None = None) -> dict[str, int]:
    reason = problem(columns)
    if reason:
        raise broken(path, reason)
    counted = tally(columns)
    wrong = [name for name, count in counted.items() if header.counts.get(name) != count]
    if wrong:
        raise broken(path, f"its header miscounts {wrong[0]}")
    check_content(path, header, columns, heard)
    return counted


def _flagged(header: Header, early: bool) -> list[str]:
    """What its flags say against it, and whether they know the calendar."""
    known = () if header.version >= FORMAT_VERSION else ("truncated", "gap")  # a recorded day's are found anew
    reasons = [flag.replace(":", " ", 1) for flag in header.flags if flag.startswith(known)]
    if early != ("half_day" in header.flags):
        reasons.append(f"{'half-day' if early else 'not a half-day'} by the calendar, not by its flag")
    return reasons


def _is_truncated(header: Header) -> bool:
    return any(flag.startswith("truncated") for flag in header.flags)


def _contradicting_bars(columns: Columns) -> int:
    bars = columns.has("price") & columns.has("high") & columns.has("low")
    if not bars.any():
        return 0
    price, high, low = (columns.values[name][bars] for name in ("price", "high", "low"))
    return int(((price > high) | (price < low)).sum())
