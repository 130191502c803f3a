"""One (root, day, source) as a Parquet file: columns to bytes and back, checked by hash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from engine.tape.columns import FIELDS, Columns, problem
from engine.tape.errors import StoreError
from engine.tape.files import broken, filled, read_beside, read_table, readable, to_bytes, view
from engine.tape.header import FORMAT_VERSION, DayHeader, Header, UnderlyingHeader, sealed
from engine.tape.heard import HEARD_KEY, Heard, check, from_json, to_json
from engine.tape.tally import tally
from engine.types import MISSING, Provenance

H = TypeVar("H", bound=Header)
_TIME = pa.timestamp("ns", tz="UTC")
_KEYS = [("ts_known", _TIME), ("ts_event", _TIME), ("symbol", pa.dictionary(pa.int32(), pa.string()))]
_SCHEMA = pa.schema([*_KEYS, *((name, pa.int32()) for name in FIELDS)])


@dataclass(frozen=True, slots=True)
class DayTable:
    """One day of one root from one source, ready to be stored.

    ``counts`` are what the importer counted beyond what the columns themselves tell; ``flags`` what it noticed;
    ``heard`` what a session heard beside prices, where one recorded the day.
    """

    root: str
    day: dt.date
    provenance: Provenance
    importer: str
    importer_version: int
    columns: Columns
    counts: dict[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    heard: Heard | None = None


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
    if table.heard is None:
        header = DayHeader(root=table.root, day=table.day, **_told(table, table.root))
        header = sealed(header, _values(table.columns))
        return header, to_bytes(_to_arrow(table.columns), header)
    check(table.heard, table.columns.symbols, f"{table.root} {table.day} {table.provenance.source}")
    header = DayHeader(version=FORMAT_VERSION, root=table.root, day=table.day, **_told(table, table.root))
    header = sealed(header, _values(table.columns, table.heard))
    return header, to_bytes(_to_arrow(table.columns), header, {HEARD_KEY: to_json(table.heard)})


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


def decode(path: Path, fields: Collection[str] | None = None) -> tuple[DayHeader, Columns]:
    """Header and columns of a day file; raises ``StoreError`` for one that is damaged or not a day file.

    With ``fields`` (of ``FIELDS``) those alone, and no other is read from disk.
    """
    return _decode(path, DayHeader, fields)


def decode_underlying(path: Path, fields: Collection[str] | None = None) -> tuple[UnderlyingHeader, Columns]:
    """The same for a day without options."""
    return _decode(path, UnderlyingHeader, fields)


def _decode(path: Path, kind: type[H], fields: Collection[str] | None) -> tuple[H, Columns]:
    names = None if fields is None else {*(name for name, _ in _KEYS), *fields}
    header, table = read_table(path, kind, _SCHEMA, needed=len(_KEYS), columns=names)
    with readable(path):
        columns = _from_arrow(table)
    # From format 2 on the seal tells the same of the bytes, in a tenth of the time; ``data verify`` looks at both.
    if header.version == 1:
        check_content(path, header, columns)
    if fields is not None:
        columns = replace(columns, values={name: column for name, column in columns.values.items() if name in fields})
    return header, columns


def read_heard(path: Path, header: Header) -> Heard | None:
    """What the session of a recorded day heard beside prices; ``None`` of any other day. Raises ``StoreError``."""
    if header.version < FORMAT_VERSION:
        return None
    data = read_beside(path, DayHeader, HEARD_KEY)
    if data is None:
        raise broken(path, "what its session heard is not in it")
    with readable(path):
        return from_json(data)


def check_content(path: Path, header: Header, columns: Columns, heard: Heard | None = None) -> None:
    """Whether all ``columns`` of a file, and what was ``heard`` beside them, are those that its header was written for;
    raises ``StoreError``."""
    if sealed(header, _values(columns, heard)).sha256 != header.sha256:
        raise broken(path, "its content does not match its hash")


def _values(columns: Columns, heard: Heard | None = None) -> Iterator[tuple[str, Any]]:
    if heard is not None:
        yield "heard", to_json(heard)
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
            values[name] = filled(column)
    return Columns(
        ts_known=view(chunks["ts_known"], np.int64),
        ts_event=view(chunks["ts_event"], np.int64),
        code=view(symbol.indices, np.int32),
        symbols=tuple(symbol.dictionary.to_pylist()),
        values=values,
    )
