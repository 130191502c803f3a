"""The command palette: every action by what it says of itself, the best match first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.fuzzy import Matcher
from textual.widgets import Input

from zdte_tui.screen.actions import Action, available
from zdte_tui.screen.actions.keymap import Keymap
from zdte_tui.screen.dialogs.field import Field, TypedDialog
from zdte_tui.screen.grid import Column, Grid, Row
from zdte_tui.screen.grid.column import FLEXIBLE

NOTHING = "nothing is like this: fewer letters find more, esc leaves"


def matches(query: str, actions: Sequence[Action]) -> tuple[Action, ...]:
    """The actions that ``query`` may mean, by word and sentence, the best first; all of them for an empty query."""
    wanted = query.strip()
    if not wanted:
        return tuple(actions)
    matcher = Matcher(wanted)
    # Its own word tells more of an action than its sentence does.
    scored = [(max(2 * matcher.match(each.word), matcher.match(each.help)), each) for each in actions]
    return tuple(each for score, each in sorted(scored, key=lambda pair: -pair[0]) if score > 0)


class PaletteGrid(Grid, can_focus=False):
    """What was found: words, keys, sentences."""

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("word", "command", 18, justify="left"),
        Column("keys", "key", 8, justify="left"),
        Column("help", "what it does", 24, justify="left", stretch=FLEXIBLE),
    )

    def __init__(self) -> None:
        super().__init__(id="found")


class Palette(TypedDialog[str | None]):
    """Gives the word of the action that was chosen; None when left. Enter chooses; what moves money still asks for its
    y, and what takes words after its own is then typed on at the ``:`` line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,ctrl+p,shift+tab", "move(-1)", priority=True),
        Binding("down,ctrl+n,tab", "move(1)", priority=True),
        Binding("pageup", "move(-8)", priority=True),
        Binding("pagedown", "move(8)", priority=True),
    ]

    def __init__(self, paced: bool, keymap: Keymap) -> None:
        super().__init__()
        self.keymap = keymap
        self.usable = tuple(each for each in available(paced) if each.id not in ("tour_next", "tour_back", "palette"))
        self.found: tuple[Action, ...] = self.usable
        self.at = 0

    def compose(self) -> ComposeResult:
        """Textual: the line above, what it finds below."""
        with Vertical(id="palette"):
            yield Field(id="query", placeholder="what shall be done?", max_length=40)
            yield PaletteGrid()

    def on_resize(self) -> None:
        """Textual: as wide as the grid is."""
        self.call_after_refresh(self._draw)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Textual: a new query."""
        self.found, self.at = matches(event.value, self.usable), 0
        self._draw()

    def on_input_submitted(self) -> None:
        """Textual: Enter takes what is marked."""
        if self.found:
            self.dismiss(self.found[self.at].word)

    def action_move(self, by: int) -> None:
        """Mark another."""
        self.at = max(0, min(self.at + by, len(self.found) - 1))
        self._draw()

    def _draw(self) -> None:
        grid = self.query_one(PaletteGrid)
        rows = tuple(
            Row(
                each.key_id,
                (
                    (f"{'>' if n == self.at else ' '} {each.word}", "atm" if n == self.at else "key"),
                    (self._keys(each), "dim"),
                    (_help(each), "strong" if n == self.at else "text"),
                ),
            )
            for n, each in enumerate(self.found)
        )
        grid.put(rows, message=NOTHING)
        grid.move_to(self.at)

    def _keys(self, each: Action) -> str:
        shown = self.keymap.shown(each)
        return "" if shown.startswith(":") else shown


def _help(each: Action) -> str:
    takes = f" {each.takes}" if each.takes else ""
    return f"{each.help}{'; y confirms' if each.confirm else ''}{f'   takes{takes}' if takes else ''}"
