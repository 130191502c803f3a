"""Tapes of trade bars: what came first inside a minute is not known, so a stop that its range reaches is taken at its
worst, before any target."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from core_builders import DAY, Played, at, ladder, make_engine, option, play

from engine.events import (
    AnyEvent,
    ChainBatch,
    ExitRecord,
    FillRecord,
    Listing,
    OrderEventRecord,
    SessionStart,
    SignalRecord,
)
from engine.types import Underlying, to_units

Bars = Mapping[str, tuple[float, float, float]]

FLAT: Bars = {
    "5315P": (0.50, 0.50, 0.50),
    "5325P": (1.30, 1.30, 1.30),
    "5375C": (1.20, 1.20, 1.20),
    "5385C": (0.40, 0.40, 0.40),
}
"""Low, high and close. A condor for 1.60: stops stand at 1.65 a side."""
SPIKE: Bars = FLAT | {"5325P": (1.20, 2.40, 1.30), "5315P": (0.45, 0.60, 0.50)}
"""The put side cost up to 2.40 - 0.45 = 1.95 inside this minute, and 0.80 at its end."""


def tape(minutes: Mapping[str, Bars], first: str = "09:59", until: str = "10:10") -> list[AnyEvent]:
    """``FLAT`` every minute but for those that are given; SPX stands at 5350."""
    names = ladder(5300, 5400)
    listed = (Underlying("SPX"), *(option(name) for name in names))
    events: list[AnyEvent] = [
        SessionStart(ts_known=at("09:00"), day=DAY),
        Listing(ts_known=at("09:30"), first=0, instruments=listed),
    ]
    rows = [1 + names.index(name) for name in FLAT]
    now, last = at(first), at(until)
    while now <= last:
        bars = next((bars for when, bars in minutes.items() if at(when) == now), FLAT)
        low, high, close = (
            np.array([to_units(5350), *(to_units(bars[name][n]) for name in FLAT)], np.int32) for n in range(3)
        )
        events.append(
            ChainBatch(
                ts_known=now,
                ts_event=now,
                seq=len(events),
                idx=np.array([0, *rows], np.int32),
                price=close,
                open=close,
                high=high,
                low=low,
            )
        )
        now += 60 * 10**9
    return events


def run(minutes: Mapping[str, Bars], *settings: str, until: str = "10:10") -> Played:
    engine = make_engine("strategies.iron_condor.buy_back=0", *settings, meanings={"SPXW": "trade_bar"})
    return play(engine, tape(minutes, until=until), at(until))


def test_a_stop_that_only_the_range_reaches_is_taken_at_the_worst_of_the_bar_and_flagged() -> None:
    played = run({"10:03": SPIKE})

    assert played.exits() == [("10:03:00", "puts", "stop")]
    (exit_,) = played.of(ExitRecord)
    assert (exit_.level, exit_.observed) == (to_units(1.65), to_units(1.95))
    assert exit_.text == "puts cost up to 1.95 to close inside the minute, stop at 1.65"
    closing = [fill for fill in played.fills() if fill[0] == "10:03:00"]
    assert closing == [("10:03:00", -1, "5315P", 0.45), ("10:03:00", 1, "5325P", 2.40)]
    texts = [record.text for record in played.of(OrderEventRecord) if record.status == "filled"]
    assert texts[-1] == "stop inside the minute, filled at the worst of its bar"
    assert played.engine.state.tallies["stops inside a minute's bar"] == 1
    assert played.engine.state.tallies["stops"] == 1


def test_the_stop_comes_before_a_target_that_the_same_bar_ends_at() -> None:
    """At the minute's end the condor costs 0.10 and the target is reached; inside it the puts were past their stop."""
    cheap = {name: (0.0, bar[1], 0.05) for name, bar in SPIKE.items()}
    played = run({"10:03": cheap}, "strategies.iron_condor.profit_target=0.5")

    assert played.exits() == [("10:03:00", "puts", "stop")], "the loss is taken, and no profit of a target"


def test_without_a_range_the_target_is_simply_reached() -> None:
    cheap = dict.fromkeys(FLAT, (0.05, 0.05, 0.05))
    played = run({"10:03": cheap}, "strategies.iron_condor.profit_target=0.5")

    assert played.exits() == [("10:03:00", "package", "target")]


def test_the_bar_that_was_over_when_the_trade_was_opened_stops_nothing() -> None:
    assert run({"10:00": SPIKE}).exits() == []


def test_a_range_below_the_stop_stops_nothing() -> None:
    near = FLAT | {"5325P": (1.20, 2.09, 1.30), "5315P": (0.45, 0.60, 0.50)}
    assert run({"10:03": near}).exits() == []
    exactly = FLAT | {"5325P": (1.20, 2.10, 1.30), "5315P": (0.45, 0.60, 0.50)}
    assert run({"10:03": exactly}).exits() == [("10:03:00", "puts", "stop")]


def test_a_fill_costs_no_more_than_the_side_can_be_worth() -> None:
    wild = FLAT | {"5325P": (1.20, 30.0, 1.30), "5315P": (0.05, 9.0, 0.50)}
    played = run({"10:03": wild})
    closing = {short: price for when, _, short, price in played.fills() if when == "10:03:00"}
    assert closing["5325P"] - closing["5315P"] == pytest.approx(10)
    assert played.of(ExitRecord)[0].observed == to_units(10)


def test_both_sides_inside_one_minute_are_a_double_stop() -> None:
    both = SPIKE | {"5375C": (1.10, 3.0, 1.20), "5385C": (0.30, 0.9, 0.40)}
    played = run({"10:03": both})

    assert {scope for _, scope, _ in played.exits()} == {"puts", "calls"}
    assert [record.kind for record in played.of(SignalRecord)].count("double stop") == 1
    assert played.held() == {}


def test_the_packages_own_stop_is_judged_on_all_its_legs() -> None:
    played = run(
        {"10:03": SPIKE}, "strategies.iron_condor.stop.scope=package", "strategies.iron_condor.stop.offset=1.5"
    )

    assert played.exits() == [], "2.75 at the worst, the stop at 3.10"
    played = run(
        {"10:03": SPIKE}, "strategies.iron_condor.stop.scope=package", "strategies.iron_condor.stop.offset=1.0"
    )
    assert played.exits() == [("10:03:00", "package", "stop")]
    assert len(played.of(FillRecord)) == 8


def test_a_quiet_minute_hides_no_bar() -> None:
    """Minutes in which nothing else happens are looked at all the same."""
    for minute in ("10:01", "10:05", "10:09"):
        assert run({minute: SPIKE}).exits() == [(f"{minute}:00", "puts", "stop")]
