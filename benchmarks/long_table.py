"""Quotes as a person brings them: tables of the format ``long``, 390 minutes of 200 contracts a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from engine.calendar import next_session, session
from engine.clock import MINUTE

FIRST = dt.date(2024, 1, 2)
MINUTES, STRIKES = 390, 100
ROWS = MINUTES * STRIKES * 2
"""A day."""


def write(folder: Path, kind: Literal["csv", "parquet"], days: int, files: int, say: Callable[[str], None]) -> int:
    """``files`` tables, one after the other in time, with ``days`` full sessions in all; how many rows."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _days(days)
    for number in range(files):
        count = days * (number + 1) // files - days * number // files
        path = folder / f"quotes-{number:02}.{kind}"
        tables = (_table(day, text=kind == "csv") for day in islice(made, count))
        first = next(tables)
        options = pc_csv.WriteOptions(quoting_style="none")
        writer = (
            pc_csv.CSVWriter(path, first.schema, write_options=options)
            if kind == "csv"
            else pq.ParquetWriter(path, first.schema)
        )
        with writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)
        say(f"{kind} table {number + 1} of {files} written")
    return days * ROWS


def _days(count: int) -> Iterator[dt.date]:
    """Full sessions in order."""
    day = FIRST
    for _ in range(count):
        while session(day).early:
            day = next_session(day).day
        yield day
        day = next_session(day).day


def _table(day: dt.date, *, text: bool) -> pa.Table:
    """A day of quotes around a path that wanders; sizes are noise."""
    rng = np.random.default_rng(day.toordinal())
    minute = np.arange(1, MINUTES + 1)
    spot = 5000 + np.cumsum(rng.normal(0, 0.8, MINUTES))
    strikes = np.tile((np.arange(STRIKES) - STRIKES // 2) * 5 + 5000, 2)
    sign = np.repeat([1, -1], STRIKES)
    away = spot[:, None] - strikes
    left = np.sqrt((MINUTES - minute) / MINUTES)[:, None]
    value = np.maximum(sign * away, 0) + 8 * left * np.exp(-np.abs(away) / 40) + 0.05
    tick = np.where(value < 3, 0.05, 0.1)
    bid = np.maximum(np.floor(value / tick) * tick - tick, 0)
    times = pa.array(session(day).open + minute * MINUTE).cast(pa.timestamp("ns", tz="UTC"))
    times = times.cast(pa.timestamp("ns", tz="America/New_York"))
    if text:
        times = pc.strftime(times, "%Y-%m-%d %H:%M:00")
    size = len(strikes)

    def same(value: object) -> pa.Array:
        return pa.array([value]).take(pa.array(np.zeros(ROWS, np.int32)))

    return pa.table(
        {
            "time": times.take(pa.array(np.repeat(np.arange(MINUTES, dtype=np.int32), size))),
            "root": same("SPXW"),
            "expiry": same(day),
            "strike": np.tile(strikes, MINUTES),
            "right": pa.array(["C", "P"]).take(pa.array(np.tile((sign < 0).astype(np.int32), MINUTES))),
            "bid": np.round(bid.ravel(), 2),
            "ask": np.round((bid + 2 * tick).ravel(), 2),
            "bid_size": rng.integers(1, 300, ROWS, dtype=np.int32),
            "ask_size": rng.integers(1, 300, ROWS, dtype=np.int32),
            "underlying": np.round(np.repeat(spot, size), 2),
        }
    )
