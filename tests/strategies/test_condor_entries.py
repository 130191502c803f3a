"""Entry windows: when each opens, which quotes it takes, and in which words it says that it did nothing."""

from __future__ import annotations

import pytest
from core_builders import CONDOR, HALF_DAY, SPOT, Tape, clock, condor_tape, ladder, make_engine, play, run

from engine.calendar import session
from engine.config import ConfigError
from engine.events import DecisionRecord, IntentRecord, OrderRecord, SignalRecord


def fresh_tape() -> Tape:
    return Tape().list(ladder(5300, 5400))


def test_a_window_opens_at_its_time_and_takes_the_quotes_of_that_minute() -> None:
    played = run(condor_tape("10:10"))

    assert played.fills() == [
        ("10:00:00", 1, "5315P", 0.60),
        ("10:00:00", -1, "5325P", 1.30),
        ("10:00:00", -1, "5375C", 1.20),
        ("10:00:00", 1, "5385C", 0.50),
    ]
    assert played.signals("entering") == [("10:00", "5315/5325P 5375/5385C for 1.40 credit")]
    assert played.signals("entered") == [("10:00", "#1 filled 1 at 1.40 credit")]
    assert played.trade().credit == 14_000


def test_the_window_is_announced_before_the_open() -> None:
    played = run(condor_tape("09:59"))

    (scheduled,) = [signal for signal in played.of(SignalRecord) if signal.kind == "scheduled"]
    assert (clock(scheduled.ts), scheduled.key, scheduled.text) == ("05:30:00", "10:00", "opens at 10:00")


def test_a_timer_opens_the_window_between_two_minutes_on_quotes_that_are_still_fresh() -> None:
    tape = fresh_tape().quote("09:59:30", CONDOR, spot=SPOT).hold("10:00:30", "10:02:30")

    played = run(tape)

    assert {when for when, *_ in played.fills()} == {"10:00:00"}


def test_the_first_fresh_quotes_within_the_tolerance_are_taken() -> None:
    tape = fresh_tape().quote("09:50", CONDOR, spot=SPOT).hold("10:03", "10:10")

    played = run(tape)

    assert {when for when, *_ in played.fills()} == {"10:03:00"}


def test_an_open_window_says_once_what_it_waits_for() -> None:
    played = run(fresh_tape().quote("09:50", CONDOR, spot=SPOT).hold("10:03", "10:10"))

    assert played.signals("waiting") == [
        ("10:00", "open until 10:05: spot is unknown: no fresh index value and no parity pair")
    ]


def test_a_window_without_any_data_says_so_when_its_tolerance_is_over() -> None:
    played = run(fresh_tape())

    (skipped,) = [signal for signal in played.of(SignalRecord) if signal.kind == "skipped"]
    assert clock(skipped.ts) == "10:05:00"
    assert "spot is unknown" in skipped.text


def test_a_window_before_anything_is_listed_names_the_root() -> None:
    played = run(Tape())

    assert played.skipped() == {"10:00": "no SPXW option that expires today is listed"}


def test_a_leg_without_a_fresh_quote_is_named() -> None:
    stale = {name: pair for name, pair in CONDOR.items() if name != "5385C"}
    tape = fresh_tape().quote("09:50", CONDOR).quote("10:00", stale, spot=SPOT).quote("10:04:59", stale, spot=SPOT)

    played = run(tape)

    assert played.skipped() == {"10:00": "no fresh quote to trade on for 5385C"}
    assert not played.of(IntentRecord)


def test_quotes_that_come_with_the_end_of_the_tolerance_are_too_late() -> None:
    tape = fresh_tape().quote("10:05", CONDOR, spot=SPOT).hold("10:06", "10:08")

    played = run(tape)

    assert "10:00" in played.skipped()
    assert not played.fills()


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("strategies.iron_condor.min_credit=1.41", "credit 1.40 is below min_credit 1.41"),
        ("strategies.iron_condor.min_side_credit=0.71", "put side credit 0.70 is below min_side_credit 0.71"),
    ],
)
def test_too_small_a_credit_skips_the_window_on_its_first_quotes(setting: str, why: str) -> None:
    played = run(condor_tape("10:10"), setting)

    assert played.skipped() == {"10:00": why}
    assert clock(next(s.ts for s in played.of(SignalRecord) if s.kind == "skipped")) == "10:00:00"
    assert not played.of(IntentRecord)


@pytest.mark.parametrize("name", ["min_credit=1.40", "min_side_credit=0.70"])
def test_a_credit_exactly_at_the_minimum_is_enough(name: str) -> None:
    assert run(condor_tape("10:10"), f"strategies.iron_condor.{name}").fills()


def test_the_call_side_is_judged_on_its_own() -> None:
    thin = CONDOR | {"5375C": (0.80, 0.90)}
    tape = fresh_tape().quote("10:00", thin, spot=SPOT).hold("10:01", "10:02")

    assert run(tape).skipped() == {"10:00": "call side credit 0.30 is below min_side_credit 0.40"}


def test_a_condor_that_would_cost_money_is_not_opened() -> None:
    upside_down = CONDOR | {"5385C": (3.00, 3.10)}
    tape = fresh_tape().quote("10:00", upside_down, spot=SPOT).hold("10:01", "10:02")

    played = run(tape, "strategies.iron_condor.min_credit=0", "strategies.iron_condor.min_side_credit=0")

    assert played.skipped() == {"10:00": "it would cost 1.20 instead of bringing a credit"}


def test_no_entry_within_90_minutes_of_the_close() -> None:
    played = run(condor_tape("09:59"), 'strategies.iron_condor.entries=["14:30", "14:31", "09:00"]', until="10:00")

    assert played.skipped() == {
        "14:31": "within 90 minutes of the close: the last entry today is 14:30",
        "09:00": "before the open",
    }
    assert played.signals("scheduled") == [("14:30", "opens at 14:30")]


def test_on_a_half_day_the_afternoon_windows_are_skipped() -> None:
    tape = Tape(day=HALF_DAY)

    played = run(tape, 'strategies.iron_condor.entries=["10:00", "11:30", "12:00", "13:00"]', until="09:00")

    why = "within 90 minutes of the close: the last entry today is 11:30"
    assert played.skipped() == {"12:00": why, "13:00": why}
    assert session(HALF_DAY).early


def test_a_denial_by_the_gate_is_the_windows_reason() -> None:
    played = run(condor_tape("10:10"), "risk.per_trade=0.008")

    (decision,) = played.of(DecisionRecord)
    assert (decision.approved, decision.code, decision.quantity) == (False, "PER_TRADE", 0)
    assert played.skipped()["10:00"].startswith("denied: PER_TRADE: ")
    assert "$863 a package, $800 a trade" in played.skipped()["10:00"]
    assert not played.of(OrderRecord)


def test_a_quantity_of_zero_is_denied_not_traded() -> None:
    played = run(condor_tape("10:10"), "strategies.iron_condor.quantity=0")

    assert played.skipped()["10:00"].startswith("denied: SIZE_ZERO")


def test_a_paused_session_skips_its_window_and_says_who_paused_it() -> None:
    played = run(condor_tape("10:10").command("09:45", "pause"))

    assert played.skipped() == {"10:00": "REDUCING: PAUSED: a person paused entries"}


def test_resumed_before_its_time_a_window_trades() -> None:
    played = run(condor_tape("10:10").command("09:45", "pause").command("09:50", "resume"))

    assert len(played.fills()) == 4


def test_an_order_that_is_not_filled_is_cancelled_at_the_end_of_the_window() -> None:
    gone = dict.fromkeys(CONDOR, (None, None))
    tape = fresh_tape().quote("10:00", CONDOR, spot=SPOT).quote("10:00:01", gone, spot=SPOT)

    played = run(tape, "fills.latency_ms=2000")

    assert not played.fills()
    assert played.skipped() == {"10:00": "the order ended without a fill"}
    assert played.trade().status == "abandoned"
    (order,) = played.engine.state.orders
    assert order.status == "cancelled"


def test_each_window_of_the_day_trades_once() -> None:
    played = run(condor_tape("12:00"), 'strategies.iron_condor.entries=["10:00", "11:00"]', until="12:00")

    assert [(clock(i.ts), i.kind) for i in played.of(IntentRecord)] == [("10:00:00", "open"), ("11:00:00", "open")]
    assert {name: abs(quantity) for name, quantity in played.held().items()} == dict.fromkeys(CONDOR, 2)


def test_holding_to_settlement_is_refused_for_a_root_that_settles_in_shares() -> None:
    with pytest.raises(ConfigError, match=r"hold_to_settlement is refused for SPY: it settles in shares"):
        make_engine("strategies.iron_condor.hold_to_settlement=true", roots=("SPY",))


def test_an_entry_that_is_no_time_of_day_is_refused_with_the_forms_that_are() -> None:
    with pytest.raises(ConfigError, match=r'write "10:00"'):
        make_engine('strategies.iron_condor.entries=["ten"]')


def test_an_entry_named_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="an entry time is named twice"):
        make_engine('strategies.iron_condor.entries=["10:00", "10:00"]')


def test_a_disabled_strategy_does_nothing() -> None:
    played = play(make_engine("strategies.iron_condor.enabled=false"), condor_tape("15:00").sorted())

    assert played.records == []


def test_a_window_waits_for_entries_to_be_allowed_again() -> None:
    """A pause that is lifted within the tolerance costs no entry; a day that is locked does."""
    tape = condor_tape("10:10").command("09:59:30", "pause").command("10:02:30", "resume")
    played = run(tape)

    assert {when for when, *_ in played.fills()} == {"10:02:30"}
    ((_, waited),) = played.signals("waiting")
    assert waited.startswith("open until 10:05: REDUCING: ")


def test_a_window_that_waited_in_vain_says_why() -> None:
    played = run(condor_tape("10:10").command("09:59:30", "pause"))

    (skipped,) = [signal for signal in played.of(SignalRecord) if signal.kind == "skipped"]
    assert clock(skipped.ts) == "10:05:00"
    assert skipped.text.startswith("REDUCING: ")
