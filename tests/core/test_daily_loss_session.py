"""The daily loss: judged on marks that are sane, possible and have held; it flattens, and locks the day."""

from __future__ import annotations

import pytest
from core_builders import CONDOR, PUTS_HIT, SPOT, Played, Tape, clock, condor_tape, make_engine, play, resumed, run

from engine.events import ExitRecord

NO_STOP = "strategies.iron_condor.stop.scope=none"
LIMIT = "risk.daily_loss=80"
TWO = 'strategies.iron_condor.entries=["10:00", "11:00"]'
# Opened at 1.40 less 2.60 of fees. Puts at 1.60 and calls at 0.80 to close make -100.00, and -2.60.


def lose(*moments: tuple[str, dict[str, tuple[float | None, float | None]]], until: str = "11:10") -> Tape:
    tape = condor_tape("10:01")
    for when, quotes in moments:
        tape.quote(when, quotes, spot=SPOT)
    return tape.hold("10:05", until)


def lost(tape: Tape, *settings: str, until: str = "11:10") -> Played:
    return run(tape, NO_STOP, LIMIT, *settings, until=until)


def test_it_trips_once_the_loss_has_held_and_was_seen_again_and_flattens() -> None:
    played = lost(lose(("10:02", PUTS_HIT)))

    (breaker,) = played.breakers()
    assert (clock(breaker.ts), breaker.name, breaker.state, breaker.latched) == (
        "10:06:00",
        "DAILY_LOSS",
        "HALTED",
        True,
    )
    assert breaker.text == "day -102.60 reached -80.00; flattened and locked until the next session"
    assert played.exits() == [("10:06:00", "package", "daily_loss")]
    assert not played.held()
    assert [when for when, text in played.notices("alarm") if text.startswith("day ")] == ["10:06:00"]


def test_one_narrow_blown_print_on_a_minute_tape_trips_nothing() -> None:
    calm = {name: CONDOR[name] for name in PUTS_HIT}

    assert not lost(lose(("10:02", PUTS_HIT), ("10:03", calm))).breakers()


def test_a_loss_that_does_not_hold_trips_nothing() -> None:
    calm = {name: CONDOR[name] for name in PUTS_HIT}

    assert not lost(lose(("10:02:00", PUTS_HIT), ("10:02:02", calm))).breakers()


@pytest.mark.parametrize(
    "blown",
    [
        {"5325P": (2.40, 3.40), "5315P": (0.80, 0.90)},  # too wide to judge by
        {"5325P": (2.40, 2.30), "5315P": (0.80, 0.90)},  # crossed
        {"5325P": (None, 2.40)},  # no bid known
        {"5325P": (20.00, 20.10), "5315P": (0.80, 0.90)},  # more than the spread can ever cost
    ],
)
def test_one_blown_quote_never_flattens_however_long_it_stands(
    blown: dict[str, tuple[float | None, float | None]],
) -> None:
    calm = {name: CONDOR[name] for name in PUTS_HIT}
    tape = condor_tape("10:01").quote("10:02", blown, spot=SPOT).hold("10:03", "10:06").quote("10:07", calm)

    played = lost(tape.hold("10:08", "10:10"), until="10:10")

    assert not played.breakers()
    assert len(played.held()) == 4


def test_later_windows_are_locked_with_its_name() -> None:
    played = lost(lose(("10:02", PUTS_HIT)), TWO)

    assert "DAILY_LOSS" in played.skipped()["11:00"]
    assert len(played.orders()) == 2  # the entry and its exit


def test_a_person_cannot_lift_it() -> None:
    tape = lose(("10:02", PUTS_HIT)).command("10:30", "resume")

    played = lost(tape, TWO)

    assert played.engine.state.states.state == "HALTED"
    assert "DAILY_LOSS" in played.skipped()["11:00"]


def test_it_stays_latched_across_a_restart() -> None:
    events = lose(("10:02", PUTS_HIT)).sorted()
    before = lost(lose(("10:02", PUTS_HIT)), TWO, until="10:30")
    after = play(
        make_engine(NO_STOP, LIMIT, TWO),
        resumed(events, before.records, before.ticks[-1].now),
        before.ticks[-1].now + 3600 * 10**9,
    )

    assert after.engine.state.states.state == "HALTED"
    assert "DAILY_LOSS" in after.skipped()["11:00"]
    assert not after.of(ExitRecord)


def test_a_realised_loss_counts_without_any_quote() -> None:
    """The condor is closed at a loss; afterwards nothing is held that could be marked."""
    played = lost(lose(("10:02", PUTS_HIT)).command("10:01:30", "close_trade", 1), "risk.daily_loss=40", until="10:20")

    assert [breaker.name for breaker in played.breakers()] == ["DAILY_LOSS"]


def test_below_the_limit_the_day_goes_on() -> None:
    played = run(lose(("10:02", PUTS_HIT)), NO_STOP, "risk.daily_loss=103", until="10:30")

    assert not played.breakers()
