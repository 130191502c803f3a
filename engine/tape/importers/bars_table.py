"""The table of option bars: many contracts in one file, day after day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from engine.calendar import NEW_YORK
from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_day import OptionDay
from engine.tape.importers.bars_rows import PRICES, finer, read_bar
from engine.tape.importers.bars_times import instant, read_day, read_stamp, told_zone
from engine.tape.importers.base import ImportOptions
from engine.tape.importers.numbers import price_units, strike_units
from engine.tape.importers.reading import csv_rows, open_text, positions
from engine.types import Contract, Right

_COLUMNS: Final = ("ts_et", "expiration", "right", "strike", *PRICES, "volume")
_RIGHTS: Final[dict[str, Right]] = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}


def table_header(text: str) -> bool:
    """Whether ``text`` begins with the header of such a table."""
    names = {name.strip().lower() for name in text.partition("\n")[0].split(",")}
    return set(_COLUMNS) <= names


def read_table(path: Path, root: str, options: ImportOptions) -> Iterator[OptionDay]:
    """Each day as soon as the next begins; days named in ``options.done`` are passed over.

    Raises ``ImportRefused`` for the first row that is not trusted, and where a day comes back after another.
    """
    if told_zone(path, options) not in (None, NEW_YORK):
        raise ImportRefused(path, "--zone has no meaning for this format: its column ts_et is New York time")
    seen: set[dt.date] = set()
    current: OptionDay | None = None
    skipped: dt.date | None = None
    with open_text(path, options) as file:
        rows = csv_rows(path, file)
        _, header = next(rows, (0, []))
        at = positions(path, header, _COLUMNS)
        average = [name.strip().lower() for name in header].index("vw") if table_has(header, "vw") else None
        for number, row in rows:
            try:
                if len(row) != len(header):
                    raise ValueError(f"{len(row)} fields where the header has {len(header)}")
                stamp = read_stamp(row[at["ts_et"]])
                day = stamp.date()
                if day not in (skipped, current.day if current else None):
                    if day in seen:
                        raise ValueError(f"{day} comes back after another day: the table must be sorted by time")
                    seen.add(day)
                    if current is not None:
                        yield current
                    done = (root, day) in options.done
                    current, skipped = (None, day) if done else (OptionDay(root, day), None)
                if current is not None:
                    _add(current, stamp, row, at, average)
            except ImportRefused:
                raise
            except ValueError as error:
                raise ImportRefused(path, str(error), f"row {number}") from None
    if not seen:
        raise ImportRefused(path, "there are no rows in it")
    if current is not None:
        yield current


def table_has(header: Sequence[str], name: str) -> bool:
    """Whether a header has a column, once."""
    return [text.strip().lower() for text in header].count(name) == 1


def _add(day: OptionDay, stamp: dt.datetime, row: list[str], at: dict[str, int], average: int | None) -> None:
    right = _RIGHTS.get(row[at["right"]].strip().upper())
    if right is None:
        raise ValueError(f"right is neither C nor P: {row[at['right']][:40]!r}")
    if stamp.tzinfo is not None:
        raise ValueError(f"ts_et has an offset, but is New York time: {stamp.isoformat()}")
    contract = _contract(day.root, row[at["expiration"]], row[at["strike"]], right)
    texts = [row[at[name]] for name in PRICES]
    bar = read_bar(texts, row[at["volume"]])
    day.counts["rounded"] += sum(map(finer, texts))
    if average is not None and not bar.low <= price_units(row[average], "vw") <= bar.high:
        day.counts["average_outside_range"] += 1
    day.add(contract, instant(stamp, NEW_YORK), bar)


@lru_cache(maxsize=1 << 12)
def _contract(root: str, expiry: str, strike: str, right: Right) -> Contract:
    return Contract(root, read_day(expiry), strike_units(strike), right)
