"""What the kernels are given, and how they are timed: the same for ours and for everyone else's. NumPy alone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

FORWARD = 5800.0
MINUTES = 200.0
CHAIN = 200
MILLION = 1_000_000
YEAR_MINUTES = 365 * 24 * 60


def smile(strike: np.ndarray, years: np.ndarray | float) -> np.ndarray:
    """A volatility for each strike, so that no solver is handed its own answer as a start."""
    return 0.15 + 0.04 * np.abs(np.log(strike / FORWARD) / (0.15 * np.sqrt(years))) ** 1.2


def chain() -> dict[str, np.ndarray]:
    """200 contracts of one expiry, out of the money, within four standard deviations, 200 minutes before the close."""
    years = np.full(CHAIN, MINUTES / YEAR_MINUTES)
    reach = 4 * 0.15 * np.sqrt(years[0])
    strike = FORWARD * np.exp(np.linspace(-reach, reach, CHAIN))
    return {"sign": np.where(strike >= FORWARD, 1.0, -1.0), "strike": strike, "years": years}


def crowd(size: int) -> dict[str, np.ndarray]:
    """Contracts of every minute of the day, volatilities 5% to 100%, deltas from about 0.1% up, out of the money."""
    rng = np.random.default_rng(20260115)
    years = rng.uniform(1, 390, size) / YEAR_MINUTES
    sigma = rng.uniform(0.05, 1.0, size)
    strike = FORWARD * np.exp(np.clip(rng.standard_normal(size), -3.0, 3.0) * sigma * np.sqrt(years))
    return {"sign": np.where(strike >= FORWARD, 1.0, -1.0), "strike": strike, "years": years, "sigma": sigma}


def timed(work: Callable[[], Any], seconds: float = 1.5, least: int = 5, most: int = 20_000) -> list[float]:
    """Microseconds of each call, the first two left out."""
    work()
    work()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while (len(taken) < least or time.perf_counter() < end) and len(taken) < most:
        start = time.perf_counter_ns()
        work()
        taken.append((time.perf_counter_ns() - start) / 1e3)
    return taken


def load() -> dict[str, np.ndarray]:
    """The workload a benchmark wrote for a rival: ``chain_*`` and ``crowd_*`` columns, prices included."""
    with np.load(sys.argv[1]) as stored:
        return {name: np.ascontiguousarray(stored[name]) for name in stored.files}


def report(
    work: dict[str, np.ndarray],
    greeks: str,
    chain_call: Callable[[], Any],
    chain_values: dict[str, np.ndarray],
    iv_call: Callable[[], Any],
    iv_of_crowd: np.ndarray,
    version: str,
    default_iv: np.ndarray | None = None,
) -> None:
    """Time both works and print one line of JSON for the parent.

    Args:
        greeks: how many the rival has.
        chain_values: what ``chain_call`` comes to, raw derivatives by name, to compare with ours.
        iv_of_crowd: what ``iv_call`` comes to, of the first contracts of the crowd; NaN where it refuses one.
        default_iv: the same with the rival's own default accuracy, where that is another.
    """
    answer: dict[str, Any] = {"version": version, "greeks": greeks, "iv_size": len(iv_of_crowd)}
    answer["values"] = {name: np.asarray(column, dtype=float).tolist() for name, column in chain_values.items()}
    answer["accuracy"] = accuracy(work, iv_of_crowd)
    if default_iv is not None:
        answer["default_accuracy"] = accuracy(work, default_iv)
    answer["chain"] = timed(chain_call)
    answer["iv"] = timed(iv_call, seconds=2.0, least=2, most=200)
    sys.stdout.write(json.dumps(answer) + "\n")


def accuracy(work: dict[str, np.ndarray], found: np.ndarray) -> dict[str, float]:
    """How far implied vols are off, where the price tells them to 1e-9: the shares that are off by more than 1e-9 and
    1e-6 (a NaN is off), the share without a number, and the worst of the others."""
    telling = work["crowd_telling"][: len(found)]
    miss = np.abs(found - work["crowd_sigma"][: len(found)])[telling]
    return {
        "off_9": float(np.mean(~(miss < 1e-9))),
        "off_6": float(np.mean(~(miss < 1e-6))),
        "none": float(np.mean(np.isnan(miss))),
        "worst": float(np.nanmax(miss)),
    }
