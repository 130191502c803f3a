"""Stops and targets that a person moves: what they are of, and why one cannot stand where it is wanted.

Levels are what closing one package of the part costs, price units: positive where closing costs money.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.pricing import payoff_bounds
from engine.strategy.context import Context, Part, TradeInfo
from engine.types import Contract, MoveStop, MoveTarget, Package, Price, Scope, dollars_text, product

Moved = MoveStop | MoveTarget


class Refused(Exception):
    """Why something that a person ordered is not done, in words."""


def part_of(trade: TradeInfo, scope: Scope) -> Part:
    """The package or a side of a trade: what is held of it, or what its entry would bring while nothing is.

    Raises ``Refused`` where it has no such side, or where that is being closed.
    """
    if trade.held:
        puts, calls = trade.sides
        part = {"puts": puts, "calls": calls}.get(scope, trade.whole)
        if part.held:
            return part
        closing = any(scope in ("package", side_of(contract)) for contract in trade.exiting)
        what = "" if scope == "package" else f" {scope}"
        raise Refused(f"#{trade.trade_id}{what} is being closed" if closing else f"#{trade.trade_id} holds no {scope}")
    if trade.status != "working":
        raise Refused(f"#{trade.trade_id} holds nothing")
    part = part_of_package(trade.package, scope)
    if not part.each:
        raise Refused(f"#{trade.trade_id} has no {scope}")
    return part


def part_of_package(package: Package, scope: Scope) -> Part:
    """The same of a package that is to be opened."""
    each = {leg.contract: leg.signed_ratio for leg in package.legs if scope in ("package", side_of(leg.contract))}
    shorts = tuple(contract for contract, quantity in each.items() if quantity < 0)
    return Part(scope, {}, each, payoff_bounds(each), shorts)


def side_of(contract: Contract) -> Scope:
    """The side of a trade that a contract belongs to."""
    return "puts" if contract.right == "P" else "calls"


def check_stop(ctx: Context, part: Part, price: Price, natural: bool = False) -> None:
    """Raise ``Refused`` unless closing a part costs less than ``price`` now and can come to cost as much.

    ``natural``: whether the stop is judged at bid and ask.
    """
    cost = _cost(ctx, part, price, "stop", natural)
    if cost >= price:
        raise Refused(
            f"the stop at {dollars_text(price)} would fire at once: {part.label} cost{_s(part)} "
            f"{dollars_text(cost)} to close; C closes"
        )
    if part.bounds.lowest is not None and price > -part.bounds.lowest:
        most = dollars_text(-part.bounds.lowest)
        raise Refused(
            f"the stop at {dollars_text(price)} would never fire: {part.label} cost{_s(part)} {most} to close at most"
        )


def check_target(ctx: Context, part: Part, price: Price) -> None:
    """Raise ``Refused`` unless closing a part costs more than ``price`` now and can come to cost as little."""
    cost = _cost(ctx, part, price, "target")
    if cost <= price:
        raise Refused(
            f"the target at {dollars_text(price)} would close at once: {part.label} cost{_s(part)} "
            f"{dollars_text(cost)} to close; C closes"
        )
    if part.bounds.highest is not None and price < -part.bounds.highest:
        least = dollars_text(-part.bounds.highest)
        raise Refused(
            f"the target at {dollars_text(price)} would never be reached: {part.label} cost{_s(part)} "
            f"{least} to close at least"
        )


def check_move(ctx: Context, trade: TradeInfo, moved: Moved, natural: bool = False) -> None:
    """Raise ``Refused`` where a level that a person moves cannot stand there."""
    if moved.price is None:
        return
    if isinstance(moved, MoveStop):
        part = part_of(trade, moved.scope)
        check_stop(ctx, part, moved.price, natural)
        _check_newest_bars(ctx, trade, part, moved.price)
    else:
        check_target(ctx, part_of(trade, "package"), moved.price)


def _check_newest_bars(ctx: Context, trade: TradeInfo, part: Part, price: Price) -> None:
    """On bars a stop is judged by their range too, and what was inside the newest one was before the stop was moved."""
    worst = ctx.worst(part, trade.opened_at) if ctx.bars and trade.opened_at is not None else None
    if worst is not None and worst >= price:
        raise Refused(
            f"the stop at {dollars_text(price)} would fire at once: {part.label} cost up to {dollars_text(worst)} to "
            "close inside the newest minute; order it again with the next minute, or C closes"
        )


def spot_passed(ctx: Context, shorts: tuple[Contract, ...]) -> bool:
    """Whether spot has gone through a short strike, after which no filter of wide quotes delays its stop."""
    chain = ctx.chain(shorts[0].expiry) if shorts else None
    spot = chain.spot if chain is not None else None
    if spot is None:
        return False
    return any(spot >= c.strike if c.right == "C" else spot <= c.strike for c in shorts)


def moved_text(trade: TradeInfo, moved: Moved, before: Price | None) -> str:
    """What was done, in words."""
    what = "stop" if isinstance(moved, MoveStop) else "target"
    side = f" {moved.scope}" if isinstance(moved, MoveStop) and moved.scope != "package" else ""
    of = f"#{trade.trade_id}{side}"
    was = f"was {dollars_text(before)}" if before is not None else "it had none"
    if moved.price is None:
        return f"no {what} on {of} any more: {was}"
    return f"{what} of {of} at {dollars_text(moved.price)}: {was}"


def _cost(ctx: Context, part: Part, price: Price, what: str, natural: bool = False) -> Price:
    tick = tick_of(ctx.root, part.each, price)
    if price % tick:
        raise Refused(f"the {what} at {dollars_text(price, 4)} is not on the tick of {dollars_text(tick)}")
    cost = ctx.cost(part.each, natural, part.bounds)
    if cost is None or not cost.possible:
        raise Refused(f"without fresh quotes for {part.label} nobody can tell whether that {what} would fire at once")
    return cost.price


def tick_of(root: str, each: Mapping[Contract, int], price: Price) -> Price:
    """The smallest step of a level: the package's, or the one leg's own."""
    terms = product(root)
    return terms.package_tick if len(each) > 1 else terms.tick(abs(price))


def _s(part: Part) -> str:
    return "s" if part.label == "package" else ""
