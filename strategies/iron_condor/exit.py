"""When a condor, or a side of it, is closed: exit time, target, buy-back of cheap shorts, stops."""

from __future__ import annotations

from collections.abc import Mapping

from engine.calendar import clock_text
from engine.strategy import Action, Close, Context, Say, SidePlan, Tally, TradeInfo, Wake
from engine.types import Contract, Price, dollars_text, to_units
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State


def exit_at(ctx: Context, settings: Settings) -> int:
    """The exit time today, ns UTC."""
    return settings.exit.on(ctx.session.day, ctx.session.open, ctx.session.close)


def side_plans(settings: Settings, trade: TradeInfo) -> tuple[SidePlan, ...]:
    """The puts and the calls, each with the closing price at which it is stopped, as far as sides have stops."""
    level = settings.stop.level(trade.credit) if trade.filled and _has_stops(settings) else None
    by_side = settings.stop.scope == "side"
    contracts = [leg.contract for leg in trade.package.legs]
    return tuple(
        SidePlan(word, tuple(c for c in contracts if c.right == right), level if by_side else None)
        for right, word in (("P", "puts"), ("C", "calls"))
    )


def package_stop(settings: Settings, trade: TradeInfo) -> Price | None:
    """The closing price of the whole package at which it is stopped, where the package is the stop's scope."""
    wanted = trade.filled and _has_stops(settings) and settings.stop.scope == "package"
    return settings.stop.level(trade.credit) if wanted else None


def _has_stops(settings: Settings) -> bool:
    return settings.stop.scope != "none" and not settings.hold_to_settlement


def manage(ctx: Context, settings: Settings, state: State) -> list[Action]:
    """What to close now, trade by trade."""
    actions: list[Action] = []
    for trade in ctx.trades:
        free = {contract: held for contract, held in trade.held.items() if contract not in trade.exiting}
        if not free or settings.hold_to_settlement:
            continue
        actions += (
            _at_exit_time(ctx, settings, trade, free)
            or _at_target(ctx, settings, trade, free)
            or [*_buy_back(ctx, settings, trade, free), *_at_stop(ctx, settings, state, trade, free)]
        )
    return actions


def _at_exit_time(ctx: Context, settings: Settings, trade: TradeInfo, free: Mapping[Contract, int]) -> list[Action]:
    at = exit_at(ctx, settings)
    if ctx.now < at:
        return []
    text = f"exit time {clock_text(at, seconds=False)}"
    return [Close(trade_id=trade.trade_id, scope="package", contracts=tuple(free), trigger="exit_time", reason=text)]


def _at_target(ctx: Context, settings: Settings, trade: TradeInfo, free: Mapping[Contract, int]) -> list[Action]:
    if not settings.profit_target or trade.exiting:
        return []
    cost = ctx.cost(_per_package(trade, free))
    if cost is None or not cost.possible:
        return []
    kept = trade.cash - cost.price
    wanted = round(settings.profit_target * trade.credit)
    if kept < wanted:
        return []
    text = f"kept {dollars_text(kept)} of {dollars_text(trade.credit)}, target {dollars_text(wanted)}"
    return [
        Close(
            trade_id=trade.trade_id,
            scope="package",
            contracts=tuple(free),
            trigger="target",
            level=trade.cash - wanted,
            observed=cost.price,
            reason=text,
        )
    ]


def _buy_back(ctx: Context, settings: Settings, trade: TradeInfo, free: Mapping[Contract, int]) -> list[Action]:
    level = to_units(settings.buy_back)
    if not level:
        return []
    actions: list[Action] = []
    for contract, held in free.items():
        quote = ctx.quote(contract) if held < 0 else None
        if quote is None or quote.ask is None or quote.ask > level:
            continue
        text = f"short {contract.short_name} offered at {dollars_text(quote.ask)}"
        actions.append(
            Close(
                trade_id=trade.trade_id,
                scope=contract.short_name,
                contracts=(contract,),
                trigger="buy_back",
                level=level,
                observed=quote.ask,
                reason=text,
            )
        )
    return actions


def _at_stop(
    ctx: Context, settings: Settings, state: State, trade: TradeInfo, free: Mapping[Contract, int]
) -> list[Action]:
    if not _has_stops(settings):
        return []
    if settings.stop.scope == "package":
        return _watch(ctx, settings, state, trade, "package", free)
    actions: list[Action] = []
    for plan in side_plans(settings, trade):
        held = {contract: free[contract] for contract in plan.contracts if contract in free}
        actions += _watch(ctx, settings, state, trade, plan.label, held)
    return actions


def _watch(
    ctx: Context, settings: Settings, state: State, trade: TradeInfo, scope: str, held: Mapping[Contract, int]
) -> list[Action]:
    """Judge one scope's closing price: fire once the trigger has held for ``confirm_s``.

    An impossible price is no price: nothing is decided on it, and it is counted.
    """
    key = f"{trade.trade_id}:{scope}"
    shorts = [contract for contract, quantity in held.items() if quantity < 0]
    if not shorts:
        state.armed.pop(key, None)
        return []
    stop = settings.stop
    level = stop.level(trade.credit)
    cost = ctx.cost(_per_package(trade, held), natural=stop.trigger == "natural")
    actions: list[Action] = []
    if ctx.news:
        actions.append(Tally("stop checks"))
    if cost is None or not cost.possible:
        state.armed.pop(key, None)
        return [*actions, Tally("stop checks unpriced")] if ctx.news else actions
    too_wide = cost.width > to_units(stop.max_width) and not _spot_passed(ctx, shorts)
    if cost.price < level or too_wide:
        state.armed.pop(key, None)
        return actions
    since = state.armed.setdefault(key, ctx.now)
    fires = since + stop.confirm_ns
    if ctx.now < fires:
        return [*actions, Wake(fires)]
    del state.armed[key]
    state.stopped.append(key)
    text = f"{scope} cost {dollars_text(cost.price)} to close, stop at {dollars_text(level)}"
    if all((quote := ctx.quote(contract)) is None or quote.ts <= since for contract in shorts):
        actions.append(Tally("stops on one quote"))
    both = {f"{trade.trade_id}:puts", f"{trade.trade_id}:calls"} <= set(state.stopped)
    close = Close(
        trade_id=trade.trade_id,
        scope=scope,
        contracts=tuple(held),
        trigger="stop",
        level=level,
        observed=cost.price,
        reason=text,
    )
    actions += [Say(kind="stop", key=trade.key, text=f"#{trade.trade_id} {text}"), close, Tally("stops")]
    if both:
        double = f"#{trade.trade_id} DOUBLE STOP: both sides"
        actions += [Say(kind="double stop", key=trade.key, text=double), Tally("double stops")]
    return actions


def _per_package(trade: TradeInfo, held: Mapping[Contract, int]) -> dict[Contract, int]:
    """Holdings of one package of the trade: its legs' ratios with the sign of what is held.

    A partial close can leave a fraction of a package; what is held of each contract is then scaled all the same, so
    the price stays that of one package.
    """
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    return {contract: ratio[contract] * (1 if quantity > 0 else -1) for contract, quantity in held.items()}


def _spot_passed(ctx: Context, shorts: list[Contract]) -> bool:
    """Whether spot has gone through a short strike, after which no width filter delays its stop."""
    chain = ctx.chain(shorts[0].expiry)
    spot = chain.spot if chain is not None else None
    if spot is None:
        return False
    return any(spot >= c.strike if c.right == "C" else spot <= c.strike for c in shorts)
