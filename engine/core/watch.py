"""Waits for the book: while no order works and every strategy has said what matters to it, a minute is one look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.core.guard import Guard
from engine.core.state import SessionState
from engine.core.strategies import StrategyDesk
from engine.market import NO_PRICE, Parts
from engine.portfolio import Standing, Trade, TradeMark
from engine.strategy import Watch
from engine.types import Money, Price, product


class _Marked(NamedTuple):
    """An open trade and what its marks are made of."""

    trade: Trade
    standing: Standing
    multiplier: int
    fees: Money


class BookWatch:
    """Looks at every open trade and every limit at once; says whether all is quiet.

    All is quiet where each trade has a sane mark, the day's loss is far, and no limit of a strategy matters: then the
    strategies, the exits and the orders would do nothing but what is done here.
    """

    def __init__(self, state: SessionState, guard: Guard, strategies: StrategyDesk) -> None:
        self._state = state
        self._guard = guard
        self._strategies = strategies
        self._made_of: tuple[int, tuple[Watch, ...]] | None = None
        self._marked: list[_Marked] = []
        self._counts: list[tuple[str, int]] = []
        self._parts = _parts([], [])

    def ready(self, exits: Watch) -> bool:
        """Whether the book can be waited for as it stands now, beside what matters to the exits under way."""
        state = self._state
        if "DAILY_LOSS" in state.states.breakers or self._guard.daily_loss.since is not None:
            return False
        watches = self._strategies.watches()
        if watches is None:
            return False
        watches = (exits, *watches)
        made_of = (state.dealings, watches)
        if made_of != self._made_of:
            if not self._all_listed(watches):
                return False
            self._make(watches)
            self._made_of = made_of
        return True

    def _all_listed(self, watches: tuple[Watch, ...]) -> bool:
        """Whether every contract is known to the market: after a restart one that is held may be listed later."""
        index = self._state.market.index
        held = (trade.standing.held for trade in self._state.portfolio.open_trades)
        limits = (limit.held for watch in watches for limit in watch.limits)
        return all(contract in index for part in (*held, *limits) for contract in part)

    def _make(self, watches: tuple[Watch, ...]) -> None:
        state = self._state
        self._marked = [
            _Marked(
                trade,
                trade.standing,
                product(trade.root).multiplier,
                state.fee_each(trade.root) * trade.standing.gross,
            )
            for trade in state.portfolio.open_trades
        ]
        self._counts = [(count.name, count.by) for watch in watches for count in watch.counts]
        legs: list[list[tuple[int, int]]] = []
        terms: list[list[int]] = []
        index = state.market.index
        for marked in self._marked:
            lowest, highest = marked.standing.bounds
            legs.append([(index[contract], quantity) for contract, quantity in marked.standing.held.items()])
            terms.append([0, _price(lowest), _price(highest), NO_PRICE, NO_PRICE, self._guard.max_width])
        for limit in (limit for watch in watches for limit in watch.limits):
            lowest, highest = limit.bounds or (None, None)
            legs.append([(index[contract], quantity) for contract, quantity in limit.held.items()])
            prices = [_price(lowest), _price(highest), _price(limit.above), _price(limit.below)]
            terms.append([limit.natural, *prices, -1])
        self._parts = _parts(legs, terms)

    def quiet(self, news: bool) -> bool:
        """Whether nothing but counts and marks comes of the market as it is; the counts, which are of ``news``, are
        taken up here."""
        state, guard = self._state, self._guard
        now = state.now
        if not state.market.look(self._parts, now, state.max_age):
            return False
        unrealised = 0
        goods: list[tuple[int, Money]] = []
        found = self._parts.found.tolist()
        for (trade, standing, multiplier, _), (mid2, *_rest) in zip(self._marked, found, strict=False):
            good = standing.cash + mid2 * multiplier // 2 - standing.realised
            unrealised += good
            goods.append((trade.trade_id, good))
        if state.portfolio.realised + unrealised <= -guard.daily_loss.limit:
            return False
        guard.seen(goods)
        tallies = state.tallies
        for name, by in self._counts if news else ():
            tallies[name] = tallies.get(name, 0) + by
        return True

    def write_marks(self) -> None:
        """Write the minute's marks where they are due, of what ``quiet`` has just seen."""
        if self._guard.marks_due():
            self._guard.write_marks(self._marks())

    def _marks(self) -> Iterator[tuple[Trade, TradeMark]]:
        """The marks of the open trades, as ``engine.portfolio.mark`` makes them."""
        now, found = self._state.now, self._parts.found.tolist()
        for (trade, standing, multiplier, fees), (mid2, at_once, _, oldest) in zip(self._marked, found, strict=False):
            at_mid, at_now = standing.cash + mid2 * multiplier // 2, standing.cash + at_once * multiplier - fees
            yield trade, TradeMark(at_mid, at_now, True, "", now - oldest)


def _price(price: Price | None) -> int:
    return NO_PRICE if price is None else price


def _parts(legs: list[list[tuple[int, int]]], terms: list[list[int]]) -> Parts:
    every = [leg for part in legs for leg in part]
    first = np.cumsum([0, *(len(part) for part in legs)], dtype=np.int64)
    return Parts(
        first=first,
        where=np.array([where for where, _ in every], np.int64),
        quantity=np.array([quantity for _, quantity in every], np.int64),
        terms=np.array(terms, np.int64).reshape(len(legs), 6),
        found=np.zeros((len(legs), 4), np.int64),
    )
