"""Going from pane to pane, and what the chain's pane is about."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action
from zdte_tui.screen.slots import SLOTS

PANE_WORDS = {
    "chain": "go to the chain; from 132 columns on z adds ITM and touch",
    "positions": "go to the positions; from 99 columns on z adds them too",
    "greeks": "go to the greeks; z adds charm, vanna and vomma",
    "chart": "go to the chart: price, average, short strikes, stops, expected move; left and right read it",
    "equity": "go to the day's P&L minute by minute, its drawdown and the loss limit",
    "compare": "go to your practice beside the same day hands-off",
    "orders": "go to the orders, and what was denied, with reasons",
    "alerts": "go to the alerts and your rules",
    "smile": "go to the smile: volatilities, their fit, where it may end",
}


def _next_expiry(station: Any, _argument: object) -> None:
    station.say(station.desk.next_expiry())


def _next_root(station: Any, _argument: object) -> None:
    station.say(station.desk.next_root())


def _slot(number: int, names: tuple[str, ...]) -> tuple[Action, ...]:
    """The actions of one number: where several panes share it, the key turns through them and words name them."""
    if len(names) == 1:
        return (_pane(names[0], (str(number),), str(number)),)
    words = f"go to {', '.join(names[:-1])} or {names[-1]}: again for the next of them"
    turn = Action("slot", (str(number),), str(number), "", words, "Panes", parameter=str(number))
    return (turn, *(_pane(name, (), f":{name}") for name in names))


def _pane(name: str, keys: tuple[str, ...], shown: str) -> Action:
    words = PANE_WORDS.get(name, f"go to the {name}")
    return Action("pane", keys, shown, "", words, "Panes", parameter=name)


ACTIONS: tuple[Action, ...] = (
    Action("next_expiry", ("e",), "e", "expiry", "the chain's next expiry", "Chain", run=_next_expiry),
    Action("next_root", ("r",), "r", "root", "the chain of the next root", "Chain", run=_next_root),
    *(each for number, names in enumerate(SLOTS, 1) for each in _slot(number, names)),
    Action("next_pane", ("tab",), "tab", "", "the next pane", "Panes"),
    Action("previous_pane", ("shift+tab",), "shift+tab", "", "the previous pane", "Panes"),
    Action("maximise", ("z",), "z", "zoom", "give the pane the whole screen, and back", "Panes"),
    Action("back", ("escape",), "esc", "", "back out: of a dialog, a zoomed pane, the tour, a moved cursor", "Panes"),
)
