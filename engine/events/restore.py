"""Restart as an event: what the journal remembers of the session, folded back into a new engine."""

from __future__ import annotations

from typing import ClassVar

from engine.events.base import RANK_SESSION, Event
from engine.events.records import AnyRecord


class Restore(Event, frozen=True, kw_only=True, tag="restore", eq=False):
    """The records of the session so far, in the order in which they were written.

    The engine folds orders, fills, trades, strategy states, breakers and settlements; the rest it passes over.
    """

    rank: ClassVar[int] = RANK_SESSION

    records: tuple[AnyRecord, ...]
