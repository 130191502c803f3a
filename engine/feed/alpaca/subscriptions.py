"""What a stream is asked for, and what it has confirmed: compared, asked for again, rolled back. Pure.

Alpaca answers with the full set that is subscribed, refuses a request as a whole, or does not answer at all. What was
refused must not stay wanted: it would be asked for at the next connection and leave it without anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

ACK_SECONDS = 3.0
REST_SECONDS = 0.5
_LONGEST_REST = 60.0
_ASKS = 4
"""So often a request is made before the connection is given up."""

Symbols = frozenset[str]
Due = Literal["subscribe", "unsubscribe", "hang up"]


class Subscriptions:
    """Of one stream, by channel.

    Attributes:
        wanted: what there should be. confirmed: what the server said there is, on this connection.
        most: symbols of quotes that it takes, as far as it has told by refusing more; None: it has refused none.
        absent: symbols that were asked for twice and answered without, on this connection.
        missing: requests that no answer came to. refused: requests that were refused.
    """

    def __init__(self, channels: tuple[str, ...]) -> None:
        self.channels = channels
        self.wanted: dict[str, Symbols] = dict.fromkeys(channels, frozenset())
        self.confirmed: dict[str, Symbols] = dict.fromkeys(channels, frozenset())
        self.absent: dict[str, Symbols] = dict.fromkeys(channels, frozenset())
        self.most: int | None = None
        self.missing = 0
        self.refused = 0
        self._held = dict(self.confirmed)  # confirmed last, on any connection
        self._asked: float | None = None
        self._asks = 0
        self._changed = False
        self._not_before = 0.0
        self._in_a_row = 0  # refusals

    @property
    def waiting(self) -> bool:
        """Whether a request is unanswered, or there is one to make."""
        return self._asked is not None or self._changed or self.wanted != self.confirmed

    def want(self, symbols: Symbols) -> bool:
        """These on every channel, from now on; whether that is another set than before."""
        wanted = {name: symbols - self.absent[name] for name in self.channels}
        if wanted == self.wanted:
            return False
        self.wanted, self._changed, self._asks = wanted, True, 0
        return True

    def connected(self) -> None:
        """A new connection has no subscriptions."""
        self.confirmed = dict.fromkeys(self.channels, frozenset())
        self.absent = dict.fromkeys(self.channels, frozenset())
        self._asked, self._asks, self._changed = None, 0, any(self.wanted.values())

    def asked(self, now: float) -> None:
        """A request has left."""
        self._asked, self._changed = now, False
        self._asks += 1

    def heard(self, message: Mapping[str, Any]) -> None:
        """A confirmation: the full set."""
        self.confirmed = {name: _symbols(message.get(name)) for name in self.channels}
        self._held = dict(self.confirmed)
        self._asked = None
        if self._asks >= _ASKS // 2:
            self.absent = {name: self.absent[name] | self.wanted[name] - self.confirmed[name] for name in self.channels}
            self.wanted = {name: self.wanted[name] - self.absent[name] for name in self.channels}
        if self.wanted == self.confirmed:
            self._asks = self._in_a_row = 0

    def roll_back(self, code: int, now: float) -> None:
        """A request was refused as a whole: wanted is what was confirmed last. 405 tells how many it takes."""
        self.refused += 1
        self._not_before = now + min(_LONGEST_REST, REST_SECONDS * 2.0 ** min(self._in_a_row, 10))
        self._in_a_row += 1
        if code == 405:
            taken, tried = (len(each.get("quotes", ())) for each in (self._held, self.wanted))
            self.most = taken if 0 < taken < tried else max(1, tried // 2)
        self.wanted = dict(self.confirmed)
        self._asked, self._changed, self._asks = None, False, 0

    @property
    def is_doubtful(self) -> bool:
        """Whether something was asked for more than once and is still not there."""
        return self._asks > 1 and any(self.wanted[name] - self.confirmed[name] for name in self.channels)

    def due(self, now: float) -> Due | None:
        """What is to be done now, if anything: what was asked for and is not there is asked for again."""
        if now < self._not_before:
            return None
        if self._asked is not None:
            if now - self._asked < ACK_SECONDS:
                return None
            self._asked = None
            self.missing += 1
            self._changed = True
        if self.wanted == self.confirmed and not self._changed:
            return None
        if self._asks >= _ASKS:
            return "hang up"
        if any(self.wanted[name] - self.confirmed[name] for name in self.channels):
            return "subscribe"
        if any(self.extra().values()):
            return "unsubscribe"
        if self._changed and any(self.wanted.values()):
            return "subscribe"  # nothing differs, as far as is known: the answer says
        self._changed = False
        return None

    def extra(self) -> dict[str, Symbols]:
        """What is subscribed and no longer wanted."""
        return {name: self.confirmed[name] - self.wanted[name] for name in self.channels}


def _symbols(value: Any) -> Symbols:
    if not isinstance(value, list | tuple):
        return frozenset()
    return frozenset(each for each in value if isinstance(each, str))
