"""Going about in a day that is played: events, marks, bookmarks, taking over. Each says in one line what was asked."""

from __future__ import annotations

from collections.abc import Callable

from engine.calendar import clock_text
from engine.view import PRACTICES, Mark, Pace
from zdte_tui.screen.desk import OVER, STEP_SECONDS, Desk

SIGNALS = frozenset({"entering", "stop", "double stop", "skipped"})
KINDS: dict[str, str] = {
    "": "signal or trade",
    "signal": "signal",
    "trade": "trade",
    "alert": "alert",
    "bookmark": "bookmark",
    "event": "event",
}
"""What ``:next`` and ``:prev`` know, in words."""


def kind_of(text: str) -> str:
    """The kind that ``text`` names; ``ValueError`` tells which there are."""
    word = text.strip().lower().removesuffix("s")
    if word not in KINDS:
        raise ValueError(f"{text.strip()!r} is no kind of moment: {', '.join(name for name in KINDS if name)}")
    return word


def is_kind(mark: Mark, kind: str) -> bool:
    """Whether a mark is of a kind of ``KINDS``."""
    signal = mark.kind in SIGNALS
    return (signal or mark.kind == "trade") if not kind else signal if kind == "signal" else mark.kind == kind


class Travel:
    """The desk's way about the day. What was asked counts until the next view shows it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked: tuple[object, int] | None = None

    @property
    def _now(self) -> int:
        """Where the person is, or has asked to be."""
        progress = self._desk.progress
        assert progress is not None
        if self._asked is not None and self._asked[0] is self._desk.view:
            return self._asked[1]
        return progress.now

    def _goto(self, instant: int, words: str) -> str:
        self._asked = (self._desk.view, instant)
        return self._pace(Pace("goto", instant=instant), words)

    def _ready(self, forward: bool, act: Callable[[], str]) -> str:
        progress = self._desk.progress
        if progress is None:
            return "no session yet"
        return OVER if forward and progress.finished else act()

    def minute_back(self) -> str:
        """A minute earlier, not before the open."""

        def act() -> str:
            progress = self._desk.progress
            assert progress is not None
            if self._now <= progress.open:
                return "this is the open"
            instant = max(progress.open, self._now - STEP_SECONDS * 10**9)
            return self._goto(instant, f"back to {clock_text(instant)}")

        return self._ready(False, act)

    def event_on(self) -> str:
        """One event of the market, of a person or of the clock."""
        return self._ready(True, lambda: self._pace(Pace("next", text="event"), "one event on"))

    def event_back(self) -> str:
        """To before the last event."""
        return self._ready(False, lambda: self._pace(Pace("back"), "one event back"))

    def next(self, kind: str) -> str:
        """To the next moment of a kind; a bookmark's is known, all others are played to."""
        if kind == "bookmark":
            return self.next_bookmark()
        return self._ready(True, lambda: self._pace(Pace("next", text=kind), f"to the next {KINDS[kind]}"))

    def previous(self, kind: str) -> str:
        """Back to the last moment of a kind before now."""

        def act() -> str:
            progress, now = self._desk.progress, self._now
            assert progress is not None
            earlier = [mark for mark in progress.marks if is_kind(mark, kind) and mark.ts < now]
            if kind == "event":
                return self.event_back()
            if not earlier:
                return f"no {KINDS[kind]} before {clock_text(now)}"
            found = max(earlier, key=lambda mark: mark.ts)
            return self._goto(found.ts, f"back to {clock_text(found.ts)}{f': {found.text}' if found.text else ''}")

        return self._ready(False, act)

    # --- bookmarks

    @property
    def bookmarks(self) -> list[Mark]:
        """In order of time."""
        progress = self._desk.progress
        found = () if progress is None else progress.marks
        return sorted((mark for mark in found if mark.kind == "bookmark"), key=lambda mark: mark.ts)

    def bookmark(self, name: str) -> str:
        """Set one here."""
        return self._ready(False, lambda: self._pace(Pace("bookmark", text=name, instant=self._now), "bookmark asked"))

    def next_bookmark(self) -> str:
        """To the one after now; from the last to the first."""

        def act() -> str:
            marks, now = self.bookmarks, self._now
            if not marks:
                return "no bookmarks on this day: m sets one"
            found = next((mark for mark in marks if mark.ts > now), marks[0])
            return self._goto(found.ts, f"to {named(found)}")

        return self._ready(False, act)

    # --- practice

    def take_over(self, how: str) -> str:
        """Begin a practice session from here."""
        return self._ready(True, lambda: self._pace(Pace("take_over", text=how), f"taking over: {PRACTICES[how]}"))

    def _pace(self, pace: Pace, words: str) -> str:
        return self._desk.pace(pace, words)


def named(mark: Mark) -> str:
    """A bookmark by its time and name."""
    return f"{clock_text(mark.ts)}{f' {mark.text}' if mark.text else ''}"


def practice_named(text: str) -> str:
    """The way of taking over that ``text`` names; ``ValueError`` tells which there are."""
    word = text.strip().lower()
    if word not in PRACTICES:
        raise ValueError(f"{text.strip()!r} is no way to take over: {', '.join(PRACTICES)}")
    return word
