"""Records of consolidated quotes as the days of their roots."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.calendar import NotASession, Session, session
from engine.clock import HOUR, MINUTE, SECOND
from engine.events.market import Int32
from engine.tape.assemble import assemble
from engine.tape.columns import LARGEST
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_day import Label
from engine.tape.importers.base import MORNING_SETTLED, LeftOut
from engine.tape.importers.databento_dbn import DbnFile
from engine.tape.importers.databento_symbols import Symbols
from engine.tape.importers.flags import day_flags
from engine.tape.monotone import monotonicity
from engine.types import MISSING, PRODUCTS, Contract

INTERVALS: Final = {"cbbo-1m": MINUTE, "cbbo-1s": SECOND}
_NO_PRICE: Final = 2**63 - 1
_NO_TIME: Final = 2**64 - 1
_NO_SIZE: Final = 2**32 - 1
_UNIT: Final = 100_000
_MAYBE_BAD_BOOK: Final = 1 << 2
_DAY: Final = 24 * HOUR
_LAST_DAY: Final = 80_000
_ORIGIN: Final = dt.date(1970, 1, 1)
_FIELDS: Final = ("bid", "ask", "bid_size", "ask_size", "price")

Wide = NDArray[np.int64]
Records = NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one chunk and root within its hours, with the numbers their records have in the file."""

    known: Wide
    code: Int32
    number: Wide
    values: dict[str, Int32]


def quote_days(file: DbnFile, symbols: Symbols) -> Iterator[QuoteDay]:
    """Each day as soon as the next begins.

    A day is one in UTC: New York's regular hours lie within it. Raises ``ImportRefused`` for the first record that is
    not trusted, and where a day comes back after a later one.
    """
    interval = INTERVALS[file.schema]
    current: QuoteDay | None = None
    for number, records in file.records():
        ends = records["ts_recv"]
        odd = (ends % interval != 0) | (ends >= _LAST_DAY * _DAY)
        if odd.any():
            where = f"record {number + int(np.argmax(odd))}"
            raise ImportRefused(file.path, f"its ts_recv does not end an interval of {file.schema}", where)
        days = (ends // _DAY).astype(np.int64)
        starts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
        for start, stop in zip(starts, np.append(starts[1:], len(days)), strict=True):
            day = _ORIGIN + dt.timedelta(days=int(days[start]))
            if current is None or day != current.day:
                if current is not None:
                    if day < current.day:
                        reason = f"{day} comes after {current.day}: the file must be sorted by ts_recv"
                        raise ImportRefused(file.path, reason, f"record {number + int(start)}")
                    yield current
                current = QuoteDay(file, day, symbols)
            current.add(number + int(start), records[start:stop])
    if current is None:
        raise ImportRefused(file.path, "there are no records in it")
    yield current


class QuoteDay:
    """The records of one day.

    Attributes:
        day: in UTC.
        left_out: how many records are not stored, by (what, why).
    """

    def __init__(self, file: DbnFile, day: dt.date, symbols: Symbols) -> None:
        self.day = day
        self.left_out: Counter[tuple[str, str]] = Counter()
        self._path, self._interval, self._symbols = file.path, INTERVALS[file.schema], symbols
        self._contracts: list[Contract] = []
        self._codes: dict[int, int] = {}
        self._strangers: dict[int, str] = {}
        self._parts: dict[str, list[_Part]] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._session: Session | None = None
        try:
            self._session = session(day)
        except NotASession as error:
            self._why = str(error)

    def add(self, number: int, records: Records) -> None:
        """Take records, the first of which is ``number`` in the file. Raises ``ImportRefused``."""
        if self._session is None:
            self.left_out[f"{self.day}", self._why] += len(records)
            return
        ids, first, which = np.unique(records["instrument_id"], return_index=True, return_inverse=True)
        told = [self._code(int(one), f"record {number + int(at)}") for one, at in zip(ids, first, strict=True)]
        code = np.array(told, dtype=np.int32)[which]
        for one, count in zip(*np.unique(records["instrument_id"][code < 0], return_counts=True), strict=True):
            self.left_out[f"root {self._strangers[int(one)]}", _why(self._strangers[int(one)])] += int(count)
        roots = np.array([contract.root for contract in self._contracts] or [""])
        named = np.where(code < 0, "", roots[code])
        for root in sorted(set(named.tolist()) - {""}):
            rows = np.flatnonzero(named == root)
            self._add_root(root, number + rows, records[rows], code[rows], self._session)

    def tables(self, label: Label, done: frozenset[tuple[str, dt.date]]) -> Iterator[DayTable | LeftOut]:
        """A table a root, without those that are ``done``. Raises ``ImportRefused`` for contradicting records."""
        for root in sorted(self._counts):
            if (root, self.day) in done:
                continue
            counts = self._counts[root]
            if root in self._parts and self._session is not None:
                yield self._table(root, label, self._session)
            else:
                outside = counts["before_open"] + counts["after_close"]
                yield LeftOut(f"{self._path}: {root} {self.day}", f"no record of regular hours, {outside} of others")

    def _code(self, number: int, where: str) -> int:
        """The position of a number's contract, or -1 for one that is not stored."""
        if number not in self._codes:
            found = self._symbols.contract(self.day, number, where)
            if isinstance(found, Contract):
                self._codes[number] = len(self._contracts)
                self._contracts.append(found)
            else:
                self._codes[number] = -1
                self._strangers[number] = found
        return self._codes[number]

    def _add_root(self, root: str, numbers: Wide, records: Records, code: Int32, of: Session) -> None:
        counts = self._counts.setdefault(root, Counter())
        known = records["ts_recv"].astype(np.int64)
        early, late = known <= of.open, known > of.product_close(root)
        counts["before_open"] += int(early.sum())
        counts["after_close"] += int(late.sum())
        inside = ~early & ~late
        if not inside.any():
            return
        records, known, numbers = records[inside], known[inside], numbers[inside]
        traded = records["ts_event"] != _NO_TIME
        age = known - np.where(traded, records["ts_event"], 0).astype(np.int64)
        # Forward-filled from an earlier interval: told then. A clock ahead of ours: nothing may be known before it is.
        fresh = traded & (age >= 0) & (age < self._interval)
        values = {
            "bid": self._prices("bid", records["bid_px_00"], numbers, counts),
            "ask": self._prices("ask", records["ask_px_00"], numbers, counts),
            "bid_size": self._sizes("bid size", records["bid_sz_00"], numbers),
            "ask_size": self._sizes("ask size", records["ask_sz_00"], numbers),
            "price": self._prices("price", np.where(fresh, records["price"], _NO_PRICE), numbers, counts),
        }
        counts["trades_ahead_of_time"] += int((traded & (age < 0)).sum())
        counts["maybe_bad_book"] += int(((records["flags"] & _MAYBE_BAD_BOOK) != 0).sum())
        self._parts.setdefault(root, []).append(_Part(known, code[inside], numbers, values))

    def _table(self, root: str, label: Label, of: Session) -> DayTable:
        parts, counts = self._parts[root], self._counts[root]
        known = np.concatenate([part.known for part in parts])
        code = np.concatenate([part.code for part in parts])
        number = np.concatenate([part.number for part in parts])
        values = {name: np.concatenate([part.values[name] for part in parts]) for name in _FIELDS}
        kept = self._once(known, code, number, values)
        counts["repeated"] += len(known) - len(kept)
        known, code = known[kept], code[kept]
        values = {name: column[kept] for name, column in values.items()}
        counts["zero_quote"] = int(((values["bid"] == 0) & (values["ask"] == 0)).sum())
        columns = assemble(known, known, code, self._contracts, values)
        counts["monotonicity_breaks"] = monotonicity(columns).found
        counted = {name: count for name, count in sorted(counts.items()) if count}
        flags = [*day_flags(of, int(known.max()), {}), "no_underlying"]
        if counts["maybe_bad_book"]:
            flags.append("maybe_bad_book")
        return DayTable(
            root=root,
            day=self.day,
            provenance=label.provenance,
            importer=label.importer,
            importer_version=label.version,
            columns=columns,
            counts=counted,
            flags=tuple(flags),
        )

    def _once(self, known: Wide, code: Int32, number: Wide, values: dict[str, Int32]) -> NDArray[np.intp]:
        """Rows by (time, contract), a record that says the same again dropped; raises where it says other things."""
        order = np.lexsort((number, code, known))
        again = np.zeros(len(order), dtype=bool)
        again[1:] = (np.diff(known[order]) == 0) & (np.diff(code[order]) == 0)
        differs = np.zeros(len(order), dtype=bool)
        for column in values.values():
            differs[1:] |= np.diff(column[order].astype(np.int64)) != 0
        if (again & differs).any():
            row = order[int(np.argmax(again & differs))]
            reason = f"{self._contracts[code[row]].symbol} has two different quotes at one instant"
            raise ImportRefused(self._path, reason, f"record {number[row]}")
        return order[~again]

    def _prices(self, what: str, nanos: Wide, numbers: Wide, counts: Counter[str]) -> Int32:
        """Units of 1e-4 from units of 1e-9, half to even; ``MISSING`` where it is undefined."""
        there = nanos != _NO_PRICE
        odd = there & ((nanos < 0) | (nanos > LARGEST * _UNIT))
        if odd.any():
            at = int(np.argmax(odd))
            raise ImportRefused(self._path, f"not a price as its {what}: {nanos[at]} of 1e-9", f"record {numbers[at]}")
        whole, rest = np.divmod(np.where(there, nanos, 0), _UNIT)
        whole += (rest > _UNIT // 2) | ((rest == _UNIT // 2) & (whole % 2 == 1))
        counts["rounded"] += int((rest != 0).sum())
        return np.where(there, whole, MISSING).astype(np.int32)

    def _sizes(self, what: str, sizes: NDArray[np.uint32], numbers: Wide) -> Int32:
        there = sizes != _NO_SIZE
        odd = there & (sizes > LARGEST)
        if odd.any():
            at = int(np.argmax(odd))
            raise ImportRefused(self._path, f"not a count as its {what}: {sizes[at]}", f"record {numbers[at]}")
        return np.where(there, sizes.astype(np.int64), MISSING).astype(np.int32)


def _why(root: str) -> str:
    if root == "SPX":
        return MORNING_SETTLED
    return f"options of {root} are not known here; known: {', '.join(sorted(PRODUCTS))}"
