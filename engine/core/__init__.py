"""``process``: one event in, one tick out."""

from engine.core.engine import FOREVER, Engine, NoFixpoint
from engine.core.guard import Greeks, known
from engine.core.state import SessionState

__all__ = ["FOREVER", "Engine", "Greeks", "NoFixpoint", "SessionState", "known"]
