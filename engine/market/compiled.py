"""Taking over a batch, row by row, compiled. Importing this imports numba: go through ``engine.market.state``."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from engine.pricing.kernel.jit import cached_as
from engine.types import MISSING

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

NONE = -(2**62)
"""``engine.market.NO_PRICE``; numba looks at this file alone."""

# Said beforehand: else each mixture of columns that may be written and of such that may not is compiled for itself when
# it first comes, in the middle of a session.
_INT, _TABLE = types.int64, types.int64[:, ::1]
_READ32, _READ64 = (types.Array(of, 1, "C", readonly=True) for of in (types.int32, types.int64))
_WRITE32, _WRITE64, _WRITE_BOOL = types.int32[::1], types.int64[::1], types.boolean[::1]
_TAKE = (_READ32, _INT, _READ64, *[_READ32] * 5, *[_WRITE32] * 3, *[_WRITE64] * 2, _WRITE_BOOL)
_LOOK = (*[_READ64] * 3, _TABLE, *[_READ32] * 2, _READ64, _INT, _INT, _TABLE)


@cached_as(*_TAKE)
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

    Raises ``IndexError`` for an instrument there is no room for, ``ValueError`` for a column of another length, and
    ``TypeError`` for one whose values lie apart or are of another type; nothing is taken over then.
    """
    count = idx.size
    for size in (times.size, bid.size, ask.size, price.size, volume.size, interest.size):
        if size not in (0, count):
            raise ValueError("the columns of a batch are not of one length")
    for row in range(count):
        if idx[row] < 0 or idx[row] >= bids.size:
            raise IndexError("a batch names an instrument that is not listed")
    for row in range(count):
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


@cached_as(*_LOOK)
def look_at_parts(
    first: Int64,
    where: Int64,
    quantity: Int64,
    terms: Int64,
    bids: Int32,
    asks: Int32,
    quote_ts: Int64,
    now: int,
    max_age: int,
    found: Int64,
) -> bool:
    """Value parts of the book on fresh, usable quotes; whether nothing that matters happened to any of them.

    Args:
        first: (n + 1,) where each part's legs begin in ``where`` (positions in ``bids``, ``asks`` and ``quote_ts``) and
            ``quantity`` (signed contracts).
        terms: (n, 6), a row a part: whether at bid and ask; the lowest and the highest it can be worth; the closing
            prices at and above, and at and below which it matters; and, of a part that must be marked, the width of a
            narrow quote, else -1. ``NONE`` stands for what there is not.
        found: (n, 4) to be written: twice the mid, the value at once, the sum of the widths, the oldest quote's time.

    Raises ``IndexError`` for a position there is no quote at.
    """
    for at in where:
        if at < 0 or at >= bids.size:
            raise IndexError("a part of the book has a contract that is not listed")
    quiet = True
    for part in range(first.size - 1):
        natural, lowest, highest, above, below, narrow = terms[part]
        mid2 = at_once = width = 0
        oldest = np.int64(2**62)
        known, sane = True, True
        for leg in range(first[part], first[part + 1]):
            at, count = where[leg], quantity[leg]
            bid, ask, ts = np.int64(bids[at]), np.int64(asks[at]), quote_ts[at]
            if bid < 0 or ask < bid or ask <= 0 or now - ts > max_age:
                known = False
                break
            mid2 += count * (bid + ask)
            at_once += count * (bid if count > 0 else ask)
            width += abs(count) * (ask - bid)
            if ask - bid > narrow and ask - bid > (bid + ask) // 20:
                sane = False
            oldest = min(oldest, ts)
        found[part, 0], found[part, 1], found[part, 2], found[part, 3] = mid2, at_once, width, oldest
        noise, value = -(-width // 2), mid2 // 2
        possible = (lowest == NONE or value >= lowest - noise) and (highest == NONE or value <= highest + noise)
        price = -at_once if natural else -value
        if narrow >= 0 and not (known and possible and sane):
            quiet = False
        if above != NONE and (not known or not possible or price >= above):
            quiet = False
        if below != NONE and known and possible and price <= below:
            quiet = False
    return quiet
