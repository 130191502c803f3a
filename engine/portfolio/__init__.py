"""Positions and P&L: trades as a fold over fills, their marks, their worst case."""

from engine.portfolio.marks import TradeMark, cost_to_close, exit_value, mark, narrow
from engine.portfolio.payoff import intrinsic, lowest_payoff, worst_loss
from engine.portfolio.trades import Holding, Portfolio, Trade

__all__ = [
    "Holding",
    "Portfolio",
    "Trade",
    "TradeMark",
    "cost_to_close",
    "exit_value",
    "intrinsic",
    "lowest_payoff",
    "mark",
    "narrow",
    "worst_loss",
]
