"""Where a chain stands, for choosing what to subscribe to: its forward by parity, and the straddle there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.clock import MINUTE
from engine.types import Contract, Price

_FRESH = 5 * MINUTE
"""Older than the newest quote by more, a quote tells nothing of now."""


class Pairs(NamedTuple):
    """Strikes that have both a call and a put: price units, and the numbers of the two."""

    strikes: NDArray[np.int64]
    calls: NDArray[np.int64]
    puts: NDArray[np.int64]


def pairs_of(contracts: Sequence[Contract], index: Mapping[str, int]) -> Pairs:
    """The strikes of one root, ascending."""
    sides: dict[Price, dict[str, int]] = {}
    for contract in contracts:
        sides.setdefault(contract.strike, {})[contract.right] = index[contract.symbol]
    both = sorted((strike, found["C"], found["P"]) for strike, found in sides.items() if len(found) == 2)
    columns = np.array(both, np.int64).reshape(-1, 3)
    return Pairs(columns[:, 0], columns[:, 1], columns[:, 2])


def stand(
    pairs: Pairs, bid: NDArray[np.int32], ask: NDArray[np.int32], quoted: NDArray[np.int64]
) -> tuple[Price, Price] | None:
    """Forward and straddle, price units, by the newest quotes; None where too little is quoted."""
    times = np.minimum(quoted[pairs.calls], quoted[pairs.puts])
    if not times.size or not times.max():
        return None
    bids = np.stack([bid[pairs.calls], bid[pairs.puts]]).astype(np.int64)
    asks = np.stack([ask[pairs.calls], ask[pairs.puts]]).astype(np.int64)
    sound = (bids >= 0) & (asks > 0) & (asks >= bids)
    usable = np.flatnonzero(sound.all(axis=0) & (times > 0) & (times >= times.max() - _FRESH))
    if not usable.size:
        return None
    mids = (bids[:, usable] + asks[:, usable]) // 2
    apart = mids[0] - mids[1]
    at = int(np.argmin(np.abs(apart)))
    return int(pairs.strikes[usable[at]] + apart[at]), int(mids[0, at] + mids[1, at])
