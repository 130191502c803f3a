"""Which cells changed just now. They are marked for a moment, unless so many changed that a mark tells nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SECONDS = 0.6
SHARE = 3
"""One in so many of the cells on screen may flash at once; where more change, as with a new minute, none does."""

Spot = tuple[str, int]
"""A row's key and a column."""


class Flash:
    """The marks. Each has the number of the change that made it, so that an older one's end does not take it away."""

    def __init__(self) -> None:
        self._marks: dict[str, dict[int, int]] = {}
        self._changes = 0

    def mark(self, spots: Sequence[Spot], cells: int) -> int | None:
        """Mark ``spots`` out of so many ``cells``; the number to end them by, None where none is marked."""
        if not spots or len(spots) * SHARE > cells:
            return None
        self._changes += 1
        for key, column in spots:
            self._marks.setdefault(key, {})[column] = self._changes
        return self._changes

    def end(self, change: int) -> dict[str, list[int]]:
        """Take away what ``change`` marked and no later one did; the columns a row."""
        ended: dict[str, list[int]] = {}
        for key, marks in list(self._marks.items()):
            gone = [column for column, number in marks.items() if number <= change]
            if gone:
                ended[key] = gone
                for column in gone:
                    del marks[column]
                if not marks:
                    del self._marks[key]
        return ended

    def of(self, key: str) -> Iterable[int]:
        """The marked columns of a row."""
        return self._marks.get(key, ())

    def clear(self) -> None:
        """No marks."""
        self._marks.clear()
