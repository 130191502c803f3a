"""What alerts are judged by, read from an engine between two events. Nothing here changes it."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

from engine.alerts.conditions import silent_text
from engine.alerts.facts import BreakerFact, Facts, FeedFact, LimitFact, ShortFact, TradeFact
from engine.alerts.moves import Moves
from engine.alerts.rule import GREEKS
from engine.core import Engine, Greeks
from engine.core.reconcile import UNREAD
from engine.market import Chain, VixReading
from engine.portfolio import Standing, Trade, cost_to_close
from engine.pricing import intrinsic
from engine.strategy import SidePlan
from engine.types import SCALE, Contract, Money, Price, dollars_text, product, to_units
from engine.view.build import STALE
from engine.view.risk import build_risk

_MINUTES_A_DAY = 24 * 60
_BY_PERSONS = frozenset({"PAUSED", "CANCELLED", "FLATTENED", "LOCKED"})
_STARTING = 4
"""So many times as long as an answer may take, the account is not missed."""
_LIMITS = frozenset(
    {
        *("PER_STRATEGY", "PER_BOOK", "MAX_OPEN", "REJECTS", "ERRORS"),
        *("CLOCK_SKEW", "REPEATED", "MAX_CONTRACTS_DAY", "MESSAGES_MINUTE"),
    }
)
"""Limits that fill up. A trade is sized to its own, and one entry's are the gate's."""
_PNL = frozenset({"pnl", "open pnl"})


class _Shape(NamedTuple):
    """What follows from a trade's holdings alone: its breakevens, and its shorts with their names."""

    standing: Standing
    points: tuple[Price, ...]
    shorts: tuple[tuple[str, Contract], ...]


class FactFinder:
    """Reads one engine; ``moves`` are those of its session, which outlasts it."""

    def __init__(self, engine: Engine, moves: Moves) -> None:
        self._engine = engine
        self._moves = moves
        self._shapes: dict[int, _Shape] = {}
        self._told_stops: dict[int, tuple[tuple[object, ...], tuple[str, str]]] = {}
        self._unread_since: int | None = None
        self.silent_after = max(STALE, engine.state.config.fills.max_quote_age_ns)
        """How long the feed may bring nothing before that is told, ns."""

    def read(self, wanted: Collection[str], slow: bool, dealt: bool) -> Facts:
        """The facts of now; ``wanted``: figures that rules name. ``slow``: with stops, P&L and the day's loss;
        ``dealt``: with the limits that only the session's own dealings use up."""
        state = self._engine.state
        chains = {root: self._nearest(root) for root in state.roots}
        priced = slow or not _PNL.isdisjoint(wanted)
        marks = [(trade, self._pnl_of(trade) if priced else None) for trade in state.portfolio.open_trades]
        day_pnl, open_pnl = self._pnl(marks) if priced else (None, None)
        held = {trade.root for trade, _ in marks}
        vix = state.vix(state.roots[0]) if "vix" in wanted else VixReading(None, "")
        return Facts(
            now=state.now,
            roots=state.roots,
            spots={root: chain.spot if chain is not None else None for root, chain in chains.items()},
            moves={
                root: self._move(chain, fresh="move" in wanted)
                for root, chain in chains.items()
                if root in held or "move" in wanted
            },
            vix=None if vix.value is None else round(vix.value * SCALE),
            day_pnl=day_pnl,
            open_pnl=open_pnl,
            shorts=tuple(short for trade, _ in marks for short in self._shorts(trade)),
            trades=tuple(self._trade(trade, pnl, slow) for trade, pnl in marks),
            figures=self._greeks() if GREEKS & set(wanted) else {},
            feed=self.feed(state.now),
            breakers=tuple(
                BreakerFact(name, breaker.text)
                for name, breaker in state.states.breakers.items()
                if name not in _BY_PERSONS and not (name == UNREAD and self._has_just_begun())
            ),
            limits=(self._day_loss(day_pnl) if slow else ()) + (self._limits() if dealt else ()),
            slow=slow,
            vix_source="" if vix.source == "streamed" else vix.source,
        )

    def _has_just_begun(self) -> bool:
        """Whether the broker's account may still be on its way: at every start it was not compared yet."""
        state = self._engine.state
        if self._unread_since is None:
            self._unread_since = state.now
        return state.now - self._unread_since < _STARTING * state.config.broker.answer_ns

    def feed(self, now: int) -> FeedFact:
        """The feed at ``now``, ns UTC, which may be later than the last event."""
        state = self._engine.state
        market = state.market
        if not self.trading(now):
            return FeedFact(True)
        if market.feed.state != "ok":
            told = f": {market.feed.text}" if market.feed.text else ""
            return FeedFact(False, f"the feed is {market.feed.state}{told}", market.feed.ts_known)
        newest = max(market.last_batch_ts, self.expected)
        if now - newest > self.silent_after:
            return FeedFact(False, silent_text(newest), newest + self.silent_after)
        return FeedFact(True)

    @property
    def expected(self) -> int:
        """From when on data were to come, ns UTC: the open, or a later start of the session."""
        return max(self._engine.state.session.open, self._engine.state.began)

    def trading(self, instant: int) -> bool:
        """Whether any of the roots trades at an instant."""
        session = self._engine.state.session
        return session.open <= instant < max(session.product_close(root) for root in self._engine.state.roots)

    def _nearest(self, root: str) -> Chain | None:
        state = self._engine.state
        today = state.chain(root, state.session.day)
        if today is not None:
            return today
        later = next((each for each in state.market.expiries(root) if each >= state.session.day), None)
        return None if later is None else state.chain(root, later)

    def _move(self, chain: Chain | None, fresh: bool) -> Price | None:
        """What is to come of a chain's expected move: of the minute, or of now."""
        if chain is None or chain.now >= chain.close:
            return None
        if fresh:
            return _move(chain)
        return self._moves.of(chain.root, chain.expiry, chain.now, self._engine.state.seq, lambda: _move(chain))

    def _pnl_of(self, trade: Trade) -> Money | None:
        return self._engine.guard.mark(trade).pnl_mid

    def _pnl(self, marks: list[tuple[Trade, Money | None]]) -> tuple[Money | None, Money | None]:
        """Of the day and of what is open, net of fees; None where a trade has no mark."""
        unrealised = 0
        for trade, pnl in marks:
            if pnl is None:
                return None, None
            unrealised += pnl - trade.realised_so_far
        return self._engine.state.portfolio.realised + unrealised, unrealised

    def _spot(self, trade: Trade) -> Price | None:
        chain = self._engine.state.chain(trade.root, trade.expiry)
        return chain.spot if chain is not None else None

    def _shorts(self, trade: Trade) -> list[ShortFact]:
        spot = self._spot(trade)
        if spot is None:
            return []
        return [
            ShortFact(
                trade.trade_id, trade.root, name,
                contract.strike - spot if contract.right == "C" else spot - contract.strike, spot,
            )
            for name, contract in self._shape(trade).shorts
        ]  # fmt: skip

    def _trade(self, trade: Trade, pnl: Money | None, slow: bool) -> TradeFact:
        spot = self._spot(trade)
        nearest, inside = None, None
        points = self._shape(trade).points
        if spot is not None and points and not trade.standing.only_longs:
            nearest = min(points, key=lambda point: abs(point - spot))
            away = abs(nearest - spot)
            inside = away if _at_expiry(trade, spot) > 0 else -away
        armed, unarmed = self._stops(trade, pnl is not None) if slow else ("", "")
        return TradeFact(trade.trade_id, trade.root, pnl, points, nearest, inside, spot, armed, unarmed)

    def _shape(self, trade: Trade) -> _Shape:
        """Worked out again when the trade's holdings change."""
        standing = trade.standing
        kept = self._shapes.get(trade.trade_id)
        if kept is None or kept.standing is not standing:
            shorts = tuple((each.short_name, each) for each, quantity in standing.held.items() if quantity < 0)
            kept = self._shapes[trade.trade_id] = _Shape(standing, breakevens(trade), shorts)
        return kept

    def _stops(self, trade: Trade, fresh: bool) -> tuple[str, str]:
        """Who holds the stops of a trade's shorts, and of which nobody does, in words. ``fresh``: whether all that is
        held has fresh quotes; then the words are the same until something is dealt or a stop moves."""
        engine = self._engine
        live = engine.state.market.feed.state == "ok"
        managed, plans = engine.strategies.managed(trade), engine.strategies.sides(trade)
        made_of = (engine.state.dealings, trade.standing, managed, plans) if live and fresh else None
        kept = self._told_stops.get(trade.trade_id)
        if made_of is not None and kept is not None and kept[0] == made_of:
            return kept[1]
        words = self._stop_words(trade, managed, plans, live)
        if made_of is not None:
            self._told_stops[trade.trade_id] = (made_of, words)
        return words

    def _stop_words(self, trade: Trade, managed: bool, plans: tuple[SidePlan, ...], live: bool) -> tuple[str, str]:
        engine, held = self._engine, trade.standing.held
        if not managed:
            if trade.standing.only_longs:
                return "", ""
            if engine.stops.rests(trade, tuple(trade.holdings)):
                return "by the broker", ""
            return "", "it: no strategy watches this trade"
        armed, unarmed = [], []
        for plan in plans:
            if plan.stop_at is None or not any(held.get(contract, 0) < 0 for contract in plan.contracts):
                continue
            by_engine = live and self._priced(trade, plan.contracts) and not engine.stops.alone(trade)
            by_broker = engine.stops.rests(trade, plan.contracts)
            at = f"{plan.label} {dollars_text(plan.stop_at)}"
            if not by_engine and not by_broker:
                unarmed.append(at)
                continue
            who = " and ".join(["the engine"] * by_engine + ["the broker"] * by_broker)
            armed.append(f"{at} by {who}")
        return ("" if unarmed else ", ".join(armed)), ", ".join(unarmed)

    def _priced(self, trade: Trade, contracts: tuple[Contract, ...]) -> bool:
        """Whether the engine can judge a stop by its quotes: all that is held of the contracts has fresh ones."""
        state = self._engine.state
        each = {c: trade.held(c) for c in contracts if trade.held(c)}
        return cost_to_close(each, state.market, state.now, state.max_age) is not None

    def _greeks(self) -> dict[tuple[str, str], int | None]:
        """Of each root's book, in the units of the greeks pane; none where nothing is held."""
        found: dict[tuple[str, str], int | None] = {}
        state = self._engine.state
        for root in state.roots:
            trades = [trade for trade in state.portfolio.open_trades if trade.root == root]
            total = Greeks()
            for trade in trades:
                total = total.plus(state, trade)
            for name in sorted(GREEKS) if trades else ():
                value = getattr(total, name) / (_MINUTES_A_DAY if name == "theta" else 1)
                found[root, name] = None if math.isnan(value) else round(value * SCALE)
        return found

    def _day_loss(self, day_pnl: Money | None) -> tuple[LimitFact, ...]:
        if day_pnl is None:
            return ()
        limit, lost = self._engine.state.config.risk.daily_loss, max(0, -day_pnl) / SCALE
        return (LimitFact("day loss", "DAILY_LOSS", lost, limit, _amounts(lost, limit, "dollars")),)

    def _limits(self) -> tuple[LimitFact, ...]:
        rows = build_risk(self._engine, None, self._engine.state.now)
        return tuple(
            LimitFact(row.name, row.code, row.used, row.limit, _amounts(row.used, row.limit, row.unit))
            for row in rows
            if row.code in _LIMITS and row.used is not None and row.limit
        )


def breakevens(trade: Trade) -> tuple[Price, ...]:
    """Prices of the underlying at which a trade makes nothing at expiry, fees paid so far included, ascending; none
    where it holds several expiries."""
    held = trade.standing.held
    if len({contract.expiry for contract in held}) != 1:
        return ()
    strikes = sorted({contract.strike for contract in held})
    beyond = strikes[-1] + max(strikes[-1], abs(trade.standing.cash))
    corners = [0, *strikes, beyond]
    values = [_at_expiry(trade, corner) for corner in corners]
    found: list[Price] = []
    for left, right, low, high in zip(corners, corners[1:], values, values[1:], strict=False):
        if (low < 0) != (high < 0):
            found.append(round(left + (right - left) * -low / (high - low)))
    return tuple(found)


def _at_expiry(trade: Trade, spot: Price) -> Money:
    """What a trade comes to at expiry with the underlying at ``spot``, fees paid so far off."""
    multiplier = product(trade.root).multiplier
    standing = trade.standing
    return standing.cash + multiplier * sum(
        quantity * intrinsic(contract, spot) for contract, quantity in standing.held.items()
    )


def _move(chain: Chain) -> Price | None:
    return None if math.isnan(chain.expected_move) else to_units(chain.expected_move)


def _amounts(used: float, limit: float, unit: str) -> str:
    if unit == "dollars":
        return f"${used:,.0f} of ${limit:,.0f}"
    return f"{used:g} of {limit:g}{'' if unit == 'count' else f' {unit}'}"
