"""What every dialog is: a screen over the panes that answers once."""

from __future__ import annotations

from typing import ClassVar

from textual.await_complete import AwaitComplete
from textual.css.query import NoMatches
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """A modal screen that can be dismissed once, and only while it is on top.

    Keys come in faster than screens go: the second of two reaches a dialog that the first has ended, and Textual would
    then take away whatever is on top.
    """

    over = False
    stands = False
    WITHOUT_IT: ClassVar[frozenset[str]] = frozenset({"back_out", "submit", "undo", "dismiss"})
    """Actions that need nothing of what is in it, or look for it themselves: who leaves leaves, however early."""

    def on_mount(self) -> None:
        """Textual: it is there; or what was to be in it went before that, as when the program is left meanwhile."""
        try:
            self.opened()
            self.stands = True
        except NoMatches:
            if not (self.over or self._pruning or self.app._exit or not self.app.is_running):
                raise

    def opened(self) -> None:
        """What is in it is there: name it, give it the keys."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual: no key does anything here once it has ended, nor much before it stands."""
        ended = self.over or self.app.screen is not self
        if ended or not (self.stands or action in self.WITHOUT_IT):
            return False
        return super().check_action(action, parameters)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Textual: end it with a result; nothing where it has ended, or something lies over it."""
        if self.over or self.app.screen is not self:
            return AwaitComplete()
        self.over = True
        return super().dismiss(result)
