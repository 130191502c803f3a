"""Restart: killed at any event, the session goes on from its records and a market caught up with in silence."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from core_builders import (
    CALLS_HIT,
    CONDOR,
    PUTS_HIT,
    SPOT,
    Played,
    Tape,
    at,
    clock,
    condor_tape,
    encoded,
    ladder,
    make_engine,
    option,
    play,
    resumed,
    run,
    short,
)  # fmt: skip

from engine.events import (
    AnyEvent,
    BrokerReport,
    DailyClose,
    ExitRecord,
    FillRecord,
    LegFill,
    Listing,
    MarkRecord,
    NoticeRecord,
    OrderEventRecord,
    OrderRecord,
    Restore,
    SessionStart,
    SettlementRecord,
    SignalRecord,
    StateRecord,
    Warming,
)

ENTRIES = 'strategies.iron_condor.entries=["10:00", "10:10"]'
EXIT = 'strategies.iron_condor.exit_time="10:20"'


@cache
def whole_day() -> tuple[list[AnyEvent], Played]:
    """Two condors; the first one's puts are stopped; both are closed at the exit time but for longs nobody bids for."""
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:05")
    tape.quote("10:06", CONDOR, spot=SPOT).hold("10:07", "10:18")
    tape.quote("10:19", {"5385C": (0.0, 0.05)}).hold("10:20", "10:22").quote("15:59:30", {}, spot=5390.0)
    events = tape.close(5395.0).sorted()
    return events, play(make_engine(ENTRIES, EXIT), events)


def kill_and_restart(index: int) -> tuple[Played, Played]:
    """The session as it stood after the event at ``index``, and the one that was started from its records."""
    events, undisturbed = whole_day()
    ticks = undisturbed.ticks[: index + 1]
    records = [record for tick in ticks for record in tick.records]
    after = play(make_engine(ENTRIES, EXIT), resumed(events, records, ticks[-1].now))
    before = Played(undisturbed.engine, ticks, undisturbed.events[: index + 1])
    return before, after


KILLS = [
    index
    for index, tick in enumerate(whole_day()[1].ticks)
    if not at("10:25") < tick.now < at("15:58") or index % 40 == 0
]
"""Every event of the scenario; of the hours in which only a worthless long is marked, one in forty."""


def holdings(records) -> dict[tuple[int, str], int]:
    found: Counter[tuple[int, str]] = Counter()
    for record in records:
        if isinstance(record, FillRecord):
            found[record.trade_id, record.symbol] += record.quantity
        elif isinstance(record, SettlementRecord):
            found[record.trade_id, record.symbol] = 0
    return {key: quantity for key, quantity in found.items() if quantity}


def test_the_scenario_is_what_it_says() -> None:
    _, played = whole_day()

    assert [(when, trigger) for when, _, trigger in played.exits()] == [
        ("10:02:03", "stop"),
        ("10:20:00", "exit_time"),
        ("10:20:00", "exit_time"),
    ]
    assert [trade.status for trade in played.engine.state.portfolio] == ["settled", "settled"]
    assert {record.symbol[-9:] for record in played.of(SettlementRecord)} == {"C05385000"}


@pytest.mark.parametrize("index", KILLS)
def test_killed_at_any_event_it_loses_nothing_and_sends_nothing_twice(index: int) -> None:
    before, after = kill_and_restart(index)
    both = [*before.records, *after.records]

    ids = [record.client_order_id for record in both if isinstance(record, OrderRecord)]
    executions = [record.exec_id for record in both if isinstance(record, FillRecord)]
    intents = [record.intent_id for record in both if isinstance(record, OrderRecord)]
    assert len(set(ids)) == len(ids)
    assert len(set(executions)) == len(executions)
    assert len(set(intents)) == len(intents)

    restored = next(n for n, event in enumerate(after.events) if isinstance(event, Restore))
    caught_up = [r for tick in after.ticks[: restored + 1] for r in tick.records]
    sent = [record for record in caught_up if isinstance(record, FillRecord)]
    assert holdings([*before.records, *sent]) == holdings_at_restore(before, after, restored)

    assert holdings(both) == {}
    portfolio = after.engine.state.portfolio
    assert [(trade.key, trade.status) for trade in portfolio] == [("10:00", "settled"), ("10:10", "settled")]
    assert [trigger for _, _, trigger in before.exits()][:1] in ([], ["stop"])
    assert portfolio.realised == sum(trade.cash for trade in portfolio if trade.filled)


def holdings_at_restore(before: Played, after: Played, restored: int) -> dict[tuple[int, str], int]:
    """What a new engine holds right after its Restore event, read from the engine itself."""
    fresh = make_engine(ENTRIES, EXIT)
    for event in after.events[: restored + 1]:
        fresh.process(event)
    return {
        (trade.trade_id, contract.symbol): holding.quantity
        for trade in fresh.state.portfolio
        for contract, holding in trade.holdings.items()
        if holding.quantity
    }


def test_what_is_written_after_the_close_is_not_written_again() -> None:
    """Killed between the provisional settlement and the official close."""
    _, played = whole_day()
    index = next(n for n, tick in enumerate(played.ticks) if tick.now >= at("16:00"))
    before, after = kill_and_restart(index)

    assert [record.provisional for record in before.of(SettlementRecord)] == [True, True]
    assert [record.provisional for record in after.of(SettlementRecord)] == [False, False]
    assert after.engine.state.portfolio.realised == played.engine.state.portfolio.realised


def test_killed_twice_it_goes_on_with_new_order_ids() -> None:
    events, _ = whole_day()
    first = play(make_engine(ENTRIES, EXIT), events, at("10:05"))
    second = play(make_engine(ENTRIES, EXIT), resumed(events, first.records, at("10:05"), 1), at("10:15"))
    records = [*first.records, *second.records]
    third = play(make_engine(ENTRIES, EXIT), resumed(events, records, at("10:15"), 2))

    ids = [r.client_order_id.split("-", 2)[2] for p in (first, second, third) for r in p.of(OrderRecord)]
    assert ids[0] == "0-1"
    assert [i.split("-")[0] for i in ids] == sorted(i.split("-")[0] for i in ids)
    assert len(set(ids)) == len(ids)
    assert not holdings([*records, *third.records])


def test_a_mark_of_a_minute_is_written_once() -> None:
    before, after = kill_and_restart_at("10:12:00")

    minutes = [(r.trade_id, r.ts // 60_000_000_000) for p in (before, after) for r in p.of(MarkRecord)]
    assert len(set(minutes)) == len(minutes)


def test_a_stop_under_confirmation_goes_on_counting() -> None:
    """Armed at 10:02:00, killed, back at once: it fires at 10:02:03 all the same."""
    before, after = kill_and_restart_at("10:02:00")

    assert not before.of(ExitRecord)
    assert (clock(after.of(ExitRecord)[0].ts), after.of(ExitRecord)[0].trigger) == ("10:02:03", "stop")


def test_a_long_left_to_expire_is_looked_at_once_more_and_left_again() -> None:
    before, after = kill_and_restart_at("10:20:30")

    left = [[text for _, text in played.notices("info") if "left to expire" in text] for played in (before, after)]
    assert left == [[f"#{n} 5385C has no bid: left to expire, sold if one comes" for n in (1, 2)]] * 2
    assert not after.orders()
    assert after.trade().status == "settled"


def kill_and_restart_at(text: str) -> tuple[Played, Played]:
    _, played = whole_day()
    return kill_and_restart(max(n for n, tick in enumerate(played.ticks) if tick.now <= at(text)))


def test_an_order_lost_with_the_exchange_is_closed_and_never_sent_again() -> None:
    tape = condor_tape("10:20")
    before = run(tape, "fills.latency_ms=2000", until="10:00")
    assert [order.status for order in before.engine.state.orders] == ["sent"]

    after = play(make_engine("fills.latency_ms=2000"), resumed(tape.sorted(), before.records, at("10:00")), at("10:20"))

    assert not after.of(OrderRecord)
    (closed,) = after.of(OrderEventRecord)
    assert (closed.status, closed.text) == ("cancelled", "absent at the exchange after a restart")
    assert after.trade().status == "abandoned"
    assert after.skipped() == {"10:00": "the order ended without a fill"}


def test_a_pause_survives_and_so_does_its_end() -> None:
    tape = condor_tape("10:20")
    paused = Tape()
    paused.events = list(tape.events)
    before = run(condor_tape("10:20").command("09:59", "pause"), ENTRIES, until="09:59")

    after = play(make_engine(ENTRIES), resumed(tape.sorted(), before.records, at("09:59")), at("10:20"))

    assert set(after.skipped()) == {"10:00", "10:10"}
    both = run(condor_tape("10:20").command("09:59", "pause").command("09:59:30", "resume"), until="09:59:30")
    freed = play(make_engine(), resumed(tape.sorted(), both.records, at("09:59:30")), at("10:20"))
    assert len(freed.held()) == 4


def test_windows_missed_while_it_was_down_are_skipped_not_made_up_for() -> None:
    tape = condor_tape("11:00")
    before = run(tape, until="09:30")
    events = list(resumed(tape.sorted(), before.records, at("10:30")))

    after = play(make_engine(), events, at("11:00"))

    assert not after.of(OrderRecord)
    assert list(after.skipped()) == ["10:00"]


def test_warming_decides_nothing() -> None:
    """The whole market of the day so far, and not one record."""
    engine = make_engine(ENTRIES)
    played = Played(engine)
    start = [SessionStart(ts_known=0, day=condor_tape().day, epoch=1, resumed=True), Warming(ts_known=0, on=True)]
    market = [event for event in condor_tape("15:59").sorted() if not isinstance(event, SessionStart)]
    for event in [*start, *market]:
        played.ticks.append(engine.process(event))

    assert played.records == []
    assert engine.state.market.last_batch_ts == at("15:59")
    assert {tick.wake_at for tick in played.ticks} == {None}
    assert sum(isinstance(event, Listing) for event in market) == 1


def test_warming_in_the_middle_of_a_session_decides_nothing_either() -> None:
    """The exit time passes while the market is being caught up with; it is acted on right after."""
    engine = make_engine(ENTRIES, EXIT)
    tape = condor_tape("10:25")
    played = play(engine, tape.sorted(), at("10:15"))
    assert len(played.engine.state.portfolio.open_trades) == 2

    silent = [Warming(ts_known=at("10:15"), on=True), *(e for e in tape.sorted() if e.ts_known > at("10:15"))]
    assert [record for event in silent for record in engine.process(event).records] == []

    tick = engine.process(Warming(ts_known=at("10:25"), on=False))
    assert {record.trigger for record in tick.records if isinstance(record, ExitRecord)} == {"exit_time"}


def test_a_fill_the_journal_holds_already_is_not_counted_again_after_a_restart() -> None:
    tape = condor_tape("10:20")
    before = run(tape, until="10:05")
    engine = make_engine()
    play(engine, resumed(tape.sorted(), before.records, at("10:05")), at("10:06"))
    (order,) = engine.state.orders
    legs = tuple(
        LegFill(exec_id=f.exec_id, contract=option(short(f.symbol)), side="buy" if f.quantity > 0 else "sell",
                quantity=abs(f.quantity), price=f.price, fee=f.fee)
        for f in before.of(FillRecord)
    )  # fmt: skip

    tick = engine.process(
        BrokerReport(ts_known=at("10:07"), client_order_id=order.client_order_id, kind="fill", quantity=1, legs=legs)
    )

    assert not [r for r in tick.records if isinstance(r, FillRecord | OrderEventRecord | NoticeRecord)]
    assert Played(engine).held() == {"5315P": 1, "5325P": -1, "5375C": -1, "5385C": 1}


def test_the_timers_of_windows_and_exits_are_asked_for_again() -> None:
    """After the restart there are quotes between the minutes only: it is timers that open and close."""
    tape = Tape().list(ladder(5300, 5400)).quote("09:50", CONDOR, spot=SPOT)
    tape.hold("10:09:30", "10:19:30")
    settings = ('strategies.iron_condor.entries=["10:10"]', EXIT)
    before = run(tape, *settings, until="09:51")

    after = play(make_engine(*settings), resumed(tape.sorted(), before.records, before.ticks[-1].now), at("10:25"))

    assert after.fills()[0][0] == "10:10:00"
    assert after.exits() == [("10:20:00", "package", "exit_time")]


def test_the_same_restart_gives_the_same_records() -> None:
    first, second = (kill_and_restart_at("10:02:02")[1] for _ in range(2))

    assert encoded(first.records) == encoded(second.records)


def test_a_strategy_without_a_state_in_the_journal_begins_its_day() -> None:
    tape = Tape().list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "10:20")

    after = play(make_engine(ENTRIES), resumed(tape.sorted(), [], at("09:40")), at("10:20"))

    assert [r.kind for r in after.of(SignalRecord)][:2] == ["scheduled", "scheduled"]
    assert len(after.orders()) == 2
    assert after.of(StateRecord)


def test_a_double_stop_is_recognised_across_a_restart() -> None:
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=SPOT).hold("10:03", "10:04")
    tape.quote("10:05", CALLS_HIT, spot=SPOT).hold("10:06", "10:08")
    before = run(tape, until="10:04")

    after = play(make_engine(), resumed(tape.sorted(), before.records, at("10:04")), at("10:08"))

    assert after.signals("double stop") == [("10:00", "#1 DOUBLE STOP: both sides")]


def test_an_official_close_known_before_the_restart_settles_after_it() -> None:
    tape = condor_tape("15:59").close(5320.0)
    events = tape.sorted()
    settings = ("strategies.iron_condor.hold_to_settlement=true",)
    before = run(tape, *settings, until="15:59")
    assert isinstance(events[-1], DailyClose)

    after = play(make_engine(*settings), resumed(events, before.records, at("16:30")))

    assert [record.provisional for record in after.of(SettlementRecord)] == [False] * 4
    assert after.trade().status == "settled"
