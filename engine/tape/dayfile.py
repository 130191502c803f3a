"""One (root, day, source) as a Parquet file: columns to bytes and back, checked by hash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from engine.tape.columns import FIELDS, Columns, problem
from engine.tape.errors import StoreError
from engine.tape.files import broken, read_table, readable, to_bytes
from engine.tape.header import DayHeader, Header, UnderlyingHeader, sealed
from engine.tape.tally import tally
from engine.types import MISSING, Provenance

H = TypeVar("H", bound=Header)
_TIME = pa.timestamp("ns", tz="UTC")
_KEYS = [("ts_known", _TIME), ("ts_event", _TIME), ("symbol", pa.dictionary(pa.int32(), pa.string()))]
_SCHEMA = pa.schema([*_KEYS, *((name, pa.int32()) for name in FIELDS)])


@dataclass(frozen=True, slots=True)
class DayTable:
    """One day of one root from one source, ready to be stored.

    ``counts`` are what the importer counted beyond what the columns themselves tell; ``flags`` what it noticed.
    """

    root: str
    day: dt.date
    provenance: Provenance
    importer: str
    importer_version: int
    columns: Columns
    counts: dict[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnderlyingTable:
    """One day of an index or a fund without options, ready to be stored; its columns list that symbol alone.

    ``price`` is the close of the bar that ended at ``ts_known``, with ``open``, ``high``, ``low`` and ``volume`` of the
    day so far where the source has them.
    """

    symbol: str
    day: dt.date
    provenance: Provenance
    importer: str
    importer_version: int
    columns: Columns
    counts: dict[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def encode(table: DayTable) -> tuple[DayHeader, bytes]:
    """Header and bytes of the file. Raises ``StoreError`` for columns that are not those of a day."""
    header = DayHeader(root=table.root, day=table.day, **_told(table, table.root))
    header = sealed(header, _values(table.columns))
    return header, to_bytes(_to_arrow(table.columns), header)


def encode_underlying(table: UnderlyingTable) -> tuple[UnderlyingHeader, bytes]:
    """The same for a day without options. Raises ``StoreError`` for columns that list anything else than the symbol."""
    if table.columns.symbols != (table.symbol,):
        raise StoreError(f"{table.symbol} {table.day} {table.provenance.source}: lists {table.columns.symbols}")
    header = UnderlyingHeader(symbol=table.symbol, day=table.day, **_told(table, table.symbol))
    header = sealed(header, _values(table.columns))
    return header, to_bytes(_to_arrow(table.columns), header)


def _told(table: DayTable | UnderlyingTable, name: str) -> dict[str, Any]:
    """What every header says of its table; raises ``StoreError`` for columns that are not those of a day."""
    reason = problem(table.columns)
    if reason:
        raise StoreError(f"{name} {table.day} {table.provenance.source}: {reason}")
    return {
        "provenance": table.provenance,
        "importer": table.importer,
        "importer_version": table.importer_version,
        "counts": {**tally(table.columns), **table.counts},
        "flags": table.flags,
    }


def decode(path: Path) -> tuple[DayHeader, Columns]:
    """Header and columns of a day file; raises ``StoreError`` for one that is damaged or not a day file."""
    return _decode(path, DayHeader)


def decode_underlying(path: Path) -> tuple[UnderlyingHeader, Columns]:
    """The same for a day without options."""
    return _decode(path, UnderlyingHeader)


def _decode(path: Path, kind: type[H]) -> tuple[H, Columns]:
    header, table = read_table(path, kind, _SCHEMA, needed=len(_KEYS))
    with readable(path):
        columns = _from_arrow(table)
    if sealed(header, _values(columns)).sha256 != header.sha256:
        raise broken(path, "its content does not match its hash")
    return header, columns


def _values(columns: Columns) -> Iterator[tuple[str, Any]]:
    yield "ts_known", columns.ts_known
    yield "ts_event", columns.ts_event
    yield "symbols", "\n".join(columns.symbols).encode()
    yield "code", columns.code
    for name in FIELDS:
        if name in columns.values:
            yield name, columns.values[name]


def _to_arrow(columns: Columns) -> Any:
    arrays = {
        "ts_known": pa.array(columns.ts_known).cast(_TIME),
        "ts_event": pa.array(columns.ts_event).cast(_TIME),
        "symbol": pa.DictionaryArray.from_arrays(pa.array(columns.code), pa.array(columns.symbols, pa.string())),
    }
    for name in FIELDS:
        if name in columns.values:
            arrays[name] = pa.array(columns.values[name], mask=columns.values[name] == MISSING)
    return pa.table(arrays, schema=pa.schema([_SCHEMA.field(name) for name in arrays]))


def _from_arrow(table: Any) -> Columns:
    table = table.unify_dictionaries().combine_chunks()
    chunks = {name: table.column(name).chunk(0) for name in table.column_names}
    symbol = chunks["symbol"]
    values: dict[str, Any] = {}
    for name in FIELDS:
        if name not in chunks:
            continue
        column = chunks[name]
        if column.null_count < len(column):
            values[name] = pc.fill_null(column, MISSING).to_numpy(zero_copy_only=True)
    return Columns(
        ts_known=chunks["ts_known"].cast(pa.int64()).to_numpy(zero_copy_only=True),
        ts_event=chunks["ts_event"].cast(pa.int64()).to_numpy(zero_copy_only=True),
        code=symbol.indices.to_numpy(zero_copy_only=True),
        symbols=tuple(symbol.dictionary.to_pylist()),
        values=values,
    )
