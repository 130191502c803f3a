"""When a Cboe quote table was printed, and of which instant its quotes are.

The table's second line says when it was downloaded, in the words of the browser's language:
``July 12, 2022, 11:55 AM EDT``, ``24 September 2023,1:46 PM EDT``, ``9 декабря 2023 г. в 13:49 GMT-5``. English,
Spanish and Russian months are known. Quotes are fifteen minutes older: then Cboe's own implied volatilities come out.

After the close the page stands still. Seen in the files of 2023-09-14, printed at 16:31: index options that expired
that day show their last quotes of 16:00, all others those of 16:15, when regular quoting ends (the forward of the next
expiry lies 5 points above the index's close and agrees with SPY after hours); an index's value is of 16:00. A table
printed at the weekend shows the last quotes of the Friday: QQQ's volatilities of 2023-09-24 fit 16:13. Options on
indices are quoted until 17:00 since 2021-11-22: of their weekend tables 17:00 is taken, which fits the volatilities
better than 16:15. They are quoted at night as well, from 20:15 on: a table of the night is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from engine.calendar import Session, clock_text, date_of, from_new_york, is_session, previous_session, session
from engine.clock import MINUTE, SECOND
from engine.types import PRODUCTS, Contract, Underlying

DELAY: Final = 15 * MINUTE
QUOTES_END: Final = 15 * MINUTE
"""How long after the session's close options on indices and funds are regularly quoted, unless they expire."""

_CURB_END: Final = 60 * MINUTE
_CURB_SINCE: Final = dt.date(2021, 11, 22)
_NIGHT: Final = dt.time(20, 15)
_ENGLISH: Final = "january february march april may june july august september october november december"
_SPANISH: Final = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_RUSSIAN: Final = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
_MONTHS: Final = {
    name: number
    for names in (_ENGLISH, _SPANISH, _RUSSIAN)
    for number, name in enumerate(names.split(), start=1)
}  # fmt: skip
_ZONES: Final = {"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "UTC": 0}
_DATE: Final = re.compile(
    r"(?:(?P<month>[^\W\d_]+)\s+(?P<day>\d{1,2})|(?P<day2>\d{1,2})\s+(?:de\s+)?(?P<month2>[^\W\d_]+))"
    r"(?:\s*,|\s+de\b)?\s+(?P<year>\d{4})(?:\s+г\.)?"
    r"(?:\s*,|\s+at\b|\s+в\b|\s+a\s+las\b)\s*"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?:\s+(?P<half>AM|PM))?"
    r"\s+(?:GMT(?P<offset>[+-]\d{1,2})?|(?P<zone>[A-Z]{3}))"
)


def printed_at(text: str) -> int:
    """The instant in ns UTC. Raises ``ValueError`` saying what is not understood; nothing is guessed."""
    text = " ".join(text.split())  # some browsers write narrow blanks
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(
            f"not a date with a year, a time and a zone, such as July 12, 2022, 11:55 AM EDT: {text[:60]!r}"
        )
    month = (found["month"] or found["month2"]).lower()
    if month not in _MONTHS:
        raise ValueError(f"{month[:20]!r} is no month in English, Spanish or Russian: {text[:60]!r}")
    hour, half = int(found["hour"]), found["half"]
    if half and not 1 <= hour <= 12:
        raise ValueError(f"no hour has {hour} {half}: {text[:60]!r}")
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    if found["zone"] and found["zone"] not in _ZONES:
        raise ValueError(f"the time zone {found['zone']} is not known: {text[:60]!r}")
    offset = _ZONES[found["zone"]] if found["zone"] else int(found["offset"] or 0)
    day = int(found["day"] or found["day2"])
    try:
        zone = dt.timezone(dt.timedelta(hours=offset))
        moment = dt.datetime(int(found["year"]), _MONTHS[month], day, hour, int(found["minute"]), tzinfo=zone)
    except ValueError:
        raise ValueError(f"there is no such date or time: {text[:60]!r}") from None
    return int(moment.timestamp()) * SECOND


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Of which session the quotes of a table are.

    Attributes:
        of: the session.
        shown_ts: the instant the page showed, ns UTC: quotes of then, or the last before.
        ts_known: when a person could have it, ns UTC: the printed time; for a download on a later day, when the page
            came to its rest, 17:15. That is after the close, so nobody trades on it.
    """

    of: Session
    shown_ts: int
    ts_known: int

    @property
    def after_close(self) -> bool:
        """Whether nothing of it was known during the session."""
        return self.ts_known > self.of.close

    def true_at(self, instrument: Contract | Underlying, root: str) -> int:
        """When the quote or value was true: not after the instrument was quoted last."""
        index = PRODUCTS[root].settlement == "cash"
        if isinstance(instrument, Contract) and instrument.expiry == self.of.day:
            last = self.of.product_close(root)
        elif isinstance(instrument, Underlying) and index:
            last = self.of.close
        else:
            curb = index and self.of.day >= _CURB_SINCE and not self.of.early
            last = self.of.close + (_CURB_END if curb else QUOTES_END)
        return min(self.shown_ts, last)


def snapshot(printed: int) -> Snapshot:
    """What a table printed at ``printed`` (ns UTC) shows.

    Raises ``ValueError`` for one of the night session or before the open's quotes have come through the delay.
    """
    day, quotes = date_of(printed), printed - DELAY
    words = f"printed at {clock_text(printed, seconds=False)} New York on {day}, its quotes are of the night session"
    if is_session(day) and quotes <= session(day).open:
        raise ValueError(f"{words} or the day before: import a table printed from 09:46 on")
    if quotes >= from_new_york(day, _NIGHT) and is_session(day + dt.timedelta(days=1)):
        raise ValueError(f"{words}: import a table printed earlier in the evening")
    if is_session(day):
        return Snapshot(session(day), quotes, printed)
    of = previous_session(day)
    return Snapshot(of, of.close + _CURB_END, of.close + _CURB_END + DELAY)
