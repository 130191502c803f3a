"""When a condor, or a side of it, is closed: exit time, target, buy-back of cheap shorts, stops."""

from __future__ import annotations

from functools import cache

from engine.calendar import Session, clock_text, parse_time_of_day
from engine.strategy import Action, Close, Context, Limit, Part, Say, SidePlan, Tally, TradeInfo, Wake, Watch
from engine.types import Contract, Price, dollars_text
from strategies.iron_condor.settings import Settings
from strategies.iron_condor.state import State

_CHECKED = Tally("stop checks")


def exit_at(ctx: Context, settings: Settings) -> int:
    """The exit time today, ns UTC."""
    return _exit_on(settings.exit_time, ctx.session)


@cache
def _exit_on(text: str, session: Session) -> int:
    return parse_time_of_day(text).on(session.day, session.open, session.close)


def side_plans(settings: Settings, trade: TradeInfo) -> tuple[SidePlan, ...]:
    """The puts and the calls, each with the closing price at which it is stopped, as far as sides have stops."""
    level = settings.stop.level(trade.credit) if (trade.filled or trade.held) and settings.has_stops else None
    by_side = settings.stop.scope == "side"
    contracts = [leg.contract for leg in trade.package.legs]
    return tuple(
        SidePlan(word, tuple(c for c in contracts if c.right == right), level if by_side else None)
        for right, word in (("P", "puts"), ("C", "calls"))
    )


def package_stop(settings: Settings, trade: TradeInfo) -> Price | None:
    """The closing price of the whole package at which it is stopped, where the package is the stop's scope."""
    wanted = (trade.filled or trade.held) and settings.has_stops and settings.stop.scope == "package"
    return settings.stop.level(trade.credit) if wanted else None


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
                or _at_target(ctx, settings, trade, free)
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
        if settings.profit_target and not trade.exiting and trade.filled:
            wanted = round(settings.profit_target * trade.credit)
            limits.append(Limit(free.each, False, free.bounds, below=trade.cash - wanted))
        if settings.buy_back_units:
            limits += [Limit({short: -1}, True, None, below=settings.buy_back_units) for short in free.shorts]
        if settings.has_stops and not trade.stopped_elsewhere:
            if ctx.bars:
                return None  # a bar's range may reach a stop that its last price is far from
            parts = [part for part in _stopped_parts(settings, trade) if part.shorts]
            if any(_key(trade, part) in state.armed for part in parts):
                return None
            level, natural = stop.level(trade.credit), stop.trigger == "natural"
            limits += [Limit(part.each, natural, part.bounds, above=level) for part in parts]
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


def _at_target(ctx: Context, settings: Settings, trade: TradeInfo, free: Part) -> list[Action]:
    if not settings.profit_target or trade.exiting or not trade.filled:
        return []
    cost = ctx.cost(free.each, bounds=free.bounds)
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
            contracts=tuple(free.held),
            trigger="target",
            level=trade.cash - wanted,
            observed=cost.price,
            reason=text,
        )
    ]


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
    if not settings.has_stops or trade.stopped_elsewhere:
        return []
    return [a for part in _stopped_parts(settings, trade) for a in _watch(ctx, settings, state, trade, part)]


def _stopped_parts(settings: Settings, trade: TradeInfo) -> list[Part]:
    """What has a stop of its own. Before a whole package is filled, a side counts once each of its legs is held: as
    long as single legs come in, their price says nothing."""
    parts = [trade.whole] if settings.stop.scope == "package" else list(trade.sides)
    if trade.filled:
        return parts
    awaited = {leg.contract.right for leg in trade.package.legs if leg.contract not in trade.held}
    return [part for part in parts if awaited.isdisjoint(contract.right for contract in part.held)]


def _watch(ctx: Context, settings: Settings, state: State, trade: TradeInfo, part: Part) -> list[Action]:
    """Judge one scope's closing price: fire once the trigger has held for ``confirm_s``.

    An impossible price is no price: nothing is decided on it, and it is counted.
    """
    scope, shorts = part.label, part.shorts
    key = _key(trade, part)
    if not shorts:
        state.armed.pop(key, None)
        return []
    stop = settings.stop
    level = stop.level(trade.credit)
    cost = ctx.cost(part.each, stop.trigger == "natural", part.bounds)
    actions: list[Action] = []
    if ctx.news:
        actions.append(_CHECKED)
    if cost is None or not cost.possible:
        state.armed.pop(key, None)
        return [*actions, Tally("stop checks unpriced")] if ctx.news else actions
    too_wide = cost.width > stop.max_width_units and not _spot_passed(ctx, shorts)
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
    if not settings.has_stops or trade.stopped_elsewhere or trade.opened_at is None:
        return []
    actions: list[Action] = []
    level = settings.stop.level(trade.credit)
    for part in _stopped_parts(settings, trade):
        worst = ctx.worst(part, trade.opened_at) if part.shorts else None
        if worst is None or worst < level:
            continue
        state.armed.pop(_key(trade, part), None)
        range_text = f"up to {dollars_text(worst)} to close inside the minute"
        text = f"{part.label} cost {range_text}, stop at {dollars_text(level)}"
        actions += [*_fire(state, trade, part, level, worst, text, in_bar=True), Tally("stops inside a minute's bar")]
    return actions


def _fire(
    state: State, trade: TradeInfo, part: Part, level: Price, observed: Price, text: str, in_bar: bool = False
) -> list[Action]:
    """Stop a scope of a trade, and say so; both sides of one trade are said twice."""
    state.stopped.append(_key(trade, part))
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


def _key(trade: TradeInfo, part: Part) -> str:
    """What the state calls a scope of a trade."""
    return f"{trade.trade_id}:{part.label}"


def _spot_passed(ctx: Context, shorts: tuple[Contract, ...]) -> bool:
    """Whether spot has gone through a short strike, after which no width filter delays its stop."""
    chain = ctx.chain(shorts[0].expiry)
    spot = chain.spot if chain is not None else None
    if spot is None:
        return False
    return any(spot >= c.strike if c.right == "C" else spot <= c.strike for c in shorts)
