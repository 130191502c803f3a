"""The order ticket: opening it, its legs from the chain, its fields, sending it."""

from __future__ import annotations

from typing import Any

from zdte_tui.screen.actions.model import Action


def _order(station: Any, _argument: object) -> None:
    """Open it; where it is open, send it."""
    if station.ticketing.open:
        station.ticketing.send()
    else:
        station.ticketing.begin()


def _go(station: Any, _argument: object) -> None:
    station.ticketing.begin()


def _buy(station: Any, contract: Any) -> None:
    station.ticketing.leg("buy", contract)


def _sell(station: Any, contract: Any) -> None:
    station.ticketing.leg("sell", contract)


def _option(station: Any, text: str) -> object:
    """``5900C`` of the chain on screen."""
    from zdte_tui.screen.ticket.options import read_option

    view = station.desk.view
    return read_option(text, view.chain if view is not None else None) if text else None


def _field(name: str, words: str, keys: tuple[str, ...], shown: str, act: Any, title: str = "") -> Action:
    return Action(
        f"ticket_{name}", keys, shown, title, words, "Ticket", where="ticket",
        run=lambda station, _argument: station.ticketing.do(act),
    )  # fmt: skip


ACTIONS: tuple[Action, ...] = (
    Action(
        "order", ("O",), "O", "order", "the order ticket; again, send what is on it", "Trading", confirm=True,
        run=_order,
    ),
    Action(
        "ticket", ("0",), "0", "", "go to the ticket, and open it where it is closed", "Panes", run=_go,
    ),
    Action(
        "buy", ("b",), "b", "", "in the chain: buy one of the option under the cursor, into the ticket", "Chain",
        takes="[OPTION]", run=_buy, reads=_option,
    ),
    Action(
        "sell", ("s",), "s", "", "in the chain: sell one of the option under the cursor, into the ticket", "Chain",
        takes="[OPTION]", run=_sell, reads=_option,
    ),
)  # fmt: skip

FIELDS: tuple[Action, ...] = (
    _field("next", "the next field", ("enter", "tab", "j"), "enter tab", lambda of: of.next_field(1)),
    _field("previous", "the field before", ("shift+tab", "k"), "shift+tab", lambda of: of.next_field(-1)),
    _field("more", "a tick, a package, a strike up", ("up", "plus"), "up +", lambda of: of.step(1)),
    _field("less", "a tick, a package, a strike down", ("down", "minus"), "down -", lambda of: of.step(-1)),
    _field("type", "type the field's value; a digit begins to", ("i",), "i", lambda of: of.type_field()),
    _field("mid", "limit at the mid, which it follows", ("m",), "m", lambda of: of.set("mid", "limit")),
    _field("natural", "limit at what it trades at now, followed", ("n",), "n", lambda of: of.set("natural", "limit")),
    _field("risk", "as many packages as the limits allow", ("r",), "r", lambda of: of.set("risk", "quantity")),
    _field("pick", "pick a structure: what strategies would enter, or by delta", ("p",), "p", lambda of: of.pick()),
    _field("limits", "more of the figures, and every limit's effect", ("l",), "l", lambda of: of.turn_page()),
    _field("shift", "take the strikes that oppose no holding", ("a",), "a", lambda of: of.shift()),
    _field("remove", "take the leg or the value out", ("x", "delete", "backspace"), "x", lambda of: of.remove()),
    _field("clear", "begin anew", ("c",), "c", lambda of: of.clear()),
    _field("chain", "the keys back to the panes; 0 returns", ("h", "left"), "h left", lambda of: of.to_panes()),
    _field("close", "close the ticket; what is on it stays", ("escape",), "esc", lambda of: of.close()),
)  # fmt: skip
