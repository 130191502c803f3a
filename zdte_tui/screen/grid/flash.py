"""Which cells changed just now. They are marked for a moment, unless so many changed that a mark tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic

SECONDS = 0.6
SHARE = 3
"""One in so many of the cells on screen may flash at once; where more change, as with a new minute, none does."""

Spot = tuple[str, int]
"""A row's key and a column."""


class Flash:
    """The marks, each with the time it ends at."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._marks: dict[str, dict[int, float]] = {}
        self._first = 0.0

    def __bool__(self) -> bool:
        return bool(self._marks)

    def mark(self, spots: Sequence[Spot], cells: int) -> None:
        """Mark ``spots`` out of so many ``cells``, where they are few enough."""
        if not spots or len(spots) * SHARE > cells:
            return
        until = self._clock() + SECONDS
        if not self._marks:
            self._first = until
        for key, column in spots:
            self._marks.setdefault(key, {})[column] = until

    def end(self) -> dict[str, list[int]]:
        """Take away the marks whose time is over; the columns a row."""
        now = self._clock()
        if not self._marks or now < self._first:
            return {}
        ended: dict[str, list[int]] = {}
        left: dict[str, dict[int, float]] = {}
        for key, marks in self._marks.items():
            staying = {column: until for column, until in marks.items() if until > now}
            if len(staying) < len(marks):
                ended[key] = [column for column in marks if column not in staying]
            if staying:
                left[key] = staying
        self._marks = left
        self._first = min((until for marks in left.values() for until in marks.values()), default=0.0)
        return ended

    def of(self, key: str) -> Iterable[int]:
        """The marked columns of a row."""
        return self._marks.get(key, ())

    def clear(self) -> None:
        """No marks."""
        self._marks.clear()
