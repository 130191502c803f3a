"""Where a condor's stops and its target stand: by its settings, or where a person has moved them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from engine.strategy import Context, Moved, Part, Refused, SidePlan, TradeInfo, check_move, moved_text
from engine.types import MoveStop, Price
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import Levels, State

SCOPES = ("package", "puts", "calls")


class Target(NamedTuple):
    """The closing price at which a trade is taken off; by its settings, that is so much ``wanted`` of its credit."""

    price: Price
    wanted: Price
    moved: bool


def has_stops(settings: Settings, state: State, trade: TradeInfo) -> bool:
    """Whether anything of the trade is stopped."""
    if state.moved is msgspec.UNSET:
        return settings.has_stops
    return bool(_levels(settings, state, trade))


def stops_of(settings: Settings, state: State, trade: TradeInfo) -> list[tuple[Part, Price]]:
    """What of a trade has a stop of its own, and its level. Before a whole package is filled, a side counts once each
    of its legs is held: as long as single legs come in, their price says nothing."""
    if state.moved is msgspec.UNSET:
        level = settings.stop.level(trade.credit)
        parts = [trade.whole] if settings.stop.scope == "package" else list(trade.sides)
        found = [(part, level) for part in parts]
    else:
        levels = _levels(settings, state, trade)
        found = [(part, levels[part.label]) for part in (trade.whole, *trade.sides) if part.label in levels]
    if trade.filled:
        return found
    awaited = {leg.contract.right for leg in trade.package.legs if leg.contract not in trade.held}
    return [each for each in found if awaited.isdisjoint(contract.right for contract in each[0].held)]


def target_of(settings: Settings, state: State, trade: TradeInfo) -> Target | None:
    """Where it is taken off with a profit, if anywhere."""
    moved = {} if state.moved is msgspec.UNSET else state.moved.targets
    if trade.trade_id in moved:
        price = moved[trade.trade_id]
        return None if price is None else Target(price, trade.cash - price, moved=True)
    if not settings.profit_target:
        return None
    wanted = round(settings.profit_target * trade.credit)
    return Target(trade.cash - wanted, wanted, moved=False)


def side_plans(settings: Settings, state: State, trade: TradeInfo) -> tuple[SidePlan, ...]:
    """The package where it has a stop of its own, then the puts and the calls with theirs."""
    levels = _levels(settings, state, trade) if trade.filled or trade.held else {}
    contracts = [leg.contract for leg in trade.package.legs]
    whole = [SidePlan("package", tuple(contracts), levels["package"])] if "package" in levels else []
    sides = [
        SidePlan(word, tuple(c for c in contracts if c.right == right), levels.get(word))
        for right, word in (("P", "puts"), ("C", "calls"))
    ]
    return (*whole, *sides)


def adjust(ctx: Context, settings: Settings, state: State, trade: TradeInfo, moved: Moved) -> str:
    """Move a stop or the target, and say so; raises ``Refused``."""
    if settings.hold_to_settlement:
        raise Refused("the condor is held to settlement: nothing of it has a stop or a target; C closes")
    check_move(ctx, trade, moved, settings.stop.trigger == "natural")
    levels = Levels() if state.moved is msgspec.UNSET else state.moved
    if isinstance(moved, MoveStop):
        before = _levels(settings, state, trade).get(moved.scope)
        levels.stops[f"{trade.trade_id}:{moved.scope}"] = moved.price
        state.armed.pop(f"{trade.trade_id}:{moved.scope}", None)
    else:
        target = target_of(settings, state, trade)
        before = None if target is None else target.price
        levels.targets[trade.trade_id] = moved.price
    state.moved = levels
    return moved_text(trade, moved, before)


def key_of(trade: TradeInfo, part: Part) -> str:
    """What the state calls a scope of a trade."""
    return f"{trade.trade_id}:{part.label}"


def _levels(settings: Settings, state: State, trade: TradeInfo) -> Mapping[str, Price]:
    """The stop of each scope that has one."""
    own: dict[str, Price | None] = {}
    if settings.has_stops:
        level = settings.stop.level(trade.credit)
        own = {"package": level} if settings.stop.scope == "package" else {"puts": level, "calls": level}
    if state.moved is not msgspec.UNSET:
        for scope in SCOPES:
            key = f"{trade.trade_id}:{scope}"
            if key in state.moved.stops:
                own[scope] = state.moved.stops[key]
    return {scope: price for scope, price in own.items() if price is not None}
