"""``index-daily``: daily values of an index or share as CSV with a date and a close, one symbol a file."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.calendar import FIRST_DAY, LAST_DAY, is_session
from engine.tape.columns import LARGEST
from engine.tape.daily import DailyRow, DailyTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions, Item, LeftOut, sha256_of
from engine.tape.importers.reading import csv_rows
from engine.types import Price, Provenance, round_to_cent, to_units

KNOWN: Final = frozenset(
    {"SPX", "XSP", "NDX", "XND", "RUT", "DJX", "SPY", "QQQ", "IWM", "DIA"}
    | {"VIX", "VIX1D", "VIX9D", "VIX3M", "VIX6M", "VIX1Y", "VVIX", "VXN", "SKEW"}
)
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?")
_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_PRICES: Final = ("open", "high", "low", "close")
_CENT: Final = 100


@dataclass(frozen=True)
class IndexDaily:
    """The importer; see the module."""

    name: str = "index-daily"
    version: int = 1
    description: str = "daily closes as CSV (Date,Open,High,Low,Close), such as spx_daily.csv or vix_1990_2026.csv"

    def sniff(self, path: Path) -> bool:
        """Whether the file, or any file of the folder, is a CSV with a date and a close."""
        return any(_looks_daily(file) for file in _files(path))

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """One series a file. In a folder files without prices are left out, and one bad file stops them all."""
        if not path.exists():
            raise FileNotFoundError(path)
        files = _files(path)
        wanted = [file for file in files if _looks_daily(file)]
        if path.is_file() or not wanted:
            wanted = files
        if not wanted:
            raise ImportRefused(path, "there is no .csv file in it")
        if options.symbol is not None and len(wanted) > 1:
            raise ImportRefused(path, f"--symbol names one file's symbol, and there are {len(wanted)} files")
        tables = [self._table(file, options) for file in wanted]
        for number, table in enumerate(tables):
            for other in range(number):
                if (tables[other].symbol, tables[other].provenance.source) == (table.symbol, table.provenance.source):
                    both = f"{wanted[other].name} and {wanted[number].name}"
                    raise ImportRefused(path, f"{both} give the same symbol and source; import them one by one")
        for file in files:
            if file not in wanted:
                yield LeftOut(str(file), "not a price file: it has no date and close columns")
        yield from tables

    def _table(self, path: Path, options: ImportOptions) -> DailyTable:
        symbol, source = name_parts(path)
        if options.symbol is not None:
            symbol = options.symbol.upper()
            if not _SYMBOL.fullmatch(symbol):
                raise ImportRefused(path, f"--symbol {options.symbol} is not a symbol")
        text = _text(path)
        header, _, _ = text.partition("\n")
        columns = {name.strip().lower(): position for position, name in enumerate(header.strip().split(","))}
        if not {"date", "close"} <= set(columns):
            raise ImportRefused(path, f"not a price file: it has no date and close columns, but {header.strip():.60}")
        if options.symbol is None and symbol not in KNOWN:
            raise ImportRefused(path, f"which symbol is this? {symbol} is not known; say it with --symbol")
        counts: Counter[str] = Counter()
        rows = tuple(_rows(path, text, columns, counts))
        if not rows:
            raise ImportRefused(path, f"no row of a session between {FIRST_DAY} and {LAST_DAY} in it")
        return DailyTable(
            symbol=symbol,
            provenance=Provenance(
                source=options.source or source,
                origin="vendor",
                meaning="trade_bar",
                sha256=sha256_of(path),
                note="daily values, rounded to cents; known only after the close",
            ),
            importer=self.name,
            importer_version=self.version,
            rows=rows,
            counts=dict(counts),
        )


def name_parts(path: Path) -> tuple[str, str]:
    """Symbol and source by the file's name: ``spx_daily_magis.csv`` gives SPX and magis, ``vix_2016_2026.csv`` VIX and
    ``file``."""
    first, *rest = re.split(r"[_\s]+", path.stem.lower())
    words = [word for word in rest if re.fullmatch(r"[a-z][a-z0-9-]*", word) and word != "daily"]
    return first.upper(), "-".join(words)[:32] or "file"


def _rows(path: Path, text: str, columns: dict[str, int], counts: Counter[str]) -> Iterator[DailyRow]:
    seen: set[dt.date] = set()
    lines = csv_rows(path, io.StringIO(text))
    next(lines)
    for number, fields in lines:
        where = f"row {number}"
        if not any(field.strip() for field in fields):
            continue
        if len(fields) != len(columns):
            raise ImportRefused(path, f"{len(fields)} fields where the header has {len(columns)}", where)
        day = _day(path, fields[columns["date"]].strip(), where)
        if day in seen:
            raise ImportRefused(path, f"{day} comes twice", where)
        seen.add(day)
        values: dict[str, Price | None] = {
            name: _value(path, fields[columns[name]].strip(), f"{where} {name}") for name in _PRICES if name in columns
        }
        if not FIRST_DAY <= day <= LAST_DAY:
            counts["outside_calendar"] += 1
        elif not is_session(day):
            # Cboe prints a VIX on some exchange holidays, from overnight trading. It is no session's close.
            counts["not_a_session"] += 1
        elif values["close"] is None:
            counts["missing"] += 1
        else:
            counts["odd_range"] += not _in_range(values)
            yield DailyRow(
                day, values["close"], open=values.get("open"), high=values.get("high"), low=values.get("low")
            )


def _day(path: Path, text: str, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ImportRefused(path, f"not a date like 2024-08-07: {text!r:.40}", where) from None


def _value(path: Path, text: str, where: str) -> Price | None:
    if not text:
        return None
    units = round_to_cent(to_units(text)) if _NUMBER.fullmatch(text) else 0
    if not 0 < units <= LARGEST:
        raise ImportRefused(path, f"not a price: {text!r:.40}", where)
    return units


def _in_range(values: Mapping[str, Price | None]) -> bool:
    """Whether open and close lie between low and high, to the cent."""
    low, high = values.get("low"), values.get("high")
    inside = [value for name in ("open", "close") if (value := values.get(name)) is not None]
    return all((low is None or value >= low - _CENT) and (high is None or value <= high + _CENT) for value in inside)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix == ".csv")
    return [path]


def _looks_daily(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            header = file.read(400).split(b"\n")[0].decode("utf-8-sig", "replace").lower()
    except OSError:
        return False
    names = [name.strip() for name in header.split(",")]
    return names[0] == "date" and "close" in names


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused(path, "not UTF-8 text") from None
    except OSError as error:
        raise ImportRefused(path, f"cannot be read: {error.strerror}") from None
