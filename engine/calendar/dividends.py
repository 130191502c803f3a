"""Ex-dividend days of the funds whose options are American (SPY, QQQ), and until when exercise still brings a dividend.

Each dividend is a row of ``data/dividends.csv`` with its source; ``data/dividend_coverage.csv`` says between which
days the rows are complete. Outside, whether there is a dividend is not known: ``NotKnown``, never "none".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from engine.calendar.expiries import NotKnown, exercise_cutoff
from engine.calendar.sessions import previous_session
from engine.calendar.tables import source_of, table
from engine.types import Price, to_units


@dataclass(frozen=True, slots=True)
class ExDividend:
    """One dividend.

    Attributes:
        day: the ex-dividend day: who buys the shares on it no longer gets the dividend.
        amount: a share, in units of 1e-4 dollars.
        exercise_by: the last instant, ns UTC, at which a call exercised into shares brings the dividend: the exercise
            cutoff of the session before.
        source: the document, in a line. taken: when the row was taken from it.
    """

    symbol: str
    day: dt.date
    amount: Price
    exercise_by: int
    source: str
    taken: dt.date


@dataclass(frozen=True, slots=True)
class DividendAhead:
    """What could be known of a dividend before its ex-day.

    Attributes:
        day, exercise_by: as of ``ExDividend``; both funds publish the days of a year in its first weeks.
        amount: in units of 1e-4 dollars. Declared on the session before the ex-day; until then it is ``estimated`` as
            what was paid the time before.
    """

    symbol: str
    day: dt.date
    amount: Price
    estimated: bool
    exercise_by: int


def dividend_ahead(symbol: str, today: dt.date, expiry: dt.date) -> DividendAhead | None:
    """The first dividend with an ex-day after ``today`` and up to ``expiry``, as far as one could know it ``today``.

    ``None`` where there is none, ``NotKnown`` where the table does not reach, or has none before to estimate from.
    """
    if expiry <= today:
        return None
    found = ex_dividends_between(symbol, today + dt.timedelta(days=1), expiry)
    if not found:
        return None
    paid = found[0]
    if previous_session(paid.day).day <= today:
        return DividendAhead(symbol, paid.day, paid.amount, False, paid.exercise_by)
    earlier = [each for each in _dividends() if each.symbol == symbol and each.day <= today]
    if not earlier:
        raise NotKnown(f"what {symbol} pays on {paid.day} is not known on {today}, nor what it paid before")
    return DividendAhead(symbol, paid.day, earlier[-1].amount, True, paid.exercise_by)


def dividends_known(symbol: str, first: dt.date, last: dt.date) -> bool:
    """Whether every dividend of ``symbol`` from ``first`` to ``last``, both included, is in the table."""
    return any(low <= first and last <= high for low, high in _spans().get(symbol, ()))


def ex_dividends_between(symbol: str, first: dt.date, last: dt.date) -> tuple[ExDividend, ...]:
    """The ex-dividend days from ``first`` to ``last``, both included; ``NotKnown`` where the table does not reach."""
    if not dividends_known(symbol, first, last):
        raise NotKnown(f"whether {symbol} pays a dividend from {first} to {last} is not known: {_reach(symbol)}")
    return tuple(each for each in _dividends() if each.symbol == symbol and first <= each.day <= last)


def ex_dividend_on(symbol: str, day: dt.date) -> ExDividend | None:
    """The dividend whose ex-day is ``day``, if there is one; ``NotKnown`` where the table does not reach."""
    found = ex_dividends_between(symbol, day, day)
    return found[0] if found else None


def next_ex_dividend(symbol: str, day: dt.date) -> ExDividend | None:
    """The first ex-dividend day after ``day``; ``None`` if none is known before the table's next gap or its end.

    ``NotKnown`` where the table does not reach ``day``.
    """
    end = next((high for low, high in _spans().get(symbol, ()) if low <= day <= high), None)
    if end is None:
        raise NotKnown(f"whether {symbol} pays a dividend on {day} is not known: {_reach(symbol)}")
    return next((each for each in _dividends() if each.symbol == symbol and day < each.day <= end), None)


@cache
def _spans() -> dict[str, tuple[tuple[dt.date, dt.date], ...]]:
    found: dict[str, tuple[tuple[dt.date, dt.date], ...]] = {}
    for row in table("dividend_coverage"):
        span = (dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"]))
        found[row["symbol"]] = (*found.get(row["symbol"], ()), span)
    return found


def _reach(symbol: str) -> str:
    spans = _spans().get(symbol)
    if not spans:
        return f"no dividends of {symbol} are kept; known: {', '.join(sorted(_spans()))}"
    return "known are " + " and ".join(f"{low} to {high}" for low, high in spans)


@cache
def _dividends() -> tuple[ExDividend, ...]:
    found = []
    for row in table("dividends"):
        day = dt.date.fromisoformat(row["ex_date"])
        by = exercise_cutoff(previous_session(day))
        amount = to_units(round(float(row["amount"]), 4))
        taken = dt.date.fromisoformat(row["taken"])
        found.append(ExDividend(row["symbol"], day, amount, by, source_of(row["source"]), taken))
    return tuple(sorted(found, key=lambda each: (each.day, each.symbol)))
