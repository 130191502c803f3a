"""Marks: once a minute for each open trade, with nothing in place of what quotes do not tell."""

from __future__ import annotations

from core_builders import CONDOR, SPOT, clock, condor_tape, run

from engine.clock import SECOND


def test_a_mark_a_minute_from_the_fill_to_the_exit() -> None:
    tape = condor_tape("10:05").hold("10:02:10", "10:02:50", 10 * SECOND)

    marks = run(tape.command("10:04:20", "close_trade", 1), until="10:08").marks()

    assert [clock(mark.ts) for mark in marks] == ["10:00:00", "10:01:00", "10:02:00", "10:03:00", "10:04:00"]


def test_a_silent_feed_is_marked_all_the_same_and_says_what_is_stale() -> None:
    played = run(condor_tape("10:00"), until="10:03")

    assert [(clock(mark.ts), mark.pnl_mid is None) for mark in played.marks()] == [
        ("10:00:00", False),
        ("10:01:00", False),
        ("10:02:00", True),
        ("10:03:00", True),
    ]
    last = played.marks()[-1]
    assert last.why == "5315P stale, 5325P stale, 5375C stale, 5385C stale"
    assert (last.pnl_now, last.delta, last.gamma, last.theta, last.vega) == (None, None, None, None, None)


def test_pnl_at_mid_and_now_with_fees_taken_off() -> None:
    (mark, *_) = run(condor_tape("10:00"), until="10:00").marks()

    # 1.40 received; 1.60 at mid and 1.80 at once; four fees of 0.65, and four more if it were closed now.
    assert (mark.pnl_mid, mark.pnl_now) == (-22_6000, -45_2000)
    assert mark.spot == 53_500_000


def test_greeks_need_an_implied_vol_of_every_held_leg() -> None:
    marks = run(condor_tape("10:01"), until="10:01").marks()

    assert marks[0].theta is not None
    assert marks[0].theta > 0
    assert marks[0].gamma is not None
    assert marks[0].gamma < 0


def test_a_leg_without_a_quote_leaves_the_mark_open() -> None:
    tape = condor_tape("10:01").quote("10:02", {"5385C": (None, 0.5)}, spot=SPOT)

    played = run(tape, until="10:02")

    assert played.marks()[-1].pnl_mid is None
    assert "5385C" in played.marks()[-1].why


def test_a_bid_of_zero_is_a_price() -> None:
    tape = condor_tape("10:01").quote("10:02", CONDOR | {"5385C": (0.0, 0.1)}, spot=SPOT)

    assert run(tape, until="10:02").marks()[-1].pnl_now == -85_2000
