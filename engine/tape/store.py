"""The day store: which days there are, which source of a day to take, and how a day gets in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from engine.calendar import NotASession, previous_session
from engine.events import DailyClose
from engine.tape import daily, dayfile
from engine.tape.columns import Columns
from engine.tape.daytape import DayTape
from engine.tape.entries import (
    DailyEntry,
    DayEntry,
    UnderlyingEntry,
    daily_entry,
    day_entry,
    day_of,
    series_of,
    underlying_entry,
    valid_root,
    valid_source,
    valid_symbol,
)
from engine.tape.errors import StoreError
from engine.tape.files import read_sealed_header, write_whole
from engine.tape.header import FORMAT_VERSION, DayHeader, Header, UnderlyingHeader
from engine.tape.heard import Heard
from engine.types import Provenance, product

Saved = Literal["new", "replaced", "unchanged"]
Table = dayfile.DayTable | dayfile.UnderlyingTable | daily.DailyTable


class Store:
    """The day store at ``path``; the folder need not exist. Daily series are read once and kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._daily: dict[str, list[daily.DailySeries]] = {}

    # Days

    def days(
        self,
        root: str | None = None,
        first: dt.date | None = None,
        last: dt.date | None = None,
        source: str | None = None,
    ) -> list[DayEntry]:
        """Every file, by root, day and source; a day with two sources is two entries, see ``chosen``."""
        return [day_entry(*found) for found in self._files("days", root, first, last, source)]

    def chosen(
        self, root: str, first: dt.date | None = None, last: dt.date | None = None, source: str | None = None
    ) -> list[DayEntry]:
        """One entry a day, in order: the day of ``source``, or the preferred one. Raises ``StoreError`` if one of the
        files is damaged: which source is preferred must not depend on that."""
        best: dict[dt.date, DayEntry] = {}
        for entry in sorted(self.days(root, first, last, source), key=lambda entry: entry.preference):
            best.setdefault(entry.day, entry)
        return [best[day] for day in sorted(best)]

    def choose(self, root: str, day: dt.date, source: str | None = None) -> DayEntry:
        """The entry of one day: of ``source``, or quotes before mids before trade bars.

        Raises ``StoreError`` naming the nearest stored days where there is none, and for a damaged file.
        """
        found = self.chosen(root, day, day, source)
        if found:
            return found[0]
        raise StoreError(self._absence("days", root, day, source))

    def open(self, entry: DayEntry, fields: Collection[str] | None = None) -> DayTape:
        """The day itself, or of its values only ``fields`` (of ``FIELDS``): the others are not even read.

        Raises ``StoreError`` in one line for a file that is cut short, altered or renamed.
        """
        if entry.problem:
            raise StoreError(entry.problem)
        header, columns = dayfile.decode(entry.path, fields)
        return DayTape(header, columns, entry.path, dayfile.read_heard(entry.path, header))

    def heard(self, entry: DayEntry) -> Heard | None:
        """What the session heard beside prices that recorded the day; ``None`` of others. Raises ``StoreError``."""
        return None if entry.header is None else dayfile.read_heard(entry.path, entry.header)

    def save_day(self, table: dayfile.DayTable) -> Saved:
        """Store a day, whole or not at all. What is there already and sound is left alone.

        Raises ``StoreError`` for columns that are not a day's, ``OSError`` where the folder cannot be written.
        """
        return self.save(table)

    # Underlyings: days of an index or a fund without options

    def underlyings(
        self,
        symbol: str | None = None,
        first: dt.date | None = None,
        last: dt.date | None = None,
        source: str | None = None,
    ) -> list[UnderlyingEntry]:
        """Every file, by symbol, day and source."""
        return [underlying_entry(*found) for found in self._files("underlyings", symbol, first, last, source)]

    def choose_underlying(self, symbol: str, day: dt.date, source: str | None = None) -> UnderlyingEntry:
        """The entry of one day: of ``source``, or the one with the most instants. Raises as ``choose`` does."""
        found = sorted(self.underlyings(symbol, day, day, source), key=lambda entry: entry.preference)
        if found:
            return found[0]
        raise StoreError(self._absence("underlyings", symbol, day, source))

    def beside(self, entry: DayEntry) -> UnderlyingEntry | None:
        """The day of its underlying that is played with a chain whose own file has no underlying's values.

        Simulated values never stand beside real ones, nor the other way round. A recorded day is played with what its
        session heard, and nothing beside. ``None`` where the chain needs none or none are stored; raises ``StoreError``
        for a damaged file.
        """
        if entry.header is None or entry.header.counts.get("underlying", 0) or entry.header.version >= FORMAT_VERSION:
            return None
        simulated = entry.provenance.origin == "simulated"
        entries = [
            other
            for other in self.underlyings(product(entry.root).underlying, entry.day, entry.day)
            if (other.provenance.origin == "simulated") == simulated
        ]
        return min(entries, key=lambda other: other.preference, default=None)

    def open_underlying(
        self, entry: UnderlyingEntry, fields: Collection[str] | None = None
    ) -> tuple[UnderlyingHeader, Columns]:
        """Header and columns, all or ``fields`` alone; raises ``StoreError`` for a damaged file."""
        if entry.problem:
            raise StoreError(entry.problem)
        return dayfile.decode_underlying(entry.path, fields)

    # Daily series

    def daily_series(self) -> list[DailyEntry]:
        """Every daily series, by symbol and source."""
        return [daily_entry(*found) for found in self._daily_files()]

    def open_daily(self, entry: DailyEntry) -> daily.DailySeries:
        """The series itself; raises ``StoreError`` for a damaged file."""
        if entry.problem:
            raise StoreError(entry.problem)
        return daily.decode(entry.path)

    def daily_closes(
        self, symbol: str, known_by: int | None = None, last: dt.date | None = None, source: str | None = None
    ) -> list[DailyClose]:
        """The closes of ``symbol`` in order of days, up to ``last`` and known at or before ``known_by`` (ns UTC).

        Of several sources each day takes the one whose name sorts first. Raises ``StoreError`` for a damaged file.
        """
        merged: dict[dt.date, DailyClose] = {}
        for series in self._series(symbol):
            if source is None or series.header.provenance.source == source:
                merged = series.closes | merged
        return [
            merged[day]
            for day in sorted(merged)
            if (last is None or day <= last) and (known_by is None or merged[day].ts_known <= known_by)
        ]

    def prior_close(self, symbol: str, day: dt.date, source: str | None = None) -> DailyClose | None:
        """The close of the session before ``day``, known before the open of ``day``; ``None`` where none is stored.

        An older close never stands in for it.
        """
        try:
            before = previous_session(day)
        except NotASession:
            return None
        return self.official_close(symbol, before.day, source)

    def official_close(self, symbol: str, day: dt.date, source: str | None = None) -> DailyClose | None:
        """The close of ``day`` itself, with the time from which it is known; ``None`` where none is stored."""
        for series in self._series(symbol):
            if day in series.closes and source in (None, series.header.provenance.source):
                return series.closes[day]
        return None

    def close_provenance(self, symbol: str, day: dt.date, source: str | None = None) -> Provenance | None:
        """Where ``official_close`` of that day would come from."""
        for series in self._series(symbol):
            if day in series.closes and source in (None, series.header.provenance.source):
                return series.header.provenance
        return None

    def save_daily(self, table: daily.DailyTable) -> Saved:
        """Store a daily series; raises as ``save_day`` does."""
        return self.save(table)

    # Anything

    def save(self, table: Table, *, durable: bool = True) -> Saved:
        """Store a day, an underlying's day or a daily series; raises as ``save_day`` does. What need not be ``durable``
        may be lost or cut short when the power fails, until the caller has it flushed."""
        path = self.path / relative_path(table)
        header, data = _encode(table)
        self._daily.clear()
        existed = path.exists()
        # Headers are equal only if all values are: the hash is over both. So an equal one needs no writing.
        if existed and sound_hash(path) == header.sha256:
            return "unchanged"
        write_whole(path, data, durable=durable)
        return "replaced" if existed else "new"

    # Inside

    def _series(self, symbol: str) -> list[daily.DailySeries]:
        if symbol not in self._daily:
            entries = [daily_entry(*found) for found in self._daily_files() if found[0] == symbol]
            self._daily[symbol] = [self.open_daily(entry) for entry in entries]
        return self._daily[symbol]

    def _files(
        self, kind: str, name: str | None, first: dt.date | None, last: dt.date | None, source: str | None
    ) -> Iterator[tuple[str, dt.date, str, Path]]:
        """Files of ``days`` or ``underlyings``, whose names are alike."""
        top = self.path / kind
        folders = [top / name] if name else sorted(top.iterdir()) if top.is_dir() else []
        for folder in folders:
            if not folder.is_dir():
                continue
            one = first is not None and first == last
            if one and source is not None:  # a folder of a thousand days is not looked through for one
                path = folder / f"{first}.{source}.parquet"
                paths = [path] if path.exists() else []
            else:
                paths = sorted(folder.glob(f"{first}.*") if one else folder.iterdir())
            for path in paths:
                found = day_of(path.name)
                if (
                    found is not None
                    and (first is None or found[0] >= first)
                    and (last is None or found[0] <= last)
                    and (source is None or found[1] == source)
                ):
                    yield folder.name, *found, path

    def _daily_files(self) -> Iterator[tuple[str, str, Path]]:
        top = self.path / "daily"
        for path in sorted(top.iterdir()) if top.is_dir() else []:
            found = series_of(path.name)
            if found:
                yield *found, path

    def _absence(self, kind: str, name: str, day: dt.date, source: str | None) -> str:
        stored = sorted({(found[1], found[2]) for found in self._files(kind, name, None, None, None)})
        if not stored:
            return f"the store at {self.path} has no days of {name}; bring some in with: zdte-tui data import PATH"
        here = [label for other, label in stored if other == day]
        if here:
            return f"{name} {day} is not stored from {source}; it is from: {', '.join(here)}"
        days = sorted({other for other, label in stored if source in (None, label)})
        before = [other for other in days if other < day][-1:]
        after = [other for other in days if other > day][:1]
        nearest = " and ".join(str(other) for other in before + after) or "none"
        wanted = f" from {source}" if source else ""
        return f"{name} {day}{wanted} is not in the store at {self.path}; the nearest stored: {nearest}"


def relative_path(table: Table) -> Path:
    """Where a table lies in a store; raises ``StoreError`` for names that no file can have."""
    source = valid_source(table.provenance.source)
    if isinstance(table, daily.DailyTable):
        return Path("daily") / f"{valid_symbol(table.symbol)}.{source}.parquet"
    name = f"{table.day.isoformat()}.{source}.parquet"
    if isinstance(table, dayfile.DayTable):
        return Path("days") / valid_root(table.root) / name
    return Path("underlyings") / valid_symbol(table.symbol) / name


def sound_hash(path: Path) -> str | None:
    """The hash of a file of the store whose content agrees with it; ``None`` for one that is absent or damaged."""
    try:
        if path.parent.name == "daily":
            return daily.decode(path).header.sha256
        if path.parent.parent.name == "days":
            return (read_sealed_header(path, DayHeader) or dayfile.decode(path)[0]).sha256
        return (read_sealed_header(path, UnderlyingHeader) or dayfile.decode_underlying(path)[0]).sha256
    except StoreError:
        return None


def _encode(table: Table) -> tuple[Header, bytes]:
    if isinstance(table, daily.DailyTable):
        return daily.encode(table)
    if isinstance(table, dayfile.DayTable):
        return dayfile.encode(table)
    return dayfile.encode_underlying(table)
