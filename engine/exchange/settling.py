"""What an expiry settles on: the official close, and until that is known the best there is."""

from __future__ import annotations

import datetime as dt

from engine.clock import MINUTE
from engine.events import Settlement
from engine.market import Chain, Market
from engine.types import Price, product


class Settler:
    """Settles expiries from the market alone, whoever the broker is."""

    def __init__(self) -> None:
        self._settled: dict[tuple[str, dt.date], bool] = {}

    def settle(self, market: Market, chain: Chain | None, root: str, expiry: dt.date, now: int) -> Settlement | None:
        """Settle an expiry: on the official close where it has arrived, else provisionally on what is known.

        Once official, never again; once provisional, only by the official close.
        """
        key = (root, expiry)
        symbol = product(root).underlying
        close = market.closes.get(symbol)
        official = close is not None and close.day == expiry and close.ts_known <= now
        if key in self._settled and (self._settled[key] or not official):
            return None
        if official:
            assert close is not None
            value, text = close.close, f"official close of {symbol}"
        else:
            found = _last_known(market, chain, symbol, now)
            if found is None:
                return None
            value, text = found[0], f"{found[1]}, PROVISIONAL until the official close"
        self._settled[key] = official
        return Settlement(
            ts_known=now, ts_event=now, root=root, expiry=expiry, value=value, provisional=not official, text=text
        )


def _last_known(market: Market, chain: Chain | None, symbol: str, now: int) -> tuple[Price, str] | None:
    """The value to settle on for the time being, and what it is: fresh where one is, however old where not."""
    last, ts = market.value(symbol)
    if chain is not None and chain.spot is not None:
        return chain.spot, f"last {symbol} value" if chain.spot == last else "parity forward"
    if last is None:
        return None
    return last, f"last {symbol} value, {(now - ts) // MINUTE} minutes old"
