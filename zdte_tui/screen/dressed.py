"""An app with our themes, and written in plain ASCII where the terminal has nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from textual.filter import LineFilter, Monochrome, NoColor

from zdte_tui.screen.edged import EdgedApp
from zdte_tui.screen.manners import Manners
from zdte_tui.screen.skins import themes
from zdte_tui.screen.skins.ascii import AsciiFilter

_NO_COLOR = NoColor()


class DressedApp(EdgedApp):
    """Looks as ``[ui]`` says, as far as the terminal can show it."""

    def __init__(self) -> None:
        super().__init__()
        for each in themes.OWN:
            self.register_theme(each)
        self._ascii = AsciiFilter(enabled=False)
        self._chosen = False

    @property
    def ascii(self) -> bool:
        """Whether everything is painted in plain ASCII."""
        return self._ascii.enabled

    def behave(self, manners: Manners) -> None:
        """From now on so."""
        super().behave(manners)
        if manners.ascii != self.ascii:
            self._ascii.enabled = manners.ascii
            for screen in self.screen_stack if self.is_running else ():
                screen.refresh(layout=True)
                for widget in screen.walk_children():
                    widget.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual: what has a say about everything that is painted.

        With NO_COLOR Textual chooses what takes the colours out by the theme an app is made with; greys in place of the
        terminal's own colours, which have no numbers, would be black on black.
        """
        filters = super().get_line_filters()
        if self.no_color and self.native_ansi_color:
            filters = [_NO_COLOR if isinstance(each, Monochrome) else each for each in filters]
        return [*filters, self._ascii] if self.ascii else filters

    def dress(self, theme: str) -> None:
        """Put on a theme of the configuration; one that a person has put on stays."""
        if theme != self.theme and not self._chosen:
            self.theme = theme

    def wear(self, theme: str | None) -> str:
        """Put on a theme because a person says so: this one, or the next of ours. What it is called, and how to keep
        it."""
        own = [each.name for each in themes.OWN]
        if theme is None:
            theme = own[(own.index(self.theme) + 1) % len(own)] if self.theme in own else own[0]
        self._chosen = True
        self.theme = theme
        return f'theme {theme} until the program ends; theme = "{theme}" under [ui] in config.toml keeps it'

    def known_theme(self, name: str) -> str:
        """``name`` as a theme is called; ``ValueError`` names the nearest, or ours."""
        word = name.strip().lower()
        if word in self.available_themes:
            return word
        near = get_close_matches(word, self.available_themes, n=1)
        hint = f"did you mean {near[0]}?" if near else f"ours are {', '.join(each.name for each in themes.OWN)}"
        raise ValueError(f"there is no theme {name.strip()!r}; {hint}")
