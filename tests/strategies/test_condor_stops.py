"""Stops: on the closing price of a side or of the package, confirmed, and only on prices that can be true."""

from __future__ import annotations

import pytest
from core_builders import CALLS_HIT, CONDOR, PUTS_HIT, SPOT, Played, Tape, condor_tape
from core_builders import run as run_until

from engine.events import ExitRecord


def run(tape: Tape, *settings: str) -> Played:
    return run_until(tape, *settings, until="10:15")


CALM = {"5325P": CONDOR["5325P"], "5315P": CONDOR["5315P"]}


def hit(*moments: tuple[str, dict[str, tuple[float | None, float | None]]], until: str = "10:04") -> Tape:
    """The condor is opened at 10:00; then these quotes come, on top of what is quoted."""
    tape = condor_tape("10:01")
    for when, quotes in moments:
        tape.quote(when, quotes, spot=SPOT)
    return tape.hold(f"{until}:00", until)


def test_the_level_is_the_multiple_of_the_total_credit_plus_the_offset_on_the_price_to_close() -> None:
    played = run(hit(("10:02", PUTS_HIT)))

    (stop,) = played.of(ExitRecord)
    assert (stop.scope, stop.trigger, stop.level, stop.observed) == ("puts", "stop", 14_500, 16_000)
    assert played.signals("stop") == [("10:00", "#1 puts cost 1.60 to close, stop at 1.45")]


def test_multiple_and_offset_move_the_level() -> None:
    stop = "strategies.iron_condor.stop"

    assert not run(hit(("10:02", PUTS_HIT)), f"{stop}.multiple=1.2").exits()
    assert (
        run(hit(("10:02", PUTS_HIT)), f"{stop}.multiple=1.2", f"{stop}.offset=-0.08").of(ExitRecord)[0].level == 16_000
    )


def test_it_fires_once_the_trigger_has_held_for_three_seconds() -> None:
    played = run(hit(("10:02", PUTS_HIT)))

    assert played.exits() == [("10:02:03", "puts", "stop")]


def test_only_the_side_that_was_hit_is_closed() -> None:
    played = run(hit(("10:02", PUTS_HIT)))

    assert played.held() == {"5375C": -1, "5385C": 1}


def test_a_spike_of_one_quote_fires_nothing() -> None:
    assert not run(hit(("10:02", PUTS_HIT), ("10:02:02", CALM))).exits()


def test_a_break_starts_the_count_again() -> None:
    moments = (("10:02:00", PUTS_HIT), ("10:02:02", CALM), ("10:02:03", PUTS_HIT))

    assert run(hit(*moments)).exits() == [("10:02:06", "puts", "stop")]


def test_a_price_that_cannot_be_known_breaks_the_count_too() -> None:
    gone = {"5325P": (None, 2.50)}
    moments = (("10:02:00", PUTS_HIT), ("10:02:02", gone), ("10:02:02.500", PUTS_HIT))

    assert run(hit(*moments)).exits() == [("10:02:05", "puts", "stop")]


def test_without_confirmation_it_fires_on_the_quote() -> None:
    played = run(hit(("10:02", PUTS_HIT)), "strategies.iron_condor.stop.confirm_s=0")

    assert played.exits() == [("10:02:00", "puts", "stop")]


def test_exactly_at_the_level_is_a_hit_and_half_a_cent_below_is_none() -> None:
    at_level = {"5325P": (2.25, 2.35), "5315P": (0.80, 0.90)}
    below = {"5325P": (2.24, 2.35), "5315P": (0.80, 0.90)}

    assert run(hit(("10:02", at_level))).exits()
    assert not run(hit(("10:02", below))).exits()


WIDE = {"5325P": (2.20, 2.70), "5315P": (0.80, 0.90)}


def test_a_spread_wider_than_max_width_waits() -> None:
    assert not run(hit(("10:02", WIDE))).exits()


def test_max_width_is_of_the_whole_side_and_is_still_allowed_at_its_value() -> None:
    assert run(hit(("10:02", WIDE)), "strategies.iron_condor.stop.max_width=0.60").exits()


@pytest.mark.parametrize(("spot", "fires"), [(5325.05, False), (5325.0, True), (5310.0, True)])
def test_the_width_filter_is_off_once_spot_has_reached_the_short(spot: float, fires: bool) -> None:
    tape = condor_tape("10:01").quote("10:02", WIDE, spot=spot).quote("10:02:30", WIDE, spot=spot)

    assert bool(run(tape).exits()) is fires


def test_the_call_sides_filter_is_lifted_from_below() -> None:
    wide = {"5375C": (2.20, 2.70), "5385C": (0.80, 0.90)}
    tape = condor_tape("10:01").quote("10:02", wide, spot=5375.0).quote("10:02:30", wide, spot=5375.0)

    assert run(tape).exits() == [("10:02:03", "calls", "stop")]


def test_a_natural_trigger_looks_at_bid_and_ask() -> None:
    # Mid 1.40 is below the level of 1.45, but closing at once costs 2.30 - 0.80 = 1.50.
    near = {"5325P": (2.20, 2.30), "5315P": (0.80, 0.90)}

    assert not run(hit(("10:02", near))).exits()
    played = run(hit(("10:02", near)), "strategies.iron_condor.stop.trigger=natural")
    assert [(e.scope, e.observed) for e in played.of(ExitRecord)] == [("puts", 15_000)]


@pytest.mark.parametrize(
    "blown",
    [
        {"5325P": (11.20, 11.30), "5315P": (0.80, 0.90)},  # 10.40 for a spread 10 wide
        {"5325P": (0.80, 0.90), "5315P": (2.40, 2.50)},  # the nearer put below the farther one: -1.60
    ],
)
def test_a_price_outside_the_spreads_width_is_counted_and_never_traded_on(
    blown: dict[str, tuple[float | None, float | None]],
) -> None:
    tape = condor_tape("10:01").quote("10:02", blown, spot=5310.0).hold("10:03", "10:04")

    played = run(tape)

    assert not played.exits()
    # Batches after the entry: 10:01 prices both sides, then three minutes price the calls only.
    assert played.engine.state.tallies == {"stop checks": 8, "stop checks unpriced": 3}


def test_a_side_without_a_quote_is_counted_as_unpriced() -> None:
    tape = condor_tape("10:01").quote("10:02", {"5325P": (None, None)}, spot=SPOT)

    assert run(tape).engine.state.tallies == {"stop checks": 4, "stop checks unpriced": 1}


def test_a_double_stop_is_said_once() -> None:
    played = run(hit(("10:02", PUTS_HIT), ("10:05", CALLS_HIT), until="10:10"))

    assert played.exits() == [("10:02:03", "puts", "stop"), ("10:05:03", "calls", "stop")]
    assert played.signals("double stop") == [("10:00", "#1 DOUBLE STOP: both sides")]
    assert played.engine.state.tallies["stops"] == 2
    assert played.engine.state.tallies["double stops"] == 1
    assert played.trade().status == "closed"


def test_the_package_stop_closes_everything_on_the_price_of_the_whole() -> None:
    # 1.60 for the puts and 0.80 for the calls.
    played = run(
        hit(("10:02", PUTS_HIT)),
        "strategies.iron_condor.stop.scope=package",
        "strategies.iron_condor.stop.multiple=1.5",
    )

    (stop,) = played.of(ExitRecord)
    assert (stop.scope, stop.level, stop.observed) == ("package", 21_500, 24_000)
    assert not played.held()


def test_the_package_stop_does_not_mind_a_side_alone() -> None:
    played = run(
        hit(("10:02", PUTS_HIT)),
        "strategies.iron_condor.stop.scope=package",
        "strategies.iron_condor.stop.multiple=2.0",
    )

    assert not played.exits()


@pytest.mark.parametrize(
    "off", ["strategies.iron_condor.stop.scope=none", "strategies.iron_condor.hold_to_settlement=true"]
)
def test_stops_can_be_turned_off(off: str) -> None:
    assert not run(hit(("10:02", PUTS_HIT)), off).exits()
