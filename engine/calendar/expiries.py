"""Which option roots expire on a day, until when they trade and how they settle.

``data/roots.csv`` says from when a root has which expirations, with its sources. What it cannot say raises
``NotKnown``: a day before the root's table begins, or in the weeks around a launch whose first day is not sourced.

Holidays: an expiration that falls on one moves to the session before, a Monday's to the session after.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal

from engine.calendar.newyork import from_new_york
from engine.calendar.sessions import (
    FIRST_DAY,
    LAST_DAY,
    Session,
    is_session,
    previous_session,
    session,
    special_day,
)
from engine.calendar.tables import source_of, table
from engine.clock import MINUTE
from engine.types import product

Settles = Literal["close", "open", "shares"]

_DAY = dt.timedelta(days=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
_QUARTERS = (3, 6, 9, 12)
_EXERCISE_BY = dt.time(17, 30)
_EXERCISE_AFTER_EARLY_CLOSE = 90 * MINUTE
_INDEX_MINUTES_AFTER_CLOSE = 15


class NotKnown(ValueError):
    """The tables do not reach that day, so neither yes nor no would be true."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """One root's expiration.

    Attributes:
        day: the date in the contract's symbol.
        last_trade: when the expiring contracts stop trading, ns UTC. For ``SPX`` that is on the session before.
        settles: ``close``: cash against the day's official close. ``open``: cash against the special opening quotation
            of the morning of ``day``. ``shares``: exercised into shares.
        exercise_by: until when a holder may say otherwise about the exercise, ns UTC; ``None`` for cash.
        names: which series these are: ``weekly``, ``monthly``, ``month end``, ``quarter end``.
        sources: the documents that say this root has them.
    """

    root: str
    day: dt.date
    last_trade: int
    settles: Settles
    exercise_by: int | None
    names: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    root: str
    rule: str
    first: dt.date
    certain: dt.date
    source: str


@cache
def _rules() -> dict[str, tuple[_Rule, ...]]:
    found: dict[str, tuple[_Rule, ...]] = {}
    for row in table("roots"):
        first, certain = dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["certain"])
        rule = _Rule(row["root"], row["rule"], first, certain, row["source"])
        found[rule.root] = (*found.get(rule.root, ()), rule)
    return found


def expiring_roots() -> tuple[str, ...]:
    """The roots whose expirations are known; ``SPX`` is the morning-settled monthly one."""
    return tuple(_rules())


def expiries_known_from(root: str) -> dt.date:
    """The first day for which the expirations of ``root`` are known; ``KeyError`` for a root without a table."""
    return min(rule.first for rule in _rules()[root])


def third_friday(year: int, month: int) -> dt.date:
    """The third Friday of a month, whether the exchange trades on it or not."""
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(4 - first.weekday()) % 7 + 14)


def monthly_expiry(year: int, month: int) -> dt.date:
    """The standard expiration of a month: its third Friday, or the session before if that is a holiday."""
    return _on_or_before(third_friday(year, month))


def is_triple_witching(day: dt.date) -> bool:
    """Whether index options, index futures and stock options of the quarter expire on ``day``."""
    return day.month in _QUARTERS and day == _monthly_in_table(day.year, day.month)


def is_month_end(day: dt.date) -> bool:
    """Whether ``day`` is the last session of its month."""
    following = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    return is_session(day) and not any(is_session(day + _DAY * n) for n in range(1, (following - day).days))


def vix_expiry(year: int, month: int) -> dt.date:
    """When the VIX options and futures of a month settle, in the morning: 30 days before the next month's third Friday.

    If that Wednesday or that Friday is a holiday, it is the session before the Wednesday.
    """
    friday = third_friday(year + month // 12, month % 12 + 1)
    wednesday = friday - dt.timedelta(days=30)
    special = special_day(friday)
    if special and special.kind == "holiday":
        return previous_session(wednesday).day
    return _on_or_before(wednesday)


def expires_on(root: str, day: dt.date) -> Expiry | None:
    """What of ``root`` expires on ``day``, or ``None``.

    Raises ``NotKnown`` where the table does not say, ``NotASession`` outside the calendar and ``KeyError`` for a root
    without a table (see ``expiring_roots``).
    """
    rules = _rules()[root]
    if not FIRST_DAY <= day <= LAST_DAY:
        session(day)  # says so
    if day < (known := expiries_known_from(root)):
        raise NotKnown(f"which {root} options expired on {day} is not known: the table begins on {known}")
    if not is_session(day):
        return None
    landing = [rule for rule in rules if day >= rule.first and _lands_on(rule.rule, day)]
    sure = [rule for rule in landing if day >= rule.certain]
    if landing and not sure:
        rule = landing[0]
        raise NotKnown(
            f"whether {root} expired on {day} is not known: its first {rule.rule} expiration lies "
            f"between {rule.first} and {rule.certain}"
        )
    if sure:
        return _expiry(root, session(day), sure)
    if any(_moves_off_a_closure(rule, day) for rule in rules):
        raise NotKnown(f"whether {root} expired on {day} is not known: a one-off closure beside it moved an expiration")
    return None


def _expiry(root: str, today: Session, rules: list[_Rule]) -> Expiry:
    names = tuple(dict.fromkeys(_name(rule.rule, today.day) for rule in rules))
    sources = tuple(dict.fromkeys(source_of(rule.source) for rule in rules))
    if root == "SPX":
        # Morning-settled: last traded on the session before, to the end of the index options' regular hours.
        last = previous_session(today.day).close + _INDEX_MINUTES_AFTER_CLOSE * MINUTE
        return Expiry(root, today.day, last, "open", None, names, sources)
    last = today.product_close(root)
    if product(root).settlement == "cash":
        return Expiry(root, today.day, last, "close", None, names, sources)
    return Expiry(root, today.day, last, "shares", exercise_cutoff(today), names, sources)


def exercise_cutoff(today: Session) -> int:
    """Until when a holder may exercise into shares on a session, ns UTC; a broker's own cutoff may be earlier.

    FINRA rule 2360(b)(23)(A): 17:30, or an hour and a half after an early close that was announced.
    """
    return today.close + _EXERCISE_AFTER_EARLY_CLOSE if today.early else from_new_york(today.day, _EXERCISE_BY)


def _name(rule: str, day: dt.date) -> str:
    if rule == "month-end" and day.month in _QUARTERS:
        return "quarter end"
    return rule.replace("-", " ") if rule not in _WEEKDAYS else "weekly"


def _lands_on(rule: str, day: dt.date) -> bool:
    """Whether an expiration by ``rule`` falls on the session ``day``, moved off a holiday if need be."""
    if rule == "monthly":
        return day == _monthly_in_table(day.year, day.month)
    if rule in ("month-end", "quarter-end"):
        return is_month_end(day) and (rule == "month-end" or day.month in _QUARTERS)
    weekday = _WEEKDAYS.index(rule)
    return any(nominal.weekday() == weekday and not _is_third_friday(nominal) for nominal in _moved_to(day))


def _moved_to(day: dt.date) -> list[dt.date]:
    """The weekdays whose expirations are held on the session ``day``: itself and the holidays that move to it."""
    found = [day]
    after = day + _DAY
    while after <= LAST_DAY and not is_session(after):
        if 1 <= after.weekday() <= 4 and not _is_closure(after):
            found.append(after)
        after += _DAY
    before = day - _DAY
    while before >= FIRST_DAY and not is_session(before):
        if before.weekday() == 0 and not _is_closure(before):
            found.append(before)
        before -= _DAY
    return found


def _is_third_friday(day: dt.date) -> bool:
    return day == third_friday(day.year, day.month)


def _monthly_in_table(year: int, month: int) -> dt.date | None:
    """The month's standard expiration, or ``None`` where the calendar does not reach it."""
    friday = third_friday(year, month)
    return _on_or_before(friday) if FIRST_DAY <= friday <= LAST_DAY else None


def _on_or_before(day: dt.date) -> dt.date:
    return day if is_session(day) else previous_session(day).day


def _is_closure(day: dt.date) -> bool:
    special = special_day(day)
    return special is not None and special.kind == "closure"


def _moves_off_a_closure(rule: _Rule, day: dt.date) -> bool:
    """Whether an expiration of the day before or after had to move because the exchange closed out of turn.

    Where to is not in the tables: a closure is announced days ahead, unlike a holiday.
    """
    beside = (day + _DAY * n for n in (-1, 1))
    return any(
        _is_closure(each)
        and each >= rule.first
        and rule.rule in _WEEKDAYS
        and each.weekday() == _WEEKDAYS.index(rule.rule)
        for each in beside
    )
