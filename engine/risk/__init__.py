"""Risk: the gate every opening order passes, sizing, the daily loss, breakers, the trading state."""

from engine.risk.breakers import ClockWatch, ErrorRate, RejectStreak, seconds_text, silence
from engine.risk.capacity import Capacity, capacity, loss_each
from engine.risk.codes import BREAKERS, CODES
from engine.risk.daily_loss import HOLD, DailyLoss
from engine.risk.dealings import busy_trades, contracts_opened, most_repeated, opposes
from engine.risk.gate import Gate
from engine.risk.limits import LimitChange, changed_limits, changes_text
from engine.risk.measure import Measure, amount
from engine.risk.messages import Messages
from engine.risk.request import Book, Decision, OpenRequest
from engine.risk.sizing import fits, scaled, used_by, used_by_all, vix_scale
from engine.risk.state import Breaker, TradingState, TradingStates
from engine.risk.structure import order_tick, uncovered_short
from engine.risk.survey import Judged, survey

__all__ = [
    "BREAKERS",
    "CODES",
    "HOLD",
    "Book",
    "Breaker",
    "Capacity",
    "ClockWatch",
    "DailyLoss",
    "Decision",
    "ErrorRate",
    "Gate",
    "Judged",
    "LimitChange",
    "Measure",
    "Messages",
    "OpenRequest",
    "RejectStreak",
    "TradingState",
    "TradingStates",
    "amount",
    "busy_trades",
    "capacity",
    "changed_limits",
    "changes_text",
    "contracts_opened",
    "fits",
    "loss_each",
    "most_repeated",
    "opposes",
    "order_tick",
    "scaled",
    "seconds_text",
    "silence",
    "survey",
    "uncovered_short",
    "used_by",
    "used_by_all",
    "vix_scale",
]
