"""One session played twice: with the engine's shortcut for quiet markets, and with everybody asked at every event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core_builders import DAY, Played, encoded, make_engine, play

from engine.core import Engine
from engine.events import AnyEvent


def always(engine: Engine) -> Engine:
    """The engine without its shortcut: it asks everybody at every event."""
    engine._quiet = lambda *_: 0  # type: ignore[method-assign]
    return engine


def both(
    events: Sequence[AnyEvent], *chosen: str, roots: tuple[str, ...] = ("SPXW",), day: dt.date = DAY
) -> tuple[Played, Played]:
    """The session with the shortcut, and without."""
    quick = play(make_engine(*chosen, roots=roots, day=day), events)
    slow = play(always(make_engine(*chosen, roots=roots, day=day)), events)
    return quick, slow


def same(quick: Played, slow: Played) -> bool:
    """Whether nobody could tell the two apart: records at their places, wishes to be woken, counters, result."""
    states = quick.engine.state, slow.engine.state
    assert encoded(quick.records) == encoded(slow.records)
    assert [(t.now, t.seq, t.wake_at, t.changes) for t in quick.ticks] == [
        (t.now, t.seq, t.wake_at, t.changes) for t in slow.ticks
    ]
    assert states[0].tallies == states[1].tallies
    return states[0].portfolio.realised == states[1].portfolio.realised
