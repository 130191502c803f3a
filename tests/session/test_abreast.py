"""Several configurations of one day over one market: each comes to exactly what it comes to alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache

import msgspec
import pytest

from engine.clock import SECOND
from engine.config import Config, load
from engine.core import Engine
from engine.events import AnyEvent, ChainBatch
from engine.market import Chains
from engine.session.abreast import run_abreast
from engine.session.compose import make_engine
from engine.session.day import DayFigures, run_day
from engine.session.source import DemoSource, Source, TapeSource
from engine.tape import Store
from strategies.registry import REGISTRY

DAY = dt.date(2026, 1, 15)
EASY = ("risk.vix_scale=false", "risk.per_trade=0.05", "account.equity=1000000")

# Each is as far from the others as settings go: when they are asked, how old quotes may be, when orders arrive.
CONFIGURATIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("fills.latency_ms=1500",),
    ("fills.max_quote_age_seconds=10",),
    ("fills.max_quote_age_seconds=600", "fills.latency_ms=250"),
    ('strategies.iron_condor.entries=["09:31:07", "10:00:30", "11:59"]', "fills.model=mid"),
    ("strategies.iron_condor.stop.multiple=0.6", "strategies.iron_condor.stop.confirm_s=7"),
    ("strategies.iron_condor.profit_target=0.3", "strategies.iron_condor.buy_back=0.1"),
    ("strategies.iron_condor.stop.scope=package", "strategies.iron_condor.stop.trigger=natural"),
    ("strategies.iron_condor.hold_to_settlement=true", "strategies.iron_condor.min_credit=0"),
    ("risk.daily_loss=200", "strategies.iron_condor.exit_time=close-10m"),
    ("strategies.iron_condor.enabled=false",),
)


@cache
def config(*settings: str) -> Config:
    return load(settings=[*EASY, *settings])


def alone(source: Source, settings: tuple[str, ...]) -> DayFigures:
    """As a backtest of this one configuration plays the day."""
    return run_day(source, make_engine(config(*settings), REGISTRY, source, "main")).figures


def together(source: Source, chosen: tuple[tuple[str, ...], ...]) -> list[DayFigures]:
    def make(chains: Chains) -> list[Engine]:
        return [
            make_engine(config(*settings), REGISTRY, source, "main", chains=chains, price_marks=False)
            for settings in chosen
        ]

    return run_abreast(source, make)


SIMULATED: dict[str, tuple[tuple[str, ...], str, int]] = {
    "a calm minute day": (("SPXW",), "calm", 60),
    "stopped on both sides": (("SPXW",), "whipsaw", 60),
    "trending, four quotes a minute": (("SPXW",), "trend", 15),
    "a small index": (("XSP",), "fomc", 60),
    "two roots, the index late": (("SPXW", "XSP"), "gap", 60),
    "American, a half-day": (("SPY",), "halfday", 60),
    "a quote every seven minutes": (("SPXW",), "whipsaw", 420),
}


@pytest.mark.parametrize("name", SIMULATED)
def test_on_simulated_days_each_comes_to_what_it_comes_to_alone(name: str) -> None:
    roots, scenario, step = SIMULATED[name]
    source = DemoSource.of(DAY, roots, 11, scenario, 2, step)
    chosen = tuple(
        settings
        for settings in CONFIGURATIONS
        if roots != ("SPY",) or "strategies.iron_condor.hold_to_settlement=true" not in settings
    )
    expected = [alone(source, settings) for settings in chosen]
    assert together(source, chosen) == expected
    if step < 420:
        assert len({(day.trades, day.pnl) for day in expected}) > 3, "the configurations must differ in something"


class Late(DemoSource):
    """Data that come up to two seconds after their instant, as on a market that streams, and timers that wait."""

    @property
    def grace(self) -> int:
        return 3 * SECOND // 2

    def events(self) -> Iterator[AnyEvent]:
        for n, event in enumerate(super().events()):
            late = n % 3 * SECOND if isinstance(event, ChainBatch) else 0
            yield msgspec.structs.replace(event, ts_known=event.ts_known + late)


def test_timers_that_wait_for_late_data_wait_so_abreast_too() -> None:
    source = Late.of(DAY, ["SPXW"], 11, "whipsaw", 1, 15)
    chosen = CONFIGURATIONS[:7]
    expected = [alone(source, settings) for settings in chosen]
    assert together(source, chosen) == expected
    assert expected != [alone(Impatient(source.days), settings) for settings in chosen], "else nothing waits here"


class Impatient(Late):
    """The same, and nobody waits."""

    grace = 0  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("root", "day", "source"),
    [
        ("SPXW", dt.date(2024, 8, 5), "midpoints"),
        ("SPXW", dt.date(2024, 8, 7), "midpoints"),
        ("SPXW", dt.date(2021, 1, 4), "lean"),
        ("SPY", dt.date(2023, 8, 3), "lean"),
    ],
)
def test_on_real_days_too(real_store: Store, root: str, day: dt.date, source: str) -> None:
    tape = TapeSource(real_store, root, day, source)
    by_offset = ("strategies.iron_condor.strikes.by=offset", "strategies.iron_condor.strikes.short=25")
    chosen = tuple(
        (*settings, *by_offset, f"strategies.iron_condor.strikes.wing={wing}")
        for settings in CONFIGURATIONS
        for wing in (35, 40)
        if root == "SPXW" or "strategies.iron_condor.hold_to_settlement=true" not in settings
    )
    expected = [alone(tape, settings) for settings in chosen]
    assert together(tape, chosen) == expected
    if source == "midpoints":
        assert any(figures.trades for figures in expected)


def test_neither_their_order_nor_who_else_is_there_matters() -> None:
    source = DemoSource.of(DAY, ("SPXW",), 11, "whipsaw", 1, 60)
    each = [together(source, (settings,))[0] for settings in CONFIGURATIONS]
    assert together(source, CONFIGURATIONS) == each
    assert together(source, CONFIGURATIONS[::-1]) == each[::-1]
    assert together(source, ()) == []
