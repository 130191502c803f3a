"""Where each root's underlying was, a point a minute: what a chart is drawn from."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np

from engine.clock import MINUTE
from engine.core import Engine
from engine.market import Chain
from engine.types import MISSING, Price, Underlying, product
from engine.view.chains import move_to_come
from engine.view.chart import Cone

MOST = 24 * 60
"""Minutes kept of each root."""


@dataclass(slots=True)
class Minutes:
    """The points of one root.

    Attributes:
        volumes: shares of the day so far at each point; None where the source tells none.
        opening: the expected move at the first point at which it was known.
    """

    times: list[int] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    volumes: list[int | None] = field(default_factory=list)
    opening: Cone | None = None

    def fill(self, ts: int, price: Price, volume: int | None) -> None:
        """A point that was learned of late; of a minute that has one already it changes nothing."""
        at = bisect_right(self.times, ts)
        near = [self.times[n] // MINUTE for n in (at - 1, at) if 0 <= n < len(self.times)]
        if ts // MINUTE not in near:
            for column, value in ((self.times, ts), (self.prices, price), (self.volumes, volume)):
                column.insert(at, value)  # type: ignore[arg-type]

    def put(self, ts: int, price: Price, volume: int | None) -> None:
        """One more point; of a minute the first counts, so that a chart never changes behind the eye."""
        if self.times and ts // MINUTE <= self.times[-1] // MINUTE:
            return
        for column, value in ((self.times, ts), (self.prices, price), (self.volumes, volume)):
            column.append(value)  # type: ignore[arg-type]
            del column[:-MOST]


class Recorder:
    """Looks at the market once a minute. Between two minutes it costs one comparison an event."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._due = 0
        self._read = 0  # of the market's earlier bars
        self._minutes: dict[str, Minutes] = {root: Minutes() for root in engine.state.roots}
        self._expiries: tuple[int, dict[str, dt.date | None]] = (-1, {})

    def of(self, root: str) -> Minutes:
        """What is known of a root."""
        return self._minutes[root]

    @property
    def all(self) -> dict[str, Minutes]:
        """Every root's."""
        return self._minutes

    def look(self, now: int) -> None:
        """Take a point of every root, once the minute is over."""
        if self._read < len(self._engine.state.market.earlier):
            self._look_back()
        if now < self._due:
            return
        self._due = (now // MINUTE + 1) * MINUTE
        for root, minutes in self._minutes.items():
            chain = self.chain(root)
            price = self.price(root, chain)
            if price is None:
                continue
            minutes.put(now, price, self.volume(root))
            if minutes.opening is None and chain is not None:
                minutes.opening = cone(chain, price)

    def _look_back(self) -> None:
        """Take the minutes that were over when they became known: those before a late start."""
        market = self._engine.state.market
        for bar in market.earlier[self._read :]:
            for root, minutes in self._minutes.items():
                row = np.flatnonzero(bar.idx == market.index.get(Underlying(product(root).underlying), -1))
                if row.size and bar.price is not None and bar.price[row[0]] != MISSING:
                    volume = MISSING if bar.volume is None else bar.volume.item(row[0])
                    minutes.fill(bar.ts_event, bar.price.item(row[0]), None if volume == MISSING else volume)
        self._read = len(market.earlier)

    def restored(self, root: str, ts: int, price: Price) -> None:
        """A point from before a restart."""
        if root in self._minutes:
            self._minutes[root].put(ts, price, None)

    def chain(self, root: str) -> Chain | None:
        """The chain of the nearest expiry that is not over."""
        state = self._engine.state
        listed, known = self._expiries
        if listed != state.market.listing_version:
            known = {}
            self._expiries = (state.market.listing_version, known)
        if root not in known:
            coming = (day for day in state.market.expiries(root) if day >= state.session.day)
            known[root] = next(coming, None)
        expiry = known[root]
        return None if expiry is None else state.chain(root, expiry)

    def price(self, root: str, chain: Chain | None) -> Price | None:
        """Where the underlying is now; None where no fresh value tells."""
        state = self._engine.state
        if chain is not None:
            return chain.spot
        value, ts = state.market.value(product(root).underlying)
        return value if value is not None and state.now - ts <= state.max_age else None

    def volume(self, root: str) -> int | None:
        """Shares of the underlying traded today; None for an index, which has none, and where nobody tells."""
        terms = product(root)
        market = self._engine.state.market
        position = market.index.get(Underlying(terms.underlying)) if terms.settlement == "physical" else None
        return None if position is None else market.detail(position)["volume"]


def cone(chain: Chain, spot: Price) -> Cone | None:
    """The expected move of a chain from its instant to its close; None where it is not known."""
    move = move_to_come(chain)
    return None if move is None else Cone(chain.now, chain.close, spot, move)


def average(minutes: Minutes, opened: int) -> tuple[list[Price | None], str]:
    """The average price up to each point, and what it is weighted by: VWAP by volume where every point knows it, else
    TWAP by time.

    The volume before the first point counts at its price where that lies within two minutes of the open.
    """
    times, prices, volumes = minutes.times, minutes.prices, minutes.volumes
    known = [volume for volume in volumes if volume is not None]
    if not known or len(known) < len(volumes) or known[-1] <= 0:
        return _by_time(prices), "TWAP"
    found: list[Price | None] = []
    value = shares = 0
    before = 0 if times[0] - opened <= 2 * MINUTE else known[0]
    for price, volume in zip(prices, known, strict=True):
        traded = max(0, volume - before)
        before = max(before, volume)
        value, shares = value + traded * price, shares + traded
        found.append(round(value / shares) if shares else None)
    return found, "VWAP"


def _by_time(prices: list[Price]) -> list[Price | None]:
    found: list[Price | None] = []
    total = 0
    for count, price in enumerate(prices, 1):
        total += price
        found.append(round(total / count))
    return found
