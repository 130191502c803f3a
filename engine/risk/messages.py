"""How many messages went to the broker lately: orders, cancels and replaces, those that close included."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from engine.clock import MINUTE
from engine.events import AnyRecord, OrderEventRecord, OrderRecord
from engine.orders import DONE
from engine.types import Price


class Messages:
    """Times of the last minute's messages, read from the records they leave.

    Closing orders count here and are never held back for it: only the gate asks, and it judges entries.
    """

    def __init__(self) -> None:
        self._times: deque[int] = deque()
        self._seq = -1
        self._taken = 0
        self._working: dict[str, tuple[Price | None, bool]] = {}  # limit, and whether its cancel was counted

    def follow(self, seq: int, records: Sequence[AnyRecord]) -> None:
        """Take up what event number ``seq`` has led to so far; what was taken up already is not counted again."""
        if seq != self._seq:
            self._seq, self._taken = seq, 0
        for record in records[self._taken :]:
            if isinstance(record, OrderRecord):
                self._working[record.client_order_id] = (record.limit, False)
                self._sent(record.ts)
            elif isinstance(record, OrderEventRecord):
                self._changed(record)
        self._taken = len(records)

    def within(self, now: int, window: int) -> int:
        """How many were sent in the ``window`` ns (a minute at most) that end at ``now``, which is in it."""
        return sum(at > now - window for at in self._times)

    def _changed(self, record: OrderEventRecord) -> None:
        known = self._working.get(record.client_order_id)
        if known is None:
            return
        limit, cancelled = known
        if record.limit != limit:
            self._sent(record.ts)
        if record.status in ("pending_cancel", "cancelled") and not cancelled:
            self._sent(record.ts)
            cancelled = True
        if record.status in DONE:
            del self._working[record.client_order_id]
        else:
            self._working[record.client_order_id] = (record.limit, cancelled)

    def _sent(self, at: int) -> None:
        self._times.append(at)
        while self._times[0] <= at - MINUTE:
            self._times.popleft()
