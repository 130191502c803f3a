"""Widgets that draw cells by style names."""

from __future__ import annotations

from typing import Any

from rich.style import Style
from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.widget import Widget

from zdte_tui.screen.grid.paint import COMPONENTS


class Styled(Widget):
    """Looks up the styles of ``.cell-NAME`` when they are first painted with, and again when the CSS changes.

    They are no component classes by declaration: Textual would match each of them against the whole style sheet, for
    each widget, whenever any style may have changed. That was most of the time to the first paint.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._styles_by_name: dict[str, Style] = {}
        self._focus_moves = False

    def style_of(self, name: str) -> Style:
        """The style for a cell, over the widget's own background; ``KeyError`` for an unknown name."""
        style = self._styles_by_name.get(name)
        if style is None:
            style = self.get_component_rich_style(f"cell-{name}")
            self._styles_by_name[name] = style
        return style

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Textual: the styles of components; those of cells are made here, on request."""
        for name in names:
            if name in COMPONENTS and name not in self._component_styles:
                cell = DOMNode(classes=name)
                cell._attach(self)
                self.app.stylesheet.apply(cell, animate=False)
                self._component_styles[name] = cell.styles
        return super().get_component_styles(*names)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Textual: the focus came or went. The frame tells it, and no cell has another style for it: what was painted
        is kept, or each key that goes to a pane would paint two panes anew."""
        self._focus_moves = True
        super().watch_has_focus(has_focus)
        self._focus_moves = False

    def notify_style_update(self) -> None:
        """Textual: the CSS that applies has changed."""
        super().notify_style_update()
        if self._focus_moves:
            return
        self._component_styles.clear()
        self._styles_by_name.clear()
        self.forget()
        self.refresh()

    def forget(self) -> None:
        """Drop what was painted with the old styles."""
