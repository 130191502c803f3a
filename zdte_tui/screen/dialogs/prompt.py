"""The ``:`` command line: one line at the lower edge, and above it what there is to choose or what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from zdte_tui.screen.dialogs.field import Field, TypedDialog
from zdte_tui.screen.grid import Lines
from zdte_tui.screen.grid.column import Line
from zdte_tui.screen.history import History
from zdte_tui.screen.text import wrap
from zdte_tui.screen.vocabulary import choices, complete, names

Act = Callable[[], None]
SUCH = ("go 10:30", "speed 300", "flatten", "tour")
HINT = "enter does it   tab completes   up and down: before   esc leaves"


class Prompt(TypedDialog[Act | None]):
    """Gives what is to be done, or None when left. ``accept`` turns a line into it, or raises ``ValueError`` with
    what is wrong; then the line stays, to be mended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", priority=True),
        Binding("up", "older", priority=True),
        Binding("down", "newer", priority=True),
    ]

    def __init__(
        self, accept: Callable[[str], Act], paced: bool, history: History | None = None, begin: str = ""
    ) -> None:
        super().__init__()
        self.accept, self.paced, self.begin = accept, paced, begin
        self.problem = ""
        self.history = history or History()
        self._at = len(self.history.lines)
        self._typed = begin

    def compose(self) -> ComposeResult:
        """Textual: the hint above, the line below."""
        with Vertical(id="prompt"):
            yield Lines(id="choices")
            with Horizontal():
                yield Label(":", markup=False)
                yield Field(self.begin, id="command", max_length=200, select_on_focus=False)

    def on_resize(self) -> None:
        """Textual: what fits above the line depends on the width."""
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Textual: a new attempt."""
        self.problem = ""
        if self._at == len(self.history.lines):
            self._typed = event.value
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Textual: Enter runs what is named; what moves money asks for its y after that."""
        try:
            act = self.accept(event.value)
        except ValueError as error:
            self.problem = str(error)
            self._draw()
            return
        self.history.add(event.value)
        self.dismiss(act)

    def action_older(self) -> None:
        """The line before, of those that begin as what was typed does."""
        self._show(self.history.back(self._at, self._typed))

    def action_newer(self) -> None:
        """The line after; after the newest what was typed."""
        self._show(self.history.on(self._at, self._typed))

    def _show(self, at: int) -> None:
        self._at = at
        field = self.query_one(Input)
        field.value = self.history.lines[at] if at < len(self.history.lines) else self._typed
        field.cursor_position = len(field.value)

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
