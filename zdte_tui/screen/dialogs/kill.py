"""The kill switch: four levels, what each does, and first what closing everything would cost."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from engine.types import KILL_LEVELS, KillLevel
from zdte_tui.screen.dialogs.dialog import Dialog
from zdte_tui.screen.grid import Line, Lines
from zdte_tui.screen.text import wrap

KEYS: dict[str, KillLevel] = {
    key: level for number, level in enumerate(KILL_LEVELS, 1) for key in (str(number), level[0])
}
"""A level's number, or its first letter."""
_INDENT = 12


class Kill(Dialog[KillLevel | None], inherit_bindings=False):
    """Gives the level that was chosen, which is then to be confirmed; None for any key that names no level.

    Args:
        estimate: what closing everything would cost, in words. standing: the trading state and what put it there.
    """

    def __init__(self, estimate: str, standing: str) -> None:
        super().__init__()
        self.estimate, self.standing = estimate, standing

    def compose(self) -> ComposeResult:
        """Textual: the bar."""
        yield Lines(id="kill")

    def on_resize(self, event: events.Resize) -> None:
        """Textual: lay the words out."""
        width = event.size.width - 4
        lines: list[Line] = [((line, "strong"),) for line in wrap(f"KILL SWITCH, now {self.standing}", width)]
        lines += [((line, "text"),) for line in wrap(self.estimate, width)]
        for number, (level, does) in enumerate(KILL_LEVELS.items(), 1):
            first, *rest = wrap(does, width - _INDENT)
            lines.append(((f" {number} ", "key"), (f"{level:<{_INDENT - 3}}", "strong"), (first, "text")))
            lines += [((" " * _INDENT + line, "text"),) for line in rest]
        keys = "a number or a first letter chooses; y then confirms; any other key leaves"
        lines += [((line, "dim"),) for line in wrap(keys, width)]
        bar = self.query_one("#kill", Lines)
        bar.styles.height = len(lines) + 2
        bar.put(tuple(lines))

    def on_key(self, event: events.Key) -> None:
        """Textual: a level, or out."""
        event.stop()
        event.prevent_default()
        self.dismiss(KEYS.get(event.key))

    def on_paste(self, event: events.Paste) -> None:
        """Textual: pasted text chooses nothing."""
        event.stop()
        self.dismiss(None)
