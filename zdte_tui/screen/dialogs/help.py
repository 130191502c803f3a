"""The help, generated from the registry of actions."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from zdte_tui.screen.actions import ACTIONS, Action, available
from zdte_tui.screen.actions.keymap import DEFAULT, Keymap
from zdte_tui.screen.dialogs.dialog import Dialog
from zdte_tui.screen.grid import Column, Grid, Row, slot_width
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.keys import key_name
from zdte_tui.screen.text import wrap

GROUPS = tuple(dict.fromkeys(each.group for each in ACTIONS))
BACK = "esc goes back"
FIRST = "Capitals move money or stop it: y confirms them within five seconds, Enter never does."
TOUR = " New here? :tour shows you round."
NOTES = (
    "On the bar of the day: T a trade, ! a stop, s another signal, c a command.",
    "In the chain: S2 is two contracts short, L1 one long; s1 and b1 are sold and bought on the order ticket;"
    " >5870< is the strike nearest the money.",
    "ITM is the chance to expire in the money, touch that the underlying trades at the strike before; both are what the"
    " market charges for, no forecast. IV ±0.3 (tick) is what half a tick of price leaves open at the money, in vol"
    " points.",
    "RR25 is the volatility of the 25-delta call less that of the put, BF25 their mean less that at the money, in vol"
    " points. vp is one vol point.",
    "A stop is held by e the engine or b the broker; UNARMED is held by nobody. n/a is a number nobody knows.",
)
COLUMNS = (
    Column("keys", "key", 15, justify="left"),
    Column("help", "what it does", 30, justify="left", stretch=FLEXIBLE),
)


def rows(paced: bool, width: int, here: str = "", keymap: Keymap = DEFAULT) -> tuple[Row, ...]:
    """The help's rows for ``width`` cells: the rule of the keys, what works in the pane ``here`` alone, groups of
    actions, then what the signs mean. What is longer than its column goes on in the next line."""
    usable = available(paced)
    room = slot_width(COLUMNS, width, "help")
    own = [each for each in ACTIONS if here and each.where == here]
    first = wrap(FIRST + (TOUR if paced else ""), width)
    found = [Row(f"first{n}", ((line, "text"),), span=True) for n, line in enumerate(first)]
    groups = [(f"Here, in the {here}", own)] if own else []
    groups += [(group, [each for each in ACTIONS if each.group == group and each not in own]) for group in GROUPS]
    for title, actions in groups:
        found.append(Row(f"{title}.gap", (("", "text"),), span=True))
        found.append(Row(title, ((title, "title"),), span=True))
        for each in actions:
            found += _rows(each, each in usable, keymap, room)
    found.append(Row("notes.gap", (("", "text"),), span=True))
    lines = [line for note in NOTES for line in wrap(note, width)]
    return (*found, *(Row(f"note{n}", ((line, "dim"),), span=True) for n, line in enumerate(lines)))


def _rows(each: Action, usable: bool, keymap: Keymap, room: int) -> list[Row]:
    words = (
        (f"{each.where}: " if each.where else "")
        + each.help
        + ("; y confirms" if each.confirm else "")
        + ("" if usable else " (replay and demo only)")
    )
    style = "text" if usable else "dim"
    key = f"{each.id}.{each.parameter}"
    first, *more = wrap(words, room)
    return [
        Row(key, ((keymap.shown(each), "key" if usable else "dim"), (first, style))),
        *(Row(f"{key}.{n}", (("", "dim"), (line, style)), parent=key) for n, line in enumerate(more)),
    ]


class HelpGrid(Grid):
    """Keys and sentences."""

    SORTS = False
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS

    def __init__(self, paced: bool, here: str, keymap: Keymap) -> None:
        super().__init__(id="help")
        self.paced, self.here, self.keymap = paced, here, keymap

    def on_resize(self) -> None:
        """Textual: the notes wrap at the width."""
        super().on_resize()
        self.put(rows(self.paced, self.size.width, self.here, self.keymap))


class Help(Dialog[None]):
    """The help, until escape, ? or q."""

    BINDINGS = [Binding("escape,question_mark,q", "back_out", "Back")]  # noqa: RUF012 - Textual's declaration

    def __init__(self, paced: bool, here: str = "", keymap: Keymap = DEFAULT) -> None:
        super().__init__()
        self.paced, self.here, self.keymap = paced, here, keymap

    def compose(self) -> ComposeResult:
        """Textual: one grid."""
        yield HelpGrid(self.paced, self.here, self.keymap)

    def opened(self) -> None:
        """Name it, and scroll with the keys."""
        grid = self.query_one(HelpGrid)
        grid.border_title = "help"
        grid.border_subtitle = BACK
        grid.focus()

    def on_key(self, event: events.Key) -> None:
        """Textual: a key that only works outside says how to get there."""
        if event.key not in self.active_bindings:
            self.query_one(HelpGrid).border_subtitle = Content(
                f"{key_name(event.key)} does nothing in the help   {BACK}"
            )

    def action_back_out(self) -> None:
        """Back to the panes."""
        self.dismiss()
