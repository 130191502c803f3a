"""Days to store, made by hand, and importing as the command does."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from engine.calendar import session
from engine.clock import MINUTE
from engine.tape import DailyTable, DayBuilder, DayTable, Store
from engine.tape.importers import IMPORTERS, ImportOptions, LeftOut, Refused
from engine.types import Contract, Provenance, Underlying

DAY = dt.date(2024, 8, 7)


def small_day(day: dt.date = DAY, source: str = "lean", meaning: str = "quote", bid: int = 10_000) -> DayTable:
    """Two instants: a call and spot, then also a put whose ask is missing."""
    builder, opened = DayBuilder(), session(day).open
    call, put = (Contract("SPXW", day, 52_000_000, right) for right in ("C", "P"))
    for minute in (1, 2):
        known = opened + minute * MINUTE
        builder.put(known, known, call, bid=bid, ask=bid + 500, bid_size=3, ask_size=4)
        builder.put(known, known, Underlying("SPX"), price=52_000_000)
    builder.put(known, known, put, bid=9_000, bid_size=1, ask_size=0)
    label = Provenance(source=source, origin="vendor", meaning=meaning, sha256="0" * 64)
    return DayTable("SPXW", day, label, "test", 1, builder.build())


def bring(store: Store, path: Path, name: str, **options: str) -> tuple[list, list[LeftOut], list[Refused]]:
    """Import a path as the command does; what was stored, left out and refused."""
    stored, left_out, refused = [], [], []
    for item in IMPORTERS[name].read(path, ImportOptions(**options)):
        if isinstance(item, LeftOut):
            left_out.append(item)
        elif isinstance(item, Refused):
            refused.append(item)
        else:
            stored.append((item, store.save_daily(item) if isinstance(item, DailyTable) else store.save_day(item)))
    return stored, left_out, refused
