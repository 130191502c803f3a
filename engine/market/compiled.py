"""Taking over a batch, row by row, compiled. Importing this imports numba: go through ``engine.market.state``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.pricing.kernel.jit import cached
from engine.types import MISSING

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@cached
def take(
    idx: Int32,
    ts: int,
    times: Int64,
    bid: Int32,
    ask: Int32,
    price: Int32,
    volume: Int32,
    interest: Int32,
    bids: Int32,
    asks: Int32,
    prices: Int32,
    quote_ts: Int64,
    price_ts: Int64,
    locked: NDArray[np.bool_],
) -> None:
    """Take over a batch, ``bid`` to ``interest`` by ``idx``, into the columns of the market, ``bids`` to ``price_ts``.

    An absent column is empty. ``times`` is each quote's, or empty where ``ts`` is that of all. See ``ChainBatch`` for
    what ``MISSING`` means. A price of a ``locked`` contract is its bid and ask.
    """
    for row in range(idx.size):
        at = idx[row]
        when = times[row] if times.size else ts
        is_quote = bid.size > 0 or ask.size > 0
        if bid.size and ask.size and bid[row] == MISSING and ask[row] == MISSING:
            # Neither side: a trade or a value, which leaves the last quote, unless it says nothing else.
            other = price.size > 0 and price[row] != MISSING
            other = other or (volume.size > 0 and volume[row] != MISSING)
            is_quote = not (other or (interest.size > 0 and interest[row] != MISSING))
        if is_quote:
            if bid.size:
                bids[at] = bid[row]
            if ask.size:
                asks[at] = ask[row]
            quote_ts[at] = when
        if price.size and price[row] != MISSING:
            prices[at] = price[row]
            price_ts[at] = when
            if locked[at]:
                bids[at] = price[row]
                asks[at] = price[row]
                quote_ts[at] = when
