"""The order state table, orders as a fold over reports, and the walk of a closing order."""

from engine.orders.averages import exact_beside, exact_in_sum
from engine.orders.split import NoSplit, split
from engine.orders.states import DONE, OVERTAKEN, TRANSITIONS, IllegalTransition, check
from engine.orders.table import BUST, Order, OrderTable, reversals
from engine.orders.walk import STEPS, WalkStep, step_at, to_tick, walk_limit

__all__ = [
    "BUST",
    "DONE",
    "OVERTAKEN",
    "STEPS",
    "TRANSITIONS",
    "IllegalTransition",
    "NoSplit",
    "Order",
    "OrderTable",
    "WalkStep",
    "check",
    "exact_beside",
    "exact_in_sum",
    "reversals",
    "split",
    "step_at",
    "to_tick",
    "walk_limit",
]
