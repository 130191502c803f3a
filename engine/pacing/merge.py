"""Several sources as one stream, in the order of events, with one numbering of instruments."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.events import AnyEvent, ChainBatch, Listing
from engine.types import Instrument


def merge(sources: Sequence[Iterable[AnyEvent]]) -> Iterator[AnyEvent]:
    """Merge sources by ``Event.order``; at equal order the earlier source comes first.

    Each source numbers its instruments from 0. The merged stream numbers them anew in order of appearance, and an
    instrument that two sources list (an index) gets one number. A batch that another of the same instant follows says
    so, lest one root decides on what the other will have replaced in the same instant.
    """
    before: AnyEvent | None = None
    for event in _renumbered(sources):
        if before is not None:
            same = isinstance(before, ChainBatch) and isinstance(event, ChainBatch)
            more = same and event.ts_known == before.ts_known
            yield msgspec.structs.replace(before, more=True) if more else before
        before = event
    if before is not None:
        yield before


def _renumbered(sources: Sequence[Iterable[AnyEvent]]) -> Iterator[AnyEvent]:
    numbered = heapq.merge(*(_tagged(n, source) for n, source in enumerate(sources)), key=lambda item: item[:2])
    known: dict[Instrument, int] = {}
    maps: list[NDArray[np.int32]] = [np.zeros(0, np.int32) for _ in sources]
    for _, n, event in numbered:
        if isinstance(event, Listing):
            first = len(known)
            fresh = tuple(dict.fromkeys(i for i in event.instruments if i not in known))
            known.update((instrument, first + k) for k, instrument in enumerate(fresh))
            added = np.array([known[instrument] for instrument in event.instruments], np.int32)
            maps[n] = np.concatenate([maps[n][: event.first], added])
            if fresh:
                yield msgspec.structs.replace(event, first=first, instruments=fresh)
        elif isinstance(event, ChainBatch):
            yield msgspec.structs.replace(event, idx=maps[n][event.idx])
        else:
            yield event


def _tagged(n: int, source: Iterable[AnyEvent]) -> Iterator[tuple[tuple[int, int, int], int, AnyEvent]]:
    """A source's events with their order and the source's number."""
    return ((event.order, n, event) for event in source)
