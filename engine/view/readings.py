"""The market's signals a line each: term structure, average price, gamma exposure, flow. Worked out once a minute."""

from __future__ import annotations

import datetime as dt

from engine.clock import MINUTE
from engine.core import Engine
from engine.market import Chain
from engine.types import SCALE, Price, dollars_text, product
from engine.view.chains import looked_at
from engine.view.gamma import GammaView
from engine.view.gammas import build_gamma
from engine.view.minutes import Minutes, average
from engine.view.reading import ReadingRow
from engine.view.request import ViewRequest
from engine.view.term import TermView
from engine.view.terms import build_term

EVERY = 20
"""Views between two readings at least: a fast replay has a minute of market in every view, and a reading costs ten
milliseconds, most of it to look for zero gamma."""

_Said = tuple[str, bool]
"""Words, and whether they are a reading and not why there is none."""


class Readings:
    """Keeps the newest readings of the chain that is looked at; each row says when it was made."""

    def __init__(self) -> None:
        self._about: tuple[str, dt.date | None] | None = None
        self._minute = 0
        self._views = 0
        self._rows: tuple[ReadingRow, ...] = ()

    def of(self, engine: Engine, request: ViewRequest, minutes: dict[str, Minutes]) -> tuple[ReadingRow, ...]:
        """One row a signal; a root that is not listed yet has them all missing."""
        state = engine.state
        root, _, chain = looked_at(engine, request)
        about, minute = (root, None if chain is None else chain.expiry), state.now // MINUTE
        self._views += 1
        if about == self._about and (minute == self._minute or self._views < EVERY):
            return self._rows
        said = {
            "vol term": _term(build_term(engine, request)),
            "average": _average(engine, root, chain, minutes[root]),
            "gex": _gex(build_gamma(engine, request)),
            "flow": _flow(engine, chain),
        }
        self._about, self._minute, self._views = about, minute, 0
        self._rows = tuple(
            ReadingRow(ts=state.now, root=root, name=name, text=text, known=known)
            for name, (text, known) in said.items()
        )
        if not any(row.known for row in self._rows):
            self._about = None  # before the first quotes each look may bring the first reading
        return self._rows


def _term(found: TermView) -> _Said:
    """The nearest two expiries against each other, and the VIX family's nearest two."""
    if found.why_empty:
        return found.why_empty, False
    known = [row for row in found.rows if row.iv is not None]
    if not known:
        return "no expiry has a volatility at the money", False
    near = known[0]
    assert near.iv is not None
    words = f"{near.expiry:%m-%d} {100 * near.iv:.1f}%"
    if len(known) < 2:
        return f"{words}; nothing to compare it with: one expiry is listed", True
    far = known[1]
    assert far.iv is not None
    gap = 100 * (near.iv - far.iv)
    shape = "inverted, near above far" if gap > 0 else "upward, near below far"
    return f"{words}, {far.expiry:%m-%d} {100 * far.iv:.1f}%: {shape} by {abs(gap):.1f}", True


def _average(engine: Engine, root: str, chain: Chain | None, minutes: Minutes) -> _Said:
    spot = None if chain is None else chain.spot
    values, kind = average(minutes, engine.state.session.open) if minutes.times else ([], "")
    mean = values[-1] if values else None
    if spot is None or mean is None:
        return f"no price of {product(root).underlying} is known yet", False
    off = spot - mean
    where = f"{_points(off)} {'above' if off >= 0 else 'below'}" if off else "at"
    why = f" (by time: {product(root).underlying} has no volume here)" if kind == "TWAP" else ""
    return f"spot {dollars_text(spot)} is {where} the {kind} {dollars_text(mean)}{why}", True


def _gex(found: GammaView) -> _Said:
    if found.net is None:
        return found.why_empty, False
    walls = [
        f"{name} {value:,.0f}"
        for name, value in (
            ("call wall", found.call_wall),
            ("put wall", found.put_wall),
            ("zero gamma", found.zero_gamma),
        )
        if value is not None
    ]
    lacking = "" if not found.unpriced else f"; {found.unpriced:,} contracts have no volatility"
    return f"{_millions(found.net)} a 1% move{''.join(f', {wall}' for wall in walls)}{lacking}", True


def _flow(engine: Engine, chain: Chain | None) -> _Said:
    """Contracts traded so far today, puts to calls, and how many of them buyers started."""
    if chain is None:
        return "no option is listed yet", False
    traded = {right: _traded(engine, chain, right) for right in ("C", "P")}
    calls, puts = traded["C"][0], traded["P"][0]
    if not calls and not puts:
        return f"the source of {chain.root} {chain.expiry} tells no volume yet", False
    ratio = f", puts to calls {puts / calls:.2f}" if calls else ""
    bought = [
        f"{100 * buys / volume:.0f}% of the {name} bought"
        for name, (volume, buys) in (("calls", traded["C"]), ("puts", traded["P"]))
        if volume and buys is not None
    ]
    return f"{calls:,} calls, {puts:,} puts{ratio}{''.join(f', {each}' for each in bought)}", True


def _traded(engine: Engine, chain: Chain, right: str) -> tuple[int, int | None]:
    """Volume of a side, and the part buyers started; None where no contract tells that."""
    where = chain.layout.calls if right == "C" else chain.layout.puts
    volume = buys = 0
    told = False
    for position in where.tolist():
        if position < 0:
            continue
        detail = engine.state.market.detail(position)
        volume += detail["volume"] or 0
        bought = detail["buy_volume"]
        if bought is not None:
            told, buys = True, buys + bought
    return volume, buys if told else None


def _points(units: Price) -> str:
    return f"{abs(units) / SCALE:,.2f}"


def _millions(dollars: float) -> str:
    if abs(dollars) >= 1e9:
        return f"{dollars / 1e9:+,.2f}bn$"
    return f"{dollars / 1e6:+,.0f}M$" if abs(dollars) >= 1e6 else f"{dollars / 1e3:+,.0f}k$"
