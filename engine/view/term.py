"""What the term pane shows; ``engine.view.terms`` works it out."""

from __future__ import annotations

import datetime as dt

import msgspec

from engine.types import Price


class TermRow(msgspec.Struct, frozen=True, kw_only=True):
    """One expiry. ``iv`` is annual at the strike nearest the forward (0.15 is 15%), ``move`` the straddle in points,
    ``days`` calendar days until it stops trading, ``forward`` dollars."""

    expiry: dt.date
    days: float
    iv: float | None
    move: float | None
    forward: float | None
    strikes: int


class VixRow(msgspec.Struct, frozen=True, kw_only=True):
    """One of the VIX family: its newest value (1e-4 points) and its age (ns), or yesterday's close."""

    symbol: str
    value: Price | None
    age: int | None
    source: str


class TermView(msgspec.Struct, frozen=True, kw_only=True):
    """The term structure of one root. ``why_empty``: why there is none."""

    root: str
    looked_at: dt.date | None
    rows: tuple[TermRow, ...] = ()
    vix: tuple[VixRow, ...] = ()
    more: int = 0
    why_empty: str = ""
