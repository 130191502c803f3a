"""``cboe-datashop``: Cboe DataShop's end-of-day option summary: whole chains at 15:45 and, where bought, at the close.

A row a contract and day. ``bid_1545`` and the like are the quotes of 15:45, open interest is the morning's: both stand
at 15:45. ``_eod`` quotes are of the close: of 16:00 for options that expire that day at 16:00, of 16:15 for all others.
``trade_volume`` counts the whole day, so it is known with the close's quotes and never at 15:45; a file without them
leaves it out. Open, high, low and close of an option say no time and are not read. The underlying's price is the middle
of its bid and ask where those are sane: a bid above 0, not crossed, at most 1% apart.

The root is that of ``--symbol``, or of a column ``root`` or ``underlying_symbol``, or the letters with which the name
of the file begins (``spxw20190626.csv``). A file may hold many days and roots; a day is handed out when the next one
begins, so a row of a day that was handed out already is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.calendar import NotASession, session
from engine.clock import MINUTE
from engine.tape.builder import DayBuilder
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import MORNING_SETTLED, ImportOptions, Item, LeftOut, sha256_of
from engine.tape.importers.cboe_oddities import oddities
from engine.tape.importers.cboe_times import QUOTES_END
from engine.tape.importers.flags import day_flags
from engine.tape.importers.numbers import price_units, strike_units, whole
from engine.tape.importers.reading import csv_rows, head, open_text, positions
from engine.types import PRODUCTS, Contract, Instrument, Price, Provenance, Right, Underlying, round_to_cent

_KEYS: Final = ("quote_date", "expiration", "strike", "option_type")
_AT: Final = ("1545", "eod")
_QUOTE: Final = ("bid_size", "bid", "ask_size", "ask", "underlying_bid", "underlying_ask")
_BEFORE_CLOSE: Final = 15 * MINUTE
_HALF_DAYS_RIGHT: Final = dt.date(2020, 2, 5)
_SANE: Final = 0.01
_RIGHTS: Final[dict[str, Right]] = {"C": "C", "P": "P", "CALL": "C", "PUT": "P"}
_NOTE: Final = "Cboe DataShop's snapshot of 15:45"
_NOTE_EOD: Final = "Cboe DataShop's snapshots of 15:45 and of the close"


@dataclass(frozen=True)
class CboeDataShop:
    """The importer; see the module."""

    name: str = "cboe-datashop"
    version: int = 1
    description: str = "Cboe DataShop end-of-day summary: whole chains at 15:45 and the close, .csv or .csv.gz"

    def sniff(self, path: Path) -> bool:
        """Whether the first line has DataShop's columns."""
        if not path.is_file():
            return False
        names = {name.strip().lower() for name in head(path).partition("\n")[0].split(",")}
        return names.issuperset((*_KEYS, "bid_1545", "ask_1545"))

    def read(self, path: Path, options: ImportOptions) -> Iterator[Item]:
        """Day by day, root by root."""
        given = options.symbol.upper() if options.symbol is not None else None
        if given is not None and not re.fullmatch(r"[A-Z]{1,6}", given):
            raise ImportRefused(path, f"--symbol {options.symbol} is no option root, such as SPXW")
        with open_text(path, options) as lines:
            rows = csv_rows(path, lines)
            _, header = next(rows, (1, []))
            layout = _Layout(path, header, given)
            label = Provenance(
                source=options.source or "datashop",
                origin="vendor",
                meaning="quote",
                sha256=sha256_of(path),
                note=_NOTE_EOD if "eod" in layout.instants else _NOTE,
            )
            days: dict[str, _Day] = {}
            current: dt.date | None = None
            given_out: set[tuple[str, dt.date]] = set()
            left_out: Counter[str] = Counter()
            for number, fields in rows:
                try:
                    root = layout.root(fields)
                    row = layout.row(fields, root) if root in PRODUCTS else None
                    if row is None:
                        left_out[root] += 1
                        continue
                    if row.day != current:
                        yield from self._tables(days, label, options)
                        given_out |= {(done, of.day) for done, of in days.items()}
                        days, current = {}, row.day
                    if (root, row.day) in given_out:
                        raise ValueError(
                            f"{row.contract.root} {row.day} comes back after another day: sort the file by day"
                        )
                    if root not in days:
                        days[root] = _Day(root, row.day)
                    days[root].add(row)
                except ImportRefused:
                    raise
                except ValueError as error:
                    raise ImportRefused(path, str(error), f"row {number}") from None
        if current is None and not left_out:
            raise ImportRefused(path, "there are no rows in it")
        yield from self._tables(days, label, options)
        for root, count in sorted(left_out.items()):
            known = MORNING_SETTLED if root == "SPX" else f"options of {root} are not known here"
            yield LeftOut(f"{path}: {root}", f"{count} rows: {known}")

    def _tables(self, days: dict[str, _Day], label: Provenance, options: ImportOptions) -> Iterator[DayTable]:
        for root, of in sorted(days.items()):
            if (root, of.day) in options.done:
                continue
            yield DayTable(
                root=root,
                day=of.day,
                provenance=label,
                importer=self.name,
                importer_version=self.version,
                columns=of.builder.build(),
                counts=of.counted(),
                flags=of.flags(),
            )


@dataclass(frozen=True, slots=True)
class _Quote:
    """What a row says of one instant; the underlying's bid and ask as they stand."""

    bid: Price
    ask: Price
    bid_size: int
    ask_size: int
    underlying: tuple[Price, Price]


@dataclass(frozen=True, slots=True)
class _Row:
    day: dt.date
    contract: Contract
    quotes: dict[str, _Quote]
    volume: int | None
    open_interest: int | None


class _Layout:
    """Which column is what. Raises ``ImportRefused`` for a header that lacks one."""

    def __init__(self, path: Path, header: list[str], given: str | None) -> None:
        names = {name.strip().lower() for name in header}
        self.instants = tuple(at for at in _AT if at == "1545" or f"bid_{at}" in names)
        wanted = [*_KEYS, *(f"{name}_{at}" for at in self.instants for name in _QUOTE)]
        self.optional = [name for name in ("trade_volume", "open_interest") if name in names]
        self.root_column = next((name for name in ("root", "underlying_symbol") if name in names), None)
        self.fixed: str | None = given
        if given is None and self.root_column is None:
            found = re.match(r"[a-z]{1,6}(?=[^a-z])", path.name.lower())
            if not found or found[0].upper() not in {*PRODUCTS, "SPX"}:
                raise ImportRefused(path, "which root is this? no column says it, nor the file's name: --symbol SPXW")
            self.fixed = found[0].upper()
        wanted += [*self.optional, *([self.root_column] if self.fixed is None and self.root_column else [])]
        self.columns = positions(path, header, wanted)
        self.width = len(header)

    def root(self, fields: list[str]) -> str:
        """The row's option root. Raises ``ValueError``."""
        if len(fields) != self.width:
            raise ValueError(f"{len(fields)} fields where the header has {self.width}")
        if self.fixed is not None or self.root_column is None:
            return self.fixed or ""
        root = fields[self.columns[self.root_column]].strip().upper().removeprefix("^")
        if not re.fullmatch(r"[A-Z][A-Z0-9.]{0,7}", root):
            raise ValueError(f"not an option root: {root[:40]!r}")
        return root

    def row(self, fields: list[str], root: str) -> _Row:
        """A row as values. Raises ``ValueError``."""
        of = {name: fields[position].strip() for name, position in self.columns.items()}
        day, expiry = _date(of["quote_date"]), _date(of["expiration"])
        right = _RIGHTS.get(of["option_type"].upper())
        if right is None:
            raise ValueError(f"neither call nor put: {of['option_type'][:40]!r}")
        if expiry < day:
            raise ValueError(f"expired on {expiry}, before {day}")
        return _Row(
            day,
            Contract(root, expiry, strike_units(of["strike"]), right),
            {at: _quote(of, at) for at in self.instants},
            whole(of["trade_volume"], "volume") if "trade_volume" in of else None,
            whole(of["open_interest"], "count of open interest") if "open_interest" in of else None,
        )


class _Day:
    """One (root, day) on its way in. Raises ``ValueError`` for a day without a session."""

    def __init__(self, root: str, day: dt.date) -> None:
        try:
            self.session = session(day)
        except NotASession as error:
            raise ValueError(str(error)) from None
        self.root, self.day = root, day
        # On half-days what is called 1545 is of 12:45, Cboe says, but only since that date.
        if self.session.early and day < _HALF_DAYS_RIGHT:
            raise ValueError(f"{day} is a half-day before {_HALF_DAYS_RIGHT}: its snapshot of 15:45 is after the close")
        self.builder = DayBuilder()
        self.rows: dict[Contract, _Row] = {}
        self.counts: Counter[str] = Counter()
        self.spots: dict[str, tuple[Price, Price]] = {}

    def add(self, row: _Row) -> None:
        """Take a row over. Raises ``ValueError`` for a contract that comes twice with other values, and for an
        underlying that has two values at one instant."""
        before = self.rows.setdefault(row.contract, row)
        if before is not row:
            if before != row:
                raise ValueError(f"{row.contract.symbol} comes twice on {row.day}, with different values")
            self.counts["duplicates"] += 1
            return
        for at, quote in row.quotes.items():
            self._underlying(at, quote.underlying)
            late = at == "eod"
            self.builder.put(
                self._instant(at, row.contract),
                self._instant(at, row.contract),
                row.contract,
                bid=quote.bid,
                ask=quote.ask,
                bid_size=quote.bid_size,
                ask_size=quote.ask_size,
                volume=row.volume if late else None,
                open_interest=None if late else row.open_interest,
            )

    def _instant(self, at: str, instrument: Instrument) -> int:
        if at == "1545":
            return self.session.close - _BEFORE_CLOSE
        if isinstance(instrument, Contract) and instrument.expiry == self.day:
            return self.session.product_close(self.root)
        index = PRODUCTS[self.root].settlement == "cash"
        if isinstance(instrument, Underlying) and index:
            return self.session.close
        return self.session.close + QUOTES_END

    def _underlying(self, at: str, sides: tuple[Price, Price]) -> None:
        if at in self.spots:
            if self.spots[at] != sides:
                raise ValueError(f"the underlying has two values at {at} of {self.day}")
            return
        self.spots[at] = sides
        bid, ask = sides
        if not 0 < bid <= ask or ask - bid > _SANE * bid:
            self.counts["no_underlying"] += 1
            return
        underlying = Underlying(PRODUCTS[self.root].underlying)
        when = self._instant(at, underlying)
        self.builder.put(when, when, underlying, price=round_to_cent((bid + ask) // 2))

    def counted(self) -> dict[str, int]:
        """What was counted, oddities of all instants together."""
        counts = self.counts.copy()
        for at in next(iter(self.rows.values())).quotes:
            counts += oddities({c: (row.quotes[at].bid, row.quotes[at].ask) for c, row in self.rows.items()})
        counts["after_close"] = self._after_close()
        return dict(+counts)

    def _after_close(self) -> int:
        return sum(
            self._instant(at, contract) > self.session.close
            for contract, row in self.rows.items()
            for at in row.quotes
        )  # fmt: skip

    def flags(self) -> tuple[str, ...]:
        """What a reader of the day must know."""
        last = max(self._instant(at, c) for at in next(iter(self.rows.values())).quotes for c in self.rows)
        flags = day_flags(self.session, last, {"after_close": self._after_close()})
        return (*flags, "no_underlying") if self.counts["no_underlying"] else flags


def _quote(of: dict[str, str], at: str) -> _Quote:
    sides = tuple(price_units(of[f"underlying_{side}_{at}"], f"underlying_{side}_{at}") for side in ("bid", "ask"))
    return _Quote(
        bid=price_units(of[f"bid_{at}"], f"bid_{at}"),
        ask=price_units(of[f"ask_{at}"], f"ask_{at}"),
        bid_size=whole(of[f"bid_size_{at}"], f"bid_size_{at}"),
        ask_size=whole(of[f"ask_size_{at}"], f"ask_size_{at}"),
        underlying=(sides[0], sides[1]),
    )


def _date(text: str) -> dt.date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(f"not a date like 2019-06-26: {text[:40]!r}")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no such date: {text}") from None
