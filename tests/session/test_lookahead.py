"""The look-ahead detector: clean days pass, every planted way of knowing too soon is found and named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import pytest
from session_days import ORACLE_SETTINGS, SIM_DAY

from engine.calendar import from_new_york, session
from engine.clock import MINUTE
from engine.config import load
from engine.core import Engine
from engine.events import AnyEvent, ChainBatch, DailyClose, Listing
from engine.session.lookahead import DayCheck, Difference, LookaheadPlayer, check_day
from engine.session.perturbation import Alteration, AlteredStore
from engine.session.source import Source, TapeSource
from engine.strategy import Action, AnyStrategy, Context, Say, build_strategies
from engine.tape import Store
from engine.types import Underlying
from strategies.iron_condor import IronCondor
from strategies.iron_condor.state import State
from strategies.registry import REGISTRY

MID_DAY = dt.date(2024, 8, 7)


def at(hour: int, minute: int = 0, day: dt.date = SIM_DAY) -> int:
    return from_new_york(day, dt.time(hour, minute))


class Peeking(IronCondor):
    """An iron condor that also says, once at 10:00, what somebody told it of the day to come."""

    def __init__(self, condor: AnyStrategy, know: Callable[[], str]) -> None:
        super().__init__(condor.root, condor.settings)
        self._know = know
        self._said = False

    def decide(self, ctx: Context, state: State) -> list[Action]:
        found = super().decide(ctx, state)
        if ctx.now >= at(10) and not self._said:
            self._said = True
            found.append(Say(kind="view", key="day", text=self._know()))
        return found

    def asleep(self, ctx: Context, state: State) -> bool:
        return self._said and super().asleep(ctx, state)


def checked(
    store: Store,
    know: Callable[[list[AnyEvent]], str] | None = None,
    wrap: Callable[[Source], Source] = lambda source: source,
    count: int = 4,
    day: dt.date = SIM_DAY,
    source: str = "demo",
    settings: tuple[str, ...] = (),
) -> DayCheck:
    """Check a day on which the strategy knows something of all its events, or the source is not what it was."""
    config = load(settings=list(settings))
    altered = AlteredStore(store.path)

    def make_source(change: Alteration | None) -> Source:
        return wrap(TapeSource(altered.changed(change), "SPXW", day, source))

    def make(played: Source) -> Engine:
        strategies = build_strategies(config.strategies, REGISTRY, ["SPXW"])
        if know is not None:
            strategies = [Peeking(each, lambda: know(list(played.events()))) for each in strategies]
        meanings = {"SPXW": played.provenance[0].meaning}
        return Engine(config, session(day), "main", ("SPXW",), meanings, strategies)

    return check_day(make_source, make, count, 7)


def difference(found: DayCheck) -> Difference:
    assert found.difference is not None, "nothing was found"
    assert found.difference.at <= found.difference.instant
    return found.difference


def prices(events: list[AnyEvent], symbol: str) -> Iterator[tuple[int, int]]:
    """When each price of an index was known, and the price."""
    index = -1
    for event in events:
        if isinstance(event, Listing):
            index = next((event.first + n for n, i in enumerate(event.instruments) if i == Underlying(symbol)), index)
        if isinstance(event, ChainBatch) and event.price is not None:
            for n in (event.idx == index).nonzero()[0].tolist():
                yield event.ts_known, int(event.price[n])


# Clean days


def test_a_simulated_day_with_stops_passes_at_many_instants(simulated_store: Store) -> None:
    found = checked(simulated_store, count=16)
    assert found.difference is None
    assert found.trades
    assert found.instants == tuple(sorted(set(found.instants)))
    assert len(found.instants) == 16
    assert {"signals", "intents", "decisions", "orders", "fills", "exits", "marks"} <= set(found.records)
    assert found.events > 1000


def test_real_days_pass(real_store: Store) -> None:
    player = LookaheadPlayer(load(settings=list(ORACLE_SETTINGS)), REGISTRY, real_store.path, "SPXW", 6, 1)
    for day in (dt.date(2024, 8, 5), MID_DAY, dt.date(2024, 12, 18)):
        found = player.play(day, "midpoints")
        assert (found.difference, found.trades) == (None, 1)
        assert "fills" in found.records
    quotes = LookaheadPlayer(load(), REGISTRY, real_store.path, "SPXW", 4, 1).play(dt.date(2021, 1, 4), "lean")
    assert quotes.difference is None


def test_the_same_seed_checks_the_same_and_another_one_elsewhere(simulated_store: Store) -> None:
    players = [LookaheadPlayer(load(), REGISTRY, simulated_store.path, "SPXW", 3, seed) for seed in (1, 1, 2)]
    first, again, other = (player.play(SIM_DAY, "demo") for player in players)
    assert first == again
    assert first.instants != other.instants


# Strategies that know what comes


def test_a_strategy_that_reads_a_later_price_over_the_tape_is_found_and_the_price_is_named(
    simulated_store: Store,
) -> None:
    """It asks at ten whether the index will be higher at noon."""

    def noon(events: list[AnyEvent]) -> str:
        noon = [price for ts, price in prices(events, "SPX") if ts >= at(12)]
        return f"at noon the index is {noon[0] if noon else 'no more'}"

    found = difference(checked(simulated_store, noon, count=12))
    assert found.what == "signals"
    assert found.at == at(10)
    assert "at noon the index is" in found.before
    assert "at noon the index is" in found.after
    assert found.before != found.after
    assert found.datum.startswith("SPX price, ")
    assert found.datum.endswith("known at 12:00:00")


def test_a_strategy_that_knows_the_official_close_is_found(simulated_store: Store) -> None:
    def close(events: list[AnyEvent]) -> str:
        closes = [e.close for e in events if isinstance(e, DailyClose) and e.symbol == "SPX" and e.day == SIM_DAY]
        return f"it closes at {closes}"

    found = difference(checked(simulated_store, close, count=8))
    assert found.what == "signals"
    assert found.datum == "the official close, known only after the close"


def test_a_strategy_that_knows_how_much_is_still_to_come_is_found(simulated_store: Store) -> None:
    def rows(events: list[AnyEvent]) -> str:
        return f"{sum(len(event.idx) for event in events if isinstance(event, ChainBatch))} rows in all"

    found = difference(checked(simulated_store, rows, count=8))
    assert (found.what, found.datum) == ("signals", "whether later data come at all, not their values")


def test_a_strategy_that_knows_when_the_next_data_come_is_found(simulated_store: Store) -> None:
    def when(events: list[AnyEvent]) -> str:
        return f"after ten: {min(e.ts_known for e in events if isinstance(e, ChainBatch) and e.ts_known > at(10))}"

    found = difference(checked(simulated_store, when, count=40))
    assert found.what == "signals"
    assert found.datum in ("when later data come, not their values", "whether later data come at all, not their values")


def test_a_strategy_that_only_remembers_is_not_found(simulated_store: Store) -> None:
    """What was known at ten may be said at ten, from wherever it is read."""

    def past(events: list[AnyEvent]) -> str:
        return f"so far: {[price for ts, price in prices(events, 'SPX') if ts <= at(10)]}"

    assert checked(simulated_store, past, count=12).difference is None


# Sources that hand over too soon


@dataclass(frozen=True)
class Changed:
    """A source whose events are made others."""

    source: Source
    change: Callable[[Iterator[AnyEvent]], Iterator[AnyEvent]]

    @property
    def day(self) -> dt.date:
        return self.source.day

    @property
    def roots(self) -> tuple[str, ...]:
        return self.source.roots

    @property
    def provenance(self) -> tuple:  # type: ignore[type-arg]
        return self.source.provenance

    @property
    def close_provenance(self) -> tuple:  # type: ignore[type-arg]
        return self.source.close_provenance

    @property
    def grace(self) -> int:
        return self.source.grace

    def events(self) -> Iterator[AnyEvent]:
        return self.change(self.source.events())


def _earlier(events: Iterator[AnyEvent], by: int) -> Iterator[AnyEvent]:
    for event in events:
        early = by if isinstance(event, ChainBatch | Listing) else 0
        yield msgspec.structs.replace(event, ts_known=event.ts_known - early, ts_event=event.ts_event - early)


def a_minute_early(events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
    """The stamp of a bar taken for the time at which it is known: it is the bar's START, and known at its END."""
    return _earlier(events, MINUTE)


@pytest.mark.parametrize(("day", "source"), [(SIM_DAY, "demo"), (MID_DAY, "midpoints")])
def test_a_bar_that_is_used_from_the_start_of_its_minute_is_found(
    day: dt.date, source: str, request: pytest.FixtureRequest
) -> None:
    store = request.getfixturevalue("simulated_store" if source == "demo" else "real_store")
    settings = ORACLE_SETTINGS if source == "midpoints" else ()
    found = checked(
        store, wrap=lambda each: Changed(each, a_minute_early), day=day, source=source, settings=settings, count=8
    )
    differs = difference(found)
    assert differs.what in ("market data", "listing")
    assert "known at" in differs.datum or "whether" in differs.datum
    assert checked(store, day=day, source=source, settings=settings, count=8).difference is None


def smoothed(events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
    """Each price of the index is the mean of itself and the next one: a filter that looks both ways."""
    waiting: ChainBatch | None = None
    for event in events:
        if waiting is not None and isinstance(event, ChainBatch) and len(event.idx) == len(waiting.idx):
            assert waiting.price is not None
            assert event.price is not None
            yield msgspec.structs.replace(waiting, price=(waiting.price // 2 + event.price // 2))
            waiting = event
            continue
        if waiting is not None:
            yield waiting
        waiting = event if isinstance(event, ChainBatch) else None
        if waiting is None:
            yield event
    if waiting is not None:
        yield waiting


def test_a_source_that_smooths_into_the_future_is_found_and_the_value_is_named(simulated_store: Store) -> None:
    found = difference(checked(simulated_store, wrap=lambda each: Changed(each, smoothed), count=4))
    assert found.what == "market data"
    assert " price " in found.before
    assert found.before != found.after
    assert " price, " in found.datum or "instruments price" in found.datum


def test_a_datum_that_is_used_before_it_is_true_is_found_without_changing_anything(simulated_store: Store) -> None:
    def early(events: Iterator[AnyEvent]) -> Iterator[AnyEvent]:
        for event in events:
            late = isinstance(event, ChainBatch) and event.ts_known == at(11)
            yield msgspec.structs.replace(event, ts_event=event.ts_known + 1) if late else event

    found = checked(simulated_store, wrap=lambda each: Changed(each, early))
    differs = difference(found)
    assert (differs.what, differs.at, found.instants) == ("stamp", at(11), ())
    assert "11:00:00" in differs.datum


def test_a_trade_bar_of_a_minute_before_the_open_has_the_stamp_of_its_start(simulated_store: Store) -> None:
    """Of bars that begin at the open the first is known a minute later. One that is known at the open is the START."""

    def wrap(source: Source) -> Source:
        return _Bars(source, lambda events: _earlier(events, first - opens))

    first = next(e.ts_known for e in TapeSource(simulated_store, "SPXW", SIM_DAY).events() if isinstance(e, ChainBatch))
    opens = session(SIM_DAY).open
    found = difference(checked(simulated_store, wrap=wrap))
    assert found.what == "stamp"
    assert "START" in found.after


class _Bars(Changed):
    @property
    def provenance(self) -> tuple:  # type: ignore[type-arg]
        return (msgspec.structs.replace(self.source.provenance[0], meaning="trade_bar"),)


class _Patient(Changed):
    @property
    def grace(self) -> int:
        return 40 * MINUTE // 60


def test_a_timer_that_later_data_may_still_make_needless_is_not_compared(simulated_store: Store) -> None:
    """Asked for 10:00:30, it is needless where the quotes of 10:01 come, and given where they do not."""
    entries = ", ".join(f'"{hour}:{minute:02}:30"' for hour in range(10, 15) for minute in range(60))
    settings = (f"strategies.iron_condor.entries=[{entries}]",)

    def wrap(source: Source) -> Source:
        return _Patient(source, lambda events: events)

    found = checked(simulated_store, wrap=wrap, settings=settings, count=24)
    assert found.difference is None
    assert found.events > 0
