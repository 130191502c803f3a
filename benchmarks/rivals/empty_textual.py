"""The least a Textual app can be: one word on the screen. The floor of every first paint."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        """Textual: the word."""
        yield Static("ready")


if __name__ == "__main__":
    Empty().run()
