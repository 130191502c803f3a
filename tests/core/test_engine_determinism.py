"""The same events give the same records; what comes later changes nothing that was; time never goes back."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from core_builders import (
    CALLS_HIT,
    CONDOR,
    PUTS_HIT,
    SPOT,
    Tape,
    at,
    condor_tape,
    encoded,
    ladder,
    make_engine,
    play,
    run,
)  # fmt: skip
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import SECOND
from engine.events import AnyEvent, ChainBatch, Command, FeedStatus, Timer
from engine.types import MISSING

TWO = 'strategies.iron_condor.entries=["10:00", "10:30"]'


def eventful() -> list[AnyEvent]:
    """Two entries, a put stop, a person's note and flatten, quotes that come and go, settlement of nothing."""
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=5340.0).hold("10:03", "10:05")
    tape.quote("10:06", CONDOR, spot=SPOT).hold("10:07", "10:31").quote("10:32", CALLS_HIT, spot=5360.0)
    tape.command("10:32:02", "note", text="hot").hold("10:33", "10:40").command("10:41", "flatten")
    return (
        tape.hold("10:42", "10:45").quote("10:46", {"5315P": (0.0, 0.05)}).hold("10:47", "10:50").close(5350).sorted()
    )


def test_the_same_events_give_identical_records_and_wishes_to_be_woken() -> None:
    first, second = (play(make_engine(TWO), eventful()) for _ in range(2))

    assert encoded(first.records) == encoded(second.records)
    assert [tick.wake_at for tick in first.ticks] == [tick.wake_at for tick in second.ticks]
    assert {exit_[2] for exit_ in first.exits()} == {"stop", "flatten"}


def test_looking_at_the_session_between_events_changes_nothing() -> None:
    quiet = play(make_engine(TWO), eventful())
    engine = make_engine(TWO)
    looked = []
    for event in quiet.events:
        looked += engine.process(event).records
        engine.strategies.next_deadline()
        for trade in engine.state.portfolio:
            engine.strategies.sides(trade)
            engine.guard.mark(trade)
        engine.state.vix("SPXW")

    assert encoded(looked) == encoded(quiet.records)


def test_a_recording_of_events_and_timers_gives_the_session_again() -> None:
    """What audit replay relies on: the inputs as the engine saw them, timers among them."""
    played = play(make_engine(TWO), eventful())
    again = make_engine(TWO)

    assert encoded(r for event in played.events for r in again.process(event).records) == encoded(played.records)


def perturbed(events: list[AnyEvent], after: int, seed: int) -> list[AnyEvent]:
    """The same events, with every quote and value after that instant replaced by noise."""
    rng = np.random.default_rng(seed)
    found: list[AnyEvent] = []
    for event in events:
        if isinstance(event, ChainBatch) and event.ts_known > after:
            bid = rng.integers(0, 60_000, len(event.idx)).astype(np.int32)
            ask = (bid + rng.integers(-500, 5_000, len(event.idx))).astype(np.int32)
            assert event.price is not None
            price = np.where(event.price == MISSING, MISSING, rng.integers(50_000_000, 56_000_000)).astype(np.int32)
            found.append(msgspec.structs.replace(event, bid=bid, ask=ask, price=price))
        else:
            found.append(event)
    return found


@pytest.fixture(scope="module")
def undisturbed() -> tuple[list[AnyEvent], list[tuple[int, bytes]]]:
    events = eventful()
    records = play(make_engine(TWO), events).records
    return events, list(zip((record.ts for record in records), encoded(records), strict=True))


@settings(max_examples=25, deadline=None)
@given(second=st.integers(0, 60 * 60), seed=st.integers(0, 2**32 - 1))
def test_what_comes_after_an_instant_changes_no_record_up_to_it(
    undisturbed: tuple[list[AnyEvent], list[tuple[int, bytes]]], second: int, seed: int
) -> None:
    events, expected = undisturbed
    instant = at("09:55") + second * SECOND

    records = play(make_engine(TWO), perturbed(events, instant, seed), until=instant).records

    assert encoded(records) == [record for ts, record in expected if ts <= instant]


def test_the_perturbation_is_felt_after_its_instant(
    undisturbed: tuple[list[AnyEvent], list[tuple[int, bytes]]],
) -> None:
    events, expected = undisturbed

    records = play(make_engine(TWO), perturbed(events, at("10:10"), 1)).records

    assert encoded(records) != [record for _, record in expected]


def test_time_never_goes_back() -> None:
    engine = make_engine()
    tape = condor_tape("10:10")
    play(engine, tape.sorted(), tape.at("10:10"))

    late = engine.process(Timer(ts_known=at("09:00"), ts_event=at("09:00")))

    assert late.now == at("10:10")
    assert late.wake_at is not None
    assert late.wake_at > at("10:10")


def test_a_late_batch_happens_now_and_is_known_to_be_old() -> None:
    engine = make_engine("fills.max_quote_age_seconds=30")
    tape = Tape().list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT)
    late = Tape()
    late.events = list(tape.events)
    played = play(engine, tape.sorted(), at("10:04"))
    batch = next(event for event in tape.events if isinstance(event, ChainBatch))

    tick = engine.process(batch)

    assert tick.now == played.ticks[-1].now
    assert not [record for record in tick.records if type(record).__name__ == "OrderRecord"]


def test_ticks_are_numbered_and_name_what_changed() -> None:
    played = run(condor_tape("10:01"), until="10:01")

    assert [tick.seq for tick in played.ticks] == list(range(1, len(played.ticks) + 1))
    assert all(record.seq == tick.seq for tick in played.ticks for record in tick.records)
    entered = next(tick for tick in played.ticks if any(type(r).__name__ == "FillRecord" for r in tick.records))
    assert {"market", "session"} <= entered.changes


def test_the_feed_that_says_it_is_down_is_noticed() -> None:
    engine = make_engine()

    tick = engine.process(FeedStatus(ts_known=at("10:00"), state="down", text="no heartbeat"))

    assert [(r.level, r.text) for r in tick.records] == [("warning", "no heartbeat")]


def test_commands_of_an_instant_come_after_its_data() -> None:
    order = [type(e).__name__ for e in eventful() if e.ts_known == at("10:41") or isinstance(e, Command)]

    assert order[-1] == "Command"
