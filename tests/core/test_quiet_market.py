"""Quiet markets are only looked at, not traded on: every record is the same as if everything were asked every time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from core_builders import (
    CALLS_HIT,
    CONDOR,
    HALF_DAY,
    PUTS_HIT,
    SPOT,
    Tape,
    at,
    clock,
    condor_tape,
    ladder,
    make_engine,
    play,
    resumed,
)  # fmt: skip
from hypothesis import given, settings
from hypothesis import strategies as st
from two_ways import always, both, same

from engine.clock import SECOND
from engine.core.strategies import StrategyDesk
from engine.events import BreakerRecord, ChainBatch, FeedStatus
from engine.pacing import merge

TWO = 'strategies.iron_condor.entries=["10:00", "10:30"]'
TARGET = "strategies.iron_condor.profit_target=0.5"
PACKAGE = ("strategies.iron_condor.stop.scope=package", "strategies.iron_condor.stop.multiple=1.5")
NATURAL = "strategies.iron_condor.stop.trigger=natural"
NO_STOP = "strategies.iron_condor.stop.scope=none"
HOLD = "strategies.iron_condor.hold_to_settlement=true"
SLOW = "fills.latency_ms=1500"
SHORT_LIVED = "fills.max_quote_age_seconds=20"
MID = "fills.model=mid"
CHEAP = "strategies.iron_condor.buy_back=0.10"
POOR = "risk.daily_loss=150"


@dataclass
class Asked:
    """How often strategies were asked what to do."""

    times: int = 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    found, ask = Asked(), StrategyDesk.run

    def counted(self: StrategyDesk, news: bool) -> None:
        found.times += 1
        ask(self, news)

    monkeypatch.setattr(StrategyDesk, "run", counted)
    return found


def eventful() -> Tape:
    """Two entries, a put stop, notes and orders of a person in quiet times, quotes that come and go, a late bid."""
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT, spot=5340.0).hold("10:03", "10:05")
    tape.quote("10:06", CONDOR, spot=SPOT).hold("10:07", "10:31").quote("10:32", CALLS_HIT, spot=5360.0)
    tape.command("09:45", "note", text="nothing yet").command("10:32:02", "note", text="hot").hold("10:33", "10:40")
    tape.command("10:41", "flatten").hold("10:42", "10:45").quote("10:46", {"5315P": (0.0, 0.05)})
    return tape.hold("10:47", "10:50").command("10:52", "resume").hold("10:53", "11:10").close(5350)


SETTINGS: dict[str, tuple[str, ...]] = {
    "stops a side": (TWO,),
    "target": (TWO, TARGET),
    "package": (TWO, *PACKAGE),
    "natural": (TWO, NATURAL, SLOW),
    "no stop": (TWO, NO_STOP, TARGET, CHEAP),
    "held": (TWO, HOLD, MID),
    "late fills": (TWO, SLOW),
    "quotes that age": (TWO, SHORT_LIVED),
    "buy back": (TWO, CHEAP, MID),
    "a loss that halts": (TWO, POOR),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_an_eventful_morning_is_the_same(name: str, asked: Asked) -> None:
    events = eventful().sorted()
    quick = play(make_engine(*SETTINGS[name]), events)
    often, asked.times = asked.times, 0
    slow = play(always(make_engine(*SETTINGS[name])), events)
    assert same(quick, slow)
    assert often < asked.times, "there was nothing to be quiet about"
    if name == "a loss that halts":
        assert "DAILY_LOSS" in {record.name for record in slow.of(BreakerRecord)}


def decaying() -> Tape:
    """Two entries, and options that lose their value until nobody bids for the long ones."""
    cheap = {"5315P": (0.05, 0.10), "5325P": (0.30, 0.40), "5375C": (0.05, 0.10), "5385C": (0.0, 0.05)}
    tape = condor_tape("10:31").quote("10:40", cheap, spot=SPOT).hold("10:41", "10:45")
    tape.quote("10:46", {"5325P": (0.05, 0.10), "5315P": (0.0, 0.05)}).hold("10:47", "11:00")
    return tape.hold("15:15", "16:00").close(5350)


DECAYING = {
    "stops a side": {"exit_time"},
    "target": {"target"},
    "buy back": {"buy_back", "exit_time"},
    "held": set[str](),
}


@pytest.mark.parametrize("name", DECAYING)
def test_a_day_on_which_options_decay_is_the_same(name: str) -> None:
    quick, slow = both(decaying().sorted(), *SETTINGS[name])
    assert same(quick, slow)
    assert {trigger for _, _, trigger in slow.exits()} == DECAYING[name]


def test_a_day_that_is_left_alone_asks_nobody_in_the_hours_before_its_window(asked: Asked) -> None:
    late = 'strategies.iron_condor.entries=["14:00"]'
    tape = Tape().list(ladder(5300, 5400)).quote("09:31", CONDOR, spot=SPOT).hold("09:32", "14:02")
    quick, slow = both(tape.sorted(), late)
    assert same(quick, slow)
    assert quick.signals("entered")
    asked.times = 0
    play(make_engine(late), tape.sorted(), at("13:59"))
    assert asked.times < 10


def test_a_window_that_opens_before_the_first_quote_waits_for_it() -> None:
    tape = Tape().list(ladder(5300, 5400)).quote("10:03", CONDOR, spot=SPOT).hold("10:04", "10:20")
    assert same(*both(tape.sorted(), TWO))
    at_the_open = 'strategies.iron_condor.entries=["09:30", "open"]'
    tape = Tape().list(ladder(5300, 5400)).quote("09:30", CONDOR, spot=SPOT).hold("09:31", "09:40")
    assert same(*both(tape.sorted(), at_the_open))


def test_a_half_day() -> None:
    tape = Tape(day=HALF_DAY).list(ladder(5300, 5400)).quote("09:59", CONDOR, spot=SPOT).hold("10:00", "13:10")
    assert same(*both(tape.close(5350.0, "13:20").sorted(), TWO, HOLD, day=HALF_DAY))


def test_two_roots_of_which_one_is_asleep_while_the_other_trades() -> None:
    xsp = {f"{float(name[:-1]) / 10:g}{name[-1]}": (a and a / 10, b and b / 10) for name, (a, b) in CONDOR.items()}
    large = condor_tape("10:20").quote("10:21", PUTS_HIT, spot=5340.0).hold("10:22", "10:40")
    small = Tape("XSP").list([f"{k}{r}" for k in range(525, 546) for r in "PC"]).quote("10:10:30", xsp, spot=535.0)
    small.hold("10:11", "10:50")
    events = list(merge([large.sorted(), small.sorted()[1:]]))
    assert same(*both(events, TWO, roots=("SPXW", "XSP")))


def test_a_feed_that_dies_and_comes_back() -> None:
    events = eventful().sorted()
    for when, state in (("10:03:30", "down"), ("10:04:30", "ok"), ("10:28", "stale"), ("10:29:30", "ok")):
        events.append(FeedStatus(ts_known=at(when), ts_event=at(when), state=state))  # type: ignore[arg-type]
    events.sort(key=lambda event: event.ts_known)
    assert same(*both(events, TWO))


@pytest.mark.parametrize("when", ["09:50", "10:00", "10:04:30", "10:20", "10:31", "10:45", "11:05"])
def test_a_restart(when: str) -> None:
    events = eventful().sorted()
    before = play(always(make_engine(TWO)), events, at(when))
    again = list(resumed(events, before.records, at(when)))
    quick, slow = play(make_engine(TWO), again), play(always(make_engine(TWO)), again)
    assert same(quick, slow)


MOMENTS = st.lists(
    st.tuples(
        st.integers(1, 50),  # minutes after 10:00
        st.sampled_from([0, 7, 30]),  # and seconds
        st.sampled_from(sorted(CONDOR)),
        st.one_of(st.none(), st.integers(0, 60)),  # bid, in steps of 5 cents; None: it is taken away
        st.integers(0, 20),  # the ask above it
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(MOMENTS, st.sampled_from(sorted(SETTINGS)), st.sampled_from([15, 30, 60]))
def test_whatever_the_quotes_do(moments: list[tuple[int, int, str, int | None, int]], name: str, every: int) -> None:
    tape, now = condor_tape("10:00"), at("10:00")
    for minute, second, contract, bid, width in sorted(moments, key=lambda moment: moment[:2]):
        when = at("10:00") + (60 * minute + second) * SECOND
        tape.hold(clock(now + every * SECOND), clock(when - SECOND), every * SECOND)
        quote = (None, None) if bid is None else (bid * 0.05, (bid + width) * 0.05)
        tape.quote(when, {contract: quote}, spot=SPOT + (minute % 7 - 3) * 5)
        now = when
    tape.hold(clock(now + every * SECOND), "11:00", every * SECOND)
    assert same(*both(tape.sorted(), *SETTINGS[name]))


def test_what_the_shortcut_says_of_itself_holds() -> None:
    """Until ``quiet_until`` no batch leads to a record: what plays several engines abreast relies on it."""
    engine = make_engine(TWO)
    seen = 0
    for event in eventful().sorted():
        quiet = isinstance(event, ChainBatch) and event.ts_known < engine.quiet_until
        tick = engine.process(event)
        if quiet:
            seen += 1
            assert not tick.records
    assert seen > 10
