"""A box at the lower right of the panes with new alerts, for a few seconds. It takes no focus, no key and no click."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.timer import Timer

from engine.calendar import clock_text
from engine.view import Alert
from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Line, Lines
from zdte_tui.screen.grid.paint import place
from zdte_tui.screen.panes.alerts import STYLES, level_word
from zdte_tui.screen.text import wrap

MOST = 3
"""Alerts shown at once; of others their number is told."""
LOW = 30
"""Lines of the terminal below which only the gravest stands, in one line over the lowest frame: a box would cover the
positions."""
GRAVITY = ("info", "warning", "alarm")
LINES = 2
"""Lines an alert takes at most."""
WIDTH = 60
WORD = 5
"""Cells of the longest level."""


class Toasts(Lines):
    """The box. Alerts of one event come at once, and each stands until its time is over or it is acknowledged.

    ``leaving`` is called when the screen ends.
    """

    can_focus = False

    def __init__(self) -> None:
        super().__init__(id="toasts")
        self.alerts: list[Alert] = []
        self.more = 0
        self.leaving: Callable[[], None] = lambda: None
        self._over: Timer | None = None
        self.border_title = Content("alerts: a acknowledges, 9 shows them")

    def tell(self, alerts: list[Alert], seconds: float) -> None:
        """Show these, the newest first, on top of those that stand; all for ``seconds`` from now."""
        if not alerts or not seconds:
            return
        again = {alert.id for alert in alerts}
        every = [*alerts, *(alert for alert in self.alerts if alert.id not in again)]
        self.alerts, self.more = every[:MOST], self.more + max(0, len(every) - MOST)
        if self._over is not None:
            self._over.stop()
        self._over = self.set_timer(seconds, self.clear)
        self.draw()

    def keep(self, ids: set[int]) -> None:
        """Only these are still to be shown."""
        kept = [alert for alert in self.alerts if alert.id in ids]
        if len(kept) < len(self.alerts):
            self.alerts, self.more = kept, self.more if kept else 0
            self.draw()

    def clear(self) -> None:
        """Their time is over."""
        self.alerts, self.more = [], 0
        self.draw()

    def draw(self) -> None:
        """Lay the box out in the room there is."""
        self.display = bool(self.alerts) and not self.screen.has_class("too-small")
        if not self.display:
            return
        low = self.screen.size.height < LOW
        self.set_class(low, "low")
        panes = self.screen.query_one("#body").region
        if low:
            found = max(self.alerts, key=lambda alert: GRAVITY.index(alert.level))  # of equals the newest
            width = max(1, panes.width - 2)
            lines = [_one_line(found, self.more + len(self.alerts) - 1, width - 2)]
            self._place(panes.x + 1, panes.bottom - 1, width, 1)
        else:
            width = min(WIDTH, panes.width - 2)
            lines = [line for alert in self.alerts for line in _lines(alert, width - 4)]
            if self.more:
                lines.append(((f"and {self.more} more", "dim"),))
            height = len(lines) + 2
            # In a wide terminal over the log, which says the same; never over the ticket nor over what the tour says.
            self._place(panes.right - width - 1, panes.bottom - height, width, height)
        self.put(tuple(lines))

    def _place(self, x: int, y: int, width: int, height: int) -> None:
        self.styles.offset = max(0, x), max(0, y)
        self.styles.width, self.styles.height = width, height

    def on_unmount(self) -> None:
        """Textual: the end of the screen."""
        self.leaving()

    def on_click(self, event: events.Click) -> None:
        """Textual: a click on the box is none on what it covers."""
        event.stop()


def _one_line(alert: Alert, more: int, width: int) -> Line:
    head, word, rest = f"{clock_text(alert.ts)} ", level_word(alert.level), f" +{more}" if more else ""
    room = max(1, width - len(head) - len(word) - 1 - len(rest))
    text = clean(alert.text)
    return (
        (head, "dim"),
        (word, STYLES[alert.level]),
        (f" {text}" if cell_len(text) <= room else f" {place(text, room, 'left')}", "text"),
        (rest, "dim"),
    )


def _lines(alert: Alert, width: int) -> list[Line]:
    head = f"{clock_text(alert.ts)} "
    word = level_word(alert.level)
    gap = " " * (WORD + 1 - len(word))
    room = max(10, width - len(head) - WORD - 1)
    times = f" ({alert.count} times)" if alert.count > 1 else ""
    first, *rest = wrap(clean(alert.text) + times, room)
    shown = rest[: LINES - 1]
    if len(rest) > len(shown) and shown:
        shown[-1] = f"{shown[-1][: room - 2]} …"
    blank = " " * (len(head) + WORD + 1)
    return [
        ((head, "dim"), (word, STYLES[alert.level]), (gap, "text"), (first, "text")),
        *(((blank + line, "text"),) for line in shown),
    ]
