"""When the next event is due on the wall: speed, pause, steps and jumps. Nothing here reaches a decision."""

from __future__ import annotations

from collections.abc import Collection

from engine.view import Pace

SECOND = 1_000_000_000

NEWS = "news"
"""What ``next`` plays to where nothing is named: a signal or a trade."""
_NEWS = frozenset({"signal", "trade"})


class Pacer:
    """Maps market time (ns UTC) to the wall's monotonic seconds.

    ``speed`` is seconds of market a second of wall; 0 is as fast as possible. Before ``start`` everything is due at
    once. A target (a step, a jump) is played to as fast as possible, and the pacer pauses there.

    Attributes:
        until: what is being played to, one of ``happened``'s words or ``NEWS``; empty for nothing.
    """

    def __init__(self, speed: float, start: int, wall: float) -> None:
        self.speed = speed
        self.paused = False
        self._market = start
        self._wall = wall
        self._target: int | None = None
        self._ended = False
        self.until = ""

    def market_now(self, wall: float) -> int:
        """The market time the screen's clock shows."""
        if self.paused or self._ended or self.speed == 0 or self._target is not None or self.until:
            return self._market
        return self._market + round((wall - self._wall) * self.speed * SECOND)

    @property
    def standing(self) -> bool:
        """Whether nothing is played until a person says so."""
        return self.paused and self._target is None and not self.until

    def wait(self, ts: int, wall: float) -> float | None:
        """Seconds until an event at ``ts`` is due: 0 for now, None for not before something changes."""
        if self._target is not None:
            if ts <= self._target:
                return 0.0
            self._arrive(self._target, wall)
            return None
        if self.until:
            return 0.0
        if ts <= self._market and not self.paused:
            return 0.0
        if self.paused:
            return None
        if self.speed == 0:
            return 0.0
        return max(0.0, (ts - self.market_now(wall)) / (self.speed * SECOND))

    def happened(self, ts: int, news: Collection[str], wall: float) -> None:
        """An event at ``ts`` was processed; ``news`` names what it brought: ``signal``, ``trade``, ``event``..."""
        if self.until and (self.until in news or (self.until == NEWS and not _NEWS.isdisjoint(news))):
            self._arrive(ts, wall)
        elif self.speed == 0 or self._target is not None or self.until:
            self._market = max(self._market, ts)
            self._wall = wall

    def apply(self, pace: Pace, wall: float) -> None:
        """Change how the session is played."""
        self._anchor(wall)
        match pace.action:
            case "toggle":
                self.paused = not self.standing
            case "pause":
                self.paused = True
            case "resume":
                self.paused = False
            case "speed":
                self.speed = max(0.0, pace.value)
            case "step":
                self._target = self._market + round(pace.value * SECOND)
            case "goto":
                self._target = pace.instant
            case "next":
                self.until = pace.text or NEWS
        if pace.action in ("toggle", "pause", "resume"):
            self._target = None
            self.until = ""

    def restart(self, instant: int, wall: float) -> None:
        """Stand at an earlier instant, after a jump back, and pause there."""
        self._market, self._wall = instant, wall
        self._ended = False
        self._target = None
        self.until = ""
        self.paused = True

    def skip_to(self, instant: int, wall: float) -> None:
        """Stand at a later instant and play on from there: nothing happens before it."""
        self._market, self._wall = max(self.market_now(wall), instant), wall

    def finish(self, wall: float) -> None:
        """The source has ended: stand still."""
        target = self._target
        self._anchor(wall)
        if target is not None:
            self._market = max(self._market, target)
        self._target = None
        self._ended = True
        self.until = ""

    def _arrive(self, ts: int, wall: float) -> None:
        self._market, self._wall = max(self._market, ts), wall
        self._target = None
        self.until = ""
        self.paused = True

    def _anchor(self, wall: float) -> None:
        self._market, self._wall = self.market_now(wall), wall
