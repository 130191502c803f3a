"""How a replay or a demo is played: pause, steps, speed, jumps."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import PACED, Action


def _paced(
    id: str,  # noqa: A002 - the field's name
    keys: tuple[str, ...],
    shown: str,
    title: str,
    words: str,
    **more: Any,
) -> Action:
    return Action(id, keys, shown, title, words, "Replay and demo", modes=PACED, **more)


def _speed(_station: Any, text: str) -> object:
    from zdte_tui.screen.desk import speed_value

    return speed_value(text)


def _instant(station: Any, text: str) -> object:
    view = station.desk.view
    if not text:
        return None
    if view is None:
        raise ValueError("no session yet: go works from its first view on")
    from zdte_tui.screen.desk import goto_instant

    return goto_instant(text, view.header.day, view.progress)


ACTIONS: tuple[Action, ...] = (
    _paced("play", ("space",), "space", "pause", "pause or play on; this never pauses trading itself"),
    _paced("step", ("full_stop",), ".", "step", "play one minute and pause"),
    _paced("slower", ("left_square_bracket",), "[", "", "play slower"),
    _paced("faster", ("right_square_bracket",), "]", "speed", "play faster; the fastest is max", hint="[ ]"),
    _paced(
        "set_speed", (), ":speed N", "", "play at a speed of your own, such as 90, 0.5 or max", name="speed", takes="N",
        reads=_speed,
    ),
    _paced(
        "go_to", ("g",), "g", "go to", "play to a time of the day, from the open if it lies behind",
        name="go", takes="TIME", types=True, reads=_instant,
    ),
    _paced("next_event", ("n",), "n", "next", "play to the next signal or trade and pause"),
)  # fmt: skip
