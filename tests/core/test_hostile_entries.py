"""Entries that are walked, split, cut off or left unwritten in the worst moment."""

from __future__ import annotations

from core_builders import CONDOR, Played, clock, condor_tape, make_engine, play, resumed, run
from outside_line import go_on, session_on, thin

from engine.core import Engine
from engine.events import OrderEventRecord, OrderRecord
from engine.view.positions import build_positions

WALK = ("entries.start=mid", "entries.step_seconds=10", "entries.fraction=0.25")


def opened(played: Played) -> list[tuple[str, float, int]]:
    """When each opening order was sent, its credit and how many."""
    return [(clock(o.ts), -(o.limit or 0) / 10_000, o.quantity) for o in played.of(OrderRecord) if o.kind == "open"]


def test_an_entry_walks_by_new_orders_where_the_broker_changes_no_limit() -> None:
    playing, line = session_on(condor_tape("10:30"), *WALK, "broker.replaces=false")
    played = go_on(playing, Played(playing.engine), "10:03")

    assert line.actions("replace") == []
    assert [(when, credit) for when, credit, _ in opened(played)] == [
        ("10:00:00", 1.60),
        ("10:00:10", 1.55),
        ("10:00:20", 1.50),
        ("10:00:30", 1.45),
        ("10:00:40", 1.40),
    ]
    assert played.held() == dict.fromkeys(CONDOR, 1) | {"5325P": -1, "5375C": -1}
    assert played.trade().status == "open"


def test_walking_by_new_orders_opens_no_more_than_was_approved() -> None:
    tape = thin(condor_tape("10:30"))
    settings = ("strategies.iron_condor.quantity=3", "risk.per_trade=0.1", "broker.replaces=false", "fills.model=mid")
    playing, _ = session_on(tape, *WALK, *settings)
    played = go_on(playing, Played(playing.engine), "10:10")

    assert played.held() == {"5315P": 3, "5325P": -3, "5375C": -3, "5385C": 3}
    trade = played.trade()
    assert (trade.status, trade.quantity) == ("open", 3)


def test_a_walked_entry_that_runs_out_of_time_keeps_what_it_has() -> None:
    tape = thin(condor_tape("10:01").quote("10:01:30", {"5325P": (1.00, 1.10)}).hold("10:02", "10:30"))
    settings = ("strategies.iron_condor.quantity=3", "risk.per_trade=0.1", "broker.replaces=false")
    playing, _ = session_on(tape, *WALK, *settings)
    played = go_on(playing, Played(playing.engine), "10:10")

    assert {name: abs(quantity) for name, quantity in played.held().items()} == dict.fromkeys(CONDOR, 2)
    assert played.trade().text.startswith("no more is opened than ")
    (trade,) = played.engine.state.portfolio
    assert trade.wanted == trade.filled
    assert not played.engine.state.orders.working()


def test_a_part_that_walks_by_new_orders_is_followed_by_the_next_part() -> None:
    playing, _ = session_on(condor_tape("10:30"), *WALK, "broker.replaces=false", "broker.max_legs=2")
    played = go_on(playing, Played(playing.engine), "10:04")

    assert played.held() == {"5315P": 1, "5325P": -1, "5375C": -1, "5385C": 1}
    assert played.trade().status == "open"


def test_a_limit_that_could_not_leave_is_no_rejected_order() -> None:
    """The journal fails in the very tick that walks: the order still works at the broker, and is known to."""
    playing, line = session_on(condor_tape("10:30"), *WALK)
    played = go_on(playing, Played(playing.engine), "10:00:09")
    while (ts := playing.next_ts) is not None and clock(ts) <= "10:00:10":
        event = playing.take()
        assert event is not None
        tick = playing.process(event)
        playing.carry(tick, written=False)
        played.ticks.append(tick)
    go_on(playing, played, "10:00:30")

    statuses = [e.status for e in played.of(OrderEventRecord)]
    assert "rejected" not in statuses
    go_on(playing, played, "10:03")
    assert played.held() == {c.short_name: n for c, n in line.broker.exchange.positions.items()}


def rows(engine: Engine) -> list[tuple[str, int, int, str]]:
    marks = {trade.trade_id: engine.guard.mark(trade) for trade in engine.state.portfolio.open_trades}
    return [(row.level, row.filled, row.wanted, row.note) for row in build_positions(engine, marks).rows]


def test_a_trade_that_is_half_opened_says_what_still_works() -> None:
    tape = thin(condor_tape("10:30"))
    played = run(tape, "strategies.iron_condor.quantity=2", "risk.per_trade=0.1", until="10:00:30")

    assert rows(played.engine)[0] == ("trade", 1, 2, "working: 1.40 credit")


def test_a_side_opened_before_the_other_is_counted_of_what_is_wanted() -> None:
    tape = condor_tape("10:30")
    played = run(tape, "broker.max_legs=2", "fills.latency_ms=2000", until="10:00:03")

    assert [row[:3] for row in rows(played.engine)] == [("trade", 0, 1), ("side", 1, 1)]


def test_what_was_filled_before_a_restart_is_all_that_is_wanted_after_it() -> None:
    events = thin(condor_tape("10:30")).sorted()
    settings = ("strategies.iron_condor.quantity=3", "risk.per_trade=0.1")
    first = play(
        make_engine(*settings), events, until=next(e.ts_known for e in events if clock(e.ts_known) == "10:01:00")
    )
    (before,) = first.engine.state.portfolio
    assert (before.filled, before.wanted) == (2, 3)

    again = play(
        make_engine(*settings), resumed(events, first.records, first.ticks[-1].now), first.ticks[-1].now + 10**10
    )
    (after,) = again.engine.state.portfolio
    assert (after.filled, after.wanted, after.status) == (2, 2, "open")
