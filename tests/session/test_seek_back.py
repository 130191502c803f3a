"""Going back in a day is exact: whatever the jumps, what follows is what an uninterrupted run brings."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from session_days import SIM_DAY

from engine.config import load
from engine.events import Tick
from engine.journal import JournalReader
from engine.journal.export import export
from engine.session.checkpoints import Checkpoints
from engine.session.compose import Composed, compose_replay, make_engine
from engine.session.kept import KeptSource
from engine.session.playing import Playing
from engine.session.publisher import Publisher
from engine.session.rewinder import Rewinder
from engine.session.source import DemoSource, Source, TapeSource
from engine.tape import Store
from engine.view import Pace, ProgressView, View, ViewRequest
from strategies.registry import REGISTRY


class Day:
    """A day played once without a stop, and a rewinder to go back and forth in it."""

    def __init__(self, source: Source, quotes: int) -> None:
        config = load()

        def new() -> object:
            return make_engine(config, REGISTRY, source, "main")

        self.publisher = Publisher(threading.Condition(), "REPLAY", lambda: None)  # type: ignore[arg-type,return-value]
        self.checkpoints = Checkpoints(quotes)
        self.rewinder = Rewinder(source, new, self.publisher, None, None, self.checkpoints)  # type: ignore[arg-type]
        playing = self.rewinder.start_over(0, ())
        self.ticks: list[Tick] = []
        self.views: list[View] = []
        for step in playing.onward():
            self.publisher.absorb(step.tick)
            self.rewinder.passed(step.event, playing, 0)
            self.ticks.append(step.tick)
            self.views.append(self.view(playing))

    def view(self, playing: Playing) -> View:
        state = playing.engine.state
        progress = ProgressView(
            open=state.session.open, close=state.session.close, end=state.session.close, now=playing.now, speed=0,
            paused=True, finished=False, can_control=True, marks=self.publisher.marks,
        )  # fmt: skip
        assert self.publisher.builder is not None
        return self.publisher.builder.build(ViewRequest(), progress)

    def same_after(self, seq: int, on: int) -> None:
        """Go to the event ``seq`` and play ``on`` events from there: all as it was the first time."""
        playing = self.rewinder.to(0, (), seq=seq)
        assert playing.seq == seq
        assert self.view(playing) == self.views[seq - 1]
        for n, step in enumerate(playing.onward(seq=seq + on)):
            self.publisher.absorb(step.tick)
            self.rewinder.passed(step.event, playing, 0)
            assert step.tick == self.ticks[seq + n]
        assert self.view(playing) == self.views[min(seq + on, len(self.views)) - 1]


@pytest.fixture(scope="module")
def minutes(simulated_store: Store) -> Day:
    """A minute tape, with a checkpoint about every twenty minutes."""
    return Day(TapeSource(simulated_store, "SPXW", SIM_DAY), 3_000)


@pytest.fixture(scope="module")
def seconds() -> Day:
    """A simulated day in steps of a minute, listed anew for two expiries; checkpoints close together."""
    return Day(DemoSource.of(dt.date(2026, 1, 15), ["SPXW"], 7, step_seconds=60), 20_000)


jumps = st.lists(st.tuples(st.floats(0.02, 1), st.integers(0, 40)), min_size=1, max_size=4)


@given(jumps)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_one_goes_in_a_minute_tape_it_is_as_it_was(minutes: Day, jumps: list[tuple[float, int]]) -> None:
    for share, on in jumps:
        minutes.same_after(max(4, round(share * len(minutes.ticks))), on)


@given(jumps)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_one_goes_in_a_simulated_day_it_is_as_it_was(seconds: Day, jumps: list[tuple[float, int]]) -> None:
    for share, on in jumps:
        seconds.same_after(max(4, round(share * len(seconds.ticks))), on)


def test_checkpoints_were_made_and_used(minutes: Day, seconds: Day) -> None:
    for day in (minutes, seconds):
        assert len(day.checkpoints) > 5
        found = day.checkpoints.before(seq=len(day.ticks))
        assert found is not None
        assert found.seq > len(day.ticks) // 2


def test_a_real_day_too(real_store: Store) -> None:
    day = Day(TapeSource(real_store, "SPXW", dt.date(2024, 8, 7)), 100)
    assert len(day.checkpoints) >= 1
    for seq in (len(day.ticks), 8, len(day.ticks) // 2, 4):
        day.same_after(seq, 10)


def test_the_event_before_is_found_also_where_the_past_must_be_played_for_it(minutes: Day) -> None:
    minutes.rewinder.to(0, (), seq=200)
    seq, found = 200, []
    while seq > 190:
        before = minutes.rewinder.event_before(0, (), seq)
        assert before is not None
        assert before < seq
        seq = before
        found.append(seq)
        assert minutes.rewinder.to(0, (), seq=seq).takes_commands
    assert found == sorted(found, reverse=True)


def test_checkpoints_stay_within_their_bound(simulated_store: Store) -> None:
    day = Day(TapeSource(simulated_store, "SPXW", SIM_DAY), 1_000)
    most = day.checkpoints.bytes // 3
    few = Checkpoints(1_000, most)
    playing = Playing(make_engine(load(), REGISTRY, day.rewinder.source, "main"), day.rewinder.source, 0, None)
    day.publisher.start_over(playing.engine)
    for step in playing.onward():
        day.publisher.absorb(step.tick)
        assert day.publisher.builder is not None
        few.passed(step.event, playing, day.publisher.builder, 0)
    assert few.bytes <= most
    assert len(few) >= 2


def played(source: Source, folder: Path, jumps: dict[int, int]) -> list[bytes]:
    """The canonical journal of a replay that goes back, at some events, by so many minutes, and plays on."""
    config = load(settings=[f"research.path={folder / 'research.sqlite'}"])
    holder: list[Composed] = []
    left = dict(jumps)

    def jump(tick: Tick) -> None:
        minutes = left.pop(tick.seq, None)
        if minutes is not None:
            runner = holder[0].runner
            runner.send(Pace("goto", instant=tick.now - minutes * 60 * 10**9))
            runner.send(Pace("resume"))

    composed = compose_replay(config, REGISTRY, source, speed=0, stay=False, on_tick=jump)
    holder.append(composed)
    assert composed.runner.run() == "completed"
    composed.close()
    assert not left
    with JournalReader(Path(config.research.path)) as reader:
        return list(export(reader, form="canonical"))


def test_the_journal_of_a_day_with_jumps_is_that_of_one_without(simulated_store: Store, tmp_path: Path) -> None:
    source = TapeSource(simulated_store, "SPXW", SIM_DAY)
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    assert played(source, tmp_path / "a", {}) == played(source, tmp_path / "b", {60: 20, 200: 190, 330: 1, 400: 300})


def test_events_are_kept_as_they_are_read_and_made_again_where_they_are_too_many(simulated_store: Store) -> None:
    source = TapeSource(simulated_store, "SPXW", SIM_DAY)
    whole = [(event.ts_known, type(event)) for event in source.events()]
    for most in (10**9, 5_000, 0):
        kept = KeptSource(source, most)
        begun = kept.events()
        first = [next(begun) for _ in range(50)]
        again = list(kept.events())
        assert [(event.ts_known, type(event)) for event in again] == whole
        assert [event.order for event in first] == [event.order for event in again[:50]]
        assert (again[20] is first[20]) == (most == 10**9)
