"""The keys inside the risk graph."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _spot(by: int) -> Any:
    return lambda pane, _argument: pane.move_spot(by)


def _ask(change: Any) -> Any:
    def run(pane: Any, _argument: object) -> None:
        pane.screen.desk.ask_payoff(change(pane))

    return run


def _key(name: str, keys: tuple[str, ...], shown: str, words: str, run: Any) -> Action:
    return Action(name, keys, shown, "", words, "Payoff", scope="grid", where="payoff", run=run)


ACTIONS: tuple[Action, ...] = (
    _key("payoff_left", ("left", "h"), "left h", "read the curves at a lower spot", _spot(-1)),
    _key("payoff_right", ("right", "l"), "right l", "read them at a higher spot", _spot(1)),
    _key("payoff_far_left", ("shift+left",), "shift+left", "ten steps lower", _spot(-10)),
    _key("payoff_far_right", ("shift+right",), "shift+right", "ten steps higher", _spot(10)),
    _key("payoff_vol_up", ("up",), "up", "every volatility a point higher", _ask(lambda pane: pane.shocked(1))),
    _key("payoff_vol_down", ("down",), "down", "every volatility a point lower", _ask(lambda pane: pane.shocked(-1))),
    _key(
        "payoff_later",
        ("plus",),
        "+",
        "the chosen time 15 minutes later",
        _ask(lambda pane: pane.later(1)),
    ),
    _key("payoff_sooner", ("minus",), "-", "the chosen time 15 minutes sooner", _ask(lambda pane: pane.later(-1))),
    _key(
        "payoff_turn", ("u",), "u", "the next of the book, its strategies and trades", _ask(lambda pane: pane.turned())
    ),
    _key("payoff_reset", ("0",), "0", "the market's own spot and volatility again", _ask(lambda pane: pane.reset())),
)
