"""``long``: a table with a row for each contract and time, CSV or Parquet, its columns named by whoever brings it.

The table is sorted by day; within a day rows may come in any order. A row is true at its ``time`` and known then, or at
its ``known`` time, or ``--known-after`` seconds later; a table of bars must say which. See docs/data.md.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from engine.calendar import NEW_YORK
from engine.clock import SECOND
from engine.events.market import Int64
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused, in_utf8
from engine.tape.importers.base import ImportOptions, Item, LeftOut, sha256_of
from engine.tape.importers.long_batches import Batch, batches, header_of
from engine.tape.importers.long_day import RootDay
from engine.tape.importers.long_fields import choose, is_bars
from engine.tape.importers.long_times import new_york_days
from engine.types import PRODUCTS, PriceMeaning, Provenance

_EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Long:
    """The importer; see the module."""

    name: str = "long"
    version: int = 1
    description: str = "any table with a row a contract and time, CSV or Parquet; --map names its columns"

    def sniff(self, path: Path) -> bool:
        """Whether its columns have names that say what they are."""
        if not path.is_file():
            return False
        try:
            choose(path, header_of(path), {})
        except ImportRefused:
            return False
        return True

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Day by day, root by root, in the order of the table."""
        if not path.exists():
            raise FileNotFoundError(path)
        header = header_of(path)
        if not header:
            raise ImportRefused(path, "not a table: neither CSV with a row of names nor Parquet")
        chosen = choose(path, header, options.columns)
        bars = is_bars(header, chosen)
        if bars is not None and "known" not in chosen and options.known_after is None:
            raise ImportRefused(
                path,
                f"its rows are bars (column {bars}): say how long after its time a row is known, "
                "such as --known-after 60 for one-minute bars stamped at their start, 0 for bars stamped at their end",
            )
        reader = _Table(path, options, self, _meaning(set(chosen), bars), sha256_of(path))
        for batch in batches(path, options, chosen, _zone(path, options.zone)):
            yield from reader.take(batch)
        yield from reader.finish()
        yield from reader.end()


class _Table:
    """Gathers a day's rows and hands the day out when the next one begins."""

    def __init__(self, path: Path, options: ImportOptions, importer: Long, meaning: PriceMeaning, digest: str) -> None:
        self.path, self.options, self.importer = path, options, importer
        self.delay = (options.known_after or 0) * SECOND
        name = in_utf8(path.name)
        self.label = Provenance(
            source=options.source or "long",
            origin="vendor",
            meaning=meaning,
            sha256=digest,
            note=f"{name}; known {options.known_after or 0} s after its time" if self.delay else name,
        )
        self.day: int | None = None
        self.rows: dict[str, RootDay] = {}
        self.any = False
        self.unknown: Counter[str] = Counter()

    def take(self, batch: Batch) -> Iterator[Item]:
        """Add the rows of a batch; the days that it ends come out."""
        days = new_york_days(batch.time)
        known = batch.time + self.delay if batch.known is None else batch.known
        early = np.flatnonzero(known < batch.time)
        if len(early):
            raise ImportRefused(self.path, "known before it was true", f"row {batch.row + int(early[0])}")
        names = sorted({contract.root for contract in batch.contracts})
        root_of = np.array([names.index(contract.root) for contract in batch.contracts], dtype=np.int32)
        starts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(days)], strict=True):
            day = int(days[start])
            if self.day is not None and day < self.day:
                raise ImportRefused(
                    self.path,
                    f"a row of {_date(day)} after rows of {_date(self.day)}: sort the table by time",
                    f"row {batch.row + start}",
                )
            if day != self.day:
                yield from self.finish()
                self.day = day
            roots = root_of[batch.contract[start:end]] if len(names) > 1 else np.zeros(0, dtype=np.int32)
            for number, root in enumerate(names):
                inside: Int64 | slice = slice(start, end)
                if len(names) > 1:
                    inside = np.flatnonzero(roots == number) + start
                    if not len(inside):
                        continue
                if root not in PRODUCTS:
                    self.unknown[root] += len(known[inside])
                    continue
                self._keep(root, _date(day), batch, known, inside)

    def finish(self) -> Iterator[Item]:
        """The day that is being gathered, root by root."""
        day = _date(self.day or 0)
        for root in sorted(self.rows):
            if (root, day) not in self.options.done:
                columns, counts, flags = self.rows[root].columns()
                yield DayTable(
                    root=root,
                    day=day,
                    provenance=self.label,
                    importer=self.importer.name,
                    importer_version=self.importer.version,
                    columns=columns,
                    counts=counts,
                    flags=flags,
                )
        self.rows.clear()

    def end(self) -> Iterator[Item]:
        """What was left out; raises ``ImportRefused`` where that was everything."""
        told = ", ".join(f"{count} rows of {root}" for root, count in sorted(self.unknown.items()))
        known = ", ".join(sorted(PRODUCTS))
        if not self.any:
            reason = f"only {told}; known roots are {known}" if told else "there are no rows"
            raise ImportRefused(self.path, reason)
        if told:
            yield LeftOut(str(self.path), f"{told}: not known here; known are {known}")

    def _keep(self, root: str, day: dt.date, batch: Batch, known: Int64, inside: Int64 | slice) -> None:
        self.any = True
        if root not in self.rows:
            self.rows[root] = RootDay(self.path, root, day, self.label.meaning)
        self.rows[root].add(batch, known, inside)


def _meaning(fields: set[str], bars: str | None) -> PriceMeaning:
    if {"bid", "ask"} <= fields:
        return "quote"
    return "mid" if "mid" in fields and bars is None else "trade_bar"


def _zone(path: Path, name: str | None) -> ZoneInfo:
    if name is None:
        return NEW_YORK
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImportRefused(path, f"--zone {name}: no such time zone; write one like America/New_York or UTC") from None


def _date(days: int) -> dt.date:
    try:
        return _EPOCH + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.max
