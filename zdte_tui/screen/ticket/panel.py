"""The ticket's place on the screen: beside the panes where there is room, else below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.content import Content

from zdte_tui.screen.actions import bindings, perform
from zdte_tui.screen.clean import clean
from zdte_tui.screen.grid import Line, Lines
from zdte_tui.screen.ticket.lines import field_lines, figure_lines, limit_lines, side_by_side, verdict_lines

if TYPE_CHECKING:
    from zdte_tui.screen.ticket.ticketing import Ticketing
    from zdte_tui.screen.workstation import Workstation

BESIDE = 120
"""From this width on it stands beside the panes."""
WIDTH = 54
HEIGHT = 13
FIELDS = 40
"""Cells of the fields where the figures stand beside them."""
LEAST = 8
"""Lines of figures that are shown at least, below the fields."""


class TicketPanel(Lines, can_focus=True, inherit_bindings=False):
    """Shows the ticket of the workstation and takes its keys while it has the focus."""

    BINDINGS = bindings("screen", "ticket")

    @property
    def ticketing(self) -> Ticketing:
        """Whose ticket it is."""
        return cast("Workstation", self.screen).ticketing

    def action_act(self, id: str) -> None:  # noqa: A002 - the field's name
        """An action of the ticket's own."""
        perform(id, self.screen)

    def fit(self) -> None:
        """Take the place there is for it."""
        size = self.screen.size
        beside = size.width >= BESIDE
        self.parent.set_class(not beside, "stacked")  # type: ignore[union-attr]
        self.styles.width = WIDTH if beside else "100%"
        self.styles.height = "100%" if beside else min(HEIGHT, max(8, size.height // 2 + 1))

    def draw(self) -> None:
        """Paint the draft and what is known of it."""
        of, width, height = self.ticketing, self.size.width, self.size.height
        if not self.display or width < 10 or height < 2:
            return
        self.border_title = Content(clean(of.title))
        told = verdict_lines(of.view, of.draft, width, 3 if height >= 14 else 2)
        fields = field_lines(of.draft, of.view, of.at, self.has_focus)
        below = width >= WIDTH + 20  # below the panes: the figures beside the fields
        side = width - FIELDS if below else width
        rest = [*figure_lines(of.view, side), *limit_lines(of.view, side)]
        if below:
            room = max(1, height - len(told))
            shown = _page(rest, of, room)
            self.put((*told, *side_by_side(_window(fields, of.at, room), shown, FIELDS)))
        else:
            least = min(len(fields), max(3, height - len(told) - 2 - LEAST))
            fields = _window(fields, of.at, least)
            room = max(1, height - len(told) - len(fields) - 2)
            self.put((*told, (), *fields, (), *_page(rest, of, room)))
        self.border_subtitle = Content(clean(of.keys(width)))

    def on_resize(self) -> None:
        """Textual: another size."""
        self.draw()

    def on_focus(self) -> None:
        """Textual: the field's mark is shown."""
        self.draw()

    def on_blur(self) -> None:
        """Textual: it is hidden."""
        self.draw()

    def on_click(self) -> None:
        """Textual: a click gives it the keys."""
        self.focus()

    def on_key(self, event: events.Key) -> None:
        """Textual: a digit begins to type the field's value."""
        if event.character is not None and event.character in "0123456789.":
            event.stop()
            event.prevent_default()
            self.ticketing.type_field(event.character)


def _window(lines: list[Line], at: int, room: int) -> list[Line]:
    """As many of them as there is room for, the one at the cursor among them."""
    first = max(0, min(at - room // 2, len(lines) - room))
    return lines[first : first + room]


def _page(lines: list[Line], of: Ticketing, room: int) -> list[Line]:
    """The page of them that is to be seen."""
    of.pages = max(1, -(-len(lines) // room))
    first = of.page % of.pages * room
    return lines[first : first + room]
