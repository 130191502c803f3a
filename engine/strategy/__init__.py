"""The strategy protocol: what a strategy sees, what it may ask for, and how it is built from the configuration."""

from engine.strategy.actions import Action, Close, Open, Say, Tally, Wake
from engine.strategy.context import Context, Part, TradeInfo
from engine.strategy.moving import (
    Moved,
    Refused,
    check_move,
    check_stop,
    check_target,
    moved_text,
    part_of,
    part_of_package,
    side_of,
    spot_passed,
)
from engine.strategy.needs import SPREADS, Needs, needs_of
from engine.strategy.proposal import Proposal
from engine.strategy.protocol import (
    AnyStrategy,
    Deadline,
    Planned,
    Registry,
    SidePlan,
    Strategy,
    build_strategies,
    plan_strategies,
    settings_for,
)
from engine.strategy.watching import Limit, Watch

__all__ = [
    "SPREADS",
    "Action",
    "AnyStrategy",
    "Close",
    "Context",
    "Deadline",
    "Limit",
    "Moved",
    "Needs",
    "Open",
    "Part",
    "Planned",
    "Proposal",
    "Refused",
    "Registry",
    "Say",
    "SidePlan",
    "Strategy",
    "Tally",
    "TradeInfo",
    "Wake",
    "Watch",
    "build_strategies",
    "check_move",
    "check_stop",
    "check_target",
    "moved_text",
    "needs_of",
    "part_of",
    "part_of_package",
    "plan_strategies",
    "settings_for",
    "side_of",
    "spot_passed",
]
