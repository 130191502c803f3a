"""Records as rows of SQLite and back.

A column has its field's name; a field declared ``Price`` or ``Money`` gets the suffix ``_e4``, so that whoever opens
the file sees the unit (1e-4 dollars). Dates are ISO text, booleans 0 and 1, legs JSON. A float that is not finite has
no place in a journal and becomes NULL: missing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isfinite
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

import msgspec

from engine.events import RECORD_TYPES, AnyRecord, Record
from engine.types import Contract, Effect, Leg, Side, parse_symbol

Kind = Literal["integer", "text", "real", "boolean", "date", "legs"]
SqlValue = int | float | str | None

_KINDS: dict[Any, Kind] = {int: "integer", str: "text", float: "real", bool: "boolean", dt.date: "date"}
_MONEY = re.compile(r"\b(Price|Money)\b")
E4 = "_e4"


class LegRow(msgspec.Struct, frozen=True):
    """A leg as the journal writes it: the OCC symbol instead of a contract's parts."""

    symbol: str
    side: Side
    effect: Effect
    ratio: int


_legs_decoder = msgspec.json.Decoder(list[LegRow])


@lru_cache(maxsize=4096)
def _contract(symbol: str) -> Contract:
    found = parse_symbol(symbol)
    if not isinstance(found, Contract):
        raise ValueError(f"a leg names no option: {symbol!r}")
    return found


def encode_legs(legs: Sequence[Leg]) -> str:
    """Legs as JSON text: ``[{"symbol":...,"side":...,"effect":...,"ratio":...}]``."""
    rows = [LegRow(leg.contract.symbol, leg.side, leg.effect, leg.ratio) for leg in legs]
    return msgspec.json.encode(rows).decode()


def decode_legs(text: str) -> tuple[Leg, ...]:
    """The inverse of ``encode_legs``."""
    return tuple(Leg(_contract(row.symbol), row.side, row.effect, row.ratio) for row in _legs_decoder.decode(text))


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


_TO_SQL: dict[Kind, Callable[[Any], SqlValue]] = {
    "real": _finite,
    "boolean": int,
    "date": dt.date.isoformat,
    "legs": encode_legs,
}
_FROM_SQL: dict[Kind, Callable[[Any], Any]] = {
    "boolean": bool,
    "date": dt.date.fromisoformat,
    "legs": decode_legs,
}


class Column(msgspec.Struct, frozen=True):
    """One field of a record and its column."""

    name: str
    field: str
    kind: Kind
    optional: bool
    money: bool


class TableMap:
    """How one type of record lies in its table.

    Attributes:
        tag: the record's tag, such as ``order_event``.
        columns: one a field, in the struct's order; the table has ``id`` and ``session`` before them.
    """

    def __init__(self, record_type: type[Record]) -> None:
        self.record_type = record_type
        self.table = record_type.table
        self.tag = cast("str", record_type.__struct_config__.tag)
        self.columns = _columns(record_type)
        self.names = tuple(column.name for column in self.columns)
        self.fields = tuple(column.field for column in self.columns)
        self._get = attrgetter(*self.fields)
        self._to_sql = [(i, _TO_SQL[column.kind]) for i, column in enumerate(self.columns) if column.kind in _TO_SQL]
        self._from_sql = [
            (i, _FROM_SQL[column.kind]) for i, column in enumerate(self.columns) if column.kind in _FROM_SQL
        ]
        listed = ", ".join(f'"{name}"' for name in self.names)
        marks = ", ".join("?" * (len(self.names) + 2))
        self.insert = f'INSERT INTO "{self.table}" (id, session, {listed}) VALUES ({marks})'  # noqa: S608
        self.select = f'SELECT id, {listed} FROM "{self.table}" WHERE session = ? ORDER BY id'  # noqa: S608

    def to_row(self, number: int, session: int, record: AnyRecord) -> tuple[SqlValue, ...]:
        """The parameters of ``insert``."""
        values = [number, session, *self._get(record)]
        for i, convert in self._to_sql:
            if values[i + 2] is not None:
                values[i + 2] = convert(values[i + 2])
        return tuple(values)

    def from_row(self, row: Sequence[Any]) -> AnyRecord:
        """The record of one row of ``select``."""
        values = list(row[1:])
        for i, convert in self._from_sql:
            if values[i] is not None:
                values[i] = convert(values[i])
        return cast("AnyRecord", self.record_type(**dict(zip(self.fields, values, strict=True))))


def _columns(record_type: type[Record]) -> tuple[Column, ...]:
    # Price and Money are aliases of int: only the written annotation still tells them from a count.
    written: dict[str, Any] = {}
    for base in reversed(record_type.__mro__):
        written.update(vars(base).get("__annotations__", {}))
    columns = []
    for field in msgspec.structs.fields(record_type):
        money = _MONEY.search(str(written[field.name])) is not None
        kind, optional = _kind(field.type)
        name = field.name + E4 if money else field.name
        columns.append(Column(name, field.name, kind, optional, money))
    return tuple(columns)


def _kind(annotation: Any) -> tuple[Kind, bool]:
    """The kind of a column, and whether it may be NULL; raises ``TypeError`` for what a column cannot hold."""
    if get_origin(annotation) in (Union, UnionType):
        arms = [arm for arm in get_args(annotation) if arm is not type(None)]
        if len(arms) == 1:
            return _kind(arms[0])[0], True
    elif annotation in _KINDS:
        return _KINDS[annotation], False
    elif get_origin(annotation) is Literal and all(isinstance(value, str) for value in get_args(annotation)):
        return "text", False
    elif get_origin(annotation) is tuple and get_args(annotation)[0] is Leg:
        return "legs", False
    raise TypeError(f"the journal has no column for {annotation!r}")


MAPS: dict[type[Record], TableMap] = {record_type: TableMap(record_type) for record_type in RECORD_TYPES}
BY_TABLE: dict[str, TableMap] = {table_map.table: table_map for table_map in MAPS.values()}
