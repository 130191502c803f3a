"""Where the tour stands: it moves on when a step's condition comes true, back and out by keys, and drives the day."""

from __future__ import annotations

from typing import Protocol

from engine.view import View
from zdte_tui.screen.tour.step import Scene, Step
from zdte_tui.screen.tour.steps import STEPS


class Host(Protocol):
    """What the tour needs of the screen it runs on."""

    @property
    def view(self) -> View | None:
        """The newest view."""
        ...

    @property
    def primary(self) -> str:
        """The pane with the focus."""
        ...

    def point_at(self, about: str) -> None:
        """Give a pane room and focus, or mark the header or the timeline; nothing for empty."""
        ...

    def hold(self) -> None:
        """Pause the market, if it plays."""
        ...

    def run_word(self, word: str) -> None:
        """Do what the ``:`` line does for ``word``."""
        ...

    def say(self, text: str) -> None:
        """One line to the person."""
        ...


class Guide:
    """The tour on a screen; ``at`` is the index of its step, None while there is no tour; ``armed`` says that the
    step waits for its condition, which did not hold when it began."""

    def __init__(self, host: Host, steps: tuple[Step, ...] = STEPS) -> None:
        self._host, self.steps = host, steps
        self.at: int | None = None
        self._ran: set[str] = set()
        self._began = 0
        self.armed = False
        self._driven: tuple[int, int] | None = None

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        return None if self.at is None else self.steps[self.at]

    @property
    def waiting(self) -> bool:
        """Whether the step still waits for its condition, and enter would bring it about."""
        step, view = self.step, self._host.view
        return bool(step and step.drive and self.armed and view is not None and not view.progress.finished)

    def go(self, at: int) -> None:
        """Begin the step ``at``. One whose condition holds already waits for enter instead."""
        view = self._host.view
        assert view is not None
        step = self.steps[at]
        self.at, self._driven = at, None
        self._ran.clear()
        if step.still:
            self._host.hold()
        self._host.point_at(step.about)
        self._began = view.progress.now
        self.armed = step.until is not None and not step.until(self._scene(view))

    def noticed(self, id: str) -> None:  # noqa: A002 - the field's name
        """A person ran an action."""
        self._ran.add(id)

    def look(self) -> bool:
        """Move on if the step's condition has come true; whether it did."""
        step, view = self.step, self._host.view
        if step is None or view is None or step.until is None or not self.armed or not step.until(self._scene(view)):
            return False
        self.next()
        return True

    def enter(self) -> None:
        """The next step, or first what this one asks for. An order that needs a y is never given from here."""
        view = self._host.view
        if self.step is None or view is None:
            return
        if not self.waiting:
            self.next()
            return
        stamp = (view.version, view.progress.now)
        if stamp == self._driven or (self._driven is not None and not view.progress.paused):
            self._host.say("the market is playing there; esc leaves the tour")
            return
        self._driven = stamp
        self._host.run_word(self.step.drive)

    def next(self) -> None:
        """The next step; after the last the tour is over."""
        assert self.at is not None
        if self.at + 1 < len(self.steps):
            self.go(self.at + 1)
        else:
            self.leave("the tour is over; :tour begins it again")

    def back(self) -> None:
        """The step before; the first stays."""
        if self.at is not None:
            self.go(max(0, self.at - 1))

    def leave(self, words: str = "") -> None:
        """No more tour."""
        if self.at is not None:
            number = self.at + 1
            self.at = None
            self._host.point_at("")
            self._host.say(words or f"the tour is left; :tour {number} goes on with it")

    def _scene(self, view: View) -> Scene:
        return Scene(view, self._host.primary, frozenset(self._ran), self._began)
