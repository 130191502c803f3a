"""One question, answered by ``y`` within a few seconds. Anything else, Enter too, is no."""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.app import ComposeResult

from zdte_tui.screen.dialogs.dialog import Dialog
from zdte_tui.screen.grid import Lines
from zdte_tui.screen.text import number, wrap

Outcome = Literal["confirmed", "cancelled", "timeout"]


class Confirm(Dialog[Outcome], inherit_bindings=False):
    """A bar at the lower edge, over whatever is open. ``seconds`` is how long ``y`` counts."""

    def __init__(self, question: str, detail: str, seconds: float) -> None:
        super().__init__()
        self.question, self.detail, self.seconds = question, detail, seconds
        self._asked = 0.0

    def compose(self) -> ComposeResult:
        """Textual: the bar."""
        yield Lines(id="confirm")

    def on_mount(self) -> None:
        """Textual: the clock starts when the question is on screen."""
        self._asked = self._time()
        self.set_timer(self.seconds, self._time_out)

    def on_resize(self, event: events.Resize) -> None:
        """Textual: lay the words out."""
        width = event.size.width - 4
        bar = self.query_one("#confirm", Lines)
        detail = [((line, "text"),) for line in wrap(self.detail, width)] if self.detail else []
        answer = (
            ("y", "key"), (" confirms within ", "text"), (f"{number(self.seconds, 0)} s", "strong"),
            ("; any other key cancels", "text"),
        )  # fmt: skip
        lines = (((self.question, "strong"),), *detail, answer)
        bar.styles.height = len(lines) + 2
        bar.put(lines)

    def on_key(self, event: events.Key) -> None:
        """Textual: y and nothing else; a y that was pressed too late is late even if it arrives before the timer, and
        one from before the question stood is no answer to it: it waits for another."""
        event.stop()
        event.prevent_default()
        if event.key != "y":
            self.close("cancelled")
        elif event.time < self._asked:
            return
        elif event.time - self._asked > self.seconds:
            self.close("timeout")
        else:
            self.close("confirmed")

    def on_paste(self, event: events.Paste) -> None:
        """Textual: pasted text confirms nothing."""
        event.stop()
        self.close("cancelled")

    def on_click(self) -> None:
        """Textual: a click is not a y."""
        self.close("cancelled")

    def close(self, outcome: Outcome) -> None:
        """Answer."""
        self.dismiss(outcome)

    def on_screen_resume(self) -> None:
        """Textual: what lay over it has gone; the time went on meanwhile."""
        if self._asked and self._time() - self._asked > self.seconds:
            self.close("timeout")

    def _time_out(self) -> None:
        self.close("timeout")

    def _time(self) -> float:
        # An event's time is on the clock of key events, which is what y is compared with.
        return events.Event().time
