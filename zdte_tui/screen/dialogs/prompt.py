"""The ``:`` command line: one line at the lower edge, and above it what there is to choose or what was wrong."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from zdte_tui.screen.dialogs.field import Field, TypedDialog
from zdte_tui.screen.grid import Lines
from zdte_tui.screen.grid.column import Line
from zdte_tui.screen.text import wrap
from zdte_tui.screen.vocabulary import choices, complete, names

Act = Callable[[], None]
SUCH = ("go 10:30", "speed 300", "flatten", "tour")
HINT = "enter does it   tab completes   esc leaves"


class Prompt(TypedDialog[Act | None]):
    """Gives what is to be done, or None when left. ``accept`` turns a line into it, or raises ``ValueError`` with
    what is wrong; then the line stays, to be mended."""

    BINDINGS = [Binding("tab", "complete", priority=True)]  # noqa: RUF012

    def __init__(self, accept: Callable[[str], Act], paced: bool) -> None:
        super().__init__()
        self.accept, self.paced = accept, paced
        self.problem = ""

    def compose(self) -> ComposeResult:
        """Textual: the hint above, the line below."""
        with Vertical(id="prompt"):
            yield Lines(id="choices")
            with Horizontal():
                yield Label(":", markup=False)
                yield Field(id="command", max_length=60)

    def on_resize(self) -> None:
        """Textual: what fits above the line depends on the width."""
        self._draw()

    def on_input_changed(self) -> None:
        """Textual: a new attempt."""
        self.problem = ""
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Textual: Enter runs what is named; what moves money asks for its y after that."""
        try:
            act = self.accept(event.value)
        except ValueError as error:
            self.problem = str(error)
            self._draw()
            return
        self.dismiss(act)

    def action_complete(self) -> None:
        """As far as there is only one way on."""
        field = self.query_one(Input)
        field.value = complete(field.value, self.paced)
        field.cursor_position = len(field.value)

    def _draw(self) -> None:
        above, width = self.query_one("#choices", Lines), max(20, self.size.width - 2)
        lines = [((line, "warn"),) for line in wrap(self.problem, width)[:2]] if self.problem else [self._hint(width)]
        above.styles.height = len(lines)
        above.put(tuple(lines))

    def _hint(self, width: int) -> Line:
        """What the line may become, as much as fits; at its end what it takes and does."""
        typed = self.query_one(Input).value
        found = choices(typed, self.paced)
        if not typed.strip(": "):
            more = f"   such as {', '.join(SUCH)}"
            return ((HINT + (more if len(HINT) + len(more) <= width else ""), "dim"),)
        call = names().get(typed.strip(": ").split()[0].lower().replace("_", "-"))
        if call is not None and len(found) <= 1:
            takes = f" {call.action.takes}" if call.action.takes else ""
            return ((f"{call.action.word}{takes}", "key"), (f"  {call.action.help}", "dim"))
        words, used = [], 0
        for word in found:
            used += cell_len(word) + 2
            if used > width - 1:
                words.append("…")
                break
            words.append(word)
        return (("  ".join(words) or "nothing begins like this; enter tells the nearest word", "dim"),)
