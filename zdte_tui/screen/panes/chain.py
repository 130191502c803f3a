"""Pane 1: one expiry of one root, calls left, puts right, the money in the middle."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import ClassVar

from engine.types import SCALE, Contract, Price, Right, product, strike_text
from engine.view import ChainRow, ChainView, SideView, View
from zdte_tui.screen.grid import Cell, Column, Line, Row
from zdte_tui.screen.grid.column import FLEXIBLE
from zdte_tui.screen.panes import why
from zdte_tui.screen.panes.flow import flow
from zdte_tui.screen.panes.pane import Content, Pane
from zdte_tui.screen.text import SECOND, age, count, duration, number, percent, price, wrap

OLD = 90 * SECOND
"""A quote older than this is dimmed, and counted in the last line."""

RIGHTS: tuple[Right, Right] = ("C", "P")
MIDDLE_WIDTH = 4
"""Cells beside the strike, for what is held and what is on the ticket."""

_CALLS = (
    Column("call.gamma", "gamma", 6, drop=9, stretch=1),
    Column("call.touch", "touch %", 7, drop=7, stretch=2),
    Column("call.itm", "ITM %", 5, drop=6, stretch=2),
    Column("call.gex", "G$", 6, drop=8, stretch=1),
    Column("call.oi", "OI", 6, drop=5, stretch=2),
    Column("call.volume", "volume", 6, drop=4, stretch=2, flash=True),
    Column("call.iv", "IV %", 5, drop=3, stretch=2),
    Column("call.delta", "delta", 5, drop=2, stretch=2),
    Column("call.bid", "bid", 7, stretch=1, flash=True),
    Column("call.ask", "ask", 7, stretch=1, flash=True),
)
_MIDDLE = (
    Column("call.held", "call", 4, drop=1, stretch=1),
    Column("strike", "strike", 8, justify="center", stretch=FLEXIBLE),
    Column("put.held", "put", 4, justify="left", drop=1, stretch=1),
)
_PUTS = (
    Column("put.bid", "bid", 7, stretch=1, flash=True),
    Column("put.ask", "ask", 7, stretch=1, flash=True),
    Column("put.delta", "delta", 5, drop=2, stretch=2),
    Column("put.iv", "IV %", 5, drop=3, stretch=2),
    Column("put.volume", "volume", 6, drop=4, stretch=2, flash=True),
    Column("put.oi", "OI", 6, drop=5, stretch=2),
    Column("put.gex", "G$", 6, drop=8, stretch=1),
    Column("put.itm", "ITM %", 5, drop=6, stretch=2),
    Column("put.touch", "touch %", 7, drop=7, stretch=2),
    Column("put.gamma", "gamma", 6, drop=9, stretch=1),
)


def content(view: View, width: int) -> Content:
    """The chain of ``view`` as rows; keys are strikes in price units."""
    chain = view.chain
    if chain is None:
        return Content(title="chain", rows=(), message=why.chain(view))
    keys = "   ".join(
        key for key, useful in (("e expiry", len(chain.expiries) > 1), ("r root", len(view.header.roots) > 1)) if useful
    )
    title = f"chain  {chain.root} {chain.expiry}{_which(chain)}" + (f"   {keys}" if keys else "")
    if why.chain(view):
        return Content(
            title=title,
            rows=(),
            message=why.chain(view),
            about=(chain.root, chain.expiry),
        )
    each = dollars_a_percent(chain)
    return Content(
        title=title,
        rows=tuple(_row(row, row.strike == chain.atm, *_ordered(view, chain, row.strike), each) for row in chain.rows),
        bottom=bottom(chain, width, why.feed(view)),
        follow=None if chain.atm is None else str(chain.atm),
        about=(chain.root, chain.expiry),
    )


def bottom(chain: ChainView, width: int, feed: str = "") -> tuple[Row, ...]:
    """Spot, forward, expected move, what a tick is in volatility, ages and time to the close, in as few lines as fit.

    What a reader must not miss comes right after the spot: what a price stands for where it is no quote, a ``feed``
    that is not well, an expiry that is over, old quotes.
    """
    sides = [side for row in chain.rows for side in (row.call, row.put) if side.age is not None]
    ages = [side.age for side in sides if side.streamed and side.age is not None]
    others = len(sides) - len(ages)
    old = sum(each > OLD for each in ages)
    over = chain.seconds_to_close <= 0
    prices, _, explained = (part.strip() for part in chain.prices.partition(":"))
    meaning: Line = (("prices ", "dim"), (prices, "warn" if explained else "text"))
    items: list[Line] = [(("spot ", "dim"), (price(chain.spot), "strong"), (f" ({age(chain.spot_age)} old)", "dim"))]
    if explained:
        items.append(meaning)
    if over:
        items.append((("expired: these are its last quotes", "warn"),))
    if chain.dividend:
        items.append(((chain.dividend, "dim" if "not known" in chain.dividend else "warn"),))
    if feed:
        items.append(((feed, "warn"),))
    if old:
        items.append(((f"{old} of {len(ages)} quotes over {OLD // SECOND}s old", "warn"),))
    items += [
        (("forward ", "dim"), (number(chain.forward), "text")),
        (
            ("expected move ", "dim"),
            ("n/a" if chain.expected_move is None else f"±{number(chain.expected_move)}", "text"),
        ),
        (("IV ", "dim"), ("n/a" if chain.iv_tick is None else f"±{_tick(chain.iv_tick)}", "text"), (" (tick)", "dim")),
    ]
    if others:
        items.append(((f"{others} far quotes are not streamed", "dim"),))
    if not over:
        items.append((("close in ", "dim"), (duration(chain.seconds_to_close), "text")))
    if not explained:
        items.append(meaning)
    items.append((("oldest quote ", "dim"), (age(max(ages, default=None)), "text")))
    items += [((line, "dim"),) for line in wrap(f"{prices}: {explained}", width) if explained]
    return tuple(Row(f"bottom{n}", line, span=True) for n, line in enumerate(flow(items, width)))


def _tick(vol: float) -> str:
    """Vol points, with as many digits as tell something."""
    points = 100 * vol
    return number(points, 1 if points >= 0.1 else 2)


def _which(chain: ChainView) -> str:
    if len(chain.expiries) < 2 or chain.expiry not in chain.expiries:
        return ""
    return f" ({chain.expiries.index(chain.expiry) + 1} of {len(chain.expiries)})"


def _ordered(view: View, chain: ChainView, strike: Price) -> tuple[int, int]:
    """What the order ticket has of the call and the put of a strike, signed contracts a package."""
    if view.ticket is None:
        return 0, 0
    legs = {leg.contract: leg.signed_ratio for leg in view.ticket.request.package.legs}
    call, put = (legs.get(Contract(chain.root, chain.expiry, strike, right), 0) for right in RIGHTS)
    return call, put


@lru_cache(maxsize=2048)
def _row(row: ChainRow, atm: bool, call: int = 0, put: int = 0, each: float | None = None) -> Row:
    strike = strike_text(row.strike)
    middle: Line = (_held(row.call, call), (f">{strike}<", "atm") if atm else (strike, "strong"), _held(row.put, put))
    return Row(
        str(row.strike),
        (
            *reversed(_far(row.call, each)),
            *_quote(row.call),
            *middle,
            *_quote(row.put),
            *_far(row.put, None if each is None else -each),
        ),
    )


def dollars_a_percent(chain: ChainView) -> float | None:
    """What one of gamma is in dollars of the underlying a 1% move, for one contract; None without a spot.

    From spot to three digits, as G$ is shown: so a row is made anew when it changes, and not with each tick of spot.
    """
    if chain.spot is None or chain.spot <= 0:
        return None
    spot = chain.spot / SCALE
    step = 10.0 ** (math.floor(math.log10(spot)) - 2)
    return product(chain.root).multiplier * (step * round(spot / step)) ** 2 * 0.01


def _quote(side: SideView) -> Line:
    style = "stale" if side.age is not None and side.age > OLD else "text"
    return (
        (price(side.bid), style if side.bid is not None else "dim"),
        (price(side.ask), style if side.ask is not None else "dim"),
    )


def _far(side: SideView, each: float | None) -> Line:
    """Delta, IV, volume, open interest, gamma exposure, the two chances and gamma, from the quote outward."""
    return (
        (number(side.delta, sign=True), "dim" if side.delta is None else "text"),
        (percent(side.iv), "dim" if side.iv is None else "text"),
        (count(side.volume), "dim"),
        (count(side.open_interest), "dim"),
        _gex(side, each),
        (percent(side.itm), "dim" if side.itm is None else "text"),
        (percent(side.touch), "dim" if side.touch is None else "text"),
        (number(side.gamma, 4), "dim" if side.gamma is None else "text"),
    )


def _gex(side: SideView, each: float | None) -> Cell:
    """Gamma times open interest in dollars a 1% move, calls positive and puts negative by convention (see the gamma
    pane); ``n/a`` where open interest, gamma or spot is missing."""
    if side.gamma is None or side.open_interest is None or each is None:
        return ("n/a", "dim")
    dollars = side.gamma * side.open_interest * each
    size = abs(dollars)
    for unit, name in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit * 0.9995:
            return (f"{dollars / unit:+.{1 if size < 99.95 * unit else 0}f}{name}", "text")
    return (f"{dollars + 0.0:+.0f}" if size >= 0.5 else "0", "text")


def _held(side: SideView, ordered: int) -> Cell:
    """``S2`` held short, ``L1`` long; ``s1`` and ``b1`` are sold and bought on the ticket."""
    if ordered:
        on_ticket = f"{'b' if ordered > 0 else 's'}{abs(ordered)}"
        both = f"{_held(side, 0)[0]}{on_ticket}"
        return (both if len(both) <= MIDDLE_WIDTH else on_ticket, "mark")
    if side.held == 0:
        return ("", "text")
    return (f"S{-side.held}", "short") if side.held < 0 else (f"L{side.held}", "long")


class ChainPane(Pane):
    """The chain; follows the money."""

    NAME = "chain"
    COLUMNS: ClassVar[tuple[Column, ...]] = (*_CALLS, *_MIDDLE, *_PUTS)
    HOME_COLUMN = "strike"

    @classmethod
    def part(cls, view: View) -> object:
        """The chain, which roots there are, how the feed is, and what the empty pane says."""
        ticket = view.ticket.request.package if view.ticket is not None else None
        return view.chain, view.header.roots, why.chain(view), why.feed(view), ticket

    @classmethod
    def content(cls, view: View, width: int) -> Content:
        """See ``content``."""
        return content(view, width)
