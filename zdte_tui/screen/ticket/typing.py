"""One value typed on a line at the lower edge. Enter takes it and moves no money."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label

from zdte_tui.screen.clean import clean
from zdte_tui.screen.dialogs.field import Field, TypedDialog

BACK = "enter takes it   esc leaves it as it was"


class TypeValue(TypedDialog[str | None]):
    """Gives what was typed, once ``check`` has nothing against it; None when backed out of.

    Args:
        what: its name. hint: what may be written. begin: what stands on the line. check: raises ``ValueError``.
        there: raises ``ValueError`` once nothing typed could be taken any more; the line is backed out of then.
    """

    def __init__(
        self,
        what: str,
        hint: str,
        begin: str,
        check: Callable[[str], object],
        there: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._there = there
        self.what, self.hint, self.begin, self.check = what, hint, begin, check
        self.problem = ""

    def compose(self) -> ComposeResult:
        """Textual: the hint above, the line below."""
        with Vertical(id="value"):
            yield Label(Content(clean(f"{self.hint}   {BACK}")), id="hint")
            with Horizontal():
                yield Label(Content(f"{clean(self.what)}: "), markup=False)
                yield Field(self.begin, id="typed", max_length=240, select_on_focus=False)

    def on_input_changed(self) -> None:
        """Textual: a new attempt."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Textual: Enter."""
        try:
            self.check(event.value)
        except ValueError as error:
            if self._gone():
                self.dismiss(None)
            else:
                self._say(str(error))
            return
        self.dismiss(event.value)

    def _gone(self) -> bool:
        try:
            if self._there is not None:
                self._there()
        except ValueError:
            return True
        return False

    def _say(self, problem: str) -> None:
        self.problem = problem
        label = self.query_one("#hint", Label)
        label.set_class(bool(problem), "wrong")
        label.update(Content(clean(problem or f"{self.hint}   {BACK}")))
