"""Builds what the keys that trade need to know: see ``engine.view.deals``."""

from __future__ import annotations

from msgspec.structs import replace

from engine.core import Engine
from engine.portfolio import Trade, cost_to_close
from engine.strategy import SidePlan
from engine.types import Contract, Money, Price, Scope, product, sign, strike_text
from engine.view.deals import Deal, DealPart, DealsView, WorkingEntry
from engine.view.packages import prices, tick_of

_RIGHTS: dict[Scope, str] = {"package": "PC", "puts": "P", "calls": "C"}


def build_deals(engine: Engine) -> DealsView:
    """Every trade that is not over, every entry that works, every strategy."""
    state = engine.state
    trades = [trade for trade in state.portfolio if not trade.over]
    paused = set(state.hands.paused)
    return DealsView(
        deals=tuple(_deal(engine, trade) for trade in trades),
        entries=_entries(engine),
        strategies=tuple((name, root, (name, root) in paused) for name, root in engine.strategies.names()),
    )


def _entries(engine: Engine) -> tuple[WorkingEntry, ...]:
    state, found = engine.state, []
    for order in state.orders.working():
        trade = state.portfolio.get(order.trade_id)
        if order.kind != "open" or trade is None:
            continue
        now = prices(order.package, state, state.now)
        found.append(
            WorkingEntry(
                client_order_id=order.client_order_id,
                trade_id=order.trade_id,
                strategy=order.strategy,
                label=trade.label,
                quantity=order.quantity,
                filled=order.filled,
                limit=order.limit,
                mid=now.mid,
                natural=now.natural,
                tick=tick_of(order.package, order.limit or 0),
            )
        )
    return tuple(found)


def _deal(engine: Engine, trade: Trade) -> Deal:
    state = engine.state
    plans = engine.strategies.sides(trade)
    parts = [part for scope in _RIGHTS if (part := _part(engine, trade, scope, plans)) is not None]
    sides = [part for part in parts[1:] if part.distance is not None]
    if len(parts) == 2:  # one side: it is the package, and so are its stops
        stops = [part.stop_at for part in parts if part.stop_at is not None]
        parts = [replace(parts[0], stop_at=min(stops, default=None))]
    written = state.annotations.get(trade.trade_id)
    return Deal(
        trade_id=trade.trade_id,
        strategy=trade.strategy,
        root=trade.root,
        label=trade.label,
        parts=tuple(parts),
        tick=tick_of(trade.package, 0),
        working=next((o.client_order_id for o in state.orders.working(trade.trade_id) if o.kind == "open"), ""),
        closing=trade.open and set(trade.standing.held) <= engine.exits.exiting(trade) | trade.left,
        watched=engine.strategies.managed(trade),
        tested=min(sides, key=lambda part: part.distance or 0).scope if sides else "",
        note=written.note if written else "",
        tags=written.tags if written else (),
    )


def _part(engine: Engine, trade: Trade, scope: Scope, plans: tuple[SidePlan, ...]) -> DealPart | None:
    held = {c: n for c, n in trade.standing.held.items() if c.right in _RIGHTS[scope]}
    if not held:
        return None
    state = engine.state
    ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
    each = {c: ratio.get(c, 1) * (1 if n > 0 else -1) for c, n in held.items()}
    mid = cost_to_close(each, state.market, state.now, state.max_age)
    natural = cost_to_close(each, state.market, state.now, state.max_age, natural=True)
    shorts = [c for c, n in held.items() if n < 0]
    chain = state.chain(trade.root, shorts[0].expiry) if shorts else None
    spot = chain.spot if chain is not None else None
    gross = sum(abs(n) for n in held.values())
    return DealPart(
        scope=scope,
        legs=_legs_text(list(held)),
        quantity=max(-(-abs(n) // ratio.get(c, 1)) for c, n in held.items()),
        contracts=gross,
        mid=mid.price if mid else None,
        natural=natural.price if natural else None,
        pnl_mid=_result(engine, trade, held, mid is not None, at_mid=True),
        pnl_now=_result(engine, trade, held, natural is not None, at_mid=False),
        stop_at=next((plan.stop_at for plan in plans if plan.label == scope), None),
        distance=None
        if spot is None
        else min((c.strike - spot if c.right == "C" else spot - c.strike) for c in shorts)
        if shorts
        else None,
    )


def _result(engine: Engine, trade: Trade, held: dict[Contract, int], priced: bool, at_mid: bool) -> Money | None:
    """What closing signed contracts brings against what they were opened at, fees both ways taken off."""
    state, total = engine.state, 0
    if not priced:
        return None
    for contract, quantity in held.items():
        entry, quote = _opened_at(engine, trade, contract), state.market.quote(contract)
        if entry is None or quote.bid is None or quote.ask is None:
            return None
        price2 = quote.mid2 if at_mid else 2 * (quote.bid if quantity > 0 else quote.ask)
        total += quantity * (price2 * entry[1] - 2 * entry[0]) * product(contract.root).multiplier // (2 * entry[1])
        total -= 2 * abs(quantity) * state.fee_each(contract.root)
    return total


def _opened_at(engine: Engine, trade: Trade, contract: Contract) -> tuple[Price, int] | None:
    """What the contracts of one kind that the trade opened cost together, and how many they were; None where no order
    here opened them and some were closed since."""
    cost = many = 0
    for order in engine.state.orders.of(trade.trade_id):
        for fill in order.executions.values() if order.kind == "open" else ():
            if fill.contract == contract:
                cost += fill.price * fill.quantity
                many += fill.quantity
    if many:
        return cost, many
    holding = trade.holdings[contract]
    wanted = next((leg for leg in trade.package.legs if leg.contract == contract), None)
    if wanted is None or abs(holding.quantity) != wanted.ratio * trade.filled:
        return None
    cash = -holding.cash * sign(wanted.side)
    return cash // product(contract.root).multiplier, abs(holding.quantity)


def _legs_text(contracts: list[Contract]) -> str:
    """``5845/5835P 5900/5910C``: shorts nearest to the money are not told from longs here, strikes ascend outward."""
    words = []
    for right in ("P", "C"):
        strikes = sorted((c.strike for c in contracts if c.right == right), reverse=right == "P")
        if strikes:
            words.append(f"{'/'.join(strike_text(strike) for strike in strikes)}{right}")
    return " ".join(words)
