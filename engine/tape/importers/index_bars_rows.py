"""Rows of bars from CSV or Parquet, gathered day by day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from engine.calendar import NEW_YORK, date_of
from engine.tape.errors import ImportRefused
from engine.tape.importers.bars_rows import PRICES, Bar, finer, read_bar
from engine.tape.importers.bars_times import instant, read_day, read_stamp, read_time
from engine.tape.importers.base import ImportOptions
from engine.tape.importers.reading import csv_rows, head, open_text, positions

_TIMES: Final = ("timestamp", "datetime", "time", "date")
_OPTION_WORDS: Final = frozenset({"strike", "right", "expiry", "expiration", "contract"})
_NAME_DAY: Final = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)", re.ASCII)
_PARQUET: Final = b"PAR1"
_BATCH: Final = 1 << 14


class Row(NamedTuple):
    """One bar with the stamp it has in the file; ``where`` is for messages."""

    where: str
    stamp: dt.datetime
    bar: Bar


@dataclass(slots=True)
class RawDay:
    """The rows of one day as the file has them. ``aware``: its stamps carry an offset from UTC."""

    day: dt.date
    aware: bool
    rows: list[Row] = field(default_factory=list)
    rounded: int = 0


class _Columns(NamedTuple):
    time: int
    date: int | None
    prices: tuple[int, ...]
    volume: int | None


def looks_like_bars(path: Path) -> bool:
    """Whether the file has a column of times with times of day in it, and the four prices. Raises nothing."""
    header, first = _parquet_head(path) if _is_parquet(path) else _csv_head(path)
    columns = _find(header)
    if columns is None or _OPTION_WORDS & {_plain(name) for name in header} or len(first) != len(header):
        return False
    try:
        _stamp(first, columns, dt.date(2000, 1, 1))
    except ValueError:
        return False
    return True


def name_day(path: Path) -> dt.date | None:
    """The one date in a file's name; ``None`` where there is none, or more than one."""
    found = set()
    for match in _NAME_DAY.finditer(path.name):
        try:
            found.add(read_day("-".join(match.groups())))
        except ValueError:
            continue
    return found.pop() if len(found) == 1 else None


def read_days(path: Path, zone: dt.tzinfo | None, options: ImportOptions) -> Iterator[RawDay]:
    """Each day as soon as the next begins.

    The day is New York's where stamps carry an offset or ``zone`` is told, and the one written down otherwise: New
    York's regular hours lie within one date of all the zones that are looked for.

    Raises ``ImportRefused`` for the first row that is not trusted, and where a day comes back after another.
    """
    seen: set[dt.date] = set()
    current: RawDay | None = None
    named = name_day(path)
    columns: _Columns | None = None
    for number, header, row in _rows(path, options):
        where = f"row {number}"
        columns = columns or _columns(path, header)
        try:
            if len(row) != len(header):
                raise ValueError(f"{len(row)} fields where the header has {len(header)}")
            stamp = _stamp(row, columns, named)
            aware = stamp.tzinfo is not None
            day = date_of(instant(stamp, zone or NEW_YORK)) if aware or zone else stamp.date()
            if current is None or day != current.day:
                if day in seen:
                    raise ValueError(f"{day} comes back after another day: the file must be sorted by time")
                seen.add(day)
                if current is not None:
                    yield current
                current = RawDay(day, aware)
            if aware is not current.aware:
                raise ValueError("some times have an offset from UTC and some have none")
            texts = [row[position] for position in columns.prices]
            bar = read_bar(texts, None if columns.volume is None else row[columns.volume])
        except ImportRefused:
            raise
        except ValueError as error:
            raise ImportRefused(path, str(error), where) from None
        current.rounded += sum(map(finer, texts))
        current.rows.append(Row(where, stamp, bar))
    if current is None:
        raise ImportRefused(path, "there are no rows in it")
    yield current


def _stamp(row: Sequence[str], columns: _Columns, named: dt.date | None) -> dt.datetime:
    text = row[columns.time].strip()
    if columns.date is not None:
        return dt.datetime.combine(read_day(row[columns.date].strip()), read_time(text))
    if len(text) > len("00:00:00.000"):
        return read_stamp(text)
    time = read_time(text)
    if named is None:
        raise ValueError("which day is this? its times have no date, and the file's name has not exactly one")
    return dt.datetime.combine(named, time)


def _columns(path: Path, header: list[str]) -> _Columns:
    """Where things are. Raises ``ImportRefused`` naming what is absent or comes twice."""
    found = _find(header)
    if found is None:
        timed = set(_TIMES) & set(map(_plain, header))
        positions(path, header, PRICES if timed else ("time", *PRICES), where="")
        raise ImportRefused(path, f"a column comes twice: {', '.join(header)[:200]}")
    return found


def _find(header: Sequence[str]) -> _Columns | None:
    names = [_plain(name) for name in header]
    if len(set(names)) != len(names) or not set(PRICES) <= set(names):
        return None
    time = next((name for name in _TIMES if name in names), None)
    if time is None:
        return None
    return _Columns(
        time=names.index(time),
        date=names.index("date") if time == "time" and "date" in names else None,
        prices=tuple(names.index(name) for name in PRICES),
        volume=names.index("volume") if "volume" in names else None,
    )


def _plain(name: str) -> str:
    return name.strip().lower()


def _rows(path: Path, options: ImportOptions) -> Iterator[tuple[int, list[str], list[str]]]:
    """Number, header and texts of each row."""
    if _is_parquet(path):
        yield from _parquet_rows(path, options)
        return
    with open_text(path, options) as file:
        rows = csv_rows(path, file)
        _, header = next(rows, (0, []))
        _columns(path, header)
        for number, row in rows:
            yield number, header, row


def _csv_head(path: Path) -> tuple[list[str], list[str]]:
    lines = head(path).splitlines()[:2]
    return (lines[0].split(","), lines[1].split(",")) if len(lines) == 2 else ([], [])


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET)) == _PARQUET
    except OSError:
        return False


def _parquet_head(path: Path) -> tuple[list[str], list[str]]:
    try:
        for _, header, row in _parquet_rows(path, ImportOptions()):
            return header, row
    except ImportRefused:
        pass
    return [], []


def _parquet_rows(path: Path, options: ImportOptions) -> Iterator[tuple[int, list[str], list[str]]]:
    """Rows of a Parquet file as the texts a CSV would have: floats by their shortest decimal."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if _plain(name) in (*_TIMES, *PRICES, "volume")]
            header = names if set(PRICES) <= set(map(_plain, names)) else list(file.schema_arrow.names)
            count, total = 0, max(file.metadata.num_rows, 1)
            for batch in file.iter_batches(batch_size=_BATCH, columns=names):
                texts = [_texts(batch.column(name)) for name in names]
                for row in zip(*texts, strict=True):
                    count += 1
                    yield count, header, list(row)
                options.progress(min(1.0, count / total))
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        if isinstance(error, ImportRefused | FileNotFoundError):
            raise
        raise ImportRefused(path, f"cannot be read as Parquet: {error}") from None


def _texts(column: Any) -> list[str]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        # Arrow writes no offset for zones it must look up, and Z for UTC: seconds with Z are what read_stamp takes.
        if kind.tz is not None:
            column = column.cast(pa.timestamp(kind.unit, "UTC"))
        texts = column.cast(pa.string()).to_pylist()
        return ["" if text is None else str(text) for text in texts]
    if pa.types.is_float32(kind):  # by their own shortest decimal: 1500.05, and not 1500.050048828125
        return ["" if text is None else str(text) for text in column.cast(pa.string()).to_pylist()]
    return [
        "" if value is None else repr(value) if isinstance(value, float) else str(value) for value in column.to_pylist()
    ]
