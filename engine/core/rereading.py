"""What the broker holds, read again just before something is closed: never more than that is closed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.state import SessionState
from engine.core.venue import Venue
from engine.events import BrokerState
from engine.types import Contract


class Rereading:
    """The newest positions of the broker, and when they were asked for."""

    def __init__(self, state: SessionState, venue: Venue) -> None:
        self._state = state
        self._venue = venue
        self._positions: dict[Contract, int] = {}
        self._asked = -1

    def arrived(self, told: BrokerState) -> None:
        """The broker has told its positions."""
        if told.asked >= self._asked:
            self._asked = told.asked
            self._positions = dict(told.positions)

    def ask(self) -> int:
        """Ask for the positions; the instant from which an answer counts."""
        self._venue.snapshot()
        self._state.wake(self._state.now + self._state.config.broker.answer_ns)
        return self._state.now

    def agreed(
        self, held: Mapping[Contract, int], asked_at: int | None, promised: Mapping[Contract, int]
    ) -> dict[Contract, int] | None:
        """Of signed holdings what the broker has too, but for what is ``promised`` to other orders that close; None
        while it has not said.

        A broker that stays silent for the time of an answer does not keep risk from being closed: it refuses itself to
        close what is not held.
        """
        agreed: dict[Contract, int] = {}
        for contract, quantity in held.items():
            theirs = self._venue.held(contract)
            if theirs is None:
                if asked_at is None or self._asked < 0:
                    return None  # what the account holds was never read: nothing is sent on a guess
                if self._asked >= asked_at:
                    theirs = self._positions.get(contract, 0)
                elif self._state.now - asked_at >= self._state.config.broker.answer_ns:
                    theirs = quantity
                else:
                    return None
            free = max(0, abs(theirs) - promised.get(contract, 0))
            least = min(abs(quantity), free) if quantity * theirs > 0 else 0
            if least:
                agreed[contract] = least if quantity > 0 else -least
        return agreed
