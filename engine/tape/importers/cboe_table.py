"""The Cboe website's quote table as text: three lines of head, then a line a strike with its call and its put."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, NoReturn, TextIO

from engine.tape.errors import ImportRefused
from engine.tape.importers.cboe_times import printed_at
from engine.tape.importers.numbers import price_units, strike_units, whole
from engine.tape.importers.reading import csv_rows
from engine.types import Contract, Price, Right, parse_symbol

_SIDE: Final = "{},Last Sale,Net,Bid,Ask,Volume,IV,Delta,Gamma,Open Interest"
HEADER: Final = f"Expiration Date,{_SIDE.format('Calls')},Strike,{_SIDE.format('Puts')}"
_FIELDS: Final = HEADER.count(",") + 1
_CALL, _STRIKE, _PUT = 1, 11, 12
_LAST: Final = re.compile(r"(?:^|,)Last:\s*([^:]*?)\s*,\s*Change:")
_DATE: Final = re.compile(r'^"?Date:\s*(.*?)\s*"?,\s*Bid:')
_VOLUME: Final = re.compile(r'Volume:\s*([0-9]{1,3}(?:,[0-9]{3})*|[0-9]+)\s*"?,*\s*$')
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RIGHTS: Final[tuple[tuple[int, Right], ...]] = ((_CALL, "C"), (_PUT, "P"))
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the rows: the underlying's last value (0 where it has none), when the table was printed (ns
    UTC), the underlying's volume of the day, and how many lines the head takes."""

    last: Price
    printed: int
    volume: int
    lines: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """A contract with its quote, volume of the day and open interest."""

    contract: Contract
    bid: Price
    ask: Price
    volume: int
    open_interest: int


def is_table(text: str) -> bool:
    """Whether a text begins like one of these."""
    return any(line.rstrip(", \r\t") == HEADER for line in text.split("\n", 5)[:5])


def read_head(path: Path, lines: TextIO) -> Head:
    """The head, and ``lines`` moved past it. Raises ``ImportRefused``."""
    found: list[tuple[int, str]] = []
    number = 0
    for number, line in enumerate(islice(lines, 5), start=1):
        if line.strip(", \r\n\t"):
            found.append((number, line.rstrip("\r\n")))
        if len(found) == 3:
            break
    if len(found) < 3 or found[2][1].rstrip(", \t") != HEADER:
        shown = found[-1][1][:60] if found else ""
        where = f"row {number}" if number else ""
        raise ImportRefused(path, f"not Cboe's quote table: no header {HEADER[:27]}... but {shown!r}", where)
    (first, title), (second, line) = found[:2]
    last, date, volume = _LAST.search(title), _DATE.search(line), _VOLUME.search(line)
    if not last:
        raise ImportRefused(path, f"no value of the underlying (Last: ...) but {title[:60]!r}", f"row {first}")
    if not date:
        raise ImportRefused(path, f"no time of the table (Date: ...) but {line[:60]!r}", f"row {second}")
    try:
        value = price_units(last[1], "value of the underlying")
    except ValueError as error:
        raise ImportRefused(path, str(error), f"row {first}") from None
    try:
        printed = printed_at(date[1])
        shares = whole(volume[1].replace(",", ""), "volume") if volume else 0
    except ValueError as error:
        raise ImportRefused(path, str(error), f"row {second}") from None
    return Head(value, printed, shares, number)


def read_rows(path: Path, lines: TextIO, head: Head) -> Iterator[tuple[int, Quoted]]:
    """Calls and puts with the number of their line, in the file's order. Raises ``ImportRefused``.

    Last Sale and Net say no time, and IV, delta and gamma are Cboe's model's: they are not read.
    """
    for number, row in csv_rows(path, lines, head.lines + 1):

        def refuse(reason: str, at: int = number) -> NoReturn:
            raise ImportRefused(path, reason, f"row {at}")

        if len(row) != _FIELDS:
            refuse(f"{len(row)} fields where {_FIELDS} belong")
        try:
            expiry, strike = _expiry(row[0]), strike_units(row[_STRIKE])
            for start, right in _RIGHTS:
                yield number, _quoted(row[start : start + 10], expiry, strike, right)
        except ValueError as error:
            refuse(str(error))


def _quoted(fields: list[str], expiry: dt.date, strike: Price, right: Right) -> Quoted:
    contract = parse_symbol(fields[0])
    if not isinstance(contract, Contract):
        raise ValueError(f"not an option symbol: {fields[0][:40]!r}")
    if (contract.expiry, contract.strike, contract.right) != (expiry, strike, right):
        raise ValueError(f"{contract.symbol} stands in the row of another expiry, strike or right")
    return Quoted(
        contract,
        bid=price_units(fields[3], "bid price"),
        ask=price_units(fields[4], "ask price"),
        volume=whole(fields[5], "volume"),
        open_interest=whole(fields[9], "count of open interest"),
    )


def _expiry(text: str) -> dt.date:
    """``Tue Jul 12 2022``; read by hand, for ``strptime`` reads another language under another locale."""
    words = text.split()
    try:
        _, month, day, year = words
        found = dt.date(int(year), _MONTHS.index(month) + 1, int(day))
    except ValueError:
        found = None
    if found is None or words[0] != _DAYS[found.weekday()]:
        raise ValueError(f"not an expiration date such as Tue Jul 12 2022: {text[:40]!r}")
    return found
