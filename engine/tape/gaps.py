"""Where a stored day is silent: minutes without quotes, an early end, quotes that stand still."""

from __future__ import annotations

import numpy as np

from engine.calendar import Session, clock_text
from engine.clock import MINUTE
from engine.events.market import Int64
from engine.tape.columns import Columns

_EARLY_END = 5 * MINUTE
_STILL = 10 * MINUTE
_QUOTE = ("bid", "ask", "bid_size", "ask_size")


def gaps(instants: Int64, of: Session, *, ended: bool = True) -> list[str]:
    """Holes between the instants of quotes, which come by the minute; with ``ended`` also an end before the close."""
    if len(instants) < 2:
        return ["one instant only"]
    found = list[str]()
    if ended and of.close - instants[-1] > _EARLY_END:
        found.append(f"stops at {clock_text(int(instants[-1]), seconds=False)}")
    edges = np.concatenate(([of.open], instants[instants <= of.close]))
    steps = np.diff(edges)
    holes = np.flatnonzero(steps > MINUTE)
    if not len(holes):
        return found
    longest = int(holes[np.argmax(steps[holes])])
    missing = int((steps[holes] // MINUTE - 1).sum())
    length, start = int(steps[longest]) // MINUTE, clock_text(int(edges[longest]), seconds=False)
    return [*found, f"{missing} minutes without quotes, the longest gap {length} min after {start}"]


def standing_still(columns: Columns, of: Session) -> str | None:
    """Quotes that are repeated and never change, ten minutes or more while the session runs, in words; else ``None``.

    A feed that has died may go on handing out its last quotes: they come by the minute and are worth nothing.
    """
    rows = np.flatnonzero(columns.has("bid", "ask") & (columns.ts_known <= of.close))
    if len(rows) < 2:
        return None
    order = np.lexsort((columns.ts_known[rows], columns.code[rows]))
    rows = rows[order]
    code = columns.code[rows]
    changed = np.ones(len(rows), dtype=bool)
    repeated = np.diff(code) == 0
    for name in _QUOTE:
        if name in columns.values:
            repeated &= np.diff(columns.values[name][rows]) == 0
    changed[1:] = ~repeated
    alive = np.unique(columns.ts_known[rows[changed]])
    every = np.unique(columns.ts_known[rows])
    if len(every) == len(alive):
        return None
    # How long after the last change quotes were still handed out, unchanged.
    last = alive[np.searchsorted(alive, every, side="right") - 1]
    longest = int(np.argmax(every - last))
    length = int(every[longest] - last[longest])
    if length < _STILL:
        return None
    return f"no quote changes for {length // MINUTE} min after {clock_text(int(last[longest]), seconds=False)}"
