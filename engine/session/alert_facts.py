"""What alerts are judged by, read from an engine between two events. Nothing here changes it."""

from __future__ import annotations

import math
from collections.abc import Collection

from engine.alerts.conditions import silent_text
from engine.alerts.facts import BreakerFact, Facts, FeedFact, LimitFact, ShortFact, TradeFact
from engine.alerts.rule import GREEKS
from engine.core import Engine, Greeks
from engine.market import Chain
from engine.portfolio import Standing, Trade, cost_to_close
from engine.pricing import intrinsic
from engine.types import SCALE, Contract, Money, Price, dollars_text, product, to_units
from engine.view.build import STALE
from engine.view.risk import build_risk

_MINUTES_A_DAY = 24 * 60
_BY_PERSONS = frozenset({"PAUSED", "CANCELLED", "FLATTENED", "LOCKED"})
_LIMITS = frozenset(
    {
        *("PER_STRATEGY", "PER_BOOK", "MAX_OPEN", "REJECTS", "ERRORS"),
        *("CLOCK_SKEW", "REPEATED", "MAX_CONTRACTS_DAY", "MESSAGES_MINUTE"),
    }
)
"""Limits that fill up. A trade is sized to its own, and one entry's are the gate's."""


class FactFinder:
    """Reads one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._breakevens: dict[int, tuple[Standing, tuple[Price, ...]]] = {}
        self.silent_after = max(STALE, engine.state.config.fills.max_quote_age_ns)
        """How long the feed may bring nothing before that is told, ns."""

    def read(self, wanted: Collection[str], slow: bool, dealt: bool) -> Facts:
        """The facts of now; ``wanted``: figures that rules name. ``slow``: with stops and the day's loss; ``dealt``:
        with the limits that only the session's own dealings use up."""
        state = self._engine.state
        chains = {root: self._nearest(root) for root in state.roots}
        marks = [(trade, self._engine.guard.mark(trade).pnl_mid) for trade in state.portfolio.open_trades]
        day_pnl, open_pnl = self._pnl(marks)
        held = {trade.root for trade, _ in marks}
        vix = state.vix(state.roots[0]).value if "vix" in wanted else None
        return Facts(
            now=state.now,
            roots=state.roots,
            spots={root: chain.spot if chain is not None else None for root, chain in chains.items()},
            moves={root: _move(chain) for root, chain in chains.items() if root in held or "move" in wanted},
            vix=None if vix is None else round(vix * SCALE),
            day_pnl=day_pnl,
            open_pnl=open_pnl,
            shorts=tuple(short for trade, _ in marks for short in self._shorts(trade)),
            trades=tuple(self._trade(trade, pnl, slow) for trade, pnl in marks),
            figures=self._greeks() if GREEKS & set(wanted) else {},
            feed=self.feed(state.now),
            breakers=tuple(
                BreakerFact(name, breaker.text)
                for name, breaker in state.states.breakers.items()
                if name not in _BY_PERSONS
            ),
            limits=(self._day_loss(day_pnl) if slow else ()) + (self._limits() if dealt else ()),
            slow=slow,
        )

    def feed(self, now: int) -> FeedFact:
        """The feed at ``now``, ns UTC, which may be later than the last event."""
        state = self._engine.state
        market, opens = state.market, state.session.open
        if not self.trading(now):
            return FeedFact(True)
        if market.feed.state != "ok":
            told = f": {market.feed.text}" if market.feed.text else ""
            return FeedFact(False, f"the feed is {market.feed.state}{told}", market.feed.ts_known)
        newest = max(market.last_batch_ts, opens)
        if now - newest > self.silent_after:
            return FeedFact(False, silent_text(newest), newest + self.silent_after)
        return FeedFact(True)

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
                trade.trade_id, trade.root, contract.short_name,
                contract.strike - spot if contract.right == "C" else spot - contract.strike, spot,
            )
            for contract, quantity in trade.standing.held.items()
            if quantity < 0
        ]  # fmt: skip

    def _trade(self, trade: Trade, pnl: Money | None, slow: bool) -> TradeFact:
        spot = self._spot(trade)
        nearest, inside = None, None
        points = self._points(trade)
        if spot is not None and points and not trade.standing.only_longs:
            nearest = min(points, key=lambda point: abs(point - spot))
            away = abs(nearest - spot)
            inside = away if _at_expiry(trade, spot) > 0 else -away
        armed, unarmed = self._stops(trade) if slow else ("", "")
        return TradeFact(trade.trade_id, trade.root, pnl, points, nearest, inside, spot, armed, unarmed)

    def _points(self, trade: Trade) -> tuple[Price, ...]:
        """Where a trade makes nothing at expiry; worked out again when its holdings change."""
        standing = trade.standing
        kept = self._breakevens.get(trade.trade_id)
        if kept is None or kept[0] is not standing:
            kept = self._breakevens[trade.trade_id] = (standing, breakevens(trade))
        return kept[1]

    def _stops(self, trade: Trade) -> tuple[str, str]:
        """Who holds the stops of a trade's shorts, and of which nobody does, in words."""
        engine, held = self._engine, trade.standing.held
        if not engine.strategies.managed(trade):
            if trade.standing.only_longs:
                return "", ""
            if engine.stops.rests(trade, tuple(trade.holdings)):
                return "by the broker", ""
            return "", "it: no strategy watches this trade"
        armed, unarmed = [], []
        for plan in engine.strategies.sides(trade):
            if plan.stop_at is None or not any(held.get(contract, 0) < 0 for contract in plan.contracts):
                continue
            by_engine = self._priced(trade, plan.contracts) and not engine.stops.alone(trade)
            by_broker = engine.stops.rests(trade, plan.contracts)
            at = f"{plan.label} {dollars_text(plan.stop_at)}"
            if not by_engine and not by_broker:
                unarmed.append(at)
                continue
            who = " and ".join(["the engine"] * by_engine + ["the broker"] * by_broker)
            armed.append(f"{at} by {who}")
        return ("" if unarmed else ", ".join(armed)), ", ".join(unarmed)

    def _priced(self, trade: Trade, contracts: tuple[Contract, ...]) -> bool:
        """Whether the engine can judge a stop now: the feed lives, and what is held has fresh quotes."""
        state = self._engine.state
        each = {c: trade.held(c) for c in contracts if trade.held(c)}
        ok = state.market.feed.state == "ok"
        return ok and cost_to_close(each, state.market, state.now, state.max_age) is not None

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


def _move(chain: Chain | None) -> Price | None:
    if chain is None or chain.now >= chain.close or math.isnan(chain.expected_move):
        return None
    return to_units(chain.expected_move)


def _amounts(used: float, limit: float, unit: str) -> str:
    if unit == "dollars":
        return f"${used:,.0f} of ${limit:,.0f}"
    return f"{used:g} of {limit:g}{'' if unit == 'count' else f' {unit}'}"
