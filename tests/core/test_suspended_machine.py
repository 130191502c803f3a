"""The machine sleeps for twenty minutes in the middle of the day: its clocks stand still, the market's does not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from core_builders import DAY, Played, Tape, at, clock, condor_tape, configure
from outside_line import Line

from engine.broker import SimulatedBroker
from engine.calendar import session
from engine.clock import SECOND
from engine.core import Engine
from engine.events import AnyEvent, BreakerRecord, FillRecord, OrderRecord, SessionStart, Timer
from engine.session.courier import Courier
from engine.session.live import LiveSource
from engine.session.playing import Playing
from engine.strategy import build_strategies
from engine.types import Instrument, Provenance
from strategies.registry import REGISTRY


@dataclass
class Watch:
    """The market's clock, which a test sets."""

    at: int

    def now(self) -> int:
        return self.at


@dataclass
class Radio:
    """A feed that brings a tape; what came while nobody listened is gone."""

    events: list[AnyEvent]
    taken: int = 0
    streamed: Collection[str] = ()
    held: list[Collection[object]] = field(default_factory=list)

    def take(self, now: int) -> list[AnyEvent]:
        found = []
        while self.taken < len(self.events) and self.events[self.taken].ts_known <= now:
            found.append(msgspec.structs.replace(self.events[self.taken], ts_known=now))
            self.taken += 1
        return found

    def miss(self, until: int) -> None:
        """Nothing of what came up to an instant was heard."""
        while self.taken < len(self.events) and self.events[self.taken].ts_known <= until:
            self.taken += 1

    def start(self, known: Sequence[Instrument], wake: Callable[[], None]) -> None:
        """Nothing runs."""

    def hold(self, contracts: Collection[object]) -> None:
        self.held.append(contracts)

    def close(self) -> None:
        """Nothing is held open."""


class Machine:
    """A session at a broker outside, on a machine that may sleep."""

    def __init__(self, tape: Tape, *settings: str) -> None:
        config = configure("broker.kind=socket", *settings)
        strategies = build_strategies(config.strategies, REGISTRY, ["SPXW"])
        engine = Engine(config, session(DAY), "main", ("SPXW",), {}, strategies, outside=True)
        self.clock = Watch(at("09:29"))
        events: list[AnyEvent] = tape.sorted()
        self.radio = Radio([event for event in events if not isinstance(event, SessionStart)])
        label = Provenance("a test", "recorded", "quote")
        source = LiveSource(session(DAY), ("SPXW",), (label,), self.radio, self.clock, self.clock.at)
        self.line = Line(SimulatedBroker(config, session(DAY), {}, iter(tape.sorted())))
        self.playing = Playing(engine, source, 0, None, (), Courier(self.line))
        self.played = Played(engine)

    def awake(self, until: str, step: int = SECOND) -> Played:
        """Run up to a time."""
        while self.clock.at < at(until):
            self.clock.at += step
            self._turn()
        return self.played

    def sleep(self, until: str, heard: bool = False) -> Played:
        """Nothing runs up to a time; then one look at what there is. ``heard``: quotes have come as it wakes."""
        self.clock.at = at(until)
        self.radio.miss(self.clock.at - heard)
        self._turn()
        return self.played

    @property
    def over(self) -> bool:
        return self.playing.next_ts is None

    def _turn(self) -> None:
        for _ in range(20_000):
            self.playing.listen(self.clock.at)
            ts = self.playing.next_ts
            if ts is None or ts > self.clock.at:
                return
            event = self.playing.take()
            if event is None:
                continue
            tick = self.playing.process(event)
            self.playing.carry(tick, written=True)
            self.played.events.append(event)
            self.played.ticks.append(tick)
        raise AssertionError("it does not come to rest")

    def since(self, then: int) -> list[str]:
        """What was asked of the broker after so many requests."""
        return [request.action for _, request in self.line.said[then:]]


SECONDS = 'strategies.iron_condor.entries=["10:00"]'


def minutes(until: str = "16:00") -> Tape:
    return condor_tape("10:00").hold("10:00:05", until, 5 * SECOND)


def timers(played: Played, first: str, last: str) -> Iterator[str]:
    return (clock(e.ts_known) for e in played.events if isinstance(e, Timer) and at(first) < e.ts_known <= at(last))


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("slept_from", ["09:59:58", "09:55"])
def test_an_entry_whose_time_passed_does_not_fire(slept_from: str, heard: bool) -> None:
    machine = Machine(minutes("10:40"), SECONDS)
    machine.awake(slept_from)
    played = machine.sleep("10:20", heard)
    machine.awake("10:30")
    assert played.of(OrderRecord) == []
    assert not [action for action in machine.since(0) if action == "submit"]
    assert "10:00" in played.skipped()


def test_an_entry_whose_window_is_still_open_fires_on_new_quotes_only() -> None:
    machine = Machine(minutes("10:40"), SECONDS)
    machine.awake("09:59:58")
    played = machine.sleep("10:00:31")
    assert played.of(OrderRecord) == [], "the quotes are of before"
    machine.awake("10:00:45")
    assert {clock(order.ts) for order in played.of(OrderRecord)} == {"10:00:35"}


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize(
    "why",
    [('strategies.iron_condor.exit_time="10:10"',), ("broker.profile=alpaca", "cutoffs.flat_minutes=305")],
    ids=["exit time", "flat before the cutoffs"],
)
def test_an_exit_whose_time_passed_fires_at_once_and_asks_no_more_than_an_exit_does(
    why: tuple[str, ...], heard: bool
) -> None:
    machine = Machine(minutes("10:40"), SECONDS, *why)
    machine.awake("10:05")
    assert machine.played.held()
    before = len(machine.line.said)
    played = machine.sleep("10:25", heard)
    assert [when for when, *_ in played.exits()] == ["10:25:00"]
    asked = machine.since(before)
    assert len(asked) <= 4, f"a storm of {len(asked)} requests"
    assert list(timers(played, "10:05:30", "10:24:59")) == [], "time that has passed is not played through"
    machine.awake("10:26")
    assert not any(played.held().values())
    assert {clock(fill.ts)[:5] for fill in played.of(FillRecord)[4:]} == {"10:25"}


def test_a_feed_that_has_told_nothing_since_is_stale_at_once() -> None:
    machine = Machine(minutes("10:40"), SECONDS)
    machine.awake("10:05")
    played = machine.sleep("10:25")
    (found,) = played.of(BreakerRecord)[-1:]
    assert (found.name, found.state, clock(found.ts)) == ("STALE_FEED", "REDUCING", "10:25:00")
    machine.awake("10:26")
    assert (played.of(BreakerRecord)[-1].name, played.of(BreakerRecord)[-1].state) == ("STALE_FEED", "ACTIVE")
    assert len(played.held()) == 4, "nothing was closed for it"


def test_a_session_that_slept_to_the_end_of_its_day_ends_after_a_last_look() -> None:
    machine = Machine(minutes("10:40"), SECONDS, 'strategies.iron_condor.exit_time="15:10"')
    machine.awake("10:05")
    played = machine.sleep("17:00")
    assert machine.over
    assert clock(played.ticks[-1].now) == "17:00:00"
