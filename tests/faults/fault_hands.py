"""What a person orders by hand in a fault session: of what is there, from the session's seed."""

from __future__ import annotations

from random import Random

from engine.core import Engine
from engine.market import Chain
from engine.types import (
    Adopt,
    Annotate,
    CancelAll,
    CancelOrder,
    CloseTrade,
    Contract,
    Leg,
    Manual,
    MoveLimit,
    MoveStop,
    MoveTarget,
    OpenTrade,
    Package,
    PauseStrategy,
    Price,
    RollTrade,
    product,
)

WISHES = ("open", "open", "close", "close", "stop", "stop", "target", "limit", "cancel", "roll", "other")


def order_by_hand(engine: Engine, rng: Random) -> Manual:
    """One order, sensible more often than not."""
    state, wish = engine.state, rng.choice(WISHES)
    trades = state.portfolio.open_trades or tuple(state.portfolio)
    trade_id = rng.choice(trades).trade_id if trades else 1
    scope = rng.choice(["package", "puts", "calls", "tested"])
    working = [order for order in state.orders.working() if order.kind == "open" or rng.random() < 0.1]
    match wish:
        case "open":
            root = rng.choice(state.roots)
            return _spread(engine, root, rng) or CancelAll()
        case "close":
            return CloseTrade(trade_id=trade_id, scope=scope, part=rng.choice([1, 2, 4]))  # type: ignore[arg-type]
        case "stop":
            tick = product(state.roots[0]).package_tick
            return MoveStop(trade_id=trade_id, scope=scope, price=rng.randint(1, 80) * tick)  # type: ignore[arg-type]
        case "target":
            return MoveTarget(trade_id=trade_id, price=rng.choice([None, product(state.roots[0]).package_tick]))
        case "roll":
            return RollTrade(trade_id=trade_id, scope=scope, strikes=rng.randint(1, 3))  # type: ignore[arg-type]
        case "limit" if working:
            order = rng.choice(working)
            tick = product(order.root).package_tick
            return MoveLimit(
                client_order_id=order.client_order_id, limit=(order.limit or 0) + rng.randint(-2, 2) * tick
            )
        case "cancel" if working:
            return rng.choice([CancelAll(), CancelOrder(client_order_id=rng.choice(working).client_order_id)])
        case _:
            return rng.choice(
                [
                    Adopt(trade_id=trade_id),
                    Annotate(trade_id=trade_id, note="a seed was here", tags=("seed",)),
                    PauseStrategy(strategy="iron_condor", paused=rng.random() < 0.4),
                ]
            )


def _spread(engine: Engine, root: str, rng: Random) -> OpenTrade | None:
    """A vertical spread some strikes from the money at bid and ask, with a stop well away; None without quotes."""
    state = engine.state
    chain: Chain | None = state.chain(root, state.session.day)
    if chain is None or chain.atm is None:
        return None
    right, strikes = rng.choice(["P", "C"]), chain.layout.strikes
    out, at, tick = (1 if right == "C" else -1), chain.layout.row_of[chain.atm], product(root).package_tick
    rows = at + out * (near := rng.randint(1, 6)), at + out * (near + rng.randint(1, 3))
    if min(rows) < 0 or max(rows) >= len(strikes):
        return None
    short, long = (Contract(root, chain.expiry, strikes[row], right) for row in rows)  # type: ignore[arg-type]
    bid, ask = state.market.quote(short).bid, state.market.quote(long).ask
    if bid is None or ask is None:
        return None
    limit: Price = -((bid - ask) // tick) * tick
    return OpenTrade(
        root=root,
        package=Package((Leg(long, "buy", "open"), Leg(short, "sell", "open"))),
        quantity=rng.randint(0, 3),
        limit=limit,
        stop=rng.choice([None, max(tick, -limit + 20 * tick)]),
        until=0 if rng.random() < 0.5 else state.now + 60 * 10**9 * rng.randint(1, 10),
    )
