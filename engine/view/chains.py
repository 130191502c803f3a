"""The chain pane's rows: every strike of one expiry, calls and puts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection

import numpy as np

from engine.calendar import NotKnown
from engine.core import Engine
from engine.market import Chain
from engine.portfolio import dividend_tomorrow
from engine.types import Contract, Right, dollars_text
from engine.view.model import ChainRow, ChainView, SideView
from engine.view.request import ViewRequest

_MEANINGS = {
    "quote": "bid and ask",
    "mid": "mids: no bid or ask on this tape, both sides show the mid",
    "trade_bar": "trade prices: no bid or ask on this tape, both sides show the last trade",
}


def build_chain(
    engine: Engine, request: ViewRequest, silence: int = 0, streamed: Collection[str] | None = None
) -> ChainView | None:
    """The chain the reader looks at; the nearest expiry of the first root where it does not say.

    ``silence`` is the time since the engine's last event, by which every quote has grown older. ``streamed``: symbols
    whose quotes a feed streams; ``None`` for all.
    """
    state = engine.state
    root, expiries, chain = looked_at(engine, request)
    if chain is None:
        return _empty(engine, root, expiries)
    held = _held(engine)
    calls, puts = (_side(engine, chain, right, held, silence, streamed) for right in ("C", "P"))
    rows = tuple(
        ChainRow(strike, call, put) for strike, call, put in zip(chain.layout.strikes, calls, puts, strict=True)
    )
    value, age = chain.index_value
    return ChainView(
        root=root,
        expiry=chain.expiry,
        expiries=expiries,
        spot=chain.spot,
        spot_age=age + silence if value is not None else None,
        forward=_known(chain.forward),
        atm=chain.atm,
        expected_move=move_to_come(chain),
        seconds_to_close=max(0.0, (chain.close - state.now) / 1e9),
        prices=_MEANINGS[state.market.meaning(root)],
        rows=rows,
        dividend=dividend_words(root, state.session.day),
        iv_tick=_known(chain.tick_error),
    )


def looked_at(engine: Engine, request: ViewRequest) -> tuple[str, tuple[dt.date, ...], Chain | None]:
    """The root a request means, its expiries, and the chain of the one that is meant; None before it is listed."""
    state = engine.state
    root = request.root if request.root in state.roots else state.roots[0]
    assert root is not None
    expiries = state.market.expiries(root)
    wanted = (
        request.expiry if request.expiry in expiries else next((e for e in expiries if e >= state.session.day), None)
    )
    return root, expiries, state.chain(root, wanted) if wanted is not None else None


def move_to_come(chain: Chain) -> float | None:
    """The expected move, points; None where it is not known, and of an expiry that is over: nothing is to come."""
    return _known(chain.expected_move) if chain.years > 0 else None


def dividend_words(root: str, today: dt.date) -> str:
    """Of an American root: the dividend of the next session, or that it is not known; empty for none."""
    try:
        paid = dividend_tomorrow(root, today)
    except NotKnown:
        return "whether tomorrow is an ex-dividend day is not known"
    if paid is None:
        return ""
    return f"ex-dividend {paid.day}, {dollars_text(paid.amount)}: calls in the money may be assigned tonight"


def _empty(engine: Engine, root: str, expiries: tuple[dt.date, ...]) -> ChainView:
    return ChainView(
        root=root,
        expiry=engine.state.session.day,
        expiries=expiries,
        spot=None,
        spot_age=None,
        forward=None,
        atm=None,
        expected_move=None,
        seconds_to_close=0.0,
        prices="",
        rows=(),
        why_empty=f"no {root} option is listed yet: the first quotes come after the open",
    )


def _held(engine: Engine) -> dict[Contract, int]:
    found: dict[Contract, int] = {}
    for trade in engine.state.portfolio:
        for contract, holding in trade.holdings.items():
            if holding.quantity:
                found[contract] = found.get(contract, 0) + holding.quantity
    return found


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _floats(values: np.ndarray) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 (NaN)


def _side(
    engine: Engine,
    chain: Chain,
    right: Right,
    held: dict[Contract, int],
    silence: int,
    streamed: Collection[str] | None,
) -> list[SideView]:
    market, layout = engine.state.market, chain.layout
    side = chain.side(right)
    where = layout.calls if right == "C" else layout.puts
    iv = _floats(np.where(side.fresh, chain.iv, np.nan))
    columns = (side.delta, side.gamma, side.theta, side.vega, side.in_the_money, side.touch)
    delta, gamma, theta, vega, itm, touch = (_floats(np.where(side.fresh, column, np.nan)) for column in columns)
    rows = []
    for row, strike in enumerate(layout.strikes):
        position = int(where[row])
        if position < 0:
            rows.append(SideView())
            continue
        detail, contract = market.detail(position), Contract(layout.root, layout.expiry, strike, right)
        age = int(side.age[row])
        rows.append(
            SideView(
                bid=detail["bid"],
                ask=detail["ask"],
                bid_size=detail["bid_size"],
                ask_size=detail["ask_size"],
                iv=iv[row],
                delta=delta[row],
                gamma=gamma[row],
                theta=theta[row],
                vega=vega[row],
                volume=detail["volume"],
                open_interest=detail["open_interest"],
                age=age + silence if age < 2**61 else None,
                held=held.get(contract, 0),
                itm=itm[row],
                touch=touch[row],
                streamed=streamed is None or contract.symbol in streamed,
            )
        )
    return rows
