"""Whether the market data of a day came to its end, asked once when trading is over."""

from __future__ import annotations

from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.core.state import SessionState

LATE_END = 90 * MINUTE
"""A day whose data end so long before the close is incomplete."""

WITHOUT_END = "days without their end"
"""The tally of such days."""


class Completeness:
    """Says so of a day that ended early: its figures are not those of a whole one."""

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._asked = False

    def look(self) -> None:
        """Ask, the first time the session is over."""
        state = self._state
        if self._asked or state.now < state.session.close:
            return
        self._asked = True
        last, day = state.market.last_batch_ts, state.session
        if day.close - last <= LATE_END:
            return
        seen = f"no data after {clock_text(last)}" if last >= day.open else "no data at all"
        state.tallies[WITHOUT_END] = 1
        state.notice("warning", "session", f"{day.day} is incomplete: {seen}; its figures are not those of a whole day")
