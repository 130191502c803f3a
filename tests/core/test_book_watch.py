"""Waiting for the book: when the engine may wait, for what, and that nobody can tell whether it did."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import msgspec
import pytest
from core_builders import (
    CONDOR,
    PUTS_HIT,
    SPOT,
    Played,
    Tape,
    at,
    condor_tape,
    configure,
    ladder,
    make_engine,
    option,
    play,
    resumed,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from spy_eve import EVE, spy_day
from spy_eve import SETTINGS as SPY
from two_ways import always, both, same

from engine.clock import MINUTE, SECOND
from engine.config import Table
from engine.core import Engine
from engine.core.strategies import StrategyDesk
from engine.events import AnyEvent, ChainBatch, MarkRecord, NoticeRecord, SettlementRecord
from engine.pacing import merge
from engine.pricing import payoff_bounds
from engine.strategy import (
    Action,
    Context,
    Deadline,
    Limit,
    SidePlan,
    Strategy,
    Tally,
    TradeInfo,
    Watch,
    build_strategies,
)
from strategies.registry import REGISTRY

LIFTED = "strategies.iron_condor.stop.scope=none"
HOLD = "strategies.iron_condor.hold_to_settlement=true"


# A strategy that says what it waits for


class Nothing(Table):
    """No settings."""


class Count(msgspec.Struct):
    """Nothing to remember."""


class Waiter(Strategy[Nothing, Count]):
    """Wants to be asked when a limit matters; notes when it was asked of news, and when a limit did matter."""

    name: ClassVar[str] = "waiter"
    version: ClassVar[str] = "1"
    settings_model: ClassVar[type[Table]] = Nothing
    state_model: ClassVar[type[msgspec.Struct]] = Count

    def __init__(self, limits: tuple[Limit, ...] = (), fails: str = "") -> None:
        super().__init__("SPXW", Nothing())
        self.limits, self.fails = limits, fails
        self.asked: list[int] = []
        self.mattered: list[int] = []

    def begin(self, ctx: Context) -> tuple[Count, list[Action]]:
        return Count(), []

    def resume(self, ctx: Context, state: Count) -> list[Action]:
        return []

    def decide(self, ctx: Context, state: Count) -> list[Action]:
        if not ctx.news:
            return []
        self.asked.append(ctx.now)
        if any(self._matters(ctx, limit) for limit in self.limits):
            self.mattered.append(ctx.now)
        return [Tally("asked of news", 2)]

    @staticmethod
    def _matters(ctx: Context, limit: Limit) -> bool:
        cost = ctx.cost(limit.held, limit.natural, limit.bounds)
        if cost is None or not cost.possible:
            return limit.above is not None
        return (limit.above is not None and cost.price >= limit.above) or (
            limit.below is not None and cost.price <= limit.below
        )

    def asleep(self, ctx: Context, state: Count) -> bool:
        if self.fails == "asleep":
            raise ZeroDivisionError("one divided by none")
        return True

    def watch(self, ctx: Context, state: Count) -> Watch | None:
        if self.fails == "watch":
            raise ZeroDivisionError("one divided by none")
        return Watch(self.limits, (Tally("asked of news", 2),))

    def sides(self, trade: TradeInfo, state: Count) -> tuple[SidePlan, ...]:
        return ()

    def next_deadline(self, ctx: Context, state: Count) -> Deadline | None:
        return None


def beside_a_condor(waiter: Waiter, *chosen: str) -> Engine:
    """The waiter is asked before a condor on the same root."""
    good = build_strategies(configure(*chosen).strategies, REGISTRY, ["SPXW"])
    return make_engine(*chosen, strategies=[waiter, *good])


SHORT, LONG = option("5325P"), option("5315P")
SIDE = {SHORT: -1, LONG: 1}
WAITED_FOR = {
    "a side from 1.00 on": Limit(SIDE, False, payoff_bounds(SIDE), above=10_000),
    "a side at bid and ask": Limit(SIDE, True, None, above=11_000),
    "a short that is cheap": Limit({SHORT: -1}, True, None, below=9_000),
    "a long somebody bids for": Limit({LONG: 1}, True, None, below=-8_000),
    "something that nobody holds": Limit({option("5300C"): 1}, False, None, above=0),
}


@pytest.mark.parametrize("name", WAITED_FOR)
def test_a_strategy_is_asked_when_what_it_waits_for_comes_and_only_then(name: str) -> None:
    tape = condor_tape("10:05").quote("10:06", {"5325P": (1.50, 1.60)}).hold("10:07", "10:09")
    tape.quote("10:10", {"5325P": (0.80, 0.90)}).hold("10:11", "10:12").quote("10:13", {"5315P": (0.80, 0.81)})
    tape.quote("10:14", CONDOR).quote("10:15", {"5325P": (0.90, 0.91), "5315P": (0.01, 0.02)}).hold("10:16", "10:20")
    tape.quote("10:21", {"5300C": (49.0, 51.0)}).hold("10:22", "10:25")
    quick, slow = Waiter((WAITED_FOR[name],)), Waiter((WAITED_FOR[name],))
    assert same(
        play(beside_a_condor(quick, LIFTED), tape.sorted()), play(always(beside_a_condor(slow, LIFTED)), tape.sorted())
    )
    later = at("10:05:30")  # the window of the entry is over
    assert [when for when in quick.asked if when >= later] == [when for when in slow.mattered if when >= later]
    assert slow.asked[-1] == at("10:25")
    assert 0 < sum(when >= later for when in slow.mattered) < 20


@pytest.mark.parametrize("fails", ["watch", "asleep"])
def test_a_strategy_that_fails_over_what_it_waits_for_is_halted_alone(
    fails: str, caplog: pytest.LogCaptureFixture
) -> None:
    tape = condor_tape("10:05").quote("10:06", PUTS_HIT).hold("10:07", "10:10")
    with caplog.at_level(logging.CRITICAL):
        played = play(beside_a_condor(Waiter(fails=fails)), tape.sorted())
    assert [record.name for record in played.breakers()] == ["STRATEGY_ERROR"]
    text = (
        "waiter on SPXW failed: ZeroDivisionError: one divided by none; its trades are no longer managed, see the log"
    )
    assert [told for _, told in played.notices("alarm") if "failed" in told] == [text]
    # One that fails before the window stops new risk; what is open is managed by its own strategy.
    assert [trigger for _, _, trigger in played.exits()] == (["stop", "exit_time"] if fails == "watch" else [])


def test_a_limit_on_a_contract_that_is_listed_later() -> None:
    late = option("5500C")
    tape = condor_tape("10:10").quote("10:11", {"5500C": (0.05, 0.10)}).hold("10:12", "10:15")
    tape.quote("10:16", {"5500C": (0.50, 0.60)}).hold("10:17", "10:20")
    quick, slow = (Waiter((Limit({late: 1}, True, None, below=-5_000),)) for _ in range(2))
    assert same(
        play(beside_a_condor(quick, LIFTED), tape.sorted()), play(always(beside_a_condor(slow, LIFTED)), tape.sorted())
    )
    assert (
        slow.mattered
        == [when for when in quick.asked if when >= at("10:12")]
        == [at("10:16") + n * MINUTE for n in range(5)]
    )


# When there is no waiting


def test_what_a_restart_holds_may_be_listed_later() -> None:
    before = play(make_engine(), condor_tape("10:15").sorted(), at("10:17"))
    later = Tape().list(ladder(5300, 5400), when="10:20").quote("10:20", CONDOR, spot=SPOT).hold("10:21", "10:30")
    events = list(resumed(later.sorted(), before.records, at("10:17")))
    quick, slow = (play(engine, events, at("10:30")) for engine in (make_engine(), always(make_engine())))
    assert same(quick, slow)
    assert quick.held() == before.held() != {}
    assert [record.pnl_mid is not None for record in quick.marks()] == [False] * 2 + [True] * 11


def test_what_nobody_could_settle_at_the_close_is_settled_by_the_first_value_that_comes() -> None:
    """No index, and no call and put of one strike after noon: the four legs alone say nothing of where it stands."""
    pair: Any = {"5350P": (5.0, 5.1), "5350C": (5.0, 5.1)}
    tape = Tape().list(ladder(5300, 5400)).quote("09:59", {**CONDOR, **pair}).hold("10:00", "10:01")
    tape.quote("12:00", dict.fromkeys(pair, (None, None))).hold("12:01", "16:05").quote("16:06", spot=5350.0)
    quick, slow = both(tape.hold("16:07", "16:08").sorted(), HOLD)
    assert same(quick, slow)
    assert {record.ts for record in slow.of(SettlementRecord)} == {at("16:06")}


@pytest.mark.parametrize(("cents", "trips"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("sold", [False, True])
def test_the_days_loss_to_the_cent(sold: bool, cents: int, trips: bool) -> None:
    """With all four legs held; and with the short call bought back for less than it brought, which is realised."""
    tape, chosen = condor_tape("10:06"), (LIFTED, "strategies.iron_condor.buy_back=0.30", "fees.per_contract=0.65")
    if sold:
        tape.quote("10:07", {"5375C": (0.25, 0.30), "5385C": (0.10, 0.15)}, spot=SPOT).hold("10:08", "10:09")
    tape.quote("10:10", {"5325P": (3.40, 3.50), "5315P": (0.80, 0.90)}, spot=SPOT).hold("10:11", "10:20")
    marks = play(make_engine(*chosen, "risk.daily_loss=10000"), tape.sorted(), at("10:20")).marks()
    limit = f"risk.daily_loss={(100 * cents - min(mark.pnl_mid or 0 for mark in marks)) / 10_000:.2f}"
    quick, slow = both(tape.sorted(), *chosen, limit)
    assert same(quick, slow)
    assert bool(slow.breakers()) is trips
    assert ("buy_back" in {trigger for _, _, trigger in slow.exits()}) is sold


def test_a_loss_is_timed_from_when_it_came_back() -> None:
    calm = {name: CONDOR[name] for name in PUTS_HIT}
    tape = condor_tape("10:06").quote("10:07", PUTS_HIT).quote("10:07:01", calm).quote("10:07:02", PUTS_HIT)
    quick, slow = both(tape.quote("10:07:04", PUTS_HIT).hold("10:08", "10:10").sorted(), LIFTED, "risk.daily_loss=80")
    assert same(quick, slow)
    assert [record.ts for record in slow.breakers()] == [at("10:07:05")]


def test_what_a_trade_was_worth_in_quiet_minutes_counts_once_it_cannot_be_marked() -> None:
    """XSP loses quietly, then its quotes are crossed; SPXW loses later: judged with the last good mark of XSP."""
    legs = {"531P": (0.10, 0.12), "533P": (0.40, 0.42), "537C": (0.40, 0.42), "539C": (0.10, 0.12)}
    small = Tape("XSP").list(ladder(520, 550, 1)).quote("09:59", legs, spot=535.0).hold("10:00", "10:09")
    small.quote("10:10", {"533P": (0.70, 0.72)}, spot=535.0).hold("10:11", "10:14")
    small.quote("10:15", {"533P": (0.72, 0.70)}, spot=535.0).hold("10:16", "10:40")
    large = condor_tape("10:19").quote("10:20", PUTS_HIT, spot=SPOT).hold("10:21", "10:40")
    events = list(merge([large.sorted(), small.sorted()[1:]]))
    xsp = [f"strategies.iron_condor.by_root.XSP.{text}" for text in ("strikes.short=2", "strikes.wing=4", "quantity=1")]
    chosen = (LIFTED, *xsp, "risk.daily_loss=120")  # 102.60 of SPXW; 30 and fees of XSP
    quick, slow = both(events, *chosen, roots=("SPXW", "XSP"))
    assert same(quick, slow)
    assert [record.ts for record in slow.breakers()] == [at("10:21")]


def test_a_loss_that_recovers_before_it_was_seen_again_is_waited_for_anew() -> None:
    calm = {name: CONDOR[name] for name in PUTS_HIT}
    tape = condor_tape("10:01").quote("10:02", PUTS_HIT).quote("10:02:30", calm).hold("10:03", "10:10")
    tape.quote("10:11", PUTS_HIT).hold("10:12", "10:15")
    quick, slow = both(tape.sorted(), LIFTED, "risk.daily_loss=80")
    assert same(quick, slow)
    assert [record.ts for record in slow.breakers()] == [at("10:12")]


@pytest.mark.parametrize("step", [5, 7, 45, 60, 90, 200])
def test_marks_once_a_minute_on_a_tape_of_any_step(step: int) -> None:
    tape = condor_tape("10:01").hold("10:01:05", "10:20", step * SECOND)
    quick, slow = both(tape.sorted(), LIFTED, HOLD)
    assert same(quick, slow)
    minutes = [record.ts // MINUTE for record in slow.of(MarkRecord)]
    assert minutes == list(range(at("10:00") // MINUTE, at("16:00") // MINUTE))


def test_a_quote_that_changes_between_two_batches_of_one_instant() -> None:
    tape = condor_tape("10:04")
    for _ in range(2):
        tape.quote("10:05", PUTS_HIT).quote("10:05", CONDOR).quote("10:06", CONDOR).quote("10:06", PUTS_HIT)
    quick, slow = both(tape.hold("10:07", "10:10").sorted(), "strategies.iron_condor.stop.confirm_s=0")
    assert same(quick, slow)
    assert slow.exits()[0] == ("10:05:00", "puts", "stop")


def test_a_batch_that_another_root_follows_decides_nothing_yet() -> None:
    """The stop's quote comes in the first of two batches of an instant."""
    large = condor_tape("10:04").quote("10:05", PUTS_HIT).hold("10:06", "10:08")
    small = Tape("XSP").list(["535P", "535C"]).quote("10:00", {"535P": (1.0, 1.1)}, spot=535.0).hold("10:01", "10:08")
    for order in ((large, small), (small, large)):
        first, *others = [tape.sorted() for tape in order]
        events = list(merge([first, *(other[1:] for other in others)]))
        quick, slow = both(events, roots=("SPXW", "XSP"))
        assert same(quick, slow)
        assert any(isinstance(event, ChainBatch) and event.more for event in events)
        assert slow.exits()[0] == ("10:05:03", "puts", "stop")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """When strategies were asked, in whichever engine."""
    found: list[int] = []
    ask = StrategyDesk.run

    def noted(self: StrategyDesk, news: bool) -> None:
        found.append(self._state.now)
        ask(self, news)

    monkeypatch.setattr(StrategyDesk, "run", noted)
    return found


def test_an_assignment_is_told_though_nobody_is_asked(runs: list[int]) -> None:
    tape = spy_day()
    quick = play(make_engine(*SPY, day=EVE, roots=("SPY",)), tape.sorted())
    told, asked = tape.at("14:00"), list(runs)
    slow = play(always(make_engine(*SPY, day=EVE, roots=("SPY",))), tape.sorted())
    assert same(quick, slow)
    assert told not in asked
    assert [record.ts for record in quick.of(NoticeRecord) if record.source == "assignment"] == [told]


def test_trades_of_a_halted_strategy_are_marked_and_its_loss_is_judged(caplog: pytest.LogCaptureFixture) -> None:
    tape = condor_tape("10:10").quote("10:11", PUTS_HIT, spot=SPOT).hold("10:12", "10:15")
    found: list[Played] = []
    for way in (lambda engine: engine, always):
        engine = way(make_engine(LIFTED, "risk.daily_loss=80"))
        events: list[AnyEvent] = tape.sorted()
        with caplog.at_level(logging.CRITICAL):
            played = play(engine, events, at("10:05"))
            (running,) = engine.strategies._running
            engine.strategies._halt(running, ValueError("a bug"))
            rest = play(engine, [event for event in events if event.ts_known > at("10:05")])
        found.append(Played(engine, played.ticks + rest.ticks))
    assert same(*found)
    assert [record.name for record in found[0].breakers()] == ["DAILY_LOSS"]
    assert found[0].exits() == [("10:12:00", "package", "daily_loss")]


@settings(max_examples=25)
@given(st.integers(0, 40 * 60), st.sampled_from([15, 60]), st.sampled_from([(), (LIFTED,), ("fills.latency_ms=1500",)]))
def test_a_restart_at_any_second(after: int, every: int, chosen: tuple[str, ...]) -> None:
    tape = condor_tape("10:01").hold("10:02", "10:10", every * SECOND).quote("10:11", {**PUTS_HIT, "5315P": (0.0, 0.9)})
    tape.hold("10:12", "10:30", every * SECOND).quote("10:31", {"5315P": (0.05, 0.10)}).hold("10:32", "10:45")
    cut = at("10:00") + after * SECOND
    before = play(make_engine(*chosen), tape.sorted(), cut)
    again = list(resumed(tape.sorted(), before.records, cut))
    assert same(play(make_engine(*chosen), again), play(always(make_engine(*chosen)), again))
