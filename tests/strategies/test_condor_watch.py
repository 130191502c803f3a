"""What a condor waits for: prices around its stops, targets and buy-backs, said in numbers, lead to the same records as
asking it at every quote."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from core_builders import CALLS_HIT, CONDOR, PUTS_HIT, SPOT, Played, at, clock, condor_tape, make_engine, play
from hypothesis import given, settings
from hypothesis import strategies as st
from two_ways import both, same

from engine.clock import SECOND
from engine.core import Engine
from engine.events import AnyEvent, FeedStatus

Quoted = dict[str, tuple[float | None, float | None]]

STOP = "strategies.iron_condor.stop"
AT_ONCE = f"{STOP}.confirm_s=0"
LATE = f"{STOP}.confirm_s=120"
WIDE = f"{STOP}.max_width=5"
PACKAGE = (f"{STOP}.scope=package", f"{STOP}.multiple=1.5")
NATURAL = f"{STOP}.trigger=natural"
NO_STOP = f"{STOP}.scope=none"
TARGET = "strategies.iron_condor.profit_target=0.5"
CHEAP = "strategies.iron_condor.buy_back=1.30"
HOLD = "strategies.iron_condor.hold_to_settlement=true"
TWO = 'strategies.iron_condor.entries=["10:00", "10:20"]'
THREE = ("strategies.iron_condor.quantity=3", "risk.per_trade=0.5", "risk.per_strategy=0.5")
SLOW = "fills.latency_ms=1500"
YOUNG = "fills.max_quote_age_seconds=45"
BLIND = "risk.mark_max_width=0.15"

SETTINGS: dict[str, tuple[str, ...]] = {
    "three seconds": (),
    "at once": (AT_ONCE,),
    "two minutes": (LATE, TWO),
    "any width": (WIDE, AT_ONCE),
    "natural": (NATURAL, AT_ONCE),
    "natural package": (*PACKAGE, NATURAL, SLOW),
    "package": (*PACKAGE, AT_ONCE),
    "no stop": (NO_STOP, TARGET, CHEAP),
    "everything": (TWO, TARGET, CHEAP, YOUNG, *THREE),
    "held": (HOLD, TWO),
    "poor": ("risk.daily_loss=80", LATE),
    "marks that are seldom sane": (BLIND, SLOW, TARGET),
}


def spread(cost: int, width: int, odd: int, calls: bool) -> Quoted:
    """A side that costs so many cents to close at mid, ``odd`` half-cents more: its short so many cents wide."""
    total = 2 * (cost + 85) + odd
    width += (total + width) % 2
    bid, ask = (total - width) / 200, (total + width) / 200
    short, long = ("5375C", "5385C") if calls else ("5325P", "5315P")
    return {short: (round(bid, 2), round(ask, 2)), long: (0.80, 0.90)}


FAULTS: dict[str, tuple[float | None, float | None]] = {
    "no quote": (None, None),
    "no bid known": (None, 0.90),
    "no ask": (0.80, None),
    "no bid": (0.0, 0.05),
    "nothing": (0.0, 0.0),
    "crossed": (0.90, 0.80),
    "locked": (0.85, 0.85),
    "free": (0.0, 4.0),
}


class Moment(NamedTuple):
    """What happens next, and after how many seconds."""

    after: int
    event: str
    cost: int = 80
    width: int = 10
    odd: int = 0
    calls: bool = False
    leg: str = ""
    spot: float = SPOT


AFTER = st.sampled_from([0, 1, 2, 3, 5, 30, 60, 119, 120, 600])
SPREADS = st.builds(
    Moment,
    AFTER,
    st.just("spread"),
    st.sampled_from([60, 80, 130, 135, 145, 145, 160, 1010]),  # levels are at 145 a side and 215 of both
    st.sampled_from([2, 10, 10, 60]),
    st.integers(-2, 2),
    st.sampled_from([False, False, True]),
    spot=st.sampled_from([SPOT, SPOT, 5325.0, 5325.05, 5310.0, 5375.0]),
)
OTHERS = st.one_of(
    st.builds(Moment, AFTER, st.just("calm")),
    st.builds(Moment, AFTER, st.sampled_from(sorted(FAULTS)), leg=st.sampled_from(sorted(CONDOR))),
    st.builds(Moment, AFTER, st.sampled_from(["down", "ok", "pause", "resume", "flatten", "close_trade"])),
)
MOMENTS = st.lists(st.one_of(SPREADS, SPREADS, SPREADS, OTHERS), min_size=3, max_size=12)


def story(moments: list[Moment], every: int) -> list[AnyEvent]:
    """The condor is opened at 10:00; then these moments, and between them everything is quoted again as it stands."""
    tape, now = condor_tape("10:06"), at("10:06")
    told: list[AnyEvent] = []
    for moment in moments:
        due = now + moment.after * SECOND
        while (now := now + every * SECOND) < due:
            tape.hold(clock(now), clock(now))
        now = due
        if moment.event == "spread":
            tape.quote(now, spread(moment.cost, moment.width, moment.odd, moment.calls), spot=moment.spot)
        elif moment.event == "calm":
            tape.quote(now, CONDOR, spot=SPOT)
        elif moment.event in ("down", "ok"):
            told.append(FeedStatus(ts_known=now, ts_event=now, seq=len(tape.events), state=moment.event))  # type: ignore[arg-type]
        elif moment.event in FAULTS:
            tape.quote(now, {moment.leg: FAULTS[moment.event]})
        else:
            tape.command(clock(now), moment.event, trade_id=1)  # type: ignore[arg-type]
    return sorted([*tape.sorted(), *told], key=lambda event: event.ts_known)


@settings(max_examples=60)
@given(MOMENTS, st.sampled_from(sorted(SETTINGS)), st.sampled_from([5, 60]))
def test_whatever_happens_around_the_prices_that_matter(moments: list[Moment], name: str, every: int) -> None:
    assert same(*both(story(moments, every), *SETTINGS[name]))


# To the tick, after 10:05, when the end of the window wakes everybody. Opened for 1.40: a side's stop stands at 1.45.

STEPS = {"half a cent below": -1, "there": 0, "half a cent above": 1}


def reached(quick: Played, slow: Played, trigger: str) -> bool:
    """Whether that exit began while the tape went on, the same in both."""
    assert same(quick, slow)
    return any(when < "10:30" and why == trigger for when, _, why in slow.exits())


@pytest.mark.parametrize("confirm", [0, 3, 120])
@pytest.mark.parametrize("step", STEPS)
def test_a_side_is_stopped_from_its_level_on(step: str, confirm: int) -> None:
    at_level = spread(145, 10, STEPS[step], calls=False)
    tape = condor_tape("10:06").quote("10:07", at_level, spot=SPOT).hold("10:08", "10:12")
    assert reached(*both(tape.sorted(), f"{STOP}.confirm_s={confirm}"), "stop") is (STEPS[step] >= 0)


@pytest.mark.parametrize("step", STEPS)
def test_at_bid_and_ask_to_the_cent(step: str) -> None:
    ask = round(2.25 + STEPS[step] * 0.01, 2)
    tape = condor_tape("10:06").quote("10:07", {"5325P": (2.10, ask), "5315P": (0.80, 0.90)}).hold("10:08", "10:12")
    assert reached(*both(tape.sorted(), NATURAL, AT_ONCE), "stop") is (STEPS[step] >= 0)


@pytest.mark.parametrize("step", STEPS)
def test_the_package_to_the_tick(step: str) -> None:
    # The calls cost 0.80 to close, the package's stop stands at 2.15.
    tape = condor_tape("10:06").quote("10:07", spread(135, 10, STEPS[step], calls=False)).hold("10:08", "10:12")
    assert reached(*both(tape.sorted(), *PACKAGE, AT_ONCE), "stop") is (STEPS[step] >= 0)


@pytest.mark.parametrize("step", STEPS)
def test_the_target_to_the_tick(step: str) -> None:
    # 0.70 for both sides: 0.35 each.
    cheap: Quoted = {"5325P": (1.00, 1.10), "5315P": (0.65, 0.75), "5375C": (0.55, 0.65), "5385C": (0.20, 0.30)}
    cheap["5325P"] = (1.00, round(1.10 + STEPS[step] * 0.01, 2))
    tape = condor_tape("10:06").quote("10:07", cheap).hold("10:08", "10:12")
    assert reached(*both(tape.sorted(), TARGET), "target") is (STEPS[step] <= 0)


@pytest.mark.parametrize("step", STEPS)
def test_a_short_is_bought_back_at_its_price(step: str) -> None:
    ask = round(0.30 + STEPS[step] * 0.01, 2)
    tape = condor_tape("10:06").quote("10:07", {"5375C": (0.20, ask), "5385C": (0.05, 0.10)}).hold("10:08", "10:12")
    wanted = "strategies.iron_condor.buy_back=0.30"
    assert reached(*both(tape.sorted(), wanted), "buy_back") is (STEPS[step] <= 0)


@pytest.mark.parametrize(("spot", "fires"), [(5325.05, False), (5325.0, True), (5310.0, True)])
def test_a_wide_quote_waits_until_spot_is_through_the_short(spot: float, fires: bool) -> None:
    """The quotes stand still meanwhile; it is the index that comes."""
    tape = condor_tape("10:06").quote("10:07", spread(160, 60, 0, calls=False), spot=SPOT).hold("10:08", "10:09")
    quick, slow = both(tape.quote("10:10", spot=spot).hold("10:11", "10:14").sorted())
    assert reached(quick, slow, "stop") is fires


# When there is no need to ask


def asked_of_news(engine: Engine, events: list[AnyEvent], first: str, last: str) -> set[str]:
    """At which batches of a stretch of time the strategies were asked what to do."""
    found: set[str] = set()
    run = engine.strategies.run

    def noted(news: bool) -> None:
        if news:
            found.add(clock(engine.state.now))
        run(news)

    engine.strategies.run = noted  # type: ignore[method-assign]
    play(engine, events, at("10:40"))
    return {when for when in found if first <= when <= last}


def test_while_one_side_is_left_without_a_bid_the_other_is_waited_for() -> None:
    """The stopped side's long cannot be sold: its exit goes on, and wakes nobody until a bid comes."""
    tape = condor_tape("10:04").quote("10:05", {"5325P": (2.20, 2.40), "5315P": (0.0, 0.05)}, spot=SPOT)
    tape.hold("10:06", "10:19").quote("10:20", {"5315P": (0.05, 0.10)}).hold("10:21", "10:25")
    tape.quote("10:26", CALLS_HIT).hold("10:27", "10:30")
    chosen = (TARGET, f"{STOP}.max_width=5")
    quick, slow = both(tape.sorted(), *chosen)
    assert same(quick, slow)
    assert [(when, scope) for when, scope, _ in slow.exits()] == [("10:05:03", "puts"), ("10:26:03", "calls")]
    assert ("10:20:00", -1, "5315P", 0.05) in slow.fills()
    events = tape.sorted()
    assert asked_of_news(make_engine(*chosen), events, "10:07", "10:25:59") == {"10:20:00"}


def test_a_stop_whose_count_was_cut_short_by_a_person_keeps_nobody_awake() -> None:
    """The first trade is closed while its stop is being confirmed; the second is waited for."""
    tape = condor_tape("10:21").quote("10:22", PUTS_HIT, spot=SPOT).command("10:22:30", "close_trade", trade_id=1)
    tape.quote("10:23", CONDOR, spot=SPOT).hold("10:24", "10:35")
    chosen = (LATE, TWO)
    assert same(*both(tape.sorted(), *chosen))
    assert not asked_of_news(make_engine(*chosen), tape.sorted(), "10:26", "10:34")


def test_a_side_that_would_bring_something_to_close_is_counted_as_no_price() -> None:
    """The near put below the far one: the puts alone are impossible, all four together are not."""
    tape = condor_tape("10:09").quote("10:10", {"5325P": (0.60, 0.62), "5315P": (0.80, 0.82)}, spot=SPOT)
    quick, slow = both(tape.hold("10:11", "10:14").quote("10:15", CONDOR).hold("10:16", "10:20").sorted())
    assert same(quick, slow)
    assert slow.engine.state.tallies["stop checks unpriced"] == 5


def test_a_count_that_is_broken_is_forgotten_at_once() -> None:
    tape = condor_tape("10:09").quote("10:10", PUTS_HIT, spot=SPOT).quote("10:10:30", CONDOR, spot=SPOT)
    quick, slow = both(tape.quote("10:11", PUTS_HIT, spot=SPOT).hold("10:11:30", "10:14", 30 * SECOND).sorted(), LATE)
    assert same(quick, slow)
    assert slow.exits()[0] == ("10:13:00", "puts", "stop")


def test_while_a_stop_is_being_confirmed_every_quote_is_looked_at() -> None:
    tape = condor_tape("10:09").quote("10:10", PUTS_HIT, spot=SPOT).hold("10:10:10", "10:11:50", 10 * SECOND)
    events = tape.sorted()
    assert len(asked_of_news(make_engine(LATE), events, "10:10", "10:11:55")) == 12


def test_who_holds_to_settlement_waits_for_nothing() -> None:
    tape = condor_tape("10:09").quote("10:10", PUTS_HIT, spot=5310.0).hold("10:11", "10:35")
    assert same(*both(tape.sorted(), HOLD))
    assert not asked_of_news(make_engine(HOLD), tape.sorted(), "10:06", "10:34")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_leg_that_cannot_be_priced_is_counted_as_often(fault: str) -> None:
    tape = condor_tape("10:09").quote("10:10", {"5325P": FAULTS[fault]}, spot=SPOT).hold("10:11", "10:15")
    quick, slow = both(tape.quote("10:16", CONDOR).hold("10:17", "10:20").sorted())
    assert same(quick, slow)
    assert slow.engine.state.tallies["stop checks"] >= 30
    if fault in ("no quote", "no bid known", "no ask", "nothing", "crossed"):
        assert slow.engine.state.tallies["stop checks unpriced"] == 6
