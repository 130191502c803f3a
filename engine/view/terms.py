"""The term pane's numbers: what each listed expiry of a root says of volatility, and the VIX family beside it."""

from __future__ import annotations

import math

from engine.core import Engine
from engine.market import Chain
from engine.view.chains import looked_at, move_to_come
from engine.view.request import ViewRequest
from engine.view.term import TermRow, TermView, VixRow

VIX_FAMILY = ("VIX1D", "VIX9D", "VIX", "VIX3M", "VIX6M")
MOST = 24
"""Expiries that are shown, from the nearest."""


def build_term(engine: Engine, request: ViewRequest) -> TermView:
    """Of the root the reader looks at."""
    root, expiries, chain = looked_at(engine, request)
    coming = [day for day in expiries if day >= engine.state.session.day]
    if chain is None or not coming:
        words = f"no {root} option is listed yet: the first quotes come after the open"
        return TermView(root=root, looked_at=None, vix=_vix(engine), why_empty=words)
    chains = [engine.state.chain(root, day) for day in coming[:MOST]]
    return TermView(
        root=root,
        looked_at=chain.expiry,
        rows=tuple(_row(each) for each in chains if each is not None),
        vix=_vix(engine),
        more=max(0, len(coming) - MOST),
    )


def _row(chain: Chain) -> TermRow:
    return TermRow(
        expiry=chain.expiry,
        days=365 * max(0.0, chain.years),
        iv=_at_the_money(chain),
        move=move_to_come(chain),
        forward=_known(chain.pricing_forward),
        strikes=len(chain.layout.strikes),
    )


def _at_the_money(chain: Chain) -> float | None:
    if chain.atm is None or chain.years <= 0:
        return None
    return _known(float(chain.iv[chain.layout.row_of[chain.atm]]))


def _vix(engine: Engine) -> tuple[VixRow, ...]:
    """Those that are streamed or of which yesterday's close is known."""
    state, found = engine.state, []
    for symbol in VIX_FAMILY:
        value, ts = state.market.value(symbol)
        if value is not None:
            found.append(VixRow(symbol=symbol, value=value, age=state.now - ts, source="streamed"))
            continue
        prior = state.market.prior_close(symbol, state.session.day)
        if prior is not None:
            found.append(VixRow(symbol=symbol, value=prior.close, age=None, source=f"close of {prior.day}"))
    return tuple(found)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
