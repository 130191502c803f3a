"""Positions and P&L: trades as a fold over fills, their marks, their worst case."""

from engine.portfolio.marks import ClosingCost, TradeMark, cost_to_close, exit_value, mark, narrow
from engine.portfolio.payoff import worst_loss
from engine.portfolio.trades import Holding, Portfolio, Trade

__all__ = [
    "ClosingCost",
    "Holding",
    "Portfolio",
    "Trade",
    "TradeMark",
    "cost_to_close",
    "exit_value",
    "mark",
    "narrow",
    "worst_loss",
]
