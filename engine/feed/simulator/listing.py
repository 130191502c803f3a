"""What is listed on a simulated day: underlyings and their levels, expiries, strikes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.calendar import Session, next_session, previous_session, session, sessions_between
from engine.types import SCALE, Contract, Instrument, Price, Product, Right, Underlying

MOST_EXPIRIES = 12
_RIGHTS: tuple[Right, Right] = ("C", "P")


@dataclass(frozen=True, slots=True)
class Level:
    """How an underlying stands to the path that all of a session share.

    Attributes:
        close: its usual level, dollars. SPY is a tenth of SPX less a basis of a quarter of a per cent.
        beta: its log return over the path's.
        spread: its options' spreads over the model's, beyond ticks.
        shares: shares traded in a full session; 0 for an index.
    """

    close: float
    beta: float = 1.0
    spread: float = 1.0
    shares: int = 0


LEVELS: dict[str, Level] = {
    "SPX": Level(6000.0),
    "XSP": Level(600.0),
    "SPY": Level(598.5, spread=0.35, shares=66_000_000),
    "QQQ": Level(520.0, beta=1.2, spread=0.5, shares=42_000_000),
}


def expiries(day: dt.date, count: int) -> tuple[dt.date, ...]:
    """``count`` expiries: today and next sessions for half of them, then Fridays (Thursdays before a holiday).

    1: today. 2: and the next session. 3: and the Friday after it. 4: today, two sessions, a Friday. Raises
    ``NotASession`` where the calendar ends before.
    """
    found = [session(day).day]
    for _ in range(count // 2):
        found.append(next_session(found[-1]).day)
    friday = found[-1]
    while len(found) < count:
        friday += dt.timedelta(days=(4 - friday.weekday()) % 7 or 7)
        last = previous_session(friday + dt.timedelta(days=1)).day
        if last > found[-1]:
            found.append(last)
    return tuple(found)


def sessions_around(day: dt.date, until: dt.date) -> list[Session]:
    """The session before ``day``, ``day``, and those after it as far as ``until`` and the VIX look."""
    end = max(until, day + dt.timedelta(days=36), next_session(day).day)
    return [previous_session(day), *sessions_between(day, end)]


def strikes_around(spot: Price, width: float, step: Price) -> NDArray[np.int64]:
    """Listed strikes, ascending, price units: whole steps around the open."""
    middle = (spot + step // 2) // step
    reach = max(int(spot * width) // step, 1)
    return np.arange(middle - reach, middle + reach + 1, dtype=np.int64) * step


def instruments(
    terms: Product, symbols: tuple[str, ...], dates: tuple[dt.date, ...], strikes: NDArray[np.int64]
) -> tuple[Instrument, ...]:
    """Values, then contracts by expiry, right (calls first) and strike: the order of every batch."""
    values: list[Instrument] = [Underlying(symbol) for symbol in symbols]
    values += [
        Contract(terms.root, expiry, strike, right)
        for expiry in dates
        for right in _RIGHTS
        for strike in strikes.tolist()
    ]
    return tuple(values)


def usual_close(symbol: str) -> Price:
    """The level at which a session begins where none is given, price units."""
    return round(LEVELS[symbol].close * SCALE)
