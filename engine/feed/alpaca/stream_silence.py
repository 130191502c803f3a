"""Whether a stream is mute: connected, answering pings, and silent while the market is open. Pure.

A socket may go mute without an error, and pings do not notice. How long a silence may be is learned: a market that
brings something every fifteen seconds is not mute after eight.
"""

from __future__ import annotations

PATIENCE = 8.0
_LONGEST = 120.0
_SLACK = 1.5
_WELL = 5
"""So many times its patience without a fault, and a stream is held to its usual silence again."""


class Silence:
    """The clock of one stream; times are seconds of the machine that never go back.

    Attributes:
        mutes: how often it was found mute.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.mutes = 0
        self._patience = patience
        self._usual = 0.0  # the longest silence that data ended by themselves
        self._in_a_row = 0
        self._since: float | None = None  # of the silence under way; None: nothing is awaited
        self._well_since: float | None = None  # when the first data came on this connection

    @property
    def patience(self) -> float:
        """Seconds of silence after which it counts as mute."""
        return float(min(_LONGEST, max(self._patience, _SLACK * self._usual) * 2**self._in_a_row))

    def connected(self) -> None:
        """A new connection: nothing has come on it."""
        self._since = self._well_since = None

    def heard(self, now: float) -> None:
        """Data have come."""
        if self._well_since is None:
            self._well_since = now
        elif self._since is not None:
            gap = now - self._since
            self._usual = max(self._usual, gap)
            # Such silences are the market's own, and are known now; or it has been well for long.
            if gap > self._patience or now - self._well_since > _WELL * self._patience:
                self._in_a_row = 0
        self._since = now

    def is_mute(self, now: float, awaited: bool) -> bool:
        """Whether it has been silent for too long; ``awaited``: the market is open and something is subscribed."""
        if not awaited:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if now - self._since < self.patience:
            return False
        self.mutes += 1
        self._in_a_row += 1
        self._since = None
        return True

    def age(self, now: float) -> float | None:
        """Seconds since data came or were first awaited; None where nothing is awaited."""
        return None if self._since is None else now - self._since
