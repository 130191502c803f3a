"""The packaged tables: comma-separated rows under a comment that says what they are."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``data/<name>.csv``, each by its column names."""
    text = files("engine.calendar").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@cache
def source_of(key: str) -> str:
    """What a row of ``events`` or ``roots`` stands on, in a line: the document and its address."""
    for row in table("sources"):
        if row["source"] == key:
            return f"{row['what']} ({row['address']})"
    raise KeyError(f"no source {key!r} in engine/calendar/data/sources.csv")
