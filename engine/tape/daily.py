"""Official daily values of one symbol from one source: a Parquet file, and its closes as events."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from engine.calendar import Session, session
from engine.clock import MINUTE
from engine.events import DailyClose
from engine.tape.columns import LARGEST
from engine.tape.errors import StoreError
from engine.tape.files import broken, filled, read_table, readable, to_bytes, view
from engine.tape.header import DailyHeader, sealed
from engine.types import MISSING, Price, Provenance, round_to_cent

_VOLATILITY: Final = re.compile(r"VIX|VIX\d[A-Z]|VIXEQ|VVIX|VXN")
_DATE_ORIGIN: Final = dt.date(1970, 1, 1)
_COLUMNS: Final = ("open", "high", "low", "close")
_SCHEMA: Final = pa.schema(
    [("day", pa.date32()), ("known_at", pa.timestamp("ns", tz="UTC")), *((name, pa.int32()) for name in _COLUMNS)]
)


def known_at(symbol: str, of: Session) -> int:
    """When the close of ``symbol`` is known, ns UTC.

    Fifteen minutes after the session's close; thirty for the VIX family, which Cboe computes until fifteen minutes
    after the close.
    """
    return of.close + (30 if _VOLATILITY.fullmatch(symbol) else 15) * MINUTE


@dataclass(frozen=True, slots=True)
class DailyRow:
    """One day's values in units of 1e-4, whole cents; only the close must be there."""

    day: dt.date
    close: Price
    open: Price | None = None
    high: Price | None = None
    low: Price | None = None


@dataclass(frozen=True, slots=True)
class DailyTable:
    """A symbol's daily values from one source, ready to be stored."""

    symbol: str
    provenance: Provenance
    importer: str
    importer_version: int
    rows: tuple[DailyRow, ...]
    counts: dict[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DailySeries:
    """A stored daily series, its hash checked. ``closes`` by day, in order."""

    header: DailyHeader
    closes: dict[dt.date, DailyClose]


def encode(table: DailyTable) -> tuple[DailyHeader, bytes]:
    """Header and bytes of the file; values are rounded to cents here.

    Raises ``StoreError`` for an empty series, a day that comes twice, and a value out of range; ``NotASession`` for a
    day without a session.
    """
    rows = sorted(table.rows, key=lambda row: row.day)
    where = f"{table.symbol} {table.provenance.source}"
    if not rows:
        raise StoreError(f"{where}: there are no rows")
    for before, after in pairwise(rows):
        if before.day == after.day:
            raise StoreError(f"{where}: {after.day} comes twice")
    arrays: dict[str, Any] = {
        "day": np.array([(row.day - _DATE_ORIGIN).days for row in rows], dtype=np.int32),
        "known_at": np.array([known_at(table.symbol, session(row.day)) for row in rows], dtype=np.int64),
    }
    for name in _COLUMNS:
        arrays[name] = np.array([_cents(getattr(row, name), where, row.day) for row in rows], dtype=np.int32)
    header = DailyHeader(
        symbol=table.symbol,
        first=rows[0].day,
        last=rows[-1].day,
        provenance=table.provenance,
        importer=table.importer,
        importer_version=table.importer_version,
        counts={"rows": len(rows), **table.counts},
        flags=table.flags,
    )
    header = sealed(header, arrays.items())
    columns: dict[str, Any] = {
        "day": pa.array(arrays["day"]).cast(pa.date32()),
        "known_at": pa.array(arrays["known_at"]).cast(pa.timestamp("ns", tz="UTC")),
    }
    columns |= {name: pa.array(arrays[name], mask=arrays[name] == MISSING) for name in _COLUMNS}
    return header, to_bytes(pa.table(columns, schema=_SCHEMA), header)


def decode(path: Path) -> DailySeries:
    """The series in a file; raises ``StoreError`` for one that is damaged or not a daily series."""
    header, table = read_table(path, DailyHeader, _SCHEMA)
    with readable(path):
        arrays = dict(_arrays(table))
    if sealed(header, arrays.items()).sha256 != header.sha256:
        raise broken(path, "its content does not match its hash")
    return DailySeries(header, {close.day: close for close in _closes(header.symbol, arrays)})


def _arrays(table: Any) -> Iterator[tuple[str, Any]]:
    chunks = {name: table.column(name).combine_chunks() for name in table.column_names}
    yield "day", view(chunks["day"], np.int32)
    yield "known_at", view(chunks["known_at"], np.int64)
    for name in _COLUMNS:
        yield name, filled(chunks[name])


def _closes(symbol: str, arrays: dict[str, Any]) -> Iterable[DailyClose]:
    rows = zip(arrays["day"].tolist(), arrays["known_at"].tolist(), arrays["close"].tolist(), strict=True)
    for number, (days, known, close) in enumerate(rows):
        day = _DATE_ORIGIN + dt.timedelta(days=days)
        ended = session(day).close
        yield DailyClose(ts_known=known, ts_event=ended, seq=number, symbol=symbol, day=day, close=close)


def _cents(value: Price | None, where: str, day: dt.date) -> int:
    if value is None:
        return MISSING
    rounded = round_to_cent(value)
    if not 0 < rounded <= LARGEST:
        raise StoreError(f"{where}: {day}: value out of range: {value}")
    return rounded
