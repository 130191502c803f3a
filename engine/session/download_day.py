"""A downloaded day as tables of the store: when each row was known, volumes added up, what is missing left missing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.calendar import Session, clock_text, previous_session
from engine.clock import MINUTE
from engine.events.market import Int32, Int64
from engine.feed.alpaca.history_rows import HistoryBar, HistoryTrade, Listed
from engine.tape.assemble import assemble
from engine.tape.builder import DayBuilder
from engine.tape.columns import FIELDS, LARGEST
from engine.tape.dayfile import DayTable, UnderlyingTable
from engine.tape.importers.flags import day_flags
from engine.tape.monotone import monotonicity
from engine.types import MISSING, Contract, Provenance, Underlying

IMPORTER: Final = "alpaca"
VERSION: Final = 1
# Contracts far from the money need not trade in the last half hour: only a longer silence looks like a cut.
_PATIENCE: Final = 30 * MINUTE
_FUND_PATIENCE: Final = 5 * MINUTE


class _Part(NamedTuple):
    """Rows of one contract."""

    known: Int64
    code: int
    values: dict[str, Int32]


class ChainDay:
    """The options of one root that expire on one day: bars or trades on their way into the store.

    Attributes:
        counts: what the header will tell beyond what the columns do.
    """

    def __init__(self, root: str, of: Session, listed: Iterable[Listed]) -> None:
        self.root, self._of = root, of
        self._close = of.product_close(root)
        self._contracts: dict[Contract, int] = {}
        self._parts: list[_Part] = []
        self._last = 0
        self.counts: Counter[str] = Counter()
        before = previous_session(of.day).day
        for contract, interest, day in listed:
            # Of the evening before it is published before the open. A later one was not known yet, an older one is old.
            if interest is not None and day == before:
                self._put(contract, ("open_interest",), [(of.open, interest)])
            elif interest is not None:
                self.counts["interest_of_another_day"] += 1

    def bars(self, contract: Contract, rows: Sequence[HistoryBar]) -> None:
        """A bar is known, and true, when its minute is over."""
        found, traded, seen = [], 0, -1
        for start, opened, high, low, close, volume in rows:
            known = start + MINUTE
            if self._outside(known) or self._again(start == seen):
                continue
            seen, traded = start, min(LARGEST, traded + volume)
            found.append((known, close, opened, high, low, traded))
        self._trade(contract, ("price", "open", "high", "low", "volume"), found)

    def trades(self, contract: Contract, rows: Sequence[HistoryTrade]) -> None:
        """A trade is known when it was made; of several at one instant the last one's price stands for all."""
        at: dict[int, tuple[int, int, int]] = {}
        traded = 0
        for time, price, size in rows:
            if self._outside(time):
                continue
            traded = min(LARGEST, traded + size)
            self.counts["at_one_instant"] += time in at
            at[time] = (time, price, traded)
        self._trade(contract, ("price", "volume"), list(at.values()))

    def table(self, label: Provenance, counted: Mapping[str, int]) -> DayTable | None:
        """The day, or ``None`` where nobody traded: open interest alone is no day."""
        if not self._last:
            return None
        known = np.concatenate([part.known for part in self._parts])
        absent = {len(part.known): np.full(len(part.known), MISSING, dtype=np.int32) for part in self._parts}
        values = {
            name: np.concatenate([part.values.get(name, absent[len(part.known)]) for part in self._parts])
            for name in FIELDS
            if any(name in part.values for part in self._parts)
        }
        code = np.concatenate([np.full(len(part.known), part.code, dtype=np.int32) for part in self._parts])
        columns = assemble(known, known, code, list(self._contracts), values)
        counts = self.counts + Counter(counted)
        counts["monotonicity_breaks"] = monotonicity(columns).found
        counts = Counter({name: count for name, count in sorted(counts.items()) if count})
        return DayTable(
            root=self.root,
            day=self._of.day,
            provenance=label,
            importer=IMPORTER,
            importer_version=VERSION,
            columns=columns,
            counts=dict(counts),
            flags=(*day_flags(self._of, self._last, counts, self._close, _PATIENCE), "no_underlying"),
        )

    def _trade(self, contract: Contract, names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> None:
        if rows:
            self._last = max(self._last, rows[-1][0])
            self._put(contract, names, rows)

    def _put(self, contract: Contract, names: Sequence[str], rows: Sequence[tuple[int, ...]]) -> None:
        """Rows of the time known and a value each of ``names``, in order of time."""
        columns = np.array(rows, dtype=np.int64).T
        values = {name: column.astype(np.int32) for name, column in zip(names, columns[1:], strict=True)}
        code = self._contracts.setdefault(contract, len(self._contracts))
        self._parts.append(_Part(np.ascontiguousarray(columns[0]), code, values))

    def _outside(self, known: int) -> bool:
        if known <= self._of.open:
            self.counts["before_open"] += 1
        elif known > self._close:
            self.counts["after_close"] += 1
        return not self._of.open < known <= self._close

    def _again(self, repeated: bool) -> bool:
        """Pages may overlap: the same minute is taken once."""
        self.counts["repeated"] += repeated
        return repeated


def fund_table(
    symbol: str, of: Session, rows: Sequence[HistoryBar], bad: int, label: Provenance
) -> UnderlyingTable | None:
    """The minutes of a fund in regular hours, or ``None`` where there is none."""
    builder, traded = DayBuilder(), 0
    counts: Counter[str] = Counter({"not_believed": bad})
    starts: list[int] = []
    for bar in rows:
        known = bar.start + MINUTE
        if bar.start < of.open or known > of.close:
            counts["before_open" if bar.start < of.open else "after_close"] += 1
        elif starts and bar.start == starts[-1]:
            counts["repeated"] += 1
        else:
            starts.append(bar.start)
            traded = min(LARGEST, traded + bar.volume)
            builder.put(
                known, known, Underlying(symbol),
                price=bar.close, open=bar.open, high=bar.high, low=bar.low, volume=traded,
            )  # fmt: skip
    if not starts:
        return None
    there = set(starts)
    missing = [start for start in range(of.open, starts[-1], MINUTE) if start not in there]
    counts["holes"] = len(missing)
    gaps = [start for start in missing if start - MINUTE not in missing]
    return UnderlyingTable(
        symbol=symbol,
        day=of.day,
        provenance=label,
        importer=IMPORTER,
        importer_version=VERSION,
        columns=builder.build(),
        counts={name: count for name, count in sorted(counts.items()) if count},
        flags=(
            *day_flags(of, starts[-1] + MINUTE, {}, patience=_FUND_PATIENCE),
            *(f"gap:{clock_text(start, seconds=False)}" for start in gaps),
        ),
    )


def fetched_text(now: int) -> str:
    """When, to the second: ``2026-11-23T05:40:12Z``."""
    return dt.datetime.fromtimestamp(now // 1_000_000_000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
