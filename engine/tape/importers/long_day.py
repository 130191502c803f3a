"""The rows of one day and root of a ``long`` table, gathered in pieces and made into a day's columns."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from engine.calendar import NotASession, clock_text, session
from engine.clock import MINUTE
from engine.events.market import Int32, Int64
from engine.tape.assemble import TwiceAtOnce, assemble, distinct
from engine.tape.columns import FIELDS, LARGEST, Columns, Mask
from engine.tape.errors import ImportRefused
from engine.tape.importers.flags import day_flags
from engine.tape.importers.long_batches import Batch
from engine.types import MISSING, PRODUCTS, Contract, Instrument, PriceMeaning, Underlying, round_to_cent

_PATIENCE: Final = {"quote": 5 * MINUTE, "mid": 90 * MINUTE, "trade_bar": 90 * MINUTE}


class RootDay:
    """Rows of one day and root, in pieces as they came."""

    def __init__(self, path: Path, root: str, day: dt.date, meaning: PriceMeaning) -> None:
        self.path, self.root, self.day, self.meaning = path, root, day, meaning
        self.contracts: dict[Contract, int] = {}
        self.pieces: list[tuple[Int64, Int64, Int32, Int64, dict[str, Int32]]] = []

    def add(self, batch: Batch, known: Int64, inside: Int64 | slice) -> None:
        """Take the rows of ``batch`` at the positions ``inside``, known at ``known`` (of the whole batch)."""
        contract = batch.contract[inside]
        number = np.arange(batch.row, batch.row + len(known))[inside]
        relabel = np.zeros(len(batch.contracts), dtype=np.int32)
        for position in np.flatnonzero(np.bincount(contract)).tolist():
            found = batch.contracts[position]
            if found.expiry < self.day:
                row = int(number[np.argmax(contract == position)])
                raise ImportRefused(self.path, f"expired {found.expiry}, before {self.day}", f"row {row}")
            relabel[position] = self.contracts.setdefault(found, len(self.contracts))
        values = {name: column[inside] for name, column in batch.values.items()}
        self.pieces.append((known[inside], batch.time[inside], relabel[contract], number, values))

    def columns(self) -> tuple[Columns, dict[str, int], tuple[str, ...]]:
        """The day's columns, what was counted and the flags. Raises ``ImportRefused`` naming a row."""
        root, day = self.root, self.day
        known, event, code, number = (np.concatenate([piece[part] for piece in self.pieces]) for part in range(4))
        names = self.pieces[0][4]
        values = {name: np.concatenate([piece[4][name] for piece in self.pieces]) for name in names}
        try:
            of = session(day)
        except NotASession as error:
            raise ImportRefused(self.path, str(error), f"row {int(number[0])}") from None
        close = of.product_close(root)
        counts = Counter(before_open=int((known <= of.open).sum()), after_close=int((known > close).sum()), empty=0)
        if "bar_volume" in values:  # then what buyers started is of the bar too
            values["volume"] = values.pop("bar_volume")
            for name in ("volume", "buy_volume"):
                if name in values:
                    volume = _so_far(values[name], known, code, of.open)
                    if volume.max() > LARGEST:
                        raise ImportRefused(self.path, f"more than {LARGEST} traded in a day", f"row {int(number[0])}")
                    values[name] = volume.astype(np.int32)
        if "mid" in values:
            values["price"] = values.pop("mid")
        self._check_bars(values, number)
        spot = values.pop("underlying", None)
        kept = (known > of.open) & (known <= close)
        empty = kept & ~np.logical_or.reduce([column != MISSING for column in values.values()])
        counts["empty"] = int(empty.sum())
        kept &= ~empty
        if not kept.any():
            raise ImportRefused(
                self.path,
                f"no row of {root} on {day} was known between {clock_text(of.open)} and {clock_text(close)} New York: "
                "are its times of another zone (--zone)?",
                f"row {int(number[0])}",
            )
        instruments: list[Instrument] = list(self.contracts)
        if kept.all():
            parts = [(known, event, code, values)]
        else:
            parts = [(known[kept], event[kept], code[kept], {name: column[kept] for name, column in values.items()})]
        if spot is not None:
            instruments.append(Underlying(PRODUCTS[root].underlying))
            parts.append(self._spots(spot, known, event, kept, number, len(instruments) - 1))
        columns: dict[str, Int32] = {
            name: np.concatenate([part[3].get(name, np.full(len(part[0]), MISSING, np.int32)) for part in parts])
            for name in FIELDS
            if name in values or (spot is not None and name == "price")
        }
        try:
            built = assemble(
                np.concatenate([part[0] for part in parts]),
                np.concatenate([part[1] for part in parts]),
                np.concatenate([part[2] for part in parts]),
                instruments,
                columns,
            )
        except TwiceAtOnce as error:
            rows_ = number[kept]
            where = f"row {int(rows_[error.rows[1]])}"
            raise ImportRefused(self.path, f"{error} (first in row {int(rows_[error.rows[0]])})", where) from None
        counted = {name: count for name, count in counts.items() if count}
        last = int(known[kept].max())
        return built, counted, day_flags(of, last, counted, min(close, of.close), _PATIENCE[self.meaning])

    def _check_bars(self, values: dict[str, Int32], number: Int64) -> None:
        if not {"low", "high"} <= values.keys():
            return
        low, high = values["low"], values["high"]
        for name in ("open", "price"):
            inside = values.get(name, low)
            bad = (low != MISSING) & (high != MISSING) & (inside != MISSING) & ((inside < low) | (inside > high))
            if bad.any():
                row = int(number[np.argmax(bad)])
                raise ImportRefused(self.path, f"{name} outside its bar's low and high", f"row {row}")

    def _spots(
        self, spot: Int32, known: Int64, event: Int64, kept: Mask,
        number: Int64, code: int,
    ) -> tuple[Int64, Int64, Int32, dict[str, Int32]]:  # fmt: skip
        """The underlying's rows: one an instant, which all rows of that instant must agree on."""
        there = np.flatnonzero(kept & (spot != MISSING))
        instants, first, which = distinct(known[there])
        value = spot[there][first]
        differs = spot[there] != value[which]
        if differs.any():
            row = int(number[there[np.argmax(differs)]])
            raise ImportRefused(self.path, "two values of the underlying at one instant", f"row {row}")
        cents = np.array([round_to_cent(int(units)) for units in value], dtype=np.int32)
        return instants, event[there][first], np.full(len(instants), code, dtype=np.int32), {"price": cents}


def _so_far(volume: Int32, known: Int64, code: Int32, start: int) -> Int64:
    """Volumes of bars added up since the open, contract by contract; ``MISSING`` stays missing."""
    order = np.lexsort((known, code))
    counted = np.where((volume == MISSING) | (known <= start), 0, volume).astype(np.int64)[order]
    total = np.cumsum(counted)
    changes = np.flatnonzero(np.diff(code[order], prepend=-1))
    before = np.repeat(total[changes] - counted[changes], np.diff(np.append(changes, len(order))))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = total - before
    return np.where(volume == MISSING, MISSING, found)
