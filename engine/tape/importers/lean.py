"""``lean``: QuantConnect LEAN's minute zips of SPXW, SPY and the like, with their underlying.

A minute bar is known one minute after its stamp; only its close is kept. Option and share files are stamped in New
York time, SPX index files in Chicago time: an hour is added, and put-call parity then holds to a fraction of a point.
Minutes of an underlying on a day without its options are a day of their own; what else lies there is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

from engine.calendar import NotASession, Session, clock_text, from_new_york, session
from engine.clock import HOUR, MINUTE
from engine.tape.builder import DayBuilder
from engine.tape.dayfile import DayTable, UnderlyingTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import MORNING_SETTLED, ImportOptions, Item, LeftOut, Refused, joint_sha256, sha256_of
from engine.tape.importers.flags import day_flags
from engine.tape.importers.lean_files import DayFiles, Kind, data_folder, days_in, folders_in, option_rows, single_rows
from engine.tape.importers.lean_rest import counted, rest_of, tell_all
from engine.tape.importers.lean_rows import index_row, interest_row, quote_row, trade_row
from engine.types import PRODUCTS, Instrument, PriceMeaning, Product, Provenance, Underlying

MILLISECOND: Final = 1_000_000
CHICAGO: Final = HOUR
_EARLY_END: Final = 5 * MINUTE
_OPTION_FOLDERS: Final = ("indexoption", "option")
_ALONE_FOLDERS: Final = ("index", "equity")
_NOTE: Final = "closes of minute bars, known at the end of the minute"


@dataclass(frozen=True)
class Lean:
    """The importer; see the module."""

    name: str = "lean"
    version: int = 3
    description: str = "QuantConnect LEAN Data folder: minute quotes, trades, open interest of index and share options"

    def sniff(self, path: Path) -> bool:
        """Whether there is a LEAN ``Data`` folder at or in ``path``."""
        return path.is_dir() and data_folder(path) is not None

    def covers(self, folder: Path, file: Path) -> bool:
        """Everything below the Data folder."""
        data = data_folder(folder)
        return data is not None and file.is_relative_to(data)

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Day by day, root by root. A day with a file that is not trusted is refused, the others go on."""
        if options.symbol is not None:
            raise ImportRefused(path, "--symbol has no meaning for this format: symbols are in its file names")
        if not path.exists():
            raise FileNotFoundError(path)
        data = data_folder(path)
        if data is None:
            raise ImportRefused(path, "no LEAN Data folder: expected indexoption/usa/minute or option/usa/minute in it")
        told: set[Path] = set()
        for kind in _OPTION_FOLDERS:
            for folder in folders_in(data / kind / "usa" / "minute"):
                yield from self._root(data, folder, options, told)
        for kind in _ALONE_FOLDERS:
            for folder in folders_in(data / kind / "usa" / "minute"):
                yield from self._alone(data, folder, options, told)
        yield from rest_of(data, told)

    def _root(self, data: Path, folder: Path, options: ImportOptions, told: set[Path]) -> Iterator[Item]:
        root = folder.name.upper()
        count = tell_all(folder, told) if root not in PRODUCTS else 0
        if root == "SPX":
            why = MORNING_SETTLED
            yield LeftOut(f"{folder}: {counted(count)}", why)
            return
        if root not in PRODUCTS:
            known = ", ".join(sorted(PRODUCTS))
            yield LeftOut(f"{folder}: {counted(count)}", f"options of {root} are not known here; known: {known}")
            return
        try:
            days = days_in(folder)
        except ImportRefused as error:
            tell_all(folder, told)
            yield Refused(error)
            return
        for files in days:
            told.update(files.zips.values())
            try:
                yield self._day(data, PRODUCTS[root], files, options, told)
            except ImportRefused as error:
                yield Refused(error)

    def _alone(self, data: Path, folder: Path, options: ImportOptions, told: set[Path]) -> Iterator[Item]:
        """The days of one underlying that no day of options has taken with it."""
        symbol = folder.name.upper()
        terms = next((terms for terms in PRODUCTS.values() if terms.underlying == symbol), None)
        if terms is None:
            known = ", ".join(sorted({terms.underlying for terms in PRODUCTS.values()}))
            why = f"the clock of {symbol}'s minutes is not known here; known: {known}"
            yield LeftOut(f"{folder}: {counted(tell_all(folder, told))}", why)
            return
        try:
            days = days_in(folder)
        except ImportRefused as error:
            tell_all(folder, told)
            yield Refused(error)
            return
        for files in days:
            if not told.isdisjoint(files.zips.values()):
                continue
            told.update(files.zips.values())
            try:
                yield self._alone_day(data, terms, files, options)
            except ImportRefused as error:
                yield Refused(error)

    def _alone_day(self, data: Path, terms: Product, files: DayFiles, options: ImportOptions) -> UnderlyingTable:
        first = next(iter(files.zips.values()))
        try:
            reader = _DayReader(data, terms, DayFiles(files.folder, files.day), session(files.day))
            reader.read_underlying()
            columns = reader.builder.build()
            flags = day_flags(reader.session, int(columns.ts_known[-1]), {})
        except ImportRefused:
            raise
        except (ValueError, OSError) as error:
            raise ImportRefused(first, str(error)) from None
        return UnderlyingTable(
            symbol=terms.underlying,
            day=files.day,
            provenance=self._label(options, "quote" if "quote" in files.zips else "trade_bar", reader),
            importer=self.name,
            importer_version=self.version,
            columns=columns,
            counts=dict(reader.counts),
            flags=flags,
        )

    def _label(self, options: ImportOptions, meaning: PriceMeaning, reader: _DayReader) -> Provenance:
        return Provenance(options.source or "lean", "vendor", meaning, joint_sha256(reader.hashes), _NOTE)

    def _day(self, data: Path, terms: Product, files: DayFiles, options: ImportOptions, told: set[Path]) -> DayTable:
        first = next(iter(files.zips.values()))
        try:
            reader = _DayReader(data, terms, files, session(files.day))
        except NotASession as error:
            raise ImportRefused(first, str(error)) from None
        try:
            reader.read()
            columns = reader.builder.build()
        except ImportRefused:
            raise
        except (ValueError, OSError) as error:
            raise ImportRefused(first, str(error)) from None
        told.update(data / name for name in reader.hashes)
        return DayTable(
            root=terms.root,
            day=files.day,
            provenance=self._label(options, "quote" if "quote" in files.zips else "trade_bar", reader),
            importer=self.name,
            importer_version=self.version,
            columns=columns,
            counts=dict(reader.counts),
            flags=reader.flags(),
        )


class _DayReader:
    """Reads the zips of one (root, day) and of its underlying into one builder."""

    def __init__(self, data: Path, terms: Product, files: DayFiles, of: Session) -> None:
        self.data, self.terms, self.files, self.session = data, terms, files, of
        self.midnight = from_new_york(files.day, time())
        self.option_close = of.product_close(terms.root)
        self.builder = DayBuilder()
        self.counts: Counter[str] = Counter()
        self.traded: Counter[Instrument] = Counter()
        self.hashes: dict[str, str] = {}
        self.has_underlying = False
        self.last_known = 0

    def read(self) -> None:
        """All there is. Raises ``ImportRefused`` or ``ValueError``."""
        readers: dict[Kind, Callable[[Path], None]] = {
            "quote": self._option_quotes,
            "trade": self._option_trades,
            "openinterest": self._open_interest,
        }
        for kind, path in self.files.zips.items():
            self._hash(path)
            readers[kind](path)
        if not self.last_known:
            raise ValueError("no quote or trade of that day was known between its open and its close")
        self.read_underlying()

    def read_underlying(self) -> None:
        """The minutes of the underlying, if there are any. Raises as ``read`` does."""
        if self.terms.underlying == self.terms.root and self.terms.settlement == "physical":
            self._share()
        else:
            self._index()

    def flags(self) -> tuple[str, ...]:
        """What a reader of the day must know."""
        flags = ["half_day"] if self.session.early else []
        if self.session.close - self.last_known > _EARLY_END:
            flags.append(f"truncated:{clock_text(self.last_known, seconds=False)}")
        if not self.has_underlying:
            flags.append("no_underlying")
        if self.counts["after_close"]:
            flags.append("after_close")
        return tuple(flags)

    def _option_quotes(self, path: Path) -> None:
        for contract, row in option_rows(path, self.terms.root, self.files.day, quote_row):
            known = self._known(row.ms)
            self.counts["missing"] += (row.bid is None) + (row.ask is None)
            self._put(known, contract, bid=row.bid, ask=row.ask, bid_size=row.bid_size, ask_size=row.ask_size)

    def _option_trades(self, path: Path) -> None:
        for contract, row in option_rows(path, self.terms.root, self.files.day, trade_row):
            known = self._known(row.ms)
            volume = self._volume_so_far(known, contract, row.volume)
            self._put(known, contract, price=row.price, volume=volume)

    def _open_interest(self, path: Path) -> None:
        """Published before the open, once: known at its stamp, not a minute later."""
        for contract, row in option_rows(path, self.terms.root, self.files.day, interest_row):
            known = self.midnight + row.ms * MILLISECOND
            if known <= self.option_close:
                self.builder.put(known, known, contract, open_interest=row.open_interest)

    def _put(self, known: int, contract: Instrument, **values: int | None) -> None:
        if self._in_hours(known, self.option_close):
            self.builder.put(known, known, contract, **values)
            self.last_known = max(self.last_known, known)

    def _index(self) -> None:
        folder = self.data / "index" / "usa" / "minute" / self.terms.underlying.lower()
        path = _zips_of(folder, self.files).get("trade")
        if path is None:
            return
        self._hash(path)
        for row in single_rows(path, self.terms.underlying, self.files.day, index_row):
            self._put_underlying(self._known(row.ms) + CHICAGO, price=row.value)

    def _share(self) -> None:
        folder = self.data / "equity" / "usa" / "minute" / self.terms.underlying.lower()
        zips = _zips_of(folder, self.files)
        for kind in ("quote", "trade"):
            if kind in zips:
                self._hash(zips[kind])
        if "trade" in zips:
            for trade in single_rows(zips["trade"], self.terms.underlying, self.files.day, trade_row):
                known = self._known(trade.ms)
                volume = self._volume_so_far(known, Underlying(self.terms.underlying), trade.volume)
                self._put_underlying(known, price=trade.price, volume=volume)
        if "quote" in zips:
            for row in single_rows(zips["quote"], self.terms.underlying, self.files.day, quote_row):
                known = self._known(row.ms)
                self._put_underlying(known, bid=row.bid, ask=row.ask, bid_size=row.bid_size, ask_size=row.ask_size)

    def _volume_so_far(self, known: int, instrument: Instrument, volume: int) -> int:
        """The bar's volume added to those before it since the open; an instrument's bars come in order of time."""
        if known > self.session.open:
            self.traded[instrument] += volume
        return self.traded[instrument]

    def _put_underlying(self, known: int, **values: int | None) -> None:
        if self._in_hours(known, self.session.close):
            self.has_underlying = True
            self.builder.put(known, known, Underlying(self.terms.underlying), **values)

    def _known(self, ms: int) -> int:
        return self.midnight + ms * MILLISECOND + MINUTE

    def _in_hours(self, known: int, close: int) -> bool:
        if known > close:
            self.counts["after_close"] += 1
        elif known <= self.session.open:
            self.counts["before_open"] += 1
        return self.session.open < known <= close

    def _hash(self, path: Path) -> None:
        self.hashes[path.relative_to(self.data).as_posix()] = sha256_of(path)


def _zips_of(folder: Path, files: DayFiles) -> dict[Kind, Path]:
    return next((other.zips for other in days_in(folder) if other.day == files.day), {})
