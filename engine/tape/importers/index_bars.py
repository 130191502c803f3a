"""``index-bars``: bars of an index or a fund alone, as CSV or Parquet, one day or many in a file.

``time,open,high,low,close`` where the file's name tells the day, or ``timestamp`` or ``datetime`` with the date in it;
``volume`` may follow. A stamp is the START of a bar, whose values are known at its end; the length of the bars is found
from their spacing. Only bars of regular hours are kept, so the volume starts at 0 at the open.

Stamps without an offset are read in the zone in which the volume of the first day lies best in regular hours (without
volume, its ranges): New York, UTC or Chicago; and each day after it must lie best there too. A file in UTC or in
standard time all year is found out so at the next change of DST, if not at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.clock import MINUTE
from engine.tape.dayfile import UnderlyingTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions, Item, LeftOut, sha256_of
from engine.tape.importers.index_bars_day import BarsDay, bar_length
from engine.tape.importers.index_bars_rows import looks_like_bars, read_days
from engine.tape.importers.index_bars_zone import Zones
from engine.tape.importers.index_daily import KNOWN
from engine.types import Provenance

_FUNDS: Final = frozenset({"SPY", "QQQ", "IWM", "DIA"})
_SYMBOL: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_OPTION: Final = re.compile(r"\d{6}[CP]\d{8}", re.ASCII)
_FOLDERS: Final = 2


@dataclass(frozen=True)
class IndexBars:
    """The importer; see the module."""

    name: str = "index-bars"
    version: int = 1
    description: str = "bars of an index or fund, .csv(.gz) or .parquet: time,open,high,low,close and perhaps volume"

    def sniff(self, path: Path) -> bool:
        """Whether the file has times of day and bars, and names no option."""
        return path.is_file() and not _OPTION.search(path.name) and looks_like_bars(path)

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Each day as soon as the next begins; a day that comes back after another is refused."""
        if not path.exists():
            raise FileNotFoundError(path)
        if _OPTION.search(path.name):
            raise ImportRefused(
                path, "its name is an option's, and here are indices and funds: see the format bars-csv"
            )
        symbol = _symbol(path, options)
        digest = sha256_of(path) if path.is_file() else ""
        zones = Zones(path, options)
        length = 0
        for day in read_days(path, zones.told, options):
            try:
                # Looked at for a day that is done too: what is found on one day holds for those after it.
                length, zone = bar_length(day, length), zones.of(day)
                if (symbol, day.day) in options.done:
                    continue
                made = BarsDay(symbol, day, zone, length, whole_cents=symbol in KNOWN - _FUNDS)
            except ImportRefused:
                raise
            except ValueError as error:
                raise ImportRefused(path, str(error), str(day.day)) from None
            if made.columns is None:
                yield LeftOut(f"{path}: {day.day} (rows: {len(day.rows)})", made.why_nothing)
                continue
            minutes = length // MINUTE
            yield UnderlyingTable(
                symbol=symbol,
                day=day.day,
                provenance=Provenance(
                    source=options.source or f"bars-{minutes}m{'-utc' if day.aware else ''}",
                    origin="vendor",
                    meaning="trade_bar",
                    sha256=digest,
                    note=f"bars of {minutes} min, known at their end; times {zones.note(day)}",
                ),
                importer=self.name,
                importer_version=self.version,
                columns=made.columns,
                counts=made.counts,
                flags=made.flags,
            )


def _symbol(path: Path, options: ImportOptions) -> str:
    """By ``--symbol``, or by the one known word in the file's name, or in that of one of the folders it lies in."""
    if options.symbol is not None:
        symbol = options.symbol.upper()
        if not _SYMBOL.fullmatch(symbol):
            raise ImportRefused(path, f"--symbol {options.symbol} is not a symbol")
        return symbol
    for name in [path.name, *(folder.name for folder in list(path.absolute().parents)[:_FOLDERS])]:
        found = sorted({word.upper() for word in re.split(r"[^A-Za-z0-9]+", name)} & KNOWN)
        if len(found) > 1:
            raise ImportRefused(path, f"--symbol is needed: {name} names {' and '.join(found)}")
        if found:
            return found[0]
    raise ImportRefused(
        path, "--symbol is needed: whose bars are these? neither the file nor its folder names an index"
    )
