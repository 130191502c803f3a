"""One step of the tour, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.view import View


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step's condition is judged on.

    Attributes:
        pane: the pane with the focus.
        ran: ids of the actions that a person ran since the step began.
        began: the market time, ns UTC, at which the step began.
    """

    view: View
    pane: str
    ran: frozenset[str]
    began: int


Until = Callable[[Scene], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        words: two or three sentences, from the view as it stands, so that they are true of any day.
        about: what they speak of: a pane's name, ``header``, ``timeline`` or nothing. A pane is given room and focus.
        press: what to press, beside enter.
        until: what moves the tour on by itself; None waits for enter.
        drive: the word at the ``:`` line that enter runs while ``until`` is not fulfilled. Never one that asks for y.
        still: whether the market is paused when the step begins.
    """

    id: str
    title: str
    words: Callable[[View], str]
    about: str = ""
    press: str = ""
    until: Until | None = None
    drive: str = ""
    still: bool = False


def pressed(*ids: str) -> Until:
    """One of these actions was run since the step began."""
    return lambda scene: not scene.ran.isdisjoint(ids)


def focused(pane: str) -> Until:
    """The pane has the focus."""
    return lambda scene: scene.pane == pane


def later(nanoseconds: int) -> Until:
    """The market is that much later than when the step began."""
    return lambda scene: scene.view.progress.now - scene.began >= nanoseconds


def seen(condition: Callable[[View], bool]) -> Until:
    """The view shows it."""
    return lambda scene: condition(scene.view)
