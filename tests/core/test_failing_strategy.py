"""A strategy's bug stops that strategy and new risk; the engine and the others go on."""

from __future__ import annotations

import logging
from typing import ClassVar

import msgspec
import pytest
from core_builders import DAY, Played, condor_tape, configure, play, resumed

from engine.calendar import session
from engine.config import Table
from engine.core import Engine
from engine.events import BreakerRecord
from engine.strategy import Action, Context, Deadline, Say, SidePlan, Strategy, TradeInfo, build_strategies
from strategies.registry import REGISTRY


class Nothing(Table):
    """No settings."""


class Count(msgspec.Struct):
    """How often it was asked."""

    asked: int = 0


class Faulty(Strategy[Nothing, Count]):
    """Fails where it is told to."""

    name: ClassVar[str] = "faulty"
    version: ClassVar[str] = "1"
    settings_model: ClassVar[type[Table]] = Nothing
    state_model: ClassVar[type[msgspec.Struct]] = Count
    where: ClassVar[str] = "decide"

    def begin(self, ctx: Context) -> tuple[Count, list[Action]]:
        self._maybe("begin")
        return Count(), [Say(kind="scheduled", key="", text="here")]

    def resume(self, ctx: Context, state: Count) -> list[Action]:
        self._maybe("resume")
        return []

    def decide(self, ctx: Context, state: Count) -> list[Action]:
        state.asked += 1
        if ctx.now >= session(DAY).open:
            self._maybe("decide")
        return []

    def sides(self, trade: TradeInfo, state: Count) -> tuple[SidePlan, ...]:
        return ()

    def next_deadline(self, ctx: Context, state: Count) -> Deadline | None:
        self._maybe("next_deadline")
        return None

    def _maybe(self, here: str) -> None:
        if here == self.where:
            raise ZeroDivisionError("one divided by none")


def engine_with(where: str) -> Engine:
    """The faulty strategy is asked before the condor."""
    kind = type("Faulty", (Faulty,), {"where": where})
    config = configure('strategies.iron_condor.entries=["09:30", "11:00"]')
    good = build_strategies(config.strategies, REGISTRY, ["SPXW"])
    return Engine(config, session(DAY), "main", ("SPXW",), {}, [kind("SPXW", Nothing()), *good])


def play_beside_a_condor(where: str, until: str = "11:10") -> Played:
    tape = condor_tape("16:00", first="09:29")
    tape.hold("09:30", "09:59")
    return play(engine_with(where), tape.sorted(), tape.at(until))


@pytest.mark.parametrize("where", ["begin", "decide"])
def test_it_trips_the_breaker_says_so_and_is_not_asked_again(where: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        played = play_beside_a_condor(where)

    (breaker,) = played.of(BreakerRecord)
    assert (breaker.name, breaker.state, breaker.latched) == ("STRATEGY_ERROR", "REDUCING", True)
    assert breaker.text == "faulty on SPXW failed: ZeroDivisionError: one divided by none"
    assert len(played.notices("alarm")) == 1
    assert "one divided by none" in caplog.text


def test_new_risk_is_off_for_everybody_and_what_is_held_is_still_managed() -> None:
    """The condor of 09:30 is opened by the same event in which the other strategy fails, or not at all."""
    played = play_beside_a_condor("decide", until="15:30")

    assert "STRATEGY_ERROR" in played.skipped()["11:00"]
    assert not played.held()


def test_the_engine_plays_the_day_to_its_end() -> None:
    played = play_beside_a_condor("decide", until="16:00")

    assert played.ticks[-1].now == session(DAY).close


def test_a_strategy_that_cannot_resume_after_a_restart_is_halted_alone(caplog: pytest.LogCaptureFixture) -> None:
    before = play_beside_a_condor("nowhere", until="10:00")
    tape = condor_tape("16:00")
    engine = engine_with("resume")

    after = play(engine, resumed(tape.sorted(), before.records, before.ticks[-1].now), tape.at("10:30"))

    assert [breaker.name for breaker in after.of(BreakerRecord)] == ["STRATEGY_ERROR"]
    assert len(after.held()) == 4
    assert after.marks()


def test_what_it_cannot_show_stops_nothing_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    played = play_beside_a_condor("next_deadline", until="10:30")

    deadlines = [played.engine.strategies.next_deadline() for _ in range(3)]

    assert {deadline.text for deadline in deadlines if deadline} == {"entry 11:00"}
    assert caplog.text.count("cannot be shown") == 1
    assert not played.of(BreakerRecord)


def test_a_strategy_that_works_is_left_alone() -> None:
    played = play_beside_a_condor("nowhere")

    assert not played.of(BreakerRecord)
    assert len(played.fills()) == 8
