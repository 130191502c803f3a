"""What the gamma pane shows; ``engine.view.gammas`` works it out."""

from __future__ import annotations

import datetime as dt

import msgspec

from engine.types import Price


class GammaRow(msgspec.Struct, frozen=True):
    """One strike; dollars of the underlying a 1% move, calls positive, puts negative."""

    strike: Price
    calls: float
    puts: float


class GammaView(msgspec.Struct, frozen=True, kw_only=True):
    """Gamma exposure of one expiry, or of all that are listed; see ``engine.signals.gamma_exposure`` for its signs.

    Attributes:
        expiries: which it is of. spot: where the underlying is.
        call_wall, put_wall, zero_gamma: index points; None where there is none.
        net, calls, puts: dollars a 1% move.
        priced, unpriced: open interest in the figures, and left out for want of a volatility, contracts.
        why_empty: why there is nothing to show.
    """

    root: str
    expiries: tuple[dt.date, ...]
    rows: tuple[GammaRow, ...] = ()
    atm: Price | None = None
    spot: float | None = None
    call_wall: float | None = None
    put_wall: float | None = None
    zero_gamma: float | None = None
    net: float | None = None
    calls: float | None = None
    puts: float | None = None
    priced: int = 0
    unpriced: int = 0
    why_empty: str = ""
