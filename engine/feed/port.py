"""What a session needs of a feed that streams: events that have come, without waiting, and a call when there are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from engine.events import AnyEvent
from engine.types import Contract, Instrument


class LiveFeed(Protocol):
    """One trading day's market as it streams. Everything it does waits on threads of its own."""

    def start(self, known: Sequence[Instrument], wake: Callable[[], None]) -> None:
        """Begin to listen, back-fill what of the day is past, and return at once.

        Args:
            known: what a restarted session has listed already, in the order of its numbers; new listings go on after.
            wake: called from any thread when ``take`` has something; it returns at once.
        """
        ...

    def take(self, now: int) -> list[AnyEvent]:
        """What has come since the last call, as events known at ``now`` (ns UTC, never falling): listings before the
        batches that use their numbers, each instrument at its newest value, ``FeedStatus`` where it changed. Never
        waits. From the session's own thread alone."""
        ...

    def hold(self, contracts: Collection[Contract]) -> None:
        """These are held or worked: they stay subscribed, whatever else is given up. Returns at once."""
        ...

    @property
    def streamed(self) -> Collection[str]:
        """Symbols of the options whose quotes stream, or shall. From any thread."""
        ...

    def close(self) -> None:
        """Hang up, within seconds."""
        ...
