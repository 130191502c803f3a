"""What a minute of a backtest and the pricing of a chain may cost, in calls and memory: no clock, the same anywhere.

The bounds lie about half above what it was when they were set. Raise one only for something that is worth its time.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tracemalloc
from types import FrameType

import numpy as np

from benchmarks import watching
from engine import pricing
from engine.config import load
from engine.events import ChainBatch
from engine.pacing import Timeline
from engine.session.compose import make_engine
from engine.session.source import TapeSource
from engine.strategy import Registry
from engine.tape import Store
from strategies.registry import REGISTRY

SLEEPING, DECIDING, WATCHING = 15, 380, 450
UNTIL_TEN, TEN_TO_THREE = slice(2, 29), slice(31, 330)


def _calls(store: Store, registry: Registry) -> list[int]:
    """Python functions called by the engine for each minute's batch of 200 contracts."""
    source = TapeSource(store, "SPXW", dt.date(2025, 1, 2))
    engine = make_engine(load(), registry, source, "main")
    timeline, found, calls = Timeline(source.events()), list[int](), 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    while (event := timeline.take()) is not None:
        calls = 0
        sys.setprofile(count)
        try:
            tick = engine.process(event)
        finally:
            sys.setprofile(before)
        timeline.wake_at = tick.wake_at
        if isinstance(event, ChainBatch):
            found.append(calls)
    return found


def test_a_minute_that_concerns_no_strategy_costs_next_to_nothing(benchmark_store: Store) -> None:
    calls = _calls(benchmark_store, REGISTRY)

    assert len(calls) == 390
    assert max(calls[UNTIL_TEN]) <= SLEEPING


def test_a_minute_with_condors_open_stays_within_its_budget(benchmark_store: Store) -> None:
    assert statistics.median(_calls(benchmark_store, REGISTRY)[TEN_TO_THREE]) <= DECIDING
    assert statistics.median(_calls(benchmark_store, watching.REGISTRY)[TEN_TO_THREE]) <= WATCHING


def test_pricing_a_chain_allocates_its_columns_and_little_more() -> None:
    one = np.ones(200)
    arguments = (one, 5800.0, 5700.0 + one.cumsum(), 0.001 * one, 120.0 * one)
    pricing.evaluate_full(*arguments)

    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        made = pricing.evaluate_full(*arguments)
        after, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert after - before <= 17 * one.nbytes  # the volatility and fourteen columns
    assert most - before <= 25 * one.nbytes
    assert len(made[1]) == 14
