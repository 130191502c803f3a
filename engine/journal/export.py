"""The journal as text: canonical JSON lines, JSON lines and CSV for people.

Canonical text holds what a session was and did, and nothing of when, where or how fast it was played: the same tape
and configuration give the same bytes. Its numbers are the tables' own, in units of 1e-4 dollars. The text for people
has dollars (``_usd`` instead of ``_e4``) as decimal strings and ISO times (``time`` instead of ``ts``).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Literal

import msgspec

from engine.alerts import Alert
from engine.events import AnyRecord
from engine.journal.errors import JournalError
from engine.journal.mapping import BY_TABLE, E4, MAPS, TableMap
from engine.journal.model import SessionInfo, SessionRow
from engine.journal.reader import TABLES, JournalReader
from engine.types import to_units

Form = Literal["canonical", "json", "csv"]
USD = "_usd"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

GRIDS = "configurations"
EXPORTED = (*TABLES, GRIDS)
"""Everything that can be exported by name."""

_GRID_COLUMNS = (
    *("backtest", "started_at", "root", "first", "last", "days", "provenance", "settings", "config_hash"),
    *("trades", "wins", "pnl_e4", "fees_e4", "max_drawdown_e4"),
)

_encoder = msgspec.json.Encoder(order="sorted")
_plain = msgspec.json.Encoder()


def export(
    reader: JournalReader, selection: str = "last", form: Form = "json", table: str = ""
) -> Generator[bytes, None, None]:
    """The selected sessions as UTF-8 lines, each with its newline, all of one instant.

    Args:
        selection: ``last``, ``all`` or a session's name; of grids ``last`` or ``all``.
        table: a table or view; empty: every record in the order of writing, or ``trade_summary`` as CSV;
            ``configurations``: those of grids.

    Raises ``JournalError`` for a session or table that is not there, before the first line.
    """
    if table and table not in EXPORTED:
        raise JournalError(f"the journal has no table {table!r}; there are {', '.join(sorted(EXPORTED))}")
    if table == GRIDS and form != "canonical":
        if selection not in ("last", "all"):
            raise JournalError(f"{GRIDS} are of grids, not of a session such as {selection}: choose last or all")
        return _in_snapshot(reader, grid_lines(reader, selection == "all", form))
    sessions = reader.select(selection)
    if form == "canonical":
        if table:
            raise JournalError("a canonical export holds every table: leave the table out, or the canonical form")
        lines = canonical_lines(reader, sessions)
    elif form == "csv":
        lines = csv_lines(reader, sessions, table or "trade_summary")
    elif table:
        lines = table_lines(reader, sessions, table)
    else:
        lines = record_lines(reader, sessions)
    return _in_snapshot(reader, lines)


def usd_text(units: int) -> str:
    """Units of 1e-4 dollars as a plain decimal: at least two places, four where they are needed."""
    return f"{Decimal(units) / 10_000:.{2 if units % 100 == 0 else 4}f}"


def time_text(ts: int) -> str:
    """An instant, ns UTC, as ISO 8601 with all nine places."""
    seconds, rest = divmod(ts, 1_000_000_000)
    instant = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)  # noqa: DTZ001 - written with its Z
    return f"{instant.isoformat()}.{rest:09d}Z"


def canonical_lines(reader: JournalReader, sessions: Sequence[SessionRow]) -> Iterator[bytes]:
    """For each session its header, then its records as they were written; keys sorted, no spaces."""
    for row in sessions:
        yield _encoder.encode(_header(row.info)) + b"\n"
        for table_map, values in reader.rows(row.session):
            yield _encoder.encode(_record(table_map, values)) + b"\n"


def record_lines(reader: JournalReader, sessions: Sequence[SessionRow]) -> Iterator[bytes]:
    """The same for people, with the session's name on every line."""
    for row in sessions:
        yield _plain.encode({"session": row.name} | _header(row.info)) + b"\n"
        for table_map, values in reader.rows(row.session):
            yield _plain.encode({"session": row.name} | _readable(_record(table_map, values))) + b"\n"


def header_line(session: str, info: SessionInfo) -> bytes:
    """What a session is, as ``record_lines`` begins it."""
    return _plain.encode({"session": session} | _header(info)) + b"\n"


def record_line(session: str, record: AnyRecord) -> bytes:
    """One record as ``record_lines`` writes it, before it is in any journal."""
    table_map = MAPS[type(record)]
    values = (0, *table_map.to_row(0, 0, record)[2:])
    return _plain.encode({"session": session} | _readable(_record(table_map, values))) + b"\n"


def alert_line(session: str, alert: Alert) -> bytes:
    """An alert beside the records of ``record_line``. It is in no journal."""
    told = {"record": "alert", "ts": alert.ts, "id": alert.id, "level": alert.level, "kind": alert.kind}
    about = {"root": alert.root, "trade_id": alert.trade_id, "count": alert.count, "text": alert.text}
    return _plain.encode({"session": session} | _readable(told | about)) + b"\n"


def table_lines(reader: JournalReader, sessions: Sequence[SessionRow], table: str) -> Iterator[bytes]:
    """One table or view for people, an object a row."""
    decoders = _decoders(table)
    for record in _table_rows(reader, sessions, table):
        for name, decode in decoders.items():
            record[name] = decode(record[name])
        yield _plain.encode(_readable(record)) + b"\n"


def csv_lines(reader: JournalReader, sessions: Sequence[SessionRow], table: str) -> Iterator[bytes]:
    """One table or view as CSV with a header. Text that a spreadsheet would run as a formula gets a ``'`` before it."""
    yield _csv_line(_readable(dict.fromkeys(reader.columns(table))))
    for record in _table_rows(reader, sessions, table):
        safe = {name: _safe(value) if isinstance(value, str) else value for name, value in record.items()}
        yield _csv_line(_readable(safe).values())


def grid_lines(reader: JournalReader, every: bool, form: Form) -> Iterator[bytes]:
    """The configurations of every grid, or of the newest: an object or a row of CSV each, with what the grid was."""
    if form == "csv":
        yield _csv_line(_readable(dict.fromkeys(_GRID_COLUMNS)))
    grids = [row for row in reader.backtests() if reader.configurations(row.backtest)]
    for row in grids if every else grids[-1:]:
        for found in reader.configurations(row.backtest):
            labels, settings = msgspec.json.decode(found.figures)["provenance"], found.settings
            is_csv = form == "csv"
            values = (
                row.backtest,
                row.started_at,
                row.info.root,
                row.info.first,
                row.info.last,
                row.info.days,
                ", ".join(labels) if is_csv else labels,
                _safe(settings) if is_csv else msgspec.json.decode(settings),
                found.config_hash,
                found.trades,
                found.wins,
                found.pnl,
                found.fees,
                found.max_drawdown,
            )
            record = _readable(dict(zip(_GRID_COLUMNS, values, strict=True)))
            yield _csv_line(record.values()) if is_csv else _plain.encode(record) + b"\n"


def _in_snapshot(reader: JournalReader, lines: Iterator[bytes]) -> Generator[bytes, None, None]:
    with reader.snapshot():
        yield from lines


def _table_rows(reader: JournalReader, sessions: Sequence[SessionRow], table: str) -> Iterator[dict[str, Any]]:
    columns = reader.columns(table)
    for session in sessions:
        for values in reader.table(table, session.session):
            yield dict(zip(columns, values, strict=True)) | {"session": session.name}


def _header(info: SessionInfo) -> dict[str, Any]:
    """What a session is by nature: neither its number nor its ordinal, which depend on what else the file holds."""
    return {
        "record": "session",
        "account": info.account,
        "day": info.day,
        "roots": info.roots,
        "provenance": info.provenance,
        "config_hash": info.config_hash,
        "config": msgspec.json.decode(info.config_text),
        "code_version": info.code_version,
        "seed": info.seed,
    }


def _record(table_map: TableMap, values: Sequence[Any]) -> dict[str, Any]:
    """A row of ``JournalReader.rows`` as an object under its record's tag, without its ids."""
    record: dict[str, Any] = {"record": table_map.tag}
    record.update(zip(table_map.names, values[1:], strict=True))
    for name, decode in _decoders(table_map.table).items():
        record[name] = decode(record[name])
    return record


@cache
def _decoders(table: str) -> dict[str, Callable[[Any], Any]]:
    """How the columns that SQLite holds as text or numbers become JSON's own arrays and booleans."""
    if table == "sessions":
        return {"provenance": msgspec.json.decode, "config": msgspec.json.decode}
    columns = BY_TABLE[table].columns if table in BY_TABLE else ()
    kinds: dict[str, Callable[[Any], Any]] = {"boolean": bool, "legs": msgspec.json.decode}
    return {column.name: kinds[column.kind] for column in columns if column.kind in kinds}


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    """The same row with dollars and times as people write them."""
    readable: dict[str, Any] = {}
    for name, value in record.items():
        if name.endswith(E4):
            readable[name.removesuffix(E4) + USD] = None if value is None else usd_text(value)
        elif name.endswith(USD):  # a view's REAL dollars, which are exact to four places
            readable[name] = None if value is None else usd_text(to_units(value))
        elif name == "ts" or name.endswith("_ts"):
            readable[name.removesuffix("ts") + "time"] = None if value is None else time_text(value)
        else:
            readable[name] = value
    return readable


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv_line(cells: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()
