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
            same = before.ts_known == event.ts_known
            more = same and isinstance(before, ChainBatch) and isinstance(event, ChainBatch)
            yield msgspec.structs.replace(before, more=True) if more else before
        before = event
    if before is not None:
        yield before


def _renumbered(sources: Sequence[Iterable[AnyEvent]]) -> Iterator[AnyEvent]:
    known: dict[Instrument, int] = {}
    # None: the source's own numbers are the stream's, as those of the first source with a market are.
    maps: list[NDArray[np.int32] | None] = [None for _ in sources]
    for n, event in _in_order(sources):
        if isinstance(event, ChainBatch):
            numbers = maps[n]
            yield event if numbers is None else msgspec.structs.replace(event, idx=numbers[event.idx])
        elif isinstance(event, Listing):
            first = len(known)
            fresh = tuple(dict.fromkeys(i for i in event.instruments if i not in known))
            known.update((instrument, first + k) for k, instrument in enumerate(fresh))
            numbers = maps[n]
            if numbers is not None or first != event.first or len(fresh) != len(event.instruments):
                before = np.arange(event.first, dtype=np.int32) if numbers is None else numbers[: event.first]
                added = np.array([known[instrument] for instrument in event.instruments], np.int32)
                maps[n] = np.concatenate([before, added])
            if not fresh:
                continue
            yield event if maps[n] is None else msgspec.structs.replace(event, first=first, instruments=fresh)
        else:
            yield event


def _in_order(sources: Sequence[Iterable[AnyEvent]]) -> Iterator[tuple[int, AnyEvent]]:
    """Each event with its source's number. One source's run of events is passed on until another's is due."""
    streams = [iter(source) for source in sources]
    heap = [(event.order, n, event) for n, stream in enumerate(streams) if (event := next(stream, None)) is not None]
    heapq.heapify(heap)  # no two have an order and a number alike, so events themselves are never compared
    while heap:
        _, n, event = heapq.heappop(heap)
        due = heap[0][:2] if heap else None
        following: AnyEvent | None = event
        while following is not None and (due is None or (following.order, n) <= due):
            yield n, following
            following = next(streams[n], None)
        if following is not None:
            heapq.heappush(heap, (following.order, n, following))
