"""Whole days with the engine's shortcuts for quiet markets, and without: the journal's records are the same bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from engine.config import load
from engine.core import Engine
from engine.events import AnyRecord, Command, SessionStart
from engine.session.compose import make_engine
from engine.session.day import DayFigures, run_day
from engine.session.playing import Given, Playing
from engine.session.source import DemoSource, Source, TapeSource
from engine.tape import Store
from strategies.registry import REGISTRY

DAY = dt.date(2026, 1, 15)
EASY = ("risk.vix_scale=false", "risk.per_trade=0.05", "account.equity=1000000")
SETTINGS: dict[str, tuple[str, ...]] = {
    "as they are": (),
    "tight": (
        "strategies.iron_condor.stop.multiple=0.6",
        "strategies.iron_condor.stop.confirm_s=7",
        "strategies.iron_condor.profit_target=0.25",
        "fills.max_quote_age_seconds=40",
    ),
    "slow": (
        "fills.latency_ms=900",
        "strategies.iron_condor.stop.scope=package",
        "strategies.iron_condor.stop.trigger=natural",
        "strategies.iron_condor.buy_back=0.15",
    ),
    "halted": ("risk.daily_loss=150", "fills.model=mid"),
    "left alone": ("strategies.iron_condor.stop.scope=none", "strategies.iron_condor.exit_time=close-3m"),
}


@contextmanager
def everybody_asked() -> Iterator[None]:
    """Engines without their shortcut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_quiet", lambda *_: 0)
        yield


def played(source: Source, name: str) -> tuple[DayFigures, list[tuple[int, int, bytes]]]:
    """A day's figures and its records, each with its place."""
    config = load(settings=[*EASY, *SETTINGS[name]])
    run = run_day(source, make_engine(config, REGISTRY, source, "main"))
    return run.figures, [(now, seq, encoded(records)) for now, seq, records in run.ticks]


def encoded(records: tuple[AnyRecord, ...]) -> bytes:
    return msgspec.json.encode(records)


def same_without_it(source: Source, name: str) -> DayFigures:
    quick = played(source, name)
    with everybody_asked():
        slow = played(source, name)
    assert quick == slow
    return quick[0]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("scenario", ["calm", "trend", "whipsaw", "fomc", "halfday", "gap", "pin", "outage"])
def test_simulated_days(scenario: str, name: str) -> None:
    figures = same_without_it(DemoSource.of(DAY, ("SPXW",), 5, scenario, 1, 60), name)
    assert figures.trades or figures.skipped


@pytest.mark.parametrize("name", ["as they are", "tight"])
def test_several_roots_of_which_one_is_american_four_times_a_minute(name: str) -> None:
    same_without_it(DemoSource.of(DAY, ("SPXW", "XSP", "SPY"), 3, "whipsaw", 1, 60), name)
    same_without_it(DemoSource.of(DAY, ("SPXW",), 3, "trend", 2, 15), name)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize(
    ("root", "day", "source"),
    [
        ("SPXW", dt.date(2024, 8, 5), "midpoints"),
        ("SPXW", dt.date(2023, 12, 13), "midpoints"),
        ("SPXW", dt.date(2021, 1, 4), "lean"),
        ("SPY", dt.date(2023, 8, 3), "lean"),
    ],
)
def test_real_days(real_store: Store, root: str, day: dt.date, source: str, name: str) -> None:
    same_without_it(TapeSource(real_store, root, day, source), name)


def commanded(minutes: tuple[int, ...]) -> list[tuple[int, bytes]]:
    """A day with a person's orders at events of those numbers, as encoded records with the number of the event."""
    source = DemoSource.of(DAY, ("SPXW",), 5, "whipsaw", 1, 60)
    kinds: tuple[Any, ...] = ("note", "pause", "resume", "close_trade", "flatten", "resume")
    again: list[Given] = []
    for n, seq in enumerate(minutes):
        kind = kinds[n % len(kinds)]
        again.append(Given(seq, Command(ts_known=0, command_id=f"0-{n}", kind=kind, actor="person", trade_id=1, seq=n)))
    engine = make_engine(load(settings=list(EASY)), REGISTRY, source, "main")
    playing = Playing(engine, source, 0, None, again)
    found = []
    while (event := playing.take()) is not None:
        if isinstance(event, Command):  # at the instant the session has come to, as a runner gives it
            event = msgspec.structs.replace(event, ts_known=playing.now, ts_event=playing.now)
        tick = playing.process(event)
        if tick.records:
            found.append((tick.seq, encoded(tick.records)))
        assert isinstance(event, SessionStart) or tick.seq == playing.seq
    return found


@pytest.mark.parametrize(
    "minutes", [(20, 40, 60, 80, 120, 200), (45, 46, 90, 91, 92, 93), (300, 310, 320, 330, 340, 350)]
)
def test_a_persons_orders_at_any_time(minutes: tuple[int, ...]) -> None:
    quick = commanded(minutes)
    with everybody_asked():
        slow = commanded(minutes)
    assert quick == slow
    assert sum(b'"command"' in records for _, records in quick) == len(minutes)
