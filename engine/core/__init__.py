"""``process``: one event in, one tick out."""

from engine.core.adoption import OUTSIDE
from engine.core.elsewhere import IN_THE_DARK, another_session, own_id
from engine.core.engine import FOREVER, Engine, NoFixpoint
from engine.core.guard import Greeks, known
from engine.core.orders import A_STOP
from engine.core.state import SessionState

__all__ = [
    "A_STOP",
    "FOREVER",
    "IN_THE_DARK",
    "OUTSIDE",
    "Engine",
    "Greeks",
    "NoFixpoint",
    "SessionState",
    "another_session",
    "known",
    "own_id",
]
