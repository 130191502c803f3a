"""The guided tour."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import PACED, Action


def _tour(id: str, keys: tuple[str, ...], shown: str, words: str, **more: Any) -> Action:  # noqa: A002
    return Action(id, keys, shown, "", words, "Tour", modes=PACED, **more)


def _number(_station: Any, text: str) -> object:
    from zdte_tui.screen.tour import step_number

    return step_number(text) if text else None


ACTIONS: tuple[Action, ...] = (
    _tour(
        "tour", (), ":tour", "a guided tour of the day; with a number, from that step on", takes="STEP", reads=_number
    ),
    _tour("tour_next", ("enter",), "enter", "the tour's next step; where it asks for a key, presses it for you"),
    _tour("tour_back", ("backspace",), "backspace", "the tour's last step again; esc leaves the tour"),
)
