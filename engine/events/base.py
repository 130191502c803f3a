"""What every event carries, and the order in which events happen."""

from __future__ import annotations

from typing import ClassVar

import msgspec

RANK_SESSION = 0
RANK_LISTING = 1
RANK_MARKET = 2
RANK_REPORT = 3
RANK_COMMAND = 4
RANK_TIMER = 5


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", eq=False):
    """Something that happened.

    Attributes:
        ts_event: when it was true, ns UTC.
        ts_known: when we could know it, ns UTC; never before ``ts_event``. The engine's clock.
        seq: position in its source; orders events of one source at one instant.
        cause: what led to it (an order id, a timer's name), or empty.
    """

    rank: ClassVar[int] = RANK_SESSION

    ts_known: int
    ts_event: int = 0
    seq: int = 0
    cause: str = ""

    @property
    def order(self) -> tuple[int, int, int]:
        """The key by which events are merged: known time, source rank, sequence."""
        return (self.ts_known, self.rank, self.seq)
