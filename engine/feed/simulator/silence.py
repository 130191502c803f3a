"""An outage of the feed: the market goes on, and nobody sees it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.clock import SECOND
from engine.events import ChainBatch, FeedStatus


def with_outage(
    batches: Iterator[ChainBatch], start: int, end: int, last: int, tells: bool
) -> Iterator[ChainBatch | FeedStatus]:
    """``batches`` without those from ``start`` up to ``end`` (ns UTC); the feed that ``tells`` says when it is silent
    and, unless that is after ``last``, when it is back."""
    said = [
        FeedStatus(ts_known=start + 5 * SECOND, state="stale", text="no quotes for 5 s (simulated outage)"),
        FeedStatus(ts_known=start + 30 * SECOND, state="down", text="down (simulated outage)"),
    ]
    if end <= last:
        said.append(FeedStatus(ts_known=end, state="ok", text="back after a simulated outage"))
    pending = said if tells else []
    for batch in batches:
        while pending and pending[0].ts_known <= batch.ts_known:
            yield pending.pop(0)
        if not start <= batch.ts_known < end:
            yield batch
    yield from pending
