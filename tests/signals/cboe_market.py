"""A real Cboe quote table, imported, stored, opened and played into a market; and what its own columns say."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

from engine.calendar import session
from engine.events import ChainBatch, Listing
from engine.market import Chain, Market, lay_out
from engine.tape import DayTable, DayTape, Store
from engine.tape.importers import IMPORTERS, ImportOptions

_DAY = 24 * 3600 * 10**9


@dataclass(frozen=True)
class Snapshot:
    """The market after the day's one batch, and its chains at the instant of the newest quote."""

    market: Market
    tape: DayTape
    chains: list[Chain]


def open_snapshot(path: Path, store: Store) -> Snapshot:
    """Import one table into ``store`` and lay out its chains."""
    (day,) = (item for item in IMPORTERS["cboe-quotedata"].read(path, ImportOptions()) if isinstance(item, DayTable))
    store.save_day(day)
    tape = store.open(store.choose(day.root, day.day))
    market = Market({day.root: "quote"})
    for event in tape.events():
        if isinstance(event, Listing):
            market.list_instruments(event)
        elif isinstance(event, ChainBatch):
            market.apply(event)
    now = int(tape.columns.ts_event.max())
    chains = [
        Chain(market, lay_out(market, day.root, expiry), now, session(expiry).product_close(day.root), _DAY)
        for expiry in market.expiries(day.root)
    ]
    return Snapshot(market, tape, chains)


@dataclass(frozen=True)
class Printed:
    """What Cboe prints beside a quote."""

    iv: float
    gamma: float
    open_interest: int


def printed_columns(path: Path) -> dict[str, Printed]:
    """Cboe's own figures by option symbol, SPX as well as SPXW."""
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.reader(lines):
            if len(row) == 22 and row[0][:1].isalpha() and row[2][:1].isdigit():
                for at in (1, 12):
                    found[row[at]] = Printed(float(row[at + 6]), float(row[at + 8]), int(row[at + 9]))
    return found
