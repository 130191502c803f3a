"""What one instrument has traded today: the part a snapshot told, and trades since. It never falls."""

from __future__ import annotations

_MOST = 2**31 - 1


class DayVolume:
    """Contracts or shares; unknown until something tells the part of the day that was not heard."""

    __slots__ = ("_early", "_floor", "_since", "known")

    def __init__(self) -> None:
        self.known: int | None = None
        self._since = 0
        self._floor = 0
        self._early: list[tuple[int, int]] = []

    def trade(self, when: int, size: int) -> int | None:
        """A trade at ``when`` (ns UTC): the day's volume with it, None where it is not known or the trade is in it."""
        if self.known is None:
            self._early.append((when, size))
            return None
        if when <= self._since or not size:
            return None
        self.known = min(_MOST, self.known + size)
        return self.known

    def snapshot(self, volume: int, since: int) -> int:
        """What was traded up to ``since``, as a snapshot has it: the day's volume with what was heard later."""
        later = sum(size for when, size in self._early if when > since)
        self._early = []
        self._since = max(self._since, since)
        self.known = min(_MOST, max(self.known or 0, self._floor, volume + later))
        return self.known

    def bar(self, volume: int) -> bool:
        """Bars have told that much; whether that is news. Bars of a part of the day are less than what is known."""
        if self.known is not None or volume < self._floor:
            return False
        self._floor = volume
        return True
