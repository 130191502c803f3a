"""Which of what a session tells cannot wait, and how it is said. Pure: records and alerts in, messages out."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from engine.alerts import Alert
from engine.calendar import clock_text
from engine.config.watch import Topic
from engine.events import BreakerRecord, CommandRecord, FillRecord, OrderRecord
from engine.events.records import Record
from engine.types import KILL_LEVELS

URGENT: frozenset[Topic] = frozenset({"kill", "locked", "session", "problem"})
"""What is sent however much was sent before it."""
LONGEST = 500
"""Characters of a text: a message to a phone has no room for more."""
_OF_EVERY_START = "BROKER_UNREAD"
"""A breaker that stands at every start until the account was compared; where that fails, others tell."""


class Message(NamedTuple):
    """Something to be told. ``held``: only where something is held when it is about to be sent."""

    topic: Topic
    title: str
    text: str
    held: bool = False

    @property
    def urgent(self) -> bool:
        """Whether it is sent whatever was sent before."""
        return self.topic in URGENT

    @property
    def grave(self) -> bool:
        """Whether it is bad news."""
        return self.topic != "session" or self.title.endswith(("failed", "unwritten"))


class Teller:
    """Turns what happens in one session into messages. It remembers which orders are stops, and which locks it told.

    Args:
        levels: of the alerts that are told. quiet: topics that are not.
    """

    def __init__(self, levels: Collection[str], quiet: Collection[str] = ()) -> None:
        self._levels = frozenset(levels)
        self._quiet = frozenset(quiet)
        self._stops: set[str] = set()
        self._locks: set[str] = set()

    def of_record(self, record: Record) -> Message | None:
        """What a record is worth; mostly nothing."""
        match record:
            case OrderRecord() if record.kind == "stop":
                self._stops.add(record.client_order_id)
            case CommandRecord() if record.actor == "person" and record.kind in KILL_LEVELS:
                why = f" ({record.text})" if record.text else ""
                return self._made("kill", f"{record.kind.upper()}", record.ts, f"{record.outcome}{why}")
            case BreakerRecord() if record.state == "HALTED" and record.latched:
                self._locks.add(record.name)
                return self._made("locked", f"LOCKED: {record.name}", record.ts, record.text)
            case FillRecord() if record.client_order_id in self._stops:
                bought = f"{'bought' if record.quantity > 0 else 'sold'} {abs(record.quantity)} {record.symbol}"
                text = f"#{record.trade_id} stop at the broker filled: {bought} at {record.price / 10_000:.2f}"
                return self._made("stop", "stop filled", record.ts, text)
        return None

    def of_alert(self, alert: Alert) -> Message | None:
        """What an alert is worth."""
        if alert.kind == "feed":
            return self._made("feed", "feed, while something is held", alert.ts, alert.text, held=True)
        if alert.kind == "stop_fired":
            return self._made("stop", "stop fired", alert.ts, alert.text)
        known = (_OF_EVERY_START, *self._locks)  # a lock was told as one
        if alert.kind == "breaker" and any(name in alert.text for name in known):
            return None
        if alert.level in self._levels:
            return self._made("alert", alert.level.upper(), alert.ts, alert.text)
        return None

    def said(self, topic: Topic, title: str, text: str) -> Message | None:
        """A message of the watch itself."""
        return self._made(topic, title, 0, text)

    def _made(self, topic: Topic, title: str, ts: int, text: str, held: bool = False) -> Message | None:
        if topic in self._quiet:
            return None
        when = f"{clock_text(ts)} New York: " if ts else ""
        return Message(topic, title, f"{when}{' '.join(text.split())}"[:LONGEST], held)
