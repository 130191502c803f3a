"""``mid-json``: SPXW prices of the day's expiry at a few times a day, with spot, as one JSON file for many days.

``{"2024-08-07": {"10:00": {"spx": 5300.1, "strikes": {"5300": {"C": 12.3, "P": 11.8}}}}}``. A price is (high + low) / 2
of the one-minute TRADE bar that STARTS at the stamp: it is true and known one minute later, and it is not a quote.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NoReturn

from engine.calendar import NotASession, clock_text, from_new_york, session
from engine.clock import MINUTE
from engine.tape.builder import DayBuilder
from engine.tape.columns import LARGEST
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions, Item, sha256_of
from engine.types import SCALE, Contract, Provenance, Right, Underlying, round_to_cent, to_units

_LOOKS: Final = re.compile(rb'\s*\{\s*"\d{4}-\d\d-\d\d"\s*:\s*\{\s*("\d\d:\d\d"\s*:\s*\{\s*"(spx|atm|strikes)"|\})')
_STRIKE: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
_ROOT: Final = "SPXW"
_SPX: Final = Underlying("SPX")
_LARGEST: Final = 1 << 28
_LATE_END: Final = 90 * MINUTE
_RIGHTS: Final[tuple[Right, ...]] = ("C", "P")


@dataclass(frozen=True)
class MidJson:
    """The importer; see the module."""

    name: str = "mid-json"
    version: int = 1
    description: str = "SPXW 0DTE mid prices of one-minute trade bars, one .json or .json.gz for many days"

    def sniff(self, path: Path) -> bool:
        """Whether the file begins like one of these."""
        try:
            with _open(path) as file:
                return _LOOKS.match(file.read(300)) is not None
        except (OSError, EOFError, zlib.error):
            return False

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """The days in order. The whole file is read before the first day is handed out: it counts as one."""
        if options.symbol is not None:
            raise ImportRefused(path, "--symbol has no meaning for this format: its symbol is SPX")
        days = _load(path)
        if not days:
            raise ImportRefused(path, "there are no days in it")
        schedule = _schedule(days)
        label = Provenance(
            source=options.source or "midpoints",
            origin="vendor",
            meaning="mid",
            sha256=sha256_of(path),
            note="(high + low) / 2 of one-minute trade bars, known at the end of the minute; never a quote",
        )
        yield from [_Day(path, text, days[text]).table(schedule, label, self) for text in sorted(days)]


class _Day:
    """One day of the file on its way in."""

    def __init__(self, path: Path, text: str, stamps: Any) -> None:
        self.path, self.text, self.stamps = path, text, stamps
        try:
            self.day = dt.date.fromisoformat(text)
            self.session = session(self.day)
        except NotASession as error:
            self.refuse("", str(error))
        except ValueError:
            self.refuse("", "not a date like 2024-08-07")
        if text != str(self.day):  # 20240807 is the same day once more
            self.refuse("", "not a date like 2024-08-07")
        self.builder = DayBuilder()
        self.counts: Counter[str] = Counter()
        if not isinstance(stamps, dict) or not stamps:
            self.refuse("", "expected an object of times, such as 10:00")

    def table(self, schedule: set[str], label: Provenance, importer: MidJson) -> DayTable:
        close = self.session.product_close(_ROOT)
        kept: list[str] = []
        for stamp in sorted(self.stamps):
            known = self._instant(stamp) + MINUTE
            rows = list(self._rows(stamp))
            if known > close or known <= self.session.open:
                self.counts["after_close" if known > close else "before_open"] += len(rows)
                continue
            kept.append(stamp)
            for instrument, price in rows:
                self.builder.put(known, known, instrument, price=price)
        if not len(self.builder):
            self.refuse("", "no price of that day was known between its open and its close")
        return DayTable(
            root=_ROOT,
            day=self.day,
            provenance=label,
            importer=importer.name,
            importer_version=importer.version,
            columns=self.builder.build(),
            counts=dict(self.counts),
            flags=self._flags(kept, schedule, close),
        )

    def refuse(self, where: str, reason: str) -> NoReturn:
        raise ImportRefused(self.path, reason, f"{self.text} {where}".strip())

    def _instant(self, stamp: str) -> int:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", stamp):
            self.refuse(stamp, "not a time like 10:00")
        return from_new_york(self.day, dt.time.fromisoformat(stamp))

    def _rows(self, stamp: str) -> Iterator[tuple[Underlying | Contract, int]]:
        row = self.stamps[stamp]
        if not isinstance(row, dict) or not isinstance(row.get("strikes"), dict):
            self.refuse(stamp, 'expected an object with "spx" and "strikes"')
        spot = row.get("spx")
        if spot is None:
            self.counts["no_underlying"] += 1
        else:
            units = self._price(stamp, "spx", spot)
            self.counts["rounded_to_cent"] += round_to_cent(units) != units
            yield _SPX, round_to_cent(units)
        prices: dict[Right, dict[int, int]] = {"C": {}, "P": {}}
        for text, sides in row["strikes"].items():
            strike = self._strike(stamp, text)
            if not isinstance(sides, dict) or not set(sides) <= set(_RIGHTS):
                self.refuse(f"{stamp} strike {text}", 'expected an object with "C" and "P"')
            for right in _RIGHTS:
                if sides.get(right) is None:
                    self.counts["missing"] += 1
                    continue
                if strike in prices[right]:
                    self.refuse(f"{stamp} strike {text}", "the strike comes twice")
                prices[right][strike] = self._price(stamp, f"{text}{right}", sides[right])
                yield Contract(_ROOT, self.day, strike, right), prices[right][strike]
        self.counts["call_monotonicity_breaks"] += _rises(prices["C"])
        self.counts["put_monotonicity_breaks"] += _rises({-strike: price for strike, price in prices["P"].items()})

    def _strike(self, stamp: str, text: str) -> int:
        strike = to_units(text) if _STRIKE.fullmatch(text) else 0
        if not 0 < strike <= LARGEST:
            self.refuse(f"{stamp} strike {text:.40}", "not a strike")
        return strike

    def _price(self, stamp: str, name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value <= LARGEST // SCALE:
            self.refuse(f"{stamp} {name}", f"not a price: {value!s:.40}")
        units = to_units(value)
        self.counts["rounded"] += units != value * SCALE
        if units == 0:
            self.refuse(f"{stamp} {name}", f"not a price: {value!s:.40}")
        return units

    def _flags(self, kept: list[str], schedule: set[str], close: int) -> tuple[str, ...]:
        expected = sorted(stamp for stamp in schedule if self._instant(stamp) + MINUTE <= close)
        last = kept[-1]
        flags = ["half_day"] if self.session.early else []
        if any(stamp > last for stamp in expected) or close - (self._instant(last) + MINUTE) > _LATE_END:
            flags.append(f"truncated:{clock_text(self._instant(last) + MINUTE, seconds=False)}")
        flags += [f"gap:{stamp}" for stamp in expected if stamp < last and stamp not in kept]
        if self.counts["after_close"]:
            flags.append("after_close")
        return tuple(flags)


def _rises(prices: dict[int, int]) -> int:
    """How often the price rises from one key to the next higher one."""
    ordered = [prices[key] for key in sorted(prices)]
    return sum(after > before for before, after in pairwise(ordered))


def _schedule(days: dict[str, Any]) -> set[str]:
    """The times of day at which most days of the file have prices."""
    seen = Counter(stamp for stamps in days.values() if isinstance(stamps, dict) for stamp in stamps)
    return {stamp for stamp, count in seen.items() if 2 * count > len(days)}


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _load(path: Path) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
            raise ImportRefused(path, f"the key {twice!r} comes twice in one object")
        return found

    def no_number(text: str) -> NoReturn:
        raise ImportRefused(path, f"{text} is not a number")

    try:
        with _open(path) as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ImportRefused(path, f"more than {_LARGEST >> 20} MiB unpacked: more than any number of days")
        days = json.loads(data, parse_float=Decimal, parse_constant=no_number, object_pairs_hook=unique)
    except (FileNotFoundError, ImportRefused):
        raise
    except (OSError, EOFError, zlib.error) as error:
        raise ImportRefused(path, f"cannot be unpacked: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ImportRefused(path, f"not JSON: {error}") from None
    if not isinstance(days, dict):
        raise ImportRefused(path, "expected an object of days, such as 2024-08-07")
    return days
