"""The chains of a market: laid out once a listing, made once an instant, whoever asks."""

from __future__ import annotations

import datetime as dt

from engine.market.chain import Chain
from engine.market.layout import ChainLayout, lay_out
from engine.market.state import Market


class Chains:
    """Each expiry's chain as of now. What one reader has priced is priced for all of them."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._layouts: dict[tuple[str, dt.date], tuple[int, ChainLayout]] = {}
        self._chains: dict[tuple[str, dt.date], tuple[tuple[int, int, int], Chain]] = {}

    def at(self, root: str, expiry: dt.date, now: int, close: int, max_age: int) -> Chain | None:
        """The chain as of ``now``; None before anything of it is listed. ``close`` and ``max_age`` as in ``Chain``."""
        key, instant = (root, expiry), (self.market.version, now, max_age)
        kept = self._chains.get(key)
        if kept is not None and kept[0] == instant:
            return kept[1]
        layout = self._layouts.get(key)
        if layout is None or layout[0] != self.market.listing_version:
            layout = (self.market.listing_version, lay_out(self.market, root, expiry))
            self._layouts[key] = layout
        if not layout[1].strikes:
            return None
        chain = Chain(self.market, layout[1], now, close, max_age)
        self._chains[key] = (instant, chain)
        return chain
