"""Positions and P&L: trades as a fold over fills, their marks, their worst case."""

from engine.portfolio.assignment import Assignment, assignment_risks, dividend_tomorrow
from engine.portfolio.exercise import Shares, bare, delivered, pin_risk
from engine.portfolio.marks import ClosingCost, TradeMark, cost_to_close, exit_value, mark, narrow, worst_in_bar
from engine.portfolio.payoff import at_strikes, worst_loss
from engine.portfolio.trades import Holding, Portfolio, Standing, Trade

__all__ = [
    "Assignment",
    "ClosingCost",
    "Holding",
    "Portfolio",
    "Shares",
    "Standing",
    "Trade",
    "TradeMark",
    "assignment_risks",
    "at_strikes",
    "bare",
    "cost_to_close",
    "delivered",
    "dividend_tomorrow",
    "exit_value",
    "mark",
    "narrow",
    "pin_risk",
    "worst_in_bar",
    "worst_loss",
]
