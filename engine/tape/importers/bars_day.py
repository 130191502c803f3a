"""A day of option trade bars on its way in: rows in any order, volumes added up, what is suspicious counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Final

from engine.calendar import session
from engine.clock import MINUTE
from engine.tape.builder import DayBuilder
from engine.tape.dayfile import DayTable
from engine.tape.importers.bars_rows import Bar
from engine.tape.importers.flags import day_flags
from engine.tape.monotone import monotonicity
from engine.types import Contract, Provenance

_LENGTH: Final = MINUTE
# Contracts far from the money need not trade in the last half hour: only a longer silence looks like a cut.
_PATIENCE: Final = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Label:
    """What every day of one import is labelled with."""

    provenance: Provenance
    importer: str
    version: int


class OptionDay:
    """The bars of one root and day. Raises ``NotASession`` for a day without one."""

    def __init__(self, root: str, day: dt.date) -> None:
        self.root, self.day = root, day
        self.session = session(day)
        self.counts: Counter[str] = Counter()
        self._bars: dict[tuple[int, Contract], Bar] = {}

    def add(self, contract: Contract, start: int, bar: Bar) -> None:
        """Take the bar that starts at ``start`` (ns UTC); its values are known a minute later.

        The same bar again is counted; raises ``ValueError`` where it differs, and for a contract already expired.
        """
        if contract.expiry < self.day:
            raise ValueError(f"{contract.symbol} expired before {self.day}")
        key = (start + _LENGTH, contract)
        if key in self._bars:
            if self._bars[key] != bar:
                raise ValueError(f"{contract.symbol} has two different bars at one minute")
            self.counts["repeated"] += 1
        self._bars[key] = bar

    def table(self, label: Label) -> DayTable:
        """The day. Raises ``ValueError`` where no bar of it was known between the open and the close."""
        close = self.session.product_close(self.root)
        traded: Counter[Contract] = Counter()
        builder, last = DayBuilder(), 0
        for known, contract in sorted(self._bars):
            if known > close or known <= self.session.open:
                self.counts["after_close" if known > close else "before_open"] += 1
                continue
            bar = self._bars[known, contract]
            volume = bar.volume or 0
            traded[contract] += volume
            self.counts["zero_volume"] += volume == 0
            builder.put(
                known, known, contract,
                price=bar.close, open=bar.open, high=bar.high, low=bar.low, volume=traded[contract],
            )  # fmt: skip
            last = known
        if not last:
            raise ValueError(f"no price of {self.day} was known between its open and its close")
        columns = builder.build()
        self.counts["monotonicity_breaks"] = monotonicity(columns).found
        counts = {name: count for name, count in sorted(self.counts.items()) if count}
        return DayTable(
            root=self.root,
            day=self.day,
            provenance=label.provenance,
            importer=label.importer,
            importer_version=label.version,
            columns=columns,
            counts=counts,
            flags=(*day_flags(self.session, last, counts, close, _PATIENCE), "no_underlying"),
        )
