"""One file of the store, its header read and its content not: a day of a chain, of an underlying, a daily series."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.tape.errors import StoreError
from engine.tape.files import broken, read_header
from engine.tape.header import DailyHeader, DayHeader, Header, UnderlyingHeader
from engine.types import Provenance

_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_ROOT: Final = re.compile(r"[A-Z]{1,6}")
_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_DAY_FILE: Final = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)\.(?P<source>[a-z0-9][a-z0-9_-]*)\.parquet")
_DAILY_FILE: Final = re.compile(r"(?P<symbol>[A-Z][A-Z0-9]*)\.(?P<source>[a-z0-9][a-z0-9_-]*)\.parquet")
_MEANING: Final = {"quote": 0, "mid": 1, "trade_bar": 2}
_ORIGIN: Final = {"recorded": 0, "vendor": 1, "simulated": 2}


def _label(header: Header | None, problem: str) -> Provenance:
    if header is None:
        raise StoreError(problem)
    return header.provenance


@dataclass(frozen=True, slots=True)
class DayEntry:
    """A day of one root from one source. ``problem`` says in a line why it is unreadable."""

    root: str
    day: dt.date
    source: str
    path: Path
    header: DayHeader | None
    problem: str = ""

    @property
    def provenance(self) -> Provenance:
        """Where the day comes from; raises ``StoreError`` for an unreadable file."""
        return _label(self.header, self.problem)

    @property
    def preference(self) -> tuple[bool, int, int, str]:
        """Sorts the sources of one day: market before simulation, quotes before mids before trade bars, recorded
        before vendor, then by name."""
        label = self.provenance
        return label.origin == "simulated", _MEANING[label.meaning], _ORIGIN[label.origin], label.source


@dataclass(frozen=True, slots=True)
class UnderlyingEntry:
    """A day of an index or a fund without options, from one source."""

    symbol: str
    day: dt.date
    source: str
    path: Path
    header: UnderlyingHeader | None
    problem: str = ""

    @property
    def provenance(self) -> Provenance:
        """Where the day comes from; raises ``StoreError`` for an unreadable file."""
        return _label(self.header, self.problem)

    @property
    def preference(self) -> tuple[bool, int, int, str]:
        """Sorts the sources of one day: market before simulation, more instants before fewer, recorded before vendor,
        then by name."""
        label = self.provenance
        minutes = self.header.counts.get("minutes", 0) if self.header else 0
        return label.origin == "simulated", -minutes, _ORIGIN[label.origin], label.source


@dataclass(frozen=True, slots=True)
class DailyEntry:
    """One daily series of the store."""

    symbol: str
    source: str
    path: Path
    header: DailyHeader | None
    problem: str = ""


Entry = DayEntry | UnderlyingEntry | DailyEntry


def valid_source(name: str) -> str:
    """``name`` if it can be the name of a source; raises ``StoreError``."""
    if not _SOURCE.fullmatch(name):
        raise StoreError(f"{name!r} cannot name a source: use lower-case letters, digits, - and _, at most 32")
    return name


def valid_root(name: str) -> str:
    """``name`` if it can be an option root; raises ``StoreError``."""
    if not _ROOT.fullmatch(name):
        raise StoreError(f"{name!r} cannot be an option root: use up to 6 capital letters, such as SPXW")
    return name


def valid_symbol(name: str) -> str:
    """``name`` if it can be the symbol of an index or a share; raises ``StoreError``."""
    if not _SYMBOL.fullmatch(name):
        raise StoreError(f"{name!r} is not a symbol: use capital letters and digits, at most 8, such as SPX")
    return name


def day_of(name: str) -> tuple[dt.date, str] | None:
    """Day and source by the name of a day file; ``None`` for another name."""
    match = _DAY_FILE.fullmatch(name)
    if not match:
        return None
    try:
        return dt.date.fromisoformat(match["day"]), match["source"]
    except ValueError:
        return None


def series_of(name: str) -> tuple[str, str] | None:
    """Symbol and source by the name of a daily file; ``None`` for another name."""
    match = _DAILY_FILE.fullmatch(name)
    return (match["symbol"], match["source"]) if match else None


def day_entry(root: str, day: dt.date, source: str, path: Path) -> DayEntry:
    """The entry of a file of ``days/``."""
    try:
        header = read_header(path, DayHeader)
        _same(path, (header.root, str(header.day), header.provenance.source), (root, str(day), source))
    except StoreError as error:
        return DayEntry(root, day, source, path, None, str(error))
    return DayEntry(root, day, source, path, header)


def underlying_entry(symbol: str, day: dt.date, source: str, path: Path) -> UnderlyingEntry:
    """The entry of a file of ``underlyings/``."""
    try:
        header = read_header(path, UnderlyingHeader)
        _same(path, (header.symbol, str(header.day), header.provenance.source), (symbol, str(day), source))
    except StoreError as error:
        return UnderlyingEntry(symbol, day, source, path, None, str(error))
    return UnderlyingEntry(symbol, day, source, path, header)


def daily_entry(symbol: str, source: str, path: Path) -> DailyEntry:
    """The entry of a file of ``daily/``."""
    try:
        header = read_header(path, DailyHeader)
        _same(path, (header.symbol, header.provenance.source), (symbol, source))
    except StoreError as error:
        return DailyEntry(symbol, source, path, None, str(error))
    return DailyEntry(symbol, source, path, header)


def _same(path: Path, told: tuple[str, ...], named: tuple[str, ...]) -> None:
    if told != named:
        raise broken(path, f"its header says {' '.join(told)}: was it renamed?")
