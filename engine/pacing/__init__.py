"""Pacing: sources merged into one stream, timers slotted in, and when each event is due on the wall."""

from engine.pacing.merge import merge
from engine.pacing.pacer import Pacer
from engine.pacing.timeline import Timeline

__all__ = ["Pacer", "Timeline", "merge"]
