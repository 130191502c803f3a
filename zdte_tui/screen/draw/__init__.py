"""Drawing with characters: a canvas of dots, scales with round ticks, labels that do not collide, whole plots. Pure."""

from zdte_tui.screen.draw.canvas import Canvas
from zdte_tui.screen.draw.glyphs import GLYPHS, Glyphs, signs
from zdte_tui.screen.draw.labels import spread, spread_along
from zdte_tui.screen.draw.plot import Band, Bars, Curve, Figure, Level, Marker, plot, plot_room
from zdte_tui.screen.draw.scale import Scale, Tick, amount_ticks, span, time_ticks, value_ticks

__all__ = [
    "GLYPHS",
    "Band",
    "Bars",
    "Canvas",
    "Curve",
    "Figure",
    "Glyphs",
    "Level",
    "Marker",
    "Scale",
    "Tick",
    "amount_ticks",
    "plot",
    "plot_room",
    "signs",
    "span",
    "spread",
    "spread_along",
    "time_ticks",
    "value_ticks",
]
