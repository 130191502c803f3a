"""From a line typed at ``:`` to the thing that does it, with its argument read and checked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from zdte_tui.screen.slots import PANE_NAMES
from zdte_tui.screen.vocabulary import Call, parse

if TYPE_CHECKING:
    from zdte_tui.screen.workstation import Workstation


def prepare(station: Workstation, text: str) -> Callable[[], None]:
    """What ``text`` asks of ``station``; ``ValueError`` says what is wrong with the word or with what follows it."""
    call = parse(text, station.desk.paced, station.desk.view is not None)
    each, argument = call.action, _argument(station, call)
    pane = each.where if each.where in PANE_NAMES else station.primary
    target = {"app": station.app, "screen": station, "grid": station.pane(pane)}[each.scope]
    if each.run is not None:
        act: Callable[[], None] = partial(each.run, target, argument)
    else:
        method: Callable[..., None] = getattr(target, f"action_{each.id}")
        act = method if argument is None else partial(method, argument)

    def run() -> None:
        if pane != station.primary:
            station.go(pane)
        act()
        station.noticed(each.id)

    return run


def _argument(station: Workstation, call: Call) -> object:
    """What the action is handed: what it reads of the words after its own, or those words themselves."""
    if call.action.reads is not None:
        return call.action.reads(station, call.argument)
    return call.argument or call.action.parameter or None
