"""One line to type into, and the dialog around it: no key typed before it stands is lost, and none goes elsewhere."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.screen import ScreenResultType
from textual.widgets import Input

from zdte_tui.screen.actions import ACTIONS
from zdte_tui.screen.actions.keymap import DEFAULT, Keymap
from zdte_tui.screen.dialogs.dialog import Dialog


class Field(Input):
    """An input whose cursor stands still. A capital F is no part of a time or a command: it flattens here too."""

    def on_mount(self) -> None:
        """Textual: a blinking cursor would send a frame twice a second over a slow line."""
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Textual: whether typing ``key`` writes into the input."""
        keymap: Keymap = getattr(self.app, "keymap", DEFAULT)
        # Also the registry's own keys of these: Textual asks before it puts a keymap's in their places.
        works = any(key in (*keymap.of(each), *each.keys) for each in ACTIONS if each.anywhere)
        return not works and super().check_consume_key(key, character)


class TypedDialog(Dialog[ScreenResultType]):
    """A dialog with one ``Field``. Escape gives None."""

    BINDINGS = [Binding("escape", "back_out", "Back"), Binding("enter", "submit")]  # noqa: RUF012 - Textual's

    @property
    def field(self) -> Field | None:
        """The line to type into; None before it stands, and when the dialog has gone."""
        return next(iter(self.query(Field)), None)

    def on_mount(self) -> None:
        """Textual: type at once."""
        if self.field is not None:
            self.field.focus()

    def on_key(self, event: events.Key) -> None:
        """Textual: a key that came before the field had the focus; a fast hand or a slow line sends many at once."""
        field = self.field
        if field is None or self.over:
            return
        if event.character and event.is_printable and field.check_consume_key(event.key, event.character):
            event.stop()
            field.insert_text_at_cursor(event.character)

    async def action_submit(self) -> None:
        """Enter, where the field did not have the focus yet."""
        if self.field is not None and not self.over:
            await self.field.action_submit()

    def action_back_out(self) -> None:
        """Nothing happens."""
        self.dismiss(None)
