"""Pause, cancel, flatten, lock: each does what those before it do, twice is once, and nothing lifts a lock."""

from __future__ import annotations

import pytest
from core_builders import (
    CONDOR,
    SPOT,
    Played,
    Tape,
    at,
    condor_tape,
    configure,
    ladder,
    make_engine,
    play,
    resumed,
    run,
)

from engine.core.commands import KILLS
from engine.events import BreakerRecord, CommandRecord, ExitRecord, OrderEventRecord
from engine.strategy import Action, Context, build_strategies
from engine.types import KILL_LEVELS, KillLevel
from strategies.iron_condor import IronCondor

TWO = 'strategies.iron_condor.entries=["10:00", "11:00"]'
SLOW = "fills.latency_ms=2000"


def outcomes(played: Played) -> list[str]:
    return [record.outcome for record in played.of(CommandRecord)]


def breakers(played: Played) -> list[tuple[str, str, bool]]:
    return [(record.name, record.state, record.latched) for record in played.of(BreakerRecord)]


def cancelled(played: Played) -> list[str]:
    return [record.client_order_id for record in played.of(OrderEventRecord) if record.status == "cancelled"]


@pytest.mark.parametrize(
    ("level", "breaker"),
    [
        ("pause", ("PAUSED", "REDUCING", False)),
        ("cancel", ("CANCELLED", "REDUCING", False)),
        ("flatten", ("FLATTENED", "REDUCING", False)),
        ("lock", ("LOCKED", "HALTED", True)),
    ],
)
def test_each_level_leaves_its_breaker_and_keeps_entries_out(level: KillLevel, breaker: tuple[str, str, bool]) -> None:
    played = run(condor_tape("10:10").command("09:45", level, text="the news"), until="10:10")

    assert breakers(played) == [breaker]
    assert played.of(BreakerRecord)[0].text.endswith("(the news)")
    assert breaker[0] in played.skipped()["10:00"]
    assert not played.fills()
    assert len(outcomes(played)) == 1


@pytest.mark.parametrize("level", KILL_LEVELS)
def test_what_is_held_is_kept_by_the_mild_levels_and_closed_by_the_others(level: KillLevel) -> None:
    played = run(condor_tape("10:40").command("10:30", level), until="10:40")

    if level in ("pause", "cancel"):
        assert len(played.held()) == 4
        assert not played.of(ExitRecord)
    else:
        assert not played.held()
        (closed,) = played.of(ExitRecord)
        assert (closed.actor, closed.trigger, closed.scope) == ("person", level, "package")


@pytest.mark.parametrize("level", KILL_LEVELS)
def test_the_same_level_again_trips_nothing_and_begins_nothing_anew(level: KillLevel) -> None:
    played = run(condor_tape("10:40").command("10:30:00", level).command("10:30:01", level), until="10:40")

    assert len(breakers(played)) == 1
    assert len(played.of(ExitRecord)) == (level in ("flatten", "lock"))
    assert len(outcomes(played)) == 2


@pytest.mark.parametrize(
    ("first", "then", "stands"),
    [
        ("cancel", "pause", "CANCELLED"),
        ("flatten", "pause", "FLATTENED"),
        ("flatten", "cancel", "FLATTENED"),
        ("lock", "pause", "LOCKED"),
        ("lock", "cancel", "LOCKED"),
        ("lock", "flatten", "LOCKED"),
    ],
)
def test_a_lower_level_after_a_higher_changes_nothing_and_says_so(
    first: KillLevel, then: KillLevel, stands: str
) -> None:
    played = run(condor_tape("10:40").command("10:30", first).command("10:35", then), until="10:40")

    assert [name for name, *_ in breakers(played)] == [stands]
    assert outcomes(played)[1] == f"nothing changes: {stands} stands, which does what {then} does"


def test_levels_can_be_raised_one_after_the_other() -> None:
    tape = condor_tape("10:40")
    for minute, level in enumerate(KILL_LEVELS, 30):
        tape.command(f"10:{minute}", level)
    played = run(tape, until="10:40")

    assert [name for name, *_ in breakers(played)] == ["PAUSED", "CANCELLED", "FLATTENED", "LOCKED"]
    assert not played.held()
    assert len(played.of(ExitRecord)) == 1


def resting_entry(level: KillLevel) -> Played:
    """The credit is gone when the entry arrives, so it rests; it is back after the command, within the window."""
    worse = {**CONDOR, "5325P": (0.70, 0.80), "5375C": (0.60, 0.70)}
    tape = Tape().list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "10:00")
    tape.quote(at("10:00:01"), worse).command("10:00:10", level)
    tape.quote(at("10:00:20"), worse).quote(at("10:00:25"), CONDOR).hold("10:01", "10:10")
    return run(tape, SLOW, until="10:10")


@pytest.mark.parametrize("level", KILL_LEVELS)
def test_a_working_entry_outlives_a_pause_and_no_other_level(level: KillLevel) -> None:
    played = resting_entry(level)

    assert bool(played.held()) == (level == "pause")
    assert len(cancelled(played)) == (level != "pause")
    if level == "cancel":
        assert outcomes(played) == ["cancelling 1 working entry; no new entries until resumed"]


@pytest.mark.parametrize("level", ["flatten", "lock"])
def test_an_entry_that_fills_before_its_cancel_arrives_is_closed(level: KillLevel) -> None:
    played = run(condor_tape("10:10").command("10:00:01", level), SLOW, until="10:10")

    assert len(played.of(ExitRecord)) == 1
    assert not played.held()


def test_a_closing_order_is_never_cancelled_by_a_level() -> None:
    tape = condor_tape("10:40").command("10:30:00", "close_trade", 1).command("10:30:01", "cancel")
    played = run(tape, SLOW, until="10:40")

    assert not cancelled(played)
    assert not played.held()


@pytest.mark.parametrize("breaker", ["FLATTENED", "LOCKED"])
def test_what_comes_to_be_held_while_it_stands_is_closed_too(breaker: str) -> None:
    """The breaker stands, and then there is a holding: a busted exit, a fill that was heard of late."""
    engine = make_engine()
    events = condor_tape("10:40").command("10:25", "note").sorted()
    assert len(play(engine, events, at("10:20")).held()) == 4
    engine.state.states.trip(breaker, "REDUCING", False, "a test")

    after = play(engine, [event for event in events if event.ts_known > at("10:20")], at("10:40"))

    assert [record.text for record in after.of(ExitRecord)] == [f"it came to be held while {breaker} stands"]
    assert not after.held()


def test_resume_lifts_all_but_a_lock() -> None:
    tape = condor_tape("11:10")
    for minute, level in enumerate(KILL_LEVELS, 30):
        tape.command(f"10:{minute}", level)
    played = run(tape.command("10:40", "resume"), TWO, until="11:10")

    assert breakers(played)[4:] == [(name, "ACTIVE", False) for name in ("PAUSED", "CANCELLED", "FLATTENED")]
    assert outcomes(played)[-1].startswith("still HALTED: LOCKED: ")
    assert "LOCKED" in played.skipped()["11:00"]


def test_a_restart_of_the_day_begins_locked() -> None:
    tape = condor_tape("16:00")
    before = run(condor_tape("16:00").command("10:30", "lock"), TWO, until="10:35")
    engine = make_engine(TWO)

    after = play(engine, resumed(tape.sorted(), before.records, before.ticks[-1].now), at("11:10"))

    assert engine.state.states.state == "HALTED"
    assert "LOCKED" in after.skipped()["11:00"]


@pytest.mark.parametrize("level", KILL_LEVELS)
def test_a_level_works_before_the_first_quote(level: KillLevel) -> None:
    tape = Tape().command("09:00", level)
    played = run(tape, until="09:30")

    assert len(breakers(played)) == 1
    assert outcomes(played)[0].split(";")[0] in (
        "no new entries",
        "cancelling 0 working entries",
        "closing 0 trades",
    )


class Raising(IronCondor):
    """Enters as the condor does, and then breaks down."""

    def watch(self, *_: object) -> None:
        """It wants to be asked at every quote."""

    def decide(self, ctx: Context, state: object) -> list[Action]:
        if ctx.now > at("10:20"):
            raise ZeroDivisionError("one divided by none")
        return super().decide(ctx, state)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", ["flatten", "lock"])
def test_a_level_closes_the_trades_of_a_strategy_that_raises(level: KillLevel) -> None:
    engine = make_engine(strategies=build_strategies(configure().strategies, {"iron_condor": Raising}, ["SPXW"]))
    played = play(engine, condor_tape("10:40").command("10:30", level).sorted(), at("10:40"))

    assert [name for name, *_ in breakers(played)] == ["STRATEGY_ERROR", KILLS[level].breaker]
    assert played.fills()
    assert not played.held()


def test_an_alarm_is_a_line_that_shouts() -> None:
    played = run(condor_tape("10:10").command("10:05", "alarm", text="the disk is on fire"), until="10:10")

    assert played.notices("alarm") == [("10:05:00", "the disk is on fire")]
    assert outcomes(played) == ["told"]
