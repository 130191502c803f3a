"""What watches the trades that a person opened or adopted: stops and targets, as a strategy of the engine's own."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from engine.clock import SECOND
from engine.config import Table
from engine.strategy import (
    Action,
    Close,
    Context,
    Deadline,
    Limit,
    Moved,
    Part,
    Say,
    SidePlan,
    Strategy,
    TradeInfo,
    Wake,
    Watch,
    check_move,
    moved_text,
    side_of,
    spot_passed,
)
from engine.types import MANUAL, MoveTarget, Price, dollars_text, to_units

CONFIRM = 3 * SECOND
"""How long a stop's price must hold, so that one quote alone fires nothing."""

MAX_WIDTH = to_units(0.50)
"""How wide the quotes of a stop's part may be together, while spot has not passed one of its shorts."""


class NoSettings(Table):
    """It has none: everything is in what a person orders."""


class Plan(msgspec.Struct):
    """What ends a trade: the stop of each scope that has one, and the target, as closing costs of one package."""

    stops: dict[str, Price] = {}
    target: Price | None = None


class Plans(msgspec.Struct):
    """The plan of each trade that has one, and since when (ns UTC) each stop's price has held, by ``trade:scope``."""

    plans: dict[int, Plan] = {}
    armed: dict[str, int] = {}


class ByHand(Strategy[NoSettings, Plans]):
    """Decides nothing but exits, at the levels a person has set; all else is left to the person."""

    name: ClassVar[str] = MANUAL
    version: ClassVar[str] = "1"
    settings_model: ClassVar[type[Table]] = NoSettings
    state_model: ClassVar[type[msgspec.Struct]] = Plans

    def __init__(self, root: str) -> None:
        super().__init__(root, NoSettings())

    def begin(self, ctx: Context) -> tuple[Plans, list[Action]]:  # noqa: ARG002
        """Nothing is planned yet."""
        return Plans(), []

    def resume(self, ctx: Context, state: Plans) -> list[Action]:  # noqa: ARG002
        """A stop under confirmation asks for its timer when it is judged."""
        return []

    def decide(self, ctx: Context, state: Plans) -> list[Action]:
        """Targets and stops of every trade that has some."""
        actions: list[Action] = []
        for trade in ctx.trades:
            plan = state.plans.get(trade.trade_id)
            if plan is not None and trade.held and trade.whole.held:
                inside = _inside_bars(ctx, state, trade, plan) if ctx.bars else []
                actions += inside or _at_target(ctx, trade, plan) or _at_stops(ctx, state, trade, plan)
        return actions

    def asleep(self, ctx: Context, state: Plans) -> bool:  # noqa: ARG002
        """Without a trade there is nothing to watch."""
        return True

    def watch(self, ctx: Context, state: Plans) -> Watch | None:
        """The levels; None while a stop is being confirmed, and on bars, whose range may reach one."""
        limits: list[Limit] = []
        for trade in ctx.trades:
            plan = state.plans.get(trade.trade_id)
            if plan is None or not (trade.held and (free := trade.whole).held):
                continue
            if plan.target is not None and not trade.exiting and trade.filled:
                limits.append(Limit(free.each, False, free.bounds, below=plan.target))
            stops = [] if trade.stopped_elsewhere else _stops(trade, plan)
            if stops and (ctx.bars or any(_key(trade, part) in state.armed for part, _ in stops)):
                return None
            limits += [Limit(part.each, False, part.bounds, above=level) for part, level in stops]
        return Watch(tuple(limits))

    def sides(self, trade: TradeInfo, state: Plans) -> tuple[SidePlan, ...]:
        """The package where it has a stop, and its sides where it has both."""
        stops = state.plans.get(trade.trade_id, Plan()).stops if trade.filled or trade.held else {}
        contracts = tuple(leg.contract for leg in trade.package.legs)
        whole = (SidePlan("package", contracts, stops["package"]),) if "package" in stops else ()
        if not _two_sided(trade):
            return whole
        sides = (
            SidePlan(scope, tuple(c for c in contracts if side_of(c) == scope), stops.get(scope))
            for scope in ("puts", "calls")
        )
        return (*whole, *sides)

    def adjust(self, ctx: Context, state: Plans, trade: TradeInfo, moved: Moved) -> str:
        """Any level can be moved; the only side of a trade is all of it."""
        check_move(ctx, trade, moved)
        return moved_text(trade, moved, attach(state, trade, moved))

    def next_deadline(self, ctx: Context, state: Plans) -> Deadline | None:  # noqa: ARG002
        """None: a person decides when."""
        return None


def attach(state: Plans, trade: TradeInfo, moved: Moved) -> Price | None:
    """Put a level in place of another; the one before. The stop of a trade's only side is that of the package."""
    plan = state.plans.setdefault(trade.trade_id, Plan())
    if isinstance(moved, MoveTarget):
        before, plan.target = plan.target, moved.price
        return before
    scope = moved.scope if _two_sided(trade) else "package"
    before = plan.stops.pop(scope, None)
    if moved.price is not None:
        plan.stops[scope] = moved.price
    state.armed.pop(f"{trade.trade_id}:{scope}", None)
    return before


def _two_sided(trade: TradeInfo) -> bool:
    return len({leg.contract.right for leg in trade.package.legs}) > 1


def _stops(trade: TradeInfo, plan: Plan) -> list[tuple[Part, Price]]:
    """What of a trade has a stop, and its level. Before a whole package is filled, a part counts once all its legs are
    held."""
    parts = [part for part in (trade.whole, *trade.sides) if part.held and part.label in plan.stops]
    if not trade.filled:
        awaited = {leg.contract.right for leg in trade.package.legs if leg.contract not in trade.held}
        parts = [part for part in parts if awaited.isdisjoint(contract.right for contract in part.held)]
    return [(part, plan.stops[part.label]) for part in parts]


def _at_target(ctx: Context, trade: TradeInfo, plan: Plan) -> list[Action]:
    if plan.target is None or trade.exiting or not trade.filled:
        return []
    free = trade.whole
    cost = ctx.cost(free.each, bounds=free.bounds)
    if cost is None or not cost.possible or cost.price > plan.target:
        return []
    text = f"package costs {dollars_text(cost.price)} to close, target at {dollars_text(plan.target)}"
    return _close(trade, free, "target", plan.target, cost.price, text)


def _at_stops(ctx: Context, state: Plans, trade: TradeInfo, plan: Plan) -> list[Action]:
    """Fire each stop whose price has held for ``CONFIRM``. An impossible price, or too wide a quote, is no price."""
    actions: list[Action] = []
    for part, level in () if trade.stopped_elsewhere else _stops(trade, plan):
        key = _key(trade, part)
        cost = ctx.cost(part.each, bounds=part.bounds)
        wide = cost is not None and cost.width > MAX_WIDTH and not spot_passed(ctx, part.shorts)
        if cost is None or not cost.possible or wide or cost.price < level:
            state.armed.pop(key, None)
            continue
        fires = state.armed.setdefault(key, ctx.now) + CONFIRM
        if ctx.now < fires:
            actions.append(Wake(fires))
            continue
        del state.armed[key]
        text = f"{part.label} cost {dollars_text(cost.price)} to close, stop at {dollars_text(level)}"
        actions += _close(trade, part, "stop", level, cost.price, text)
    return actions


def _inside_bars(ctx: Context, state: Plans, trade: TradeInfo, plan: Plan) -> list[Action]:
    """On bars: stops that the range of the newest ones reaches come before anything else of them is believed."""
    actions: list[Action] = []
    for part, level in () if trade.stopped_elsewhere or trade.opened_at is None else _stops(trade, plan):
        assert trade.opened_at is not None
        worst = ctx.worst(part, trade.opened_at)
        if worst is None or worst < level:
            continue
        state.armed.pop(_key(trade, part), None)
        text = (
            f"{part.label} cost up to {dollars_text(worst)} to close inside the minute, stop at {dollars_text(level)}"
        )
        actions += _close(trade, part, "stop", level, worst, text, in_bar=True)
    return actions


def _close(
    trade: TradeInfo, part: Part, trigger: str, level: Price, observed: Price, text: str, in_bar: bool = False
) -> list[Action]:
    close = Close(
        trade_id=trade.trade_id,
        scope=part.label,
        contracts=tuple(part.held),
        trigger=trigger,
        level=level,
        observed=observed,
        in_bar=in_bar,
        reason=text,
    )
    return [Say(kind=trigger, key=trade.key, text=f"#{trade.trade_id} {text}"), close]


def _key(trade: TradeInfo, part: Part) -> str:
    return f"{trade.trade_id}:{part.label}"
