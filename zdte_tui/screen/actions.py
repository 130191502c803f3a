"""Every action of the screen, once: bindings, footer, help and the words of the ``:`` line come from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from textual.binding import Binding, BindingType

Mode = Literal["paced", "live"]
"""paced: a replay or a demo, where we set the pace. live: the market does."""
Scope = Literal["app", "screen", "grid"]

PACED: frozenset[Mode] = frozenset({"paced"})
ALWAYS: frozenset[Mode] = frozenset({"paced", "live"})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key does.

    Attributes:
        id: ``action_<id>`` is the method; ``scope`` says on which class: app, screen or grid.
        keys: Textual's names of the keys; empty for what only the ``:`` line does.
        shown: the keys as a person reads them.
        title: words for the footer; empty keeps it out of the footer.
        help: the sentence for the help screen.
        confirm: whether ``y`` must follow within five seconds.
        modes: where it can be used.
        hint: the keys in the footer, where they differ from ``shown``.
        parameter: argument of the method, for the panes' numbers.
        anywhere: works over dialogs and while typing.
        types: opens a line to type into. It is taken up before the next key, so that what is typed at once goes there.
        name: its word at the ``:`` line, where that is not the parameter or the id.
        takes: what may follow the word at the ``:`` line, as a person reads it.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    title: str
    help: str
    group: str
    confirm: bool = False
    modes: frozenset[Mode] = ALWAYS
    scope: Scope = "screen"
    hint: str = ""
    parameter: str = ""
    anywhere: bool = False
    types: bool = False
    name: str = ""
    takes: str = ""

    @property
    def word(self) -> str:
        """What a person types at the ``:`` line."""
        return self.name or self.parameter or self.id.replace("_", "-")

    @property
    def call(self) -> str:
        """What Textual runs."""
        return f"{self.id}({self.parameter!r})" if self.parameter else self.id


PANE_WORDS = {
    "chain": "go to the chain; from 132 columns on z adds ITM and touch",
    "positions": "go to the positions; from 92 columns on z adds them too",
    "greeks": "go to the greeks; z adds charm, vanna and vomma",
    "smile": "go to the smile: volatilities, their fit, where it may end",
}


def _pane(number: int, name: str) -> Action:
    words = PANE_WORDS.get(name, f"go to the {name}")
    return Action("pane", (str(number),), str(number), "", words, "Panes", parameter=name)


def _paced(
    id: str,  # noqa: A002 - the field's name
    keys: tuple[str, ...],
    shown: str,
    title: str,
    words: str,
    hint: str = "",
    **more: Any,
) -> Action:
    return Action(id, keys, shown, title, words, "Replay and demo", modes=PACED, hint=hint, **more)


def _tour(id: str, keys: tuple[str, ...], shown: str, words: str, takes: str = "") -> Action:  # noqa: A002
    return Action(id, keys, shown, "", words, "Tour", modes=PACED, takes=takes)


def _row(name: str, keys: tuple[str, ...], shown: str, words: str) -> Action:
    return Action(name, keys, shown, "", words, "Rows", scope="grid")


PANE_NAMES = ("chain", "positions", "greeks", "signals", "risk", "log", "smile")

ACTIONS: tuple[Action, ...] = (
    Action("help", ("question_mark",), "?", "help", "this help", "Program"),
    Action(
        "command", ("colon",), ":", "command", "any action by its name; tab completes, esc leaves", "Program",
        types=True,
    ),
    Action(
        "flatten", ("F",), "F", "flatten", "close every open trade now, after an estimate", "Trading",
        confirm=True, scope="app", anywhere=True,
    ),
    Action(
        "kill", ("K",), "K", "kill", "the kill switch: pause, cancel, flatten or lock", "Trading",
        confirm=True, scope="app", anywhere=True, takes="LEVEL",
    ),
    Action(
        "pause_entries", ("P",), "P", "pause entries", "no new trades until you resume; exits go on working", "Trading",
        confirm=True,
    ),
    Action("resume_trading", ("A",), "A", "resume", "let strategies enter again", "Trading", confirm=True),
    _paced("play", ("space",), "space", "pause", "pause or play on; this never pauses trading itself"),
    _paced("step", ("full_stop", "right"), ".", "step", "play one minute and pause; the right arrow does too"),
    _paced("slower", ("left_square_bracket",), "[", "", "play slower"),
    _paced("faster", ("right_square_bracket",), "]", "speed", "play faster; the fastest is max", hint="[ ]"),
    _paced(
        "set_speed", (), ":speed N", "", "play at a speed of your own, such as 90, 0.5 or max", name="speed", takes="N"
    ),
    _paced(
        "go_to", ("g",), "g", "go to", "play to a time of the day, from the open if it lies behind",
        name="go", takes="TIME", types=True,
    ),
    _paced("next_event", ("n",), "n", "next", "play to the next signal or trade and pause"),
    _tour("tour", (), ":tour", "a guided tour of the day; with a number, from that step on", takes="STEP"),
    _tour("tour_next", ("enter",), "enter", "the tour's next step; where it asks for a key, presses it for you"),
    _tour("tour_back", ("backspace",), "backspace", "the tour's last step again; esc leaves the tour"),
    Action("next_expiry", ("e",), "e", "expiry", "the chain's next expiry", "Chain"),
    Action("next_root", ("r",), "r", "root", "the chain of the next root", "Chain"),
    *(_pane(number, name) for number, name in enumerate(PANE_NAMES, 1)),
    Action("next_pane", ("tab",), "tab", "", "the next pane", "Panes"),
    Action("previous_pane", ("shift+tab",), "shift+tab", "", "the previous pane", "Panes"),
    Action("maximise", ("z",), "z", "zoom", "give the pane the whole screen, and back", "Panes"),
    Action("back", ("escape",), "esc", "", "back out: of a dialog, a zoomed pane, the tour, a moved cursor", "Panes"),
    _row("row_up", ("up", "k"), "up k", "one row up"),
    _row("row_down", ("down", "j"), "down j", "one row down"),
    _row("page_up", ("pageup",), "page up", "a screenful up"),
    _row("page_down", ("pagedown",), "page down", "a screenful down"),
    _row("first_row", ("home",), "home", "the first row"),
    _row("last_row", ("end",), "end", "the last row; in the log, follow it again"),
    _row("follow", ("c",), "c", "follow again: the money in the chain, the newest line in the log"),
    Action("quit", ("q",), "q", "quit", "leave; asks for y while trades are open", "Program"),
    Action(
        "leave", ("ctrl+q", "ctrl+c"), "ctrl+q", "", "the same, from anywhere (ctrl+c too)", "Program",
        scope="app", anywhere=True,
    ),
)  # fmt: skip

FOOTER = (
    "help", "flatten", "play", "faster", "go_to", "next_event", "quit", "command", "kill", "step", "maximise",
    "next_expiry", "next_root", "pause_entries", "resume_trading",
)  # fmt: skip
"""Which actions the footer names, the most needed first: it shows as many as fit."""


def action(id: str) -> Action:  # noqa: A002 - the field's name
    """The action called ``id`` (of the panes, the first)."""
    return next(each for each in ACTIONS if each.id == id)


def bindings(scope: Scope) -> list[BindingType]:
    """Textual's bindings of one scope."""
    return [
        Binding(",".join(each.keys), each.call, each.title, show=bool(each.title), priority=each.anywhere or each.types)
        for each in ACTIONS
        if each.scope == scope and each.keys
    ]


def available(paced: bool) -> tuple[Action, ...]:
    """The actions that mean something in this session."""
    mode: Mode = "paced" if paced else "live"
    return tuple(each for each in ACTIONS if mode in each.modes)
