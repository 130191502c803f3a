"""What a session's events come to, counted on its own thread as they happen and read from any other.

Each figure is of this process: a restart begins at nothing. What is counted costs some microseconds an event.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from engine.events import NoticeRecord, OrderEventRecord, OrderRecord, Tick
from engine.events.records import Record

BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Upper bounds of the histogram of seconds an event takes."""


@dataclass
class Spread:
    """A histogram: how many lie in each of ``BOUNDS``, and above all of them; and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Vitals:
    """Counts one session. ``hear`` on the runner's thread; everything else is read as it stands.

    Attributes:
        events, records (by table), notices (by level), orders (client order id to state): of this process.
        took: seconds the engine took an event. late: how long the newest quotes had waited for it, ns.
        last: when the last event was processed, by ``time.monotonic``; ``None`` before the first. market: its time.
    """

    def __init__(self) -> None:
        self.began = time.time()
        self.events = 0
        self.records: Counter[str] = Counter()
        self.notices: Counter[str] = Counter()
        self.orders: dict[str, str] = {}
        self.took = Spread()
        self.late = 0
        self.worst_late = 0
        self.last: float | None = None
        self.market = 0

    def hear(self, tick: Tick, took: float, late: int) -> None:
        """An event was processed."""
        self.events += 1
        self.took.add(took)
        self.late = late
        self.worst_late = max(self.worst_late, late)
        self.last = time.monotonic()
        self.market = tick.now
        for record in tick.records:
            self._take(record)

    def _take(self, record: Record) -> None:
        self.records[record.table] += 1
        if isinstance(record, OrderRecord):
            self.orders.setdefault(record.client_order_id, "new")
        elif isinstance(record, OrderEventRecord):
            self.orders[record.client_order_id] = record.status
        elif isinstance(record, NoticeRecord):
            self.notices[record.level] += 1

    @property
    def by_state(self) -> Counter[str]:
        """Orders by their state."""
        return Counter(dict(self.orders).values())
