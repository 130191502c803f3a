"""Exits never give up: mid, some ticks, marketable, market; what nobody bids for is left; shorts come first."""

from __future__ import annotations

from core_builders import CONDOR, SPOT, Tape, clock, condor_tape, make_engine, play, resumed, run

from engine.events import ExitRecord, FillRecord, OrderEventRecord, OrderRecord

FLAT = "fills.max_quote_age_seconds=90"
GONE = (None, None)


def limits(played) -> list[tuple[str, float | None]]:
    """The closing orders' limits over time, in dollars."""
    closing = {order.client_order_id for order in played.of(OrderRecord) if order.kind == "close"}
    found: list[tuple[str, float | None]] = []
    for event in played.of(OrderEventRecord):
        step = (clock(event.ts), None if event.limit is None else event.limit / 10_000)
        if event.client_order_id in closing and step not in found:
            found.append(step)
    return found


def test_the_limit_walks_from_the_mid_by_two_ticks_to_what_trades_at_once() -> None:
    played = run(condor_tape("10:30").command("10:10", "close_trade", 1), until="10:12")

    # 1.60 at mid, 1.80 at once.
    assert limits(played) == [("10:10:00", 1.60), ("10:10:05", 1.70), ("10:10:10", 1.80)]
    assert {when for when, *_ in played.fills()[4:]} == {"10:10:10"}


def test_a_better_market_fills_it_at_the_market_on_the_way() -> None:
    tape = condor_tape("10:10").command("10:10", "close_trade", 1)
    tape.quote("10:10:03", {"5325P": (1.00, 1.10), "5375C": (1.00, 1.10)})

    played = run(tape, until="10:12")

    assert [(when, name, price) for when, _, name, price in played.fills()[4:]] == [
        ("10:10:03", "5315P", 0.50),
        ("10:10:03", "5325P", 1.10),
        ("10:10:03", "5375C", 1.10),
        ("10:10:03", "5385C", 0.40),
    ]


def test_the_last_step_is_a_market_order_that_no_limit_holds_back() -> None:
    """Quotes go at the start; when they come back far worse, the exit pays what it must."""
    tape = condor_tape("10:10").command("10:10:30", "close_trade", 1)
    tape.quote("10:10:31", dict.fromkeys(CONDOR, GONE))
    worse = CONDOR | {"5325P": (6.00, 6.40)}
    tape.quote("10:11:00", worse).hold("10:12", "10:13")

    played = run(tape, until="10:15")

    assert limits(played)[-1] == ("10:11:00", None)
    assert ("10:11:00", 1, "5325P", 6.40) in played.fills()
    assert played.trade().status == "closed"


def test_longs_without_a_bid_are_left_to_expire_and_four_legs_become_two() -> None:
    worthless = CONDOR | {"5315P": (0.00, 0.05), "5385C": (0.00, 0.05)}
    tape = condor_tape("10:10").quote("10:11", worthless, spot=SPOT).hold("10:12", "10:20")
    tape.command("10:12", "close_trade", 1)

    played = run(tape, until="10:20")

    closing = [order for order in played.of(OrderRecord) if order.kind == "close"]
    assert [[leg.contract.short_name for leg in order.legs] for order in closing] == [["5325P", "5375C"]]
    assert played.held() == {"5315P": 1, "5385C": 1}
    assert [text for _, text in played.notices("info")] == [
        "#1 5315P has no bid: left to expire, sold if one comes",
        "#1 5385C has no bid: left to expire, sold if one comes",
    ]
    assert played.trade().status == "open"


def test_a_long_that_is_bid_for_again_is_sold_after_all() -> None:
    worthless = CONDOR | {"5315P": (0.00, 0.05), "5385C": (0.00, 0.05)}
    tape = condor_tape("10:10").quote("10:11", worthless, spot=SPOT).hold("10:12", "10:15")
    tape.quote("10:16", {"5315P": (3.00, 3.10)}, spot=SPOT).hold("10:17", "10:20")

    played = run(tape.command("10:12", "close_trade", 1), until="10:20")

    assert played.held() == {"5385C": 1}
    assert played.fills()[-1] == ("10:16:00", -1, "5315P", 3.00)


def test_three_legs_are_closed_where_one_long_has_a_bid() -> None:
    worthless = CONDOR | {"5315P": (0.00, 0.05)}
    tape = condor_tape("10:10").quote("10:11", worthless, spot=SPOT).hold("10:12", "10:20")

    played = run(tape.command("10:12", "close_trade", 1), until="10:20")

    assert played.held() == {"5315P": 1}


def test_a_long_left_to_expire_settles_with_its_trade() -> None:
    worthless = CONDOR | {"5315P": (0.00, 0.05)}
    tape = condor_tape("10:10").quote("10:11", worthless, spot=SPOT).hold("10:12", "16:00")
    tape.command("10:12", "close_trade", 1).close(5300.0)

    played = run(tape)

    # Bought 5315P at 0.60; 15.00 in the money at the close. The rest cost 0.40 more than it brought, seven fees.
    assert not played.held()
    trade = played.trade()
    assert trade.status == "settled"
    cash = sum(-fill.quantity * fill.price for fill in played.of(FillRecord)) * 100
    assert trade.realised == cash + 15 * 10_000 * 100 - 7 * 6_500


def test_a_stale_leg_holds_the_exit_back_until_the_last_step_then_shorts_go_first() -> None:
    """5385C is quoted no more; the others are. The shorts are bought at the last step, longs when they can be."""
    tape = condor_tape("10:10").quote("10:11", {"5385C": GONE}, spot=SPOT).hold("10:12", "10:20")
    tape.command("10:12", "close_trade", 1)

    played = run(tape, until="10:18")

    shorts = [(when, name) for when, quantity, name, _ in played.fills()[4:] if quantity > 0]
    assert shorts == [("10:12:15", "5325P"), ("10:12:15", "5375C")]
    assert "5385C" in played.held()


def test_an_exit_that_cannot_be_priced_alarms_after_a_minute_on_a_silent_feed() -> None:
    tape = condor_tape("10:10").quote("10:10:20", dict.fromkeys(CONDOR, GONE), spot=SPOT)

    played = run(tape.command("10:10:30", "close_trade", 1), until="10:20")

    assert played.notices("alarm") == [
        (
            "10:11:30",
            "STALE_FEED: no data for 70 s while something is held; stops cannot be judged; no new risk",
        ),
        ("10:11:30", "#1 cannot be closed yet: no fresh quote for 5315P, 5325P, 5375C, 5385C"),
    ]


def test_after_the_alarm_it_still_closes_when_quotes_come_back() -> None:
    tape = condor_tape("10:10").quote("10:10:20", dict.fromkeys(CONDOR, GONE), spot=SPOT)
    tape.command("10:10:30", "close_trade", 1).quote("10:30", CONDOR)

    played = run(tape, until="10:31")

    assert not played.held()
    assert {when for when, *_ in played.fills()[4:]} == {"10:30:00"}


def test_an_exit_survives_a_restart_and_walks_anew() -> None:
    tape = condor_tape("10:10").quote("10:10:20", dict.fromkeys(CONDOR, GONE), spot=SPOT)
    tape.command("10:10:30", "close_trade", 1, "enough").quote("10:30", CONDOR).hold("10:31", "10:40")
    before = run(tape, until="10:12")
    events = resumed(tape.sorted(), before.records, before.ticks[-1].now)

    after = play(make_engine(), events, tape.at("10:40"))

    assert [(e.actor, e.trigger, e.text) for e in after.of(ExitRecord)] == [
        ("person", "person", "enough (resumed after a restart)")
    ]
    assert {when for when, *_ in after.fills()} == {"10:30:00"}
    assert not after.held()


def test_a_single_leg_walks_on_the_ticks_of_its_price() -> None:
    """One SPXW option trades in 0.10 from 3.00 on; only packages trade in 0.05."""
    tape = condor_tape("10:10").quote("10:10:30", {"5325P": (3.25, 3.60), "5315P": (0.00, 0.05)}, spot=SPOT)
    tape.hold("10:10:31", "10:10:31")

    played = run(tape, "risk.daily_loss=100000", until="10:12")

    assert [limit for _, limit in limits(played)] == [3.50, 3.60]
    assert played.exits() == [("10:10:33", "puts", "stop")]


def test_an_exit_still_open_at_the_close_ends_there_and_what_is_held_settles() -> None:
    tape = condor_tape("15:58").quote("15:59", dict.fromkeys(CONDOR, GONE), spot=SPOT)
    tape.command("15:59:30", "close_trade", 1).close(5350.0)

    played = run(tape, 'strategies.iron_condor.exit_time="close-0m"')

    assert played.trade().status == "settled"
    assert len(played.fills()) == 4


def test_a_book_that_nothing_can_settle_neither_crashes_nor_runs_for_ever() -> None:
    """No index is quoted, and the options' quotes end before the close: there is no value to settle on."""
    tape = Tape().list(["5350P", "5350C"])
    pairs = {"5350P": (10.0, 10.2), "5350C": (10.0, 10.2)}
    tape.quote("09:59", CONDOR | pairs).hold("10:00", "15:15")

    played = run(tape)

    assert len(played.held()) == 4
    assert played.trade().status == "open"
    assert played.ticks[-1].now == tape.at("16:00")
