"""Recorded frames, thousands of small batches a minute of several runs in a row, laid end to end block by block."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engine.events import ChainBatch, Listing
from engine.events.market import Int32, Int64
from engine.tape.columns import FIELDS, Mask
from engine.types import MISSING, Instrument

_A_BLOCK: Final = 4096  # batches, laid end to end before they become many objects
QUOTE_FIELDS: Final = ("bid", "ask", "bid_size", "ask_size")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they came, in order of ``ts_known``; an instrument may come several times at one instant.

    Attributes:
        ts_known, ts_event: int64 ns UTC, one a row.
        code: int32, the position of the row's instrument.
        quoted: whether the row's batch had a column of bids or of asks.
        values: int32 by name, of ``FIELDS``, ``MISSING`` where a row has none.
        unsaid: by the name of a column of quotes, the rows whose batch says nothing of it.
    """

    ts_known: Int64
    ts_event: Int64
    code: Int32
    quoted: Mask
    values: dict[str, Int32]
    unsaid: dict[str, Mask]

    def __len__(self) -> int:
        return len(self.ts_known)

    def of(self, chosen: Mask | slice) -> Rows:
        """Some of the rows."""
        return Rows(
            self.ts_known[chosen],
            self.ts_event[chosen],
            self.code[chosen],
            self.quoted[chosen],
            {name: column[chosen] for name, column in self.values.items()},
            {name: mask[chosen] for name, mask in self.unsaid.items()},
        )

    def instants(self) -> Int64:
        """The distinct ``ts_known``."""
        new = np.ones(len(self), dtype=bool)
        np.not_equal(self.ts_known[1:], self.ts_known[:-1], out=new[1:])
        return self.ts_known[new]


@dataclass
class Frames:
    """Collects batches; each run numbers its instruments anew, here each has one number for all.

    Attributes:
        instruments: every one that was listed, in order of appearance.
        last: when the newest batch was known, ns UTC; 0 before the first.
    """

    instruments: list[Instrument] = field(default_factory=list)
    last: int = 0
    _position: dict[Instrument, int] = field(default_factory=dict)
    _numbers: list[int] = field(default_factory=list)
    _waiting: list[ChainBatch] = field(default_factory=list)
    _known: list[int] = field(default_factory=list)
    _blocks: list[Rows] = field(default_factory=list)

    def begin(self) -> None:
        """Another run begins: its listings count from 0."""
        self._lay()
        self._numbers = []

    def announce(self, event: Listing) -> None:
        """Hear a run's listing. Raises ``ValueError`` where its numbers do not go on from the last one's."""
        if event.first != len(self._numbers):
            raise ValueError(f"a listing begins at {event.first}, but {len(self._numbers)} instruments are known")
        for instrument in event.instruments:
            if instrument not in self._position:
                self._position[instrument] = len(self.instruments)
                self.instruments.append(instrument)
            self._numbers.append(self._position[instrument])

    def take(self, batch: ChainBatch) -> None:
        """Take a batch over. A late one happens now: time never goes back.

        Raises ``ValueError`` for instruments that were not listed and columns that differ in length.
        """
        size = len(batch.idx)
        for name in (*FIELDS, "quote_ts"):
            column = getattr(batch, name)
            if column is not None and len(column) != size:
                raise ValueError("the columns of a batch are not of one length")
        if size and not 0 <= int(batch.idx.min()) <= int(batch.idx.max()) < len(self._numbers):
            raise ValueError("a batch names an instrument that is not listed")
        if batch.ts_known > self.last and len(self._waiting) >= _A_BLOCK:  # an instant is never in two blocks
            self._lay()
        self.last = max(self.last, batch.ts_known)
        if size:
            self._waiting.append(batch)
            self._known.append(self.last)

    def cut(self, ts: int) -> None:
        """Forget what was known at ``ts`` or later: the next run brings it again."""
        self._lay()
        kept = []
        for block in self._blocks:
            end = int(np.searchsorted(block.ts_known, ts, side="left"))
            if end:
                kept.append(block if end == len(block) else block.of(slice(0, end)))
        self._blocks = kept
        self.last = int(kept[-1].ts_known[-1]) if kept else 0

    def instants(self) -> Int64:
        """When prices came, ns UTC, distinct and ascending."""
        self._lay()
        return np.concatenate([np.zeros(0, np.int64), *(block.instants() for block in self._blocks)])

    def rows(self, wanted: Collection[int], *, last: bool = False) -> Iterator[Rows]:
        """The rows of some instruments, by their positions, block by block; no instant is in two of them.

        ``last``: nobody will ask again, and a block is forgotten once it was told.
        """
        self._lay()
        chosen = np.zeros(len(self.instruments), dtype=bool)
        chosen[sorted(wanted)] = True
        for number, block in enumerate(self._blocks):
            if last:
                self._blocks[number] = block.of(slice(0, 0))
            found = block.of(chosen[block.code])
            if len(found):
                yield found

    def _lay(self) -> None:
        """Lay what waits end to end."""
        if not self._waiting:
            return
        waiting, known = self._waiting, self._known
        self._waiting, self._known = [], []
        sizes = [len(batch.idx) for batch in waiting]
        absent = np.full(max(sizes), MISSING, dtype=np.int32)
        values: dict[str, Int32] = {}
        unsaid: dict[str, Mask] = {}
        for name in FIELDS:
            parts = [getattr(batch, name) for batch in waiting]
            there = [part is not None for part in parts]
            if any(there):
                filled = [absent[:size] if part is None else part for part, size in zip(parts, sizes, strict=True)]
                values[name] = np.concatenate(filled).astype(np.int32, copy=False)
            if name in QUOTE_FIELDS and not all(there):
                unsaid[name] = np.repeat(~np.array(there), sizes)
        event = np.repeat(np.array([batch.ts_event for batch in waiting], np.int64), sizes)
        ends = np.cumsum(sizes).tolist()
        for batch, end, size in zip(waiting, ends, sizes, strict=True):
            if batch.quote_ts is not None:
                event[end - size : end] = batch.quote_ts
        numbers = np.array(self._numbers, dtype=np.int32)
        quoted = [batch.bid is not None or batch.ask is not None for batch in waiting]
        self._blocks.append(
            Rows(
                ts_known=np.repeat(np.array(known, np.int64), sizes),
                ts_event=event,
                code=numbers[np.concatenate([batch.idx for batch in waiting])],
                quoted=np.repeat(np.array(quoted), sizes),
                values=values,
                unsaid=unsaid,
            )
        )


def joined(one: Rows, other: Rows) -> Rows:
    """Two blocks as one."""
    parts = (one, other)
    return Rows(
        np.concatenate([part.ts_known for part in parts]),
        np.concatenate([part.ts_event for part in parts]),
        np.concatenate([part.code for part in parts]),
        np.concatenate([part.quoted for part in parts]),
        {
            name: np.concatenate([part.values.get(name, np.full(len(part), MISSING, dtype=np.int32)) for part in parts])
            for name in FIELDS
            if any(name in part.values for part in parts)
        },
        {
            name: np.concatenate([part.unsaid.get(name, np.zeros(len(part), dtype=bool)) for part in parts])
            for name in QUOTE_FIELDS
            if any(name in part.unsaid for part in parts)
        },
    )
