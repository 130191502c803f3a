"""A day's columns from plain arrays, in any order of rows: what ``DayBuilder`` does, for millions of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.events.market import Int32, Int64
from engine.tape.builder import listing_key
from engine.tape.columns import FIELDS, Columns
from engine.types import MISSING, Instrument


class TwiceAtOnce(ValueError):
    """Two rows of one instrument at one instant: ``rows`` are their positions in the arrays that were given."""

    def __init__(self, instrument: Instrument, rows: tuple[int, int]) -> None:
        super().__init__(f"{instrument.symbol} comes twice at one instant")
        self.rows = rows


def assemble(
    ts_known: Int64, ts_event: Int64, code: Int32, instruments: Sequence[Instrument], values: Mapping[str, Int32]
) -> Columns:
    """Columns of one day.

    Args:
        ts_known, ts_event: int64 ns UTC, one a row.
        code: the row's instrument, a position in ``instruments``; an instrument without rows is not listed.
        values: int32 by name, of ``FIELDS``, ``MISSING`` where a row has none.

    Raises ``TwiceAtOnce``, and ``ValueError`` where there are no rows.
    """
    if not len(ts_known):
        raise ValueError("there are no rows")
    never = np.iinfo(np.int64).max
    first = np.full(len(instruments), never, dtype=np.int64)
    np.minimum.at(first, code, ts_known)
    present = [position for position in range(len(instruments)) if first[position] != never]
    present.sort(key=lambda position: (int(first[position]), listing_key(instruments[position])))
    relabel = np.zeros(len(instruments), dtype=np.int32)
    relabel[present] = np.arange(len(present), dtype=np.int32)
    labels = relabel[code]
    place = distinct(ts_known)[2] * len(present) + labels
    # Sorted in pieces already, as tables are, so that merging them is most of the work.
    order = np.argsort(place, kind="stable")
    place, known, labels = place[order], ts_known[order], labels[order]
    twice = np.flatnonzero(place[1:] == place[:-1])
    if len(twice):
        rows = sorted((int(order[twice[0]]), int(order[twice[0] + 1])))
        raise TwiceAtOnce(instruments[present[int(labels[twice[0]])]], (rows[0], rows[1]))
    kept: dict[str, Int32] = {}
    for name in FIELDS:
        if name in values and (values[name] != MISSING).any():
            kept[name] = np.ascontiguousarray(values[name][order], dtype=np.int32)
    return Columns(
        ts_known=known,
        ts_event=np.ascontiguousarray(ts_event[order]),
        code=np.ascontiguousarray(labels),
        symbols=tuple(instruments[position].symbol for position in present),
        values=kept,
    )


def distinct(values: Int64) -> tuple[Int64, Int64, Int64]:
    """The distinct values in order, where each comes first, and the number of each row's: as ``np.unique`` tells them,
    but at once where the values are in order, as times mostly are."""
    changed = np.empty(len(values), dtype=bool)
    changed[:1] = True
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    first = np.flatnonzero(changed)
    if (np.diff(values[first]) > 0).all():
        return values[first], first, np.cumsum(changed) - 1
    found, first, which = np.unique(values, return_index=True, return_inverse=True)
    return found, first, which
