"""What the data of a screen are and of when: for what leaves it, such as a copy, a file or a picture."""

from __future__ import annotations

from typing import NamedTuple

from engine.calendar import clock_text
from engine.view import View


class Stamp(NamedTuple):
    """One moment of a session.

    Attributes:
        data: what the numbers are, such as ``SIMULATED``. day: ``2026-01-15``. clock: New York, ``12:02:31``.
    """

    data: str
    account: str
    day: str
    clock: str

    @property
    def words(self) -> str:
        """For a line of text."""
        return f"{self.data} {self.account} {self.as_of}".strip()

    @property
    def as_of(self) -> str:
        """The moment."""
        return f"{self.day} {self.clock} New York".strip() if self.clock else "no view yet"


def stamp_of(view: View | None) -> Stamp:
    """The stamp of ``view``; without one it says so."""
    if view is None:
        return Stamp("", "", "", "")
    head = view.header
    return Stamp(head.banner, head.account, head.day.isoformat(), clock_text(view.progress.now))
