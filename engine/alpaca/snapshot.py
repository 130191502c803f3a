"""The whole account read at once, so that its parts agree: clock, positions, orders of the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from engine.alpaca.parse import Held, MarketClock, read_clock, read_positions
from engine.alpaca.parse_orders import AlpacaOrder, read_orders
from engine.alpaca.parse_values import Told
from engine.alpaca.rest import Rest
from engine.calendar import date_of, from_new_york
from engine.clock import Clock

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account at one instant.

    Attributes:
        orders: submitted since midnight in New York by the server's own clock, those that are done included, and any
            older one that still works.
        skew: the server's clock less ours, ns; ``None`` where it told no time.
        settled: whether nothing was executed while it was read. told: what could not be read.
    """

    clock: MarketClock
    skew: int | None
    positions: tuple[Held, ...]
    orders: tuple[AlpacaOrder, ...]
    settled: bool
    told: tuple[str, ...]


def read_snapshot(rest: Rest, ours: Clock) -> Snapshot:
    """Read the account. Positions are read between two looks at the orders, again where something traded in between.

    Raises ``AlpacaError``: it is whole or not at all.
    """
    told: Told = []
    heard: Told = []
    clock, skew = read_time(rest, ours, told)
    midnight = since_midnight(clock.now if clock.now is not None else ours.now())
    orders = _orders(rest, midnight, told)
    settled = False
    positions: list[Held] = []
    for _ in range(_TRIES):
        heard = []
        positions = read_positions(rest.positions(), heard)
        after = _orders(rest, midnight, heard)
        settled, orders = _executed(after) == _executed(orders), after
        if settled:
            break
    told += heard
    return Snapshot(clock, skew, tuple(positions), tuple(orders), settled, tuple(dict.fromkeys(told)))


def since_midnight(now: int) -> dt.datetime:
    """When the day of ``now`` (ns UTC) began in New York."""
    return dt.datetime.fromtimestamp(from_new_york(date_of(now), dt.time()) // 1_000_000_000, dt.UTC)


def read_time(rest: Rest, ours: Clock, told: Told) -> tuple[MarketClock, int | None]:
    """The server's clock, and how far it is ahead of ours, ns: by the middle of the time the answer took."""
    before = ours.now()
    clock = read_clock(rest.clock(), told)
    middle = (before + ours.now()) // 2
    return clock, None if clock.now is None else clock.now - middle


def _orders(rest: Rest, midnight: dt.datetime, told: Told) -> list[AlpacaOrder]:
    found = {order.order_id: order for order in read_orders(rest.open_orders(), told)}
    found.update((order.order_id, order) for order in read_orders(rest.orders(midnight), told))
    return list(found.values())


def _executed(orders: list[AlpacaOrder]) -> dict[str, int]:
    return {leg.order_id: leg.filled for order in orders for leg in order.legs if leg.filled}
