"""What a session that ends leaves behind: what is held, and what is still on its way."""

from __future__ import annotations

from typing import NamedTuple

from engine.core import Engine
from engine.types import dollars_text


class LeftOpen(NamedTuple):
    """Of one session.

    Attributes:
        trades: that hold something, a few words each, with the most they can lose. stops: protective orders that rest
            at the broker. orders: others of which more is expected.
    """

    trades: tuple[str, ...]
    stops: int
    orders: int

    def __bool__(self) -> bool:
        return bool(self.trades or self.stops or self.orders)


def left_open(engine: Engine) -> LeftOpen:
    """What an engine's session leaves behind as it stands."""
    state = engine.state
    working = [order for order in state.orders.working() if order.status not in ("new", "denied")]
    trades = []
    for trade in state.portfolio.open_trades:
        gross = trade.standing.gross
        lose = f"may lose {dollars_text(trade.worst_case)}"
        contracts = f"{gross} contract{'' if gross == 1 else 's'}"
        trades.append(f"#{trade.trade_id} {trade.root} {trade.label}, {contracts}, {lose}")
    stops = sum(order.kind == "stop" for order in working)
    return LeftOpen(tuple(trades), stops, len(working) - stops)
