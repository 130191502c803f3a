"""What a screen wants to know of the configuration, as soon as that is read."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config import Config
    from zdte_tui.screen.manners import Manners


class Appearance:
    """How a screen is to look and behave, whatever it shows.

    Attributes:
        config: as soon as it is read.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config

    @property
    def theme(self) -> str:
        """The theme of the configuration, or where the terminal has few colours the one that fits it; empty until it
        is read."""
        if self.config is None:
            return ""
        from zdte_tui.screen.skins.themes import fitting

        return fitting(self.config.ui.theme, os.environ)

    @property
    def refresh_hz(self) -> float | None:
        """How often the screen is to look for a newer view; None until the configuration is read."""
        return None if self.config is None else self.config.ui.refresh_hz

    @property
    def manners(self) -> Manners | None:
        """How the screen is to behave toward its terminal; None until the configuration is read."""
        if self.config is None:
            return None
        from zdte_tui.screen.manners import Manners, is_remote
        from zdte_tui.screen.skins.spelling import ascii_because

        ui = self.config.ui
        plain = bool(ascii_because(ui.ascii, os.environ, sys.__stdout__.encoding if sys.__stdout__ else ""))
        return Manners(ui.flash, ui.hover, is_remote(ui.profile, os.environ), plain)
