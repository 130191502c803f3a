"""What a stored chain says at its last full instant: spot, forward, expected move, volatility, gamma exposure."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

import numpy as np

from engine.calendar import LAST_DAY, from_new_york, is_session, previous_session, session
from engine.clock import MINUTE
from engine.events import ChainBatch, Listing
from engine.market import Market
from engine.market.chain import Chain
from engine.market.layout import lay_out
from engine.signals import GammaExposure, chains_gamma_exposure
from engine.tape.columns import Columns
from engine.tape.coverage import nearest_expiry
from engine.tape.daytape import DayTape
from engine.tape.minutes import by_minute
from engine.types import Contract, Price, parse_symbol, product

_FULL = 0.9
_MAX_AGE = 5 * MINUTE


@dataclass(frozen=True)
class Figures:
    """Of the nearest expiry, at one instant; a figure is ``None`` where it cannot be known.

    Attributes:
        known: when the quotes were known, ns UTC. at: when they were true: a delayed snapshot is older.
        spot: the underlying's value, price units, or the forward where that one is not fresh (``by_parity``).
        forward, expected_move: dollars. atm: strike nearest spot, price units; atm_iv: its volatility, annual.
        interest: whether the day has open interest at all.
        gamma_expiry, gamma_all: exposure of the nearest expiry, and of all expiries of the day.
    """

    known: int
    at: int
    expiry: dt.date
    spot: Price | None
    by_parity: bool
    forward: float | None
    expected_move: float | None
    atm: Price | None
    atm_iv: float | None
    interest: bool
    gamma_expiry: GammaExposure | None
    gamma_all: GammaExposure | None


def last_figures(tape: DayTape, columns: Columns) -> Figures | None:
    """The figures of ``tape`` with the ``columns`` it is played with; ``None`` where its chain has no price."""
    if tape.heard is not None:
        tape, columns = replace(tape, heard=None), by_minute(columns)
    expiry = nearest_expiry(columns, tape.day)
    at = None if expiry is None else _last_full(columns, expiry, _close(tape.root, expiry))
    if expiry is None or at is None:
        return None
    market = Market({tape.root: tape.provenance.meaning})
    true = at
    for event in replace(tape, columns=columns).events():
        if event.ts_known > at:
            break
        if isinstance(event, Listing):
            market.list_instruments(event)
        elif isinstance(event, ChainBatch):
            market.apply(event)
            true = event.ts_event
    chains = [_chain(market, tape.root, other, true) for other in market.expiries(tape.root) if other >= tape.day]
    near = next(chain for chain in chains if chain.expiry == expiry)
    interest = "open_interest" in columns.values
    value, age = near.index_value
    return Figures(
        known=at,
        at=true,
        expiry=expiry,
        spot=near.spot,
        by_parity=value is None or age > _MAX_AGE,
        forward=_known(near.forward),
        expected_move=_known(near.expected_move),
        atm=near.atm,
        atm_iv=None if near.atm is None else _known(float(near.iv[near.layout.row_of[near.atm]])),
        interest=interest,
        gamma_expiry=chains_gamma_exposure(market, [near]) if interest else None,
        gamma_all=chains_gamma_exposure(market, chains) if interest else None,
    )


def _chain(market: Market, root: str, expiry: dt.date, now: int) -> Chain:
    return Chain(market, lay_out(market, root, expiry), now, _close(root, expiry), _MAX_AGE)


def _close(root: str, expiry: dt.date) -> int:
    """When an expiry stops trading; one on a day without a session ends on the day before."""
    if expiry > LAST_DAY:
        return from_new_york(expiry, dt.time(16)) + product(root).close_after_minutes * MINUTE
    day = expiry if is_session(expiry) else previous_session(expiry).day
    return session(day).product_close(root)


def _last_full(columns: Columns, expiry: dt.date, close: int) -> int | None:
    """The last instant before ``close`` at which nine tenths of the most contracts ever priced at once have a price."""
    expires = np.array(
        [isinstance(one, Contract) and one.expiry == expiry for one in map(parse_symbol, columns.symbols)]
    )
    rows = expires[columns.code] & columns.has("bid", "ask", "price") & (columns.ts_known < close)
    instants, count = np.unique(columns.ts_known[rows], return_counts=True)
    if not len(instants):
        return None
    return int(instants[count >= _FULL * count.max()][-1])


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
