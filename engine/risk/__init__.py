"""Risk: the gate every opening order passes, sizing, the daily loss, the trading state."""

from engine.risk.codes import CODES
from engine.risk.daily_loss import HOLD, DailyLoss
from engine.risk.gate import Book, Decision, Gate, OpenRequest, opposes, used_by
from engine.risk.sizing import fits, vix_scale
from engine.risk.state import Breaker, TradingState, TradingStates

__all__ = [
    "CODES",
    "HOLD",
    "Book",
    "Breaker",
    "DailyLoss",
    "Decision",
    "Gate",
    "OpenRequest",
    "TradingState",
    "TradingStates",
    "fits",
    "opposes",
    "used_by",
    "vix_scale",
]
