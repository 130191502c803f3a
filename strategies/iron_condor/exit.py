"""When a condor, or a side of it, is closed: exit time, target, buy-back of cheap shorts, stops."""

from __future__ import annotations

from functools import cache

from engine.calendar import Session, clock_text, parse_time_of_day
from engine.strategy import Action, Close, Context, Limit, Part, Say, Tally, TradeInfo, Wake, Watch, spot_passed
from engine.types import Price, dollars_text
from strategies.iron_condor.levels import has_stops, key_of, stops_of, target_of
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State

_CHECKED = Tally("stop checks")


def exit_at(ctx: Context, settings: Settings) -> int:
    """The exit time today, ns UTC."""
    return _exit_on(settings.exit_time, ctx.session)


@cache
def _exit_on(text: str, session: Session) -> int:
    return parse_time_of_day(text).on(session.day, session.open, session.close)


def manage(ctx: Context, settings: Settings, state: State) -> list[Action]:
    """What to close now, trade by trade."""
    actions: list[Action] = []
    if settings.hold_to_settlement:
        return actions
    for trade in ctx.trades:
        if trade.held and (free := trade.whole).held:
            actions += (
                (ctx.bars and _inside_bars(ctx, settings, state, trade))
                or _at_exit_time(ctx, settings, trade, free)
                or _at_target(ctx, settings, state, trade, free)
                or [*_buy_back(ctx, settings, trade, free), *_at_stop(ctx, settings, state, trade)]
            )
    return actions


def watch(ctx: Context, settings: Settings, state: State) -> Watch | None:
    """The prices at which ``manage`` would do more than count; None where it may anyway."""
    if settings.hold_to_settlement:
        return Watch(())
    stop, limits, checks = settings.stop, list[Limit](), 0
    for trade in ctx.trades:
        if not (trade.held and (free := trade.whole).held):
            continue
        if ctx.now >= exit_at(ctx, settings):
            return None
        target = target_of(settings, state, trade)
        if target is not None and not trade.exiting and trade.filled:
            if not target.moved and _partly(trade, free):
                return None
            limits.append(Limit(free.each, False, free.bounds, below=target.price))
        if settings.buy_back_units:
            limits += [Limit({short: -1}, True, None, below=settings.buy_back_units) for short in free.shorts]
        if has_stops(settings, state, trade) and not trade.stopped_elsewhere:
            if ctx.bars:
                return None  # a bar's range may reach a stop that its last price is far from
            parts = [(part, level) for part, level in stops_of(settings, state, trade) if part.shorts]
            if any(key_of(trade, part) in state.armed for part, _ in parts):
                return None
            natural = stop.trigger == "natural"
            limits += [Limit(part.each, natural, part.bounds, above=level) for part, level in parts]
            checks += len(parts)
    return Watch(tuple(limits), (Tally(_CHECKED.name, checks),) if checks else ())


def _at_exit_time(ctx: Context, settings: Settings, trade: TradeInfo, free: Part) -> list[Action]:
    at = exit_at(ctx, settings)
    if ctx.now < at:
        return []
    text = f"exit time {clock_text(at, seconds=False)}"
    return [
        Close(trade_id=trade.trade_id, scope="package", contracts=tuple(free.held), trigger="exit_time", reason=text)
    ]


def _at_target(ctx: Context, settings: Settings, state: State, trade: TradeInfo, free: Part) -> list[Action]:
    target = target_of(settings, state, trade)
    if target is None or trade.exiting or not trade.filled:
        return []
    cost = ctx.cost(free.each, bounds=free.bounds)
    if cost is None or not cost.possible:
        return []
    if target.moved:
        if cost.price > target.price:
            return []
        text = f"package costs {dollars_text(cost.price)} to close, target at {dollars_text(target.price)}"
    else:
        kept = trade.cash - (_of_all(ctx, trade, free) if _partly(trade, free) else cost.price)
        if kept < target.wanted:
            return []
        text = f"kept {dollars_text(kept)} of {dollars_text(trade.credit)}, target {dollars_text(target.wanted)}"
    return [
        Close(
            trade_id=trade.trade_id,
            scope="package",
            contracts=tuple(free.held),
            trigger="target",
            level=target.price,
            observed=cost.price,
            reason=text,
        )
    ]


def _partly(trade: TradeInfo, free: Part) -> bool:
    """Whether a part of it was closed: what is held then weighs less than a package."""
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    return any(abs(quantity) < ratio[contract] * trade.filled for contract, quantity in free.held.items())


def _of_all(ctx: Context, trade: TradeInfo, free: Part) -> Price:
    """What closing all that is held costs, for each package that was opened."""
    cost = ctx.cost(free.held)
    assert cost is not None  # it was priced just now
    return -(-cost.price // trade.filled)


def _buy_back(ctx: Context, settings: Settings, trade: TradeInfo, free: Part) -> list[Action]:
    level = settings.buy_back_units
    actions: list[Action] = []
    if not level:
        return actions
    for contract in free.shorts:
        quote = ctx.quote(contract)
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


def _at_stop(ctx: Context, settings: Settings, state: State, trade: TradeInfo) -> list[Action]:
    if not has_stops(settings, state, trade) or trade.stopped_elsewhere:
        return []
    stops = stops_of(settings, state, trade)
    return [a for part, level in stops for a in _watch(ctx, settings, state, trade, part, level)]


def _watch(ctx: Context, settings: Settings, state: State, trade: TradeInfo, part: Part, level: Price) -> list[Action]:
    """Judge one scope's closing price: fire once the trigger has held for ``confirm_s``.

    An impossible price is no price: nothing is decided on it, and it is counted.
    """
    scope, shorts = part.label, part.shorts
    key = key_of(trade, part)
    if not shorts:
        state.armed.pop(key, None)
        return []
    stop = settings.stop
    cost = ctx.cost(part.each, stop.trigger == "natural", part.bounds)
    actions: list[Action] = []
    if ctx.news:
        actions.append(_CHECKED)
    if cost is None or not cost.possible:
        state.armed.pop(key, None)
        return [*actions, Tally("stop checks unpriced")] if ctx.news else actions
    too_wide = cost.width > stop.max_width_units and not spot_passed(ctx, shorts)
    if cost.price < level or too_wide:
        state.armed.pop(key, None)
        return actions
    since = state.armed.setdefault(key, ctx.now)
    fires = since + stop.confirm_ns
    if ctx.now < fires:
        return [*actions, Wake(fires)]
    del state.armed[key]
    if all((quote := ctx.quote(contract)) is None or quote.ts <= since for contract in shorts):
        actions.append(Tally("stops on one quote"))
    text = f"{scope} cost {dollars_text(cost.price)} to close, stop at {dollars_text(level)}"
    return [*actions, *_fire(state, trade, part, level, cost.price, text)]


def _inside_bars(ctx: Context, settings: Settings, state: State, trade: TradeInfo) -> list[Action]:
    """On bars: stops that the range of the newest ones reaches, before anything else of them is believed.

    Which extreme came first is not known, so the worst is assumed: the stop before the target, at the bar's worst.
    """
    if not has_stops(settings, state, trade) or trade.stopped_elsewhere or trade.opened_at is None:
        return []
    actions: list[Action] = []
    for part, level in stops_of(settings, state, trade):
        worst = ctx.worst(part, trade.opened_at) if part.shorts else None
        if worst is None or worst < level:
            continue
        state.armed.pop(key_of(trade, part), None)
        range_text = f"up to {dollars_text(worst)} to close inside the minute"
        text = f"{part.label} cost {range_text}, stop at {dollars_text(level)}"
        actions += [*_fire(state, trade, part, level, worst, text, in_bar=True), Tally("stops inside a minute's bar")]
    return actions


def _fire(
    state: State, trade: TradeInfo, part: Part, level: Price, observed: Price, text: str, in_bar: bool = False
) -> list[Action]:
    """Stop a scope of a trade, and say so; both sides of one trade are said twice."""
    state.stopped.append(key_of(trade, part))
    close = Close(
        trade_id=trade.trade_id,
        scope=part.label,
        contracts=tuple(part.held),
        trigger="stop",
        level=level,
        observed=observed,
        in_bar=in_bar,
        reason=text,
    )
    actions: list[Action] = [Say(kind="stop", key=trade.key, text=f"#{trade.trade_id} {text}"), close, Tally("stops")]
    if {f"{trade.trade_id}:puts", f"{trade.trade_id}:calls"} <= set(state.stopped):
        double = f"#{trade.trade_id} DOUBLE STOP: both sides"
        actions += [Say(kind="double stop", key=trade.key, text=double), Tally("double stops")]
    return actions
