"""The risk graph: what holdings are worth over a range of spots, now, at a chosen time, and at expiry.

Volatilities stay with their strikes (those of the present quotes) and are shocked by so many vol points; the forward
moves in step with the spot. A strike without a volatility makes the curves before expiry unknown, not zero; at expiry
none is needed. European prices: before a dividend what early exercise adds is not in the curves, and a note says so.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import pricing
from engine.calendar import clock_text
from engine.clock import SECOND
from engine.core import Engine
from engine.market import Chain
from engine.portfolio import Trade
from engine.types import SCALE, Contract, Money, product
from engine.view.payoff import PayoffRequest, PayoffView

Float = NDArray[np.float64]

NODES = 121
"""Spots on a curve."""
REACH = 3.0
"""How far the curves go either way, in expected moves, and never less than a strike beyond the outermost one held."""
LEAST = 0.004
"""The same, at least, as a fraction of the spot."""


class _Subject(NamedTuple):
    """What is drawn: signed contracts and the cash that came with them so far, money units."""

    words: str
    root: str
    held: Mapping[Contract, int]
    cash: Money


def build_payoff(engine: Engine, request: PayoffRequest, root: str) -> PayoffView:
    """The risk graph of what ``request`` names; of the book that part which is on ``root``."""
    choices = _choices(engine, root)
    subject = _subject(engine, request, root)
    if not subject.held:
        why = "nothing is held here: O opens the order ticket" if not request.trade_id else "this trade holds nothing"
        return PayoffView(root=subject.root, subject=subject.words, choices=choices, why_empty=why)
    chains = {day: engine.state.chain(subject.root, day) for day in dict.fromkeys(c.expiry for c in subject.held)}
    first = chains[min(chains)]
    spot = None if first is None or first.spot is None else first.spot / SCALE
    if first is None or spot is None:
        return PayoffView(
            root=subject.root,
            subject=subject.words,
            choices=choices,
            why_empty=f"where {subject.root} stands is not known yet: no fresh quotes",
        )
    return _drawn(engine, request, subject, chains, first, spot, choices)


def _drawn(
    engine: Engine,
    request: PayoffRequest,
    subject: _Subject,
    chains: Mapping[dt.date, Chain | None],
    first: Chain,
    spot: float,
    choices: tuple[tuple[str, PayoffRequest], ...],
) -> PayoffView:
    now = engine.state.now
    at = min(first.close, now + max(0, request.ahead) * SECOND)
    move = first.expected_move if first.years > 0 else math.nan
    spots = _range(spot, move, [contract.strike / SCALE for contract in subject.held])
    curves = _Curves(subject, chains, spot, spots)
    expiry = curves.at(first.close, 0.0)
    ends = payoff_extremes(subject.held, subject.cash, subject.root) if len(chains) == 1 else (None, None)
    early = any(chain is not None and chain.exercised_early for chain in chains.values())
    notes = ["early exercise is not in the curves"] if early else []
    notes += ["expiries differ: each is valued at the nearest one's end"] if len(chains) > 1 else []
    strikes: dict[float, int] = {}
    for contract, quantity in subject.held.items():
        strikes[contract.strike / SCALE] = strikes.get(contract.strike / SCALE, 0) + quantity
    known = expiry is not None
    return PayoffView(
        root=subject.root,
        subject=subject.words,
        choices=choices,
        spots=tuple(spots.tolist()),
        now=_tuple(curves.at(now, request.shock / 100)),
        chosen=_tuple(curves.at(at, request.shock / 100)),
        expiry=() if expiry is None else tuple(expiry.tolist()),
        at=at,
        end=first.close,
        shock=request.shock,
        spot=spot,
        strikes=tuple(sorted((strike, quantity) for strike, quantity in strikes.items() if quantity)),
        breakevens=() if expiry is None else zeros(spots, expiry),
        best=ends[0],
        worst=ends[1],
        low=None if math.isnan(move) else spot - move,
        high=None if math.isnan(move) else spot + move,
        note="; ".join(notes),
        why_empty="" if known else f"a later expiry's volatility is not known at {clock_text(now)}",
    )


class _Curves:
    """P&L over spots at any instant, dollars."""

    def __init__(self, subject: _Subject, chains: Mapping[dt.date, Chain | None], spot: float, spots: Float) -> None:
        self._spots = spots
        self._cash = subject.cash / SCALE
        self._multiplier = product(subject.root).multiplier
        self._legs = [(contract, quantity, chains[contract.expiry]) for contract, quantity in subject.held.items()]
        self._spot = spot

    def at(self, instant: int, shock: float) -> Float | None:
        """P&L at an instant, every volatility raised by ``shock``; None where a leg's volatility is not known."""
        total = np.full(len(self._spots), self._cash)
        for contract, quantity, chain in self._legs:
            value = self._value(contract, chain, instant, shock)
            if value is None:
                return None
            total += quantity * self._multiplier * value
        return total

    def _value(self, contract: Contract, chain: Chain | None, instant: int, shock: float) -> Float | None:
        sign = 1.0 if contract.right == "C" else -1.0
        strike = contract.strike / SCALE
        if chain is None:
            return None
        years = pricing.years_to(instant, chain.close)
        if years <= 0:
            return np.maximum(sign * (self._spots - strike), 0.0)
        row = chain.layout.row_of.get(contract.strike)
        sigma = math.nan if row is None else float(chain.iv[row])
        if math.isnan(sigma):
            return None
        forward = chain.pricing_forward / self._spot * self._spots
        value: Float = pricing.price(sign, forward, strike, years, max(1e-4, sigma + shock))
        return value


def payoff_extremes(held: Mapping[Contract, int], cash: Money, root: str) -> tuple[float | None, float | None]:
    """The best and the worst that contracts of one expiry and their cash can come to, dollars; None: no bound."""
    lowest, highest = pricing.payoff_bounds(held)
    multiplier = product(root).multiplier

    def dollars(bound: int | None) -> float | None:
        return None if bound is None else (bound * multiplier + cash) / SCALE

    return dollars(highest), dollars(lowest)


def zeros(spots: Float, curve: Float) -> tuple[float, ...]:
    """Spots at which a curve crosses zero, between two nodes by a straight line."""
    left, right = curve[:-1], curve[1:]
    crossing = np.flatnonzero((left == 0) | (left * right < 0))
    found = []
    for n in crossing.tolist():
        part = 0.0 if left[n] == 0 else float(left[n] / (left[n] - right[n]))
        found.append(float(spots[n] + part * (spots[n + 1] - spots[n])))
    return tuple(found)


def _range(spot: float, move: float, strikes: list[float]) -> Float:
    """Evenly spaced spots, the strikes among them, so that the corners of the curve of expiry are sharp."""
    half = max(LEAST * spot, 0.0 if math.isnan(move) else REACH * move)
    low, high = min([spot - half, *strikes]), max([spot + half, *strikes])
    margin = 0.04 * (high - low)
    even = np.linspace(max(0.01, low - margin), high + margin, NODES)
    return np.unique(np.concatenate([even, np.array(strikes), np.array([spot])]))


def _tuple(curve: Float | None) -> tuple[float, ...] | None:
    return None if curve is None else tuple(curve.tolist())


def _subject(engine: Engine, request: PayoffRequest, root: str) -> _Subject:
    if request.package is not None:
        package, many = request.package, max(1, request.quantity)
        of = package.legs[0].contract.root
        cash = -request.price * many * product(of).multiplier
        cash -= sum(leg.ratio for leg in package.legs) * many * engine.state.fee_each(of)
        held = {leg.contract: leg.signed_ratio * many for leg in package.legs}
        return _Subject("the order ticket", of, held, cash)
    trades = [trade for trade in engine.state.portfolio.open_trades if _meant(trade, request, root)]
    one = engine.state.portfolio.get(request.trade_id) if request.trade_id else None
    if one is not None:
        words, of = f"#{one.trade_id} {one.label}", one.root
    else:
        words, of = (request.strategy or "the book"), root
    held = {}
    for trade in trades:
        for contract, quantity in trade.standing.held.items():
            held[contract] = held.get(contract, 0) + quantity
    held = {contract: quantity for contract, quantity in held.items() if quantity}
    return _Subject(words, of, held, sum(trade.standing.cash for trade in trades))


def _meant(trade: Trade, request: PayoffRequest, root: str) -> bool:
    if request.trade_id:
        return trade.trade_id == request.trade_id
    return trade.root == root and request.strategy in ("", trade.strategy)


def _choices(engine: Engine, root: str) -> tuple[tuple[str, PayoffRequest], ...]:
    """The book, each strategy where there are several, each trade."""
    trades = [trade for trade in engine.state.portfolio.open_trades if trade.root == root]
    strategies = list(dict.fromkeys(trade.strategy for trade in trades))
    found = [("the book", PayoffRequest())]
    if len(strategies) > 1:
        found += [(name, PayoffRequest(strategy=name)) for name in strategies]
    found += [(f"#{trade.trade_id} {trade.label}", PayoffRequest(trade_id=trade.trade_id)) for trade in trades]
    return tuple(found)
