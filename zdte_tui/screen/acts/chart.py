"""The keys inside the chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zdte_tui.screen.actions.model import Action


def _move(by: int) -> Callable[[Any, object], None]:
    return lambda pane, _argument: pane.move(by)


def _zoom(by: int) -> Callable[[Any, object], None]:
    return lambda pane, _argument: pane.zoom_by(by)


def _key(name: str, keys: tuple[str, ...], shown: str, words: str, run: Callable[[Any, object], None]) -> Action:
    return Action(name, keys, shown, "", words, "Chart", scope="grid", where="chart", run=run)


ACTIONS: tuple[Action, ...] = (
    _key("chart_left", ("left", "h"), "left h", "read an earlier price; c follows the newest again", _move(-1)),
    _key("chart_right", ("right", "l"), "right l", "read a later price", _move(1)),
    _key("chart_far_left", ("shift+left",), "shift+left", "ten columns earlier", _move(-10)),
    _key("chart_far_right", ("shift+right",), "shift+right", "ten columns later", _move(10)),
    _key("chart_closer", ("plus", "equals_sign"), "+", "closer: the day, two hours, half an hour", _zoom(1)),
    _key("chart_wider", ("minus",), "-", "farther away", _zoom(-1)),
)
