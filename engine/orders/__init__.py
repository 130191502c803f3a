"""The order state table, orders as a fold over reports, and the walk of a closing order."""

from engine.orders.states import DONE, OVERTAKEN, TRANSITIONS, IllegalTransition, check
from engine.orders.table import Order, OrderTable
from engine.orders.walk import STEPS, WalkStep, step_at, to_tick, walk_limit

__all__ = [
    "DONE",
    "OVERTAKEN",
    "STEPS",
    "TRANSITIONS",
    "IllegalTransition",
    "Order",
    "OrderTable",
    "WalkStep",
    "check",
    "step_at",
    "to_tick",
    "walk_limit",
]
