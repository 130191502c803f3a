"""``process``: one event in, one tick out."""

from engine.core.adoption import OUTSIDE
from engine.core.engine import FOREVER, Engine, NoFixpoint
from engine.core.guard import Greeks, known
from engine.core.orders import A_STOP
from engine.core.state import IN_THE_DARK, SessionState

__all__ = ["A_STOP", "FOREVER", "IN_THE_DARK", "OUTSIDE", "Engine", "Greeks", "NoFixpoint", "SessionState", "known"]
