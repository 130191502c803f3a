"""The smile pane's numbers: the fit of the chain looked at, beside the quotes it was made of."""

from __future__ import annotations

import math

from engine import pricing
from engine.core import Engine
from engine.market import Chain
from engine.types import strike_text, to_units
from engine.view.chains import looked_at, move_to_come
from engine.view.model import SmilePoint, SmileView
from engine.view.request import ViewRequest

DELTA = 0.25


def build_smile(engine: Engine, request: ViewRequest) -> SmileView:
    """The smile of the expiry the reader looks at."""
    root, _, chain = looked_at(engine, request)
    if chain is None:
        return SmileView(
            root=root,
            expiry=engine.state.session.day,
            forward=None,
            atm_strike=None,
            why_empty=f"no {root} option is listed yet: the first quotes come after the open",
        )
    smile = chain.smile
    if smile is None:
        return _not_fitted(chain)
    skew = pricing.skew_of(smile, DELTA)
    return SmileView(
        root=root,
        expiry=chain.expiry,
        forward=_known(chain.pricing_forward),
        atm_strike=chain.atm,
        points=_points(chain, smile),
        atm=smile.atm_vol,
        skew=0.01 * smile.skew,
        risk_reversal=None if skew is None else skew.risk_reversal,
        butterfly=None if skew is None else skew.butterfly,
        call_strike=None if skew is None else skew.call_strike,
        put_strike=None if skew is None else skew.put_strike,
        move=move_to_come(chain),
        deviation=smile.forward * smile.atm_vol * math.sqrt(smile.t),
        iv_tick=_known(chain.tick_error),
        error=smile.error,
        quotes=smile.points,
        outliers=smile.outliers,
        arbitrage=_arbitrage(smile),
    )


def _points(chain: Chain, smile: pricing.Smile) -> tuple[SmilePoint, ...]:
    strikes = chain.strikes
    model, density = smile.vol(strikes), pricing.risk_neutral_density(smile, strikes)
    columns = (chain.iv, model, density, pricing.probability_above(smile, strikes))
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(SmilePoint(strike, *map(_known, row)) for strike, row in zip(chain.layout.strikes, rows, strict=True))


def _not_fitted(chain: Chain) -> SmileView:
    known = sum(iv == iv for iv in chain.iv.tolist())  # noqa: PLR0124 (NaN)
    words = f"{known} strikes of {chain.root} {chain.expiry} have a volatility; a smile takes six"
    if chain.years <= 0:
        words = f"{chain.root} {chain.expiry} has expired: its quotes imply no volatility any more"
    return SmileView(
        root=chain.root,
        expiry=chain.expiry,
        forward=_known(chain.pricing_forward),
        atm_strike=chain.atm,
        move=move_to_come(chain),
        why_empty=words,
    )


def _arbitrage(smile: pricing.Smile) -> str:
    found = pricing.check_arbitrage(smile)
    if found.free:
        return ""
    if found.least < 0:
        return f"a butterfly at {strike_text(to_units(round(found.strike, 2)))} would be paid to be held"
    return "a wing is too steep"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
