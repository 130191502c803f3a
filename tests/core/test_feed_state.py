"""A feed that says it is not live brings no quotes to trade on, however young the last ones are."""

from __future__ import annotations

from core_builders import PUTS_HIT, SPOT, Played, Tape, condor_tape, run

from engine.events import FeedStatus


def told(tape: Tape, when: str, state: str) -> Tape:
    now = tape.at(when)
    tape.events.append(FeedStatus(ts_known=now, ts_event=now, seq=len(tape.events), state=state, text=state))
    return tape


def test_a_window_waits_for_the_feed_and_enters_once_it_is_back() -> None:
    tape = told(condor_tape(until="09:59"), "09:59:30", "down")
    tape = told(tape, "10:02", "ok").hold("10:02", "10:10")
    played = run(tape, until="10:10")
    assert played.signals("waiting") == [
        ("10:00", "open until 10:05: spot is unknown: no fresh index value and no parity pair")
    ]
    assert {when for when, *_ in played.fills()} == {"10:02:00"}


def test_a_window_that_ends_while_the_feed_is_stale_is_skipped() -> None:
    played = run(told(condor_tape(until="09:59"), "09:59:30", "stale").hold("10:06", "10:10"), until="10:10")
    assert list(played.skipped()) == ["10:00"]
    assert not played.fills()


def with_a_stop_hit(*, down: bool) -> Played:
    """The puts are hit at 10:30:00; a second later the feed is down, until 10:31."""
    tape = condor_tape(until="10:29").quote("10:30", PUTS_HIT)
    if down:
        told(told(tape, "10:30:01", "down"), "10:31", "ok")
    return run(tape.hold("10:31", "10:40"), until="10:40")


def test_no_stop_is_judged_and_no_exit_fills_while_the_feed_is_down() -> None:
    assert with_a_stop_hit(down=False).exits() == [("10:30:03", "puts", "stop")]
    played = with_a_stop_hit(down=True)
    [(when, scope, trigger)] = played.exits()
    assert when >= "10:31:00"
    assert (scope, trigger) == ("puts", "stop")
    assert not [fill for fill in played.fills() if "10:30:01" <= fill[0] < "10:31:00"]


def test_a_closing_order_that_rests_when_the_feed_fails_waits_for_it() -> None:
    tape = condor_tape(until="10:29").quote("10:30", PUTS_HIT)
    told(told(tape, "10:30:04", "down"), "10:31", "ok").hold("10:31", "10:40")
    played = run(tape, "exits.step_seconds=2", until="10:40")
    assert played.exits() == [("10:30:03", "puts", "stop")]
    closing = [when for when, *_ in played.fills() if when > "10:00:00"]
    assert closing
    assert min(closing) >= "10:31:00"


def test_open_trades_are_marked_as_unpriced_while_the_feed_is_down() -> None:
    tape = condor_tape(until="10:29")
    told(told(tape, "10:29:30", "down"), "10:31", "ok").quote("10:31", spot=SPOT).hold("10:31", "10:32")
    marks = {mark.ts: mark.pnl_mid for mark in run(tape, until="10:32").marks()}
    assert marks[tape.at("10:29")] is not None
    assert marks[tape.at("10:30")] is None
    assert marks[tape.at("10:32")] is not None
