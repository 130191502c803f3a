"""Profit target, buy-back of cheap shorts, exit time, holding to settlement."""

from __future__ import annotations

from core_builders import CONDOR, HALF_DAY, SPOT, Played, Tape, condor_tape, ladder, run

from engine.events import ExitRecord


def morning(tape: Tape, *settings: str) -> Played:
    return run(tape, *settings, until="10:15")


CHEAP = {
    "5315P": (0.10, 0.20),
    "5325P": (0.40, 0.50),
    "5375C": (0.40, 0.50),
    "5385C": (0.10, 0.20),
}
"""0.60 to close at mid."""


def test_the_target_is_a_fraction_of_the_credit_kept_at_mid() -> None:
    tape = condor_tape("10:01").quote("10:02", CHEAP, spot=SPOT).hold("10:03", "10:04")

    played = morning(tape, "strategies.iron_condor.profit_target=0.5")

    (target,) = played.of(ExitRecord)
    # 1.40 credit: 0.70 wanted, so 0.70 is the price to close at most; 0.60 was seen, 0.80 kept.
    assert (target.scope, target.trigger, target.level, target.observed) == ("package", "target", 7_000, 6_000)
    assert target.text == "kept 0.80 of 1.40, target 0.70"
    assert not played.held()


def test_a_target_not_reached_closes_nothing() -> None:
    tape = condor_tape("10:01").quote("10:02", CHEAP, spot=SPOT).hold("10:03", "10:04")

    assert not morning(tape, "strategies.iron_condor.profit_target=0.6").exits()


def test_no_target_is_taken_on_a_price_that_cannot_be_true() -> None:
    """A condor cannot cost less than nothing to close: the nearer put is quoted below the farther one."""
    blown = CONDOR | {"5325P": (0.10, 0.20), "5315P": (1.40, 1.50)}
    tape = condor_tape("10:01").quote("10:02", blown, spot=SPOT).hold("10:03", "10:04")

    assert not morning(tape, "strategies.iron_condor.profit_target=0.5").exits()


def test_a_target_still_counts_what_was_paid_for_a_side_that_is_closed() -> None:
    """The puts cost 1.70 to stop; what is left cannot keep half the credit any more."""
    hit = {"5325P": (2.40, 2.50), "5315P": (0.80, 0.90)}
    cheap_calls = {"5375C": (0.10, 0.15), "5385C": (0.05, 0.10)}
    tape = condor_tape("10:01").quote("10:02", hit, spot=SPOT).hold("10:03", "10:03").quote("10:04", cheap_calls)

    played = morning(tape.hold("10:05", "10:06"), "strategies.iron_condor.profit_target=0.5")

    assert [trigger for _, _, trigger in played.exits()] == ["stop"]


def test_a_short_offered_at_the_buy_back_price_is_bought_back_and_only_it() -> None:
    cheap = {"5325P": (0.00, 0.05), "5315P": (0.00, 0.05)}
    tape = condor_tape("10:01").quote("10:02", cheap, spot=SPOT).hold("10:03", "10:04")

    played = morning(tape)

    assert played.exits() == [("10:02:00", "5325P", "buy_back")]
    assert played.fills()[4:] == [("10:02:00", 1, "5325P", 0.05)]
    assert played.held() == {"5315P": 1, "5375C": -1, "5385C": 1}


def test_a_short_offered_above_the_buy_back_price_is_left() -> None:
    near = {"5325P": (0.00, 0.10), "5315P": (0.00, 0.05)}
    tape = condor_tape("10:01").quote("10:02", near, spot=SPOT).hold("10:03", "10:04")

    assert not morning(tape).exits()
    assert morning(tape, "strategies.iron_condor.buy_back=0.10").exits()


def test_buy_back_at_zero_is_off() -> None:
    cheap = {"5325P": (0.00, 0.05), "5315P": (0.00, 0.05)}
    tape = condor_tape("10:01").quote("10:02", cheap, spot=SPOT)

    assert not morning(tape, "strategies.iron_condor.buy_back=0").exits()


def test_a_side_whose_short_is_bought_back_has_no_stop_any_more() -> None:
    cheap = {"5325P": (0.00, 0.05), "5315P": (0.00, 0.05)}
    tape = condor_tape("10:01").quote("10:02", cheap).quote("10:03", {"5315P": (8.0, 8.1)}).hold("10:04", "10:05")

    played = morning(tape)

    assert [trigger for _, _, trigger in played.exits()] == ["buy_back"]


def test_at_the_exit_time_everything_is_closed_even_without_news() -> None:
    played = run(condor_tape("15:19"))

    assert played.exits() == [("15:20:00", "package", "exit_time")]
    assert not played.held()
    assert played.trade().status == "closed"


def test_the_exit_time_follows_the_close_of_a_half_day() -> None:
    tape = Tape(day=HALF_DAY).list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "13:00")

    played = run(tape)

    assert [(e.trigger, e.text) for e in played.of(ExitRecord)] == [("exit_time", "exit time 12:20")]


def test_an_exit_time_by_the_clock() -> None:
    played = run(condor_tape("11:10"), 'strategies.iron_condor.exit_time="11:00:30"')

    assert played.exits() == [("11:00:30", "package", "exit_time")]


def test_held_to_settlement_nothing_is_closed_before_the_close() -> None:
    cheap = {"5325P": (0.00, 0.05), "5315P": (0.00, 0.05)}
    tape = condor_tape("10:01").quote("10:02", cheap, spot=SPOT).hold("10:03", "16:00").close(5350.0)

    played = run(tape, "strategies.iron_condor.hold_to_settlement=true", "strategies.iron_condor.profit_target=0.2")

    assert not played.exits()
    trade = played.trade()
    assert trade.status == "settled"
    # 1.40 credit less four fees of 0.65, expiring worthless.
    assert trade.realised == 1_400_000 - 26_000
