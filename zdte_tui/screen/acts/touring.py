"""The guided tour."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import PACED, Action


def _tour(id: str, keys: tuple[str, ...], shown: str, words: str, **more: Any) -> Action:  # noqa: A002
    return Action(id, keys, shown, "", words, "Tour", modes=PACED, **more)


def _number(_station: Any, text: str) -> object:
    from zdte_tui.screen.tour import step_number

    return step_number(text) if text else None


def _begin(station: Any, at: int | None) -> None:
    """The tour, from a step on."""
    if station.desk.view is not None:
        station.touring.guide.go(at or 0)


def _on(station: Any, _argument: object) -> None:
    station.touring.guide.enter()


def _back(station: Any, _argument: object) -> None:
    station.touring.guide.back()


ACTIONS: tuple[Action, ...] = (
    _tour(
        "tour",
        (),
        ":tour",
        "a guided tour of the day; with a number, from that step on",
        takes="STEP",
        reads=_number,
        run=_begin,
    ),
    _tour(
        "tour_next", ("enter",), "enter", "the tour's next step; where it asks for a key, presses it for you", run=_on
    ),
    _tour("tour_back", ("backspace",), "backspace", "the tour's last step again; esc leaves the tour", run=_back),
)
