"""Simulated days that several tests look at, made once."""

from __future__ import annotations

import datetime as dt
import functools

from engine.events import ChainBatch, Listing
from engine.feed.simulator import SimulatedDay

DAY = dt.date(2026, 1, 15)
HALF_DAY = dt.date(2025, 7, 3)


@functools.cache
def events_of(day: dt.date = DAY, root: str = "SPXW", seed: int = 7) -> tuple:
    return tuple(SimulatedDay(day, root, seed).events())


def batches_of(day: dt.date = DAY, root: str = "SPXW", seed: int = 7) -> list[ChainBatch]:
    return [event for event in events_of(day, root, seed) if isinstance(event, ChainBatch)]


def listing_of(day: dt.date = DAY, root: str = "SPXW", seed: int = 7) -> Listing:
    return next(event for event in events_of(day, root, seed) if isinstance(event, Listing))
