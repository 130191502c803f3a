"""Taking over: what becomes of the strategies, to be chosen before a practice session begins."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from engine.view import PRACTICES
from zdte_tui.screen.dialogs.dialog import Dialog
from zdte_tui.screen.grid import Line, Lines
from zdte_tui.screen.text import wrap

KEYS: dict[str, str] = {key: how for number, how in enumerate(PRACTICES, 1) for key in (str(number), how[0])}
"""A choice's number, or its first letter. Enter chooses nothing."""
_INDENT = 10


class TakeOver(Dialog[str | None], inherit_bindings=False):
    """Gives the choice, a key of ``PRACTICES``; None for any key that names none.

    Args:
        already: what is so now, or empty.
    """

    def __init__(self, already: str = "") -> None:
        super().__init__()
        self.already = already

    def compose(self) -> ComposeResult:
        """Textual: the bar."""
        yield Lines(id="takeover")

    def on_resize(self, event: events.Resize) -> None:
        """Textual: lay the words out."""
        width = event.size.width - 4
        head = f"PRACTICE: from here on you trade this day, in a session of its own. {self.already}".rstrip()
        lines: list[Line] = [((line, "strong"),) for line in wrap(head, width)]
        for number, (how, does) in enumerate(PRACTICES.items(), 1):
            first, *rest = wrap(does, width - _INDENT)
            lines.append(((f" {number} ", "key"), (f"{how:<{_INDENT - 3}}", "strong"), (first, "text")))
            lines += [((" " * _INDENT + line, "text"),) for line in rest]
        keys = (
            "a number or a first letter chooses; any other key goes on hands-off. The record of the day stays as it is."
        )
        lines += [((line, "dim"),) for line in wrap(keys, width)]
        bar = self.query_one("#takeover", Lines)
        bar.styles.height = len(lines) + 2
        bar.put(tuple(lines))

    def on_key(self, event: events.Key) -> None:
        """Textual: a choice, or out."""
        event.stop()
        event.prevent_default()
        self.dismiss(KEYS.get(event.key))

    def on_paste(self, event: events.Paste) -> None:
        """Textual: pasted text chooses nothing."""
        event.stop()
        self.dismiss(None)
