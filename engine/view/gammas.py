"""The gamma pane's numbers: exposure a strike, the walls and where the net exposure would be zero."""

from __future__ import annotations

import datetime as dt

from engine.core import Engine
from engine.market import Chain
from engine.signals import GammaExposure, chains_gamma_exposure
from engine.types import to_units
from engine.view.chains import looked_at
from engine.view.gamma import GammaRow, GammaView
from engine.view.request import ViewRequest

MOST = 4_000
"""Contracts of which the exposure is worked out at once: a view must not keep the engine waiting."""


def build_gamma(engine: Engine, request: ViewRequest) -> GammaView:
    """Of the expiry the reader looks at; with ``gamma_all`` among the parts, of all that are listed."""
    root, expiries, chain = looked_at(engine, request)
    if chain is None:
        words = f"no {root} option is listed yet: the first quotes come after the open"
        return GammaView(root=root, expiries=(), why_empty=words)
    chains = [chain]
    if "gamma_all" in request.parts:
        chains = _within(engine, root, expiries, chain)
    days = tuple(each.expiry for each in chains)
    found = chains_gamma_exposure(engine.state.market, chains)
    if found is None:
        return GammaView(root=root, expiries=days, atm=chain.atm, why_empty=_why(chain))
    return _shown(root, days, chain, found)


def _within(engine: Engine, root: str, expiries: tuple[dt.date, ...], chain: Chain) -> list[Chain]:
    """The chain looked at and the nearest others, as far as ``MOST`` goes."""
    found, many = [chain], len(chain.layout.both)
    for day in expiries:
        other = engine.state.chain(root, day)
        if other is None or day == chain.expiry or other.years <= 0:
            continue
        many += len(other.layout.both)
        if many > MOST:
            break
        found.append(other)
    return sorted(found, key=lambda each: each.expiry)


def _shown(root: str, days: tuple[dt.date, ...], chain: Chain, found: GammaExposure) -> GammaView:
    columns = (found.strikes.tolist(), found.calls.tolist(), found.puts.tolist())
    return GammaView(
        root=root,
        expiries=days,
        rows=tuple(
            GammaRow(to_units(round(strike, 4)), calls, puts) for strike, calls, puts in zip(*columns, strict=True)
        ),
        atm=chain.atm,
        spot=found.spot,
        call_wall=found.call_wall,
        put_wall=found.put_wall,
        zero_gamma=found.zero_gamma,
        net=found.net,
        calls=found.total_calls,
        puts=found.total_puts,
        priced=found.priced,
        unpriced=found.unpriced,
    )


def _why(chain: Chain) -> str:
    if chain.years <= 0:
        return f"{chain.root} {chain.expiry} has expired: there is no gamma any more"
    return f"the source of {chain.root} {chain.expiry} tells no open interest, or no quote is fresh: GEX needs both"
