"""The floor of a day: one NumPy loop over the minutes, without an engine, orders, risk, fills or a journal.

    bare_loop.py PLAIN DAY...

Each minute: the forward by parity at the money, implied vol and all Greeks of the 200 contracts by this project's
kernel, four condors a day at the short strikes nearest a delta of 0.10, marked and stopped at mid. Reading the Parquet
file is part of the day.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from engine import pricing
from engine.pricing import YEAR_SECONDS
from engine.types import SCALE

MINUTES = 390
ENTRIES = (30,)  # minutes after the open: 10:00
EXIT = 350
DELTA, WING, OFFSET = 0.10, 20.0, 0.05


def play(path: Path) -> tuple[float, list[Any]]:
    """Milliseconds, and what was sold: minute, legs as strike and right in the order of the engine's, credit."""
    begun = time.perf_counter()
    table = pq.read_table(path, columns=["ts", "strike", "bid", "ask"])
    bids, asks = (table[side].to_numpy().reshape(MINUTES, -1) / SCALE for side in ("bid", "ask"))
    mids = 0.5 * (bids + asks)
    clock = table["ts"].to_numpy().reshape(MINUTES, -1)[:, 0]
    years = (clock[-1] - clock) / (YEAR_SECONDS * 1e9)
    strike = table["strike"].to_numpy()[: bids.shape[1]] / SCALE
    half = len(strike) // 2
    sign = np.repeat((1.0, -1.0), half)
    gaps = mids[:, :half] - mids[:, half:]
    nearest = np.argmin(np.abs(gaps), axis=1)
    forwards = strike[nearest] + gaps[np.arange(MINUTES), nearest]
    out_of_the_money = np.where(sign * (strike - forwards[:, None]) >= 0, mids, np.nan)
    sold: list[Any] = []
    held: list[tuple[np.ndarray, float]] = []
    result = 0.0
    for minute in range(MINUTES):
        bid, ask, mid = bids[minute], asks[minute], mids[minute]
        out, forward = out_of_the_money[minute], float(forwards[minute])
        _, at = pricing.evaluate_full(sign, forward, strike, float(years[minute]), out)
        if minute + 1 in ENTRIES:
            legs = condor(np.abs(at.delta), strike, half)
            prices = np.array([ask[legs[0]], -bid[legs[1]], -bid[legs[2]], ask[legs[3]]])
            sold.append([minute + 1, [float(strike[leg]) for leg in legs], float(-prices.sum())])
            held.append((legs, float(-prices.sum())))
        kept = []
        for legs, credit in held:
            value = mid[legs] * (-1.0, 1.0, 1.0, -1.0)
            if max(value[:2].sum(), value[2:].sum()) >= credit + OFFSET or minute + 1 == EXIT:
                result += credit - float(value.sum())
            else:
                kept.append((legs, credit))
        held = kept
    return (time.perf_counter() - begun) * 1e3, sold


def condor(delta: np.ndarray, strike: np.ndarray, half: int) -> np.ndarray:
    """Rows of the long put, the short put, the short call and the long call."""
    short_call = int(np.nanargmin(np.abs(delta[:half] - DELTA)))
    short_put = half + int(np.nanargmin(np.abs(delta[half:] - DELTA)))
    long_call = int(np.argmin(np.abs(strike[:half] - strike[short_call] - WING)))
    long_put = half + int(np.argmin(np.abs(strike[half:] - strike[short_put] + WING)))
    return np.array([long_put, short_put, short_call, long_call])


def main() -> None:
    """Play the days, the first one twice, and answer."""
    folder, days = Path(sys.argv[1]), sys.argv[2:]
    with np.errstate(all="ignore"):
        played = [play(folder / f"{day}.parquet") for day in (days[0], *days)][1:]
    answer = {
        "days": [took for took, _ in played],
        "sold": {day: sold for day, (_, sold) in zip(days, played, strict=True)},
    }
    sys.stdout.write(json.dumps(answer) + "\n")


main()
