"""The guided tour of a day: a table of steps, where it stands, and the strip that shows it."""

from zdte_tui.screen.tour.guide import Guide
from zdte_tui.screen.tour.step import Scene, Step
from zdte_tui.screen.tour.steps import STEPS, step_number
from zdte_tui.screen.tour.strip import TourStrip

__all__ = ["STEPS", "Guide", "Scene", "Step", "TourStrip", "step_number"]
