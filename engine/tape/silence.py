"""Where a recorded day is silent: a late start, nobody listening, a feed that said it was down, prices that stopped."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from engine.calendar import Session, clock_text
from engine.clock import MINUTE, SECOND
from engine.events.market import Int64
from engine.tape.heard import Heard, HeardStatus

SOON: Final = 5 * SECOND
"""A shorter silence between two runs is none."""
LONG: Final = MINUTE
"""A silence as long as this speaks against a day."""
_STOPPED: Final = "no prices came"
_SEVERAL: Final = 3  # usual steps between two instants that are still no silence


class Silence(NamedTuple):
    """A span without prices that can be relied on, ns UTC, and why."""

    start: int
    end: int
    why: str

    @property
    def text(self) -> str:
        """``11:02:13-11:05:40 the feed was down``."""
        return f"{self.span} {self.why}"

    @property
    def span(self) -> str:
        """``11:02:13-11:05:40``."""
        return f"{clock_text(self.start)}-{clock_text(self.end)}"


def silences(heard: Heard, instants: Int64, of: Session, close: int) -> list[Silence]:
    """Every silence from the open to ``close`` (ns UTC), in order, none over another; an early end is the last.

    ``instants``: when prices came, distinct and ascending.
    """
    found = [*_between_runs(heard, of, close), *_feed_was_not_live(heard, close)]
    found += _prices_stopped(heard, instants, of, close)
    found = sorted(
        Silence(max(start, of.open), min(end, close), why)
        for start, end, why in found
        if start < close and end > of.open
    )
    apart: list[tuple[int, int, dict[str, None]]] = []
    for start, end, why in found:
        if apart and start <= apart[-1][1]:
            first, last, whys = apart[-1]
            apart[-1] = first, max(last, end), {**whys, why: None}
        else:
            apart.append((start, end, {why: None}))
    return [Silence(start, end, _why(whys)) for start, end, whys in apart]


def _why(whys: dict[str, None]) -> str:
    """Why it was silent: that no prices came says nothing more where there is a reason."""
    return "; ".join(why for why in whys if why != _STOPPED or len(whys) == 1)


def _between_runs(heard: Heard, of: Session, close: int) -> list[Silence]:
    long = max(LONG, _SEVERAL * heard.step)
    if not heard.runs:
        return [Silence(of.open, close, "nobody listened")]
    found = []
    if heard.runs[0][0] - of.open > long:
        found.append(Silence(of.open, heard.runs[0][0], "began late"))
    for (_, before), (after, _) in zip(heard.runs, heard.runs[1:], strict=False):
        found.append(Silence(before, after, "nobody listened"))
    if close - heard.runs[-1][1] > long:
        found.append(Silence(heard.runs[-1][1], close, "ended early"))
    return found


def _feed_was_not_live(heard: Heard, close: int) -> list[Silence]:
    found = []
    since: HeardStatus | None = None
    for item in heard.items:
        if not isinstance(item, HeardStatus):
            continue
        if item.state == "ok" and since is not None:
            found.append(Silence(since.ts_known, item.ts_known, f"the feed was {since.state}"))
            since = None
        elif item.state != "ok" and since is None and not item.added:  # the runs tell of those
            since = item
    if since is not None and since.ts_known < close:
        found.append(Silence(since.ts_known, close, f"the feed was {since.state}"))
    return found


def _prices_stopped(heard: Heard, instants: Int64, of: Session, close: int) -> list[Silence]:
    inside = instants[(instants >= of.open) & (instants <= close)]
    long = max(LONG, _SEVERAL * heard.step)
    holes = np.flatnonzero(np.diff(inside) > long)
    return [Silence(int(inside[at]), int(inside[at + 1]), _STOPPED) for at in holes.tolist()]
