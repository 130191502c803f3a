"""Where each pane goes: layouts by name, for every size of the terminal. Pure but for ``memory``, which is a file."""

from zdte_tui.screen.layout.arrange import SINGLE, SMALLEST, arrange, grown, hidden, next_mate, places
from zdte_tui.screen.layout.plan import MOST_STEPS, Box, Path
from zdte_tui.screen.layout.presets import PRESETS, Preset, preset, size_class

__all__ = [
    "MOST_STEPS",
    "PRESETS",
    "SINGLE",
    "SMALLEST",
    "Box",
    "Path",
    "Preset",
    "arrange",
    "grown",
    "hidden",
    "next_mate",
    "places",
    "preset",
    "size_class",
]
