"""The daily loss limit: judged on sane marks that held and were seen again, so that one blown quote fires nothing."""

from __future__ import annotations

from dataclasses import dataclass

from engine.clock import SECOND
from engine.types import Money

HOLD = 3 * SECOND


@dataclass(slots=True)
class DailyLoss:
    """Watches realised plus unrealised P&L against the limit (positive)."""

    limit: Money
    since: int | None = None
    first_seen: int = 0

    def judge(self, now: int, realised: Money, unrealised: Money | None, seen: int) -> bool:
        """Whether the limit is reached at ``now``.

        A realised loss counts at once. With open trades, ``unrealised`` must be known, the loss must have held for
        ``HOLD``, and newer market data than the first must have shown it too (``seen`` is the time of the newest): on
        a minute tape three seconds of silence confirm nothing. None (a quote is stale, wide or missing) starts anew.
        """
        if realised <= -self.limit and (unrealised is None or unrealised <= 0):
            return True
        if unrealised is None or realised + unrealised > -self.limit:
            self.since = None
            return False
        if self.since is None:
            self.since, self.first_seen = now, seen
        return now - self.since >= HOLD and seen > self.first_seen

    @property
    def wake_at(self) -> int | None:
        """When a loss that stands now will have held long enough."""
        return None if self.since is None else self.since + HOLD
