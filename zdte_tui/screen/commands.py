"""From a line typed at ``:`` to the thing that does it: the action's method, with its argument read and checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from zdte_tui.screen.desk import goto_instant, kill_level, speed_value
from zdte_tui.screen.tour import step_number
from zdte_tui.screen.vocabulary import Call, parse

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation


def prepare(station: Workstation, text: str) -> Callable[[], None]:
    """What ``text`` asks of ``station``; ``ValueError`` says what is wrong with the word or with what follows it."""
    call = parse(text, station.desk.paced, station.desk.view is not None)
    argument = _argument(station, call)
    each = call.action
    target = {"app": station.app, "screen": station, "grid": station.pane(station.primary)}[each.scope]
    method: Callable[..., None] = getattr(target, f"action_{each.id}")
    act = method if argument is None else partial(method, argument)

    def run() -> None:
        act()
        station.noticed(each.id)

    return run


def _argument(station: Workstation, call: Call) -> object:
    """What the action is handed: an instant, a speed, a step, a level; the text itself where it takes but a word."""
    if call.action.id == "set_speed":
        return speed_value(call.argument)
    if call.action.id == "go_to" and call.argument:
        view = station.desk.view
        if view is None:
            raise ValueError("no session yet: go works from its first view on")
        return goto_instant(call.argument, view.header.day, view.progress)
    if call.action.id == "tour" and call.argument:
        return step_number(call.argument)
    if call.action.id == "kill" and call.argument:
        return kill_level(call.argument)
    return call.argument or call.action.parameter or None
