"""The day store: which days there are, which source of a day to take, and how a day gets in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from engine.calendar import NotASession, previous_session
from engine.events import DailyClose
from engine.tape import daily, dayfile
from engine.tape.daytape import DayTape
from engine.tape.errors import StoreError
from engine.tape.files import broken, read_header, write_whole
from engine.tape.header import DailyHeader, DayHeader
from engine.types import Provenance

_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_DAY_FILE: Final = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)\.(?P<source>[a-z0-9][a-z0-9_-]*)\.parquet")
_DAILY_FILE: Final = re.compile(r"(?P<symbol>[A-Z][A-Z0-9]*)\.(?P<source>[a-z0-9][a-z0-9_-]*)\.parquet")

_MEANING: Final = {"quote": 0, "mid": 1, "trade_bar": 2}
_ORIGIN: Final = {"recorded": 0, "vendor": 1, "simulated": 2}

Saved = Literal["new", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One file of the store, its header read and its content not. ``problem`` says in a line why it is unreadable."""

    root: str
    day: dt.date
    source: str
    path: Path
    header: DayHeader | None
    problem: str = ""

    @property
    def provenance(self) -> Provenance:
        """Where the day comes from; raises ``StoreError`` for an unreadable file."""
        if self.header is None:
            raise StoreError(self.problem)
        return self.header.provenance

    @property
    def preference(self) -> tuple[bool, int, int, str]:
        """Sorts the sources of one day: market before simulation, quotes before mids before trade bars, recorded
        before vendor, then by name."""
        label = self.provenance
        return label.origin == "simulated", _MEANING[label.meaning], _ORIGIN[label.origin], label.source


@dataclass(frozen=True, slots=True)
class DailyEntry:
    """One daily series of the store."""

    symbol: str
    source: str
    path: Path
    header: DailyHeader | None
    problem: str = ""


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
        return [
            _day_entry(*found)
            for found in self._day_files(root, first if first == last else None)
            if (first is None or found[1] >= first)
            and (last is None or found[1] <= last)
            and (source is None or found[2] == source)
        ]

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
        raise StoreError(self._absence(root, day, source))

    def open(self, entry: DayEntry) -> DayTape:
        """The day itself. Raises ``StoreError`` in one line for a file that is cut short, altered or renamed."""
        if entry.problem:
            raise StoreError(entry.problem)
        header, columns = dayfile.decode(entry.path)
        return DayTape(header, columns, entry.path)

    def save_day(self, table: dayfile.DayTable) -> Saved:
        """Store a day, whole or not at all. What is there already and sound is left alone.

        Raises ``StoreError`` for columns that are not a day's, ``OSError`` where the folder cannot be written.
        """
        header, data = dayfile.encode(table)
        source = valid_source(table.provenance.source)
        path = self.path / "days" / table.root / f"{table.day.isoformat()}.{source}.parquet"
        return self._save(path, header, data)

    # Daily series

    def daily_series(self) -> list[DailyEntry]:
        """Every daily series, by symbol and source."""
        return [_daily_entry(*found) for found in self._daily_files()]

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
        header, data = daily.encode(table)
        path = self.path / "daily" / f"{table.symbol}.{valid_source(table.provenance.source)}.parquet"
        self._daily.clear()
        return self._save(path, header, data)

    # Inside

    def _series(self, symbol: str) -> list[daily.DailySeries]:
        if symbol not in self._daily:
            entries = [_daily_entry(*found) for found in self._daily_files() if found[0] == symbol]
            self._daily[symbol] = [self.open_daily(entry) for entry in entries]
        return self._daily[symbol]

    def _day_files(self, root: str | None, only: dt.date | None = None) -> Iterator[tuple[str, dt.date, str, Path]]:
        top = self.path / "days"
        folders = [top / root] if root else sorted(top.iterdir()) if top.is_dir() else []
        for folder in folders:
            if not folder.is_dir():
                continue
            for path in sorted(folder.glob(f"{only}.*") if only else folder.iterdir()):
                match = _DAY_FILE.fullmatch(path.name)
                day = _date(match["day"]) if match else None
                if match and day:
                    yield folder.name, day, match["source"], path

    def _daily_files(self) -> Iterator[tuple[str, str, Path]]:
        top = self.path / "daily"
        for path in sorted(top.iterdir()) if top.is_dir() else []:
            match = _DAILY_FILE.fullmatch(path.name)
            if match:
                yield match["symbol"], match["source"], path

    def _save(self, path: Path, header: DayHeader | DailyHeader, data: bytes) -> Saved:
        """Headers are equal only if all values are: the hash is over both. So an equal one needs no writing."""
        existed = path.exists()
        if existed:
            try:
                sound = dayfile.decode(path)[0] if isinstance(header, DayHeader) else daily.decode(path).header
            except StoreError:
                sound = None
            if sound == header:
                return "unchanged"
        write_whole(path, data)
        return "replaced" if existed else "new"

    def _absence(self, root: str, day: dt.date, source: str | None) -> str:
        stored = sorted({(found[1], found[2]) for found in self._day_files(root)})
        if not stored:
            return f"the store at {self.path} has no days of {root}; bring some in with: zdte-tui data import PATH"
        here = [name for other, name in stored if other == day]
        if here:
            return f"{root} {day} is not stored from {source}; it is from: {', '.join(here)}"
        days = sorted({other for other, name in stored if source in (None, name)})
        before = [other for other in days if other < day][-1:]
        after = [other for other in days if other > day][:1]
        nearest = " and ".join(str(other) for other in before + after) or "none"
        wanted = f" from {source}" if source else ""
        return f"{root} {day}{wanted} is not in the store at {self.path}; the nearest stored: {nearest}"


def valid_source(name: str) -> str:
    """``name`` if it can be the name of a source; raises ``StoreError``."""
    if not _SOURCE.fullmatch(name):
        raise StoreError(f"{name!r} cannot name a source: use lower-case letters, digits, - and _, at most 32")
    return name


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _day_entry(root: str, day: dt.date, source: str, path: Path) -> DayEntry:
    try:
        header = read_header(path, DayHeader)
        if (header.root, header.day, header.provenance.source) != (root, day, source):
            told = f"{header.root} {header.day} {header.provenance.source}"
            raise broken(path, f"its header says {told}: was it renamed?")
    except StoreError as error:
        return DayEntry(root, day, source, path, None, str(error))
    return DayEntry(root, day, source, path, header)


def _daily_entry(symbol: str, source: str, path: Path) -> DailyEntry:
    try:
        header = read_header(path, DailyHeader)
        if (header.symbol, header.provenance.source) != (symbol, source):
            raise broken(path, f"its header says {header.symbol} {header.provenance.source}: was it renamed?")
    except StoreError as error:
        return DailyEntry(symbol, source, path, None, str(error))
    return DailyEntry(symbol, source, path, header)
