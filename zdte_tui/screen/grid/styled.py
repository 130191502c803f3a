"""Widgets that draw cells by style names."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from textual.widget import Widget

from zdte_tui.screen.grid.paint import COMPONENTS


class Styled(Widget):
    """Looks up the styles of ``.cell-NAME`` once, until the theme changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._styles_by_name: dict[str, Style] = {}

    def style_of(self, name: str) -> Style:
        """The style for a cell, over the widget's own background; ``KeyError`` for an unknown name."""
        style = self._styles_by_name.get(name)
        if style is None:
            style = self.get_component_rich_style(f"cell-{name}")
            self._styles_by_name[name] = style
        return style

    def notify_style_update(self) -> None:
        """Textual: the CSS that applies has changed."""
        super().notify_style_update()
        self._styles_by_name.clear()
        self.forget()

    def forget(self) -> None:
        """Drop what was painted with the old styles."""
