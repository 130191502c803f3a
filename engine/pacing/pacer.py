"""When the next event is due on the wall: speed, pause, steps and jumps. Nothing here reaches a decision."""

from __future__ import annotations

from engine.view import Pace

SECOND = 1_000_000_000


class Pacer:
    """Maps market time (ns UTC) to the wall's monotonic seconds.

    ``speed`` is seconds of market a second of wall; 0 is as fast as possible. Before ``start`` everything is due at
    once. A target (a step, a jump) is played to as fast as possible, and the pacer pauses there.
    """

    def __init__(self, speed: float, start: int, wall: float) -> None:
        self.speed = speed
        self.paused = False
        self._market = start
        self._wall = wall
        self._target: int | None = None
        self._ended = False
        self.until_news = False

    def market_now(self, wall: float) -> int:
        """The market time the screen's clock shows."""
        if self.paused or self._ended or self.speed == 0 or self._target is not None or self.until_news:
            return self._market
        return self._market + round((wall - self._wall) * self.speed * SECOND)

    @property
    def standing(self) -> bool:
        """Whether nothing is played until a person says so."""
        return self.paused and self._target is None and not self.until_news

    def wait(self, ts: int, wall: float) -> float | None:
        """Seconds until an event at ``ts`` is due: 0 for now, None for not before something changes."""
        if self._target is not None:
            if ts <= self._target:
                return 0.0
            self._arrive(self._target, wall)
            return None
        if self.until_news:
            return 0.0
        if ts <= self._market and not self.paused:
            return 0.0
        if self.paused:
            return None
        if self.speed == 0:
            return 0.0
        return max(0.0, (ts - self.market_now(wall)) / (self.speed * SECOND))

    def happened(self, ts: int, news: bool, wall: float) -> None:
        """An event at ``ts`` was processed; ``news`` tells whether it brought a signal or a trade."""
        if self.until_news and news:
            self._arrive(ts, wall)
        elif self.speed == 0 or self._target is not None or self.until_news:
            self._market = max(self._market, ts)
            self._wall = wall

    def apply(self, pace: Pace, wall: float) -> None:
        """Change how the session is played."""
        self._anchor(wall)
        match pace.action:
            case "pause":
                self.paused = not self.paused
            case "resume":
                self.paused = False
            case "speed":
                self.speed = max(0.0, pace.value)
            case "step":
                self._target = self._market + round(pace.value * SECOND)
            case "goto":
                self._target = pace.instant
            case "next":
                self.until_news = True
        if pace.action in ("pause", "resume"):
            self._target = None
            self.until_news = False

    def restart(self, instant: int, wall: float) -> None:
        """Stand at an earlier instant, after a jump back, and pause there."""
        self._market, self._wall = instant, wall
        self._ended = self.until_news = False
        self._target = None
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
        self.until_news = False

    def _arrive(self, ts: int, wall: float) -> None:
        self._market, self._wall = max(self._market, ts), wall
        self._target = None
        self.until_news = False
        self.paused = True

    def _anchor(self, wall: float) -> None:
        self._market, self._wall = self.market_now(wall), wall
