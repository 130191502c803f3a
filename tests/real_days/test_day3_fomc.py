"""Day 3, the FOMC of 2024-12-18: SPX fell from 6,047 at 14:00 to 5,872, and quotes were blown for a minute."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from real_days import CONDOR, FOMC, Played, along, at, play, playing

from engine.calendar import clock_text
from engine.events import ExitRecord, OrderRecord
from engine.portfolio import cost_to_close
from engine.session.source import TapeSource
from engine.strategy import Deadline
from engine.tape import Store
from engine.types import SCALE

WHY = "BLACKOUT: FOMC statement at 14:00, no entries from 13:55 to 14:15"
WIDE = ("13:59:30", "14:00:30")  # five times as wide as just before, by the scenario
NEAR = (
    f'{CONDOR}.entries=["13:53"]',
    "account.equity=500000",
    f"{CONDOR}.min_side_credit=0.1",
    f"{CONDOR}.max_imbalance=0",
)


@functools.cache
def market(recorded: Store, seed: int = 1, step_seconds: int = 5) -> TapeSource:
    name = f"path-{seed}-{step_seconds}"
    return along(recorded, FOMC, seed=seed, scenario="fomc", step_seconds=step_seconds, source=name)


def stops(played: Played) -> list[ExitRecord]:
    return [e for e in played.of(ExitRecord) if e.trigger == "stop"]


def in_the_minute(ts: int) -> bool:
    return at(FOMC, WIDE[0]) <= ts < at(FOMC, WIDE[1])


@pytest.fixture(scope="module")
def windows(recorded: Store) -> Played:
    entries = '["13:00", "13:50", "13:54", "13:55", "14:00", "14:09"]'
    return play(market(recorded, step_seconds=15), f"{CONDOR}.entries={entries}")


@pytest.mark.parametrize("window", ["13:55", "14:00", "14:09"])
def test_entries_around_the_statement_are_denied_with_the_reason(windows: Played, window: str) -> None:
    assert windows.skipped()[window] == WHY
    (clock,) = [clock for clock, key, _ in windows.signals("skipped") if key == window]
    assert clock == f"{window}:00"


def test_a_window_that_outlasts_the_blackout_waits_for_its_end(recorded: Store) -> None:
    played = play(market(recorded, step_seconds=15), f'{CONDOR}.entries=["14:12"]')
    assert played.signals("waiting") == [("14:12:00", "14:12", f"open until 14:17: {WHY}")]
    assert [clock for clock, _, _ in played.signals("entering")] == ["14:15:00"]


def test_entries_before_it_are_made_and_nothing_is_ordered_during_it(windows: Played) -> None:
    assert {"13:00", "13:50", "13:54"} <= set(windows.entered())
    opened = [order.ts for order in windows.of(OrderRecord) if order.kind == "open"]
    assert not [ts for ts in opened if at(FOMC, "13:55") <= ts < at(FOMC, "14:15")]


def test_an_entry_that_still_works_is_cancelled_when_the_blackout_begins(recorded: Store) -> None:
    """Asked at mid ten seconds before, it has not stepped far enough to be met."""
    patient = (f'{CONDOR}.entries=["13:54:50"]', "entries.start=mid", "entries.step_seconds=10")
    played = play(market(recorded, step_seconds=15), *patient)
    assert [clock for clock, _, _ in played.signals("entering")] == ["13:54:50"]
    assert played.skipped() == {"13:54:50": "the order ended without a fill"}
    assert [line[0] for line in played.lines("cancelled", "window is over")] == ["13:55:00"]


def test_the_screen_counts_down_to_the_statement(recorded: Store) -> None:
    seen: dict[str, Deadline | None] = {}
    for event, played in playing(market(recorded, step_seconds=15), f'{CONDOR}.entries=["10:00"]'):
        seen[clock_text(event.ts_known)] = played.engine.strategies.next_deadline()
    statement = Deadline(at(FOMC, "14:00"), "FOMC 14:00")
    assert seen["10:30:00"] == seen["13:59:45"] == statement
    assert seen["14:00:00"] == Deadline(at(FOMC, "14:15"), "FOMC blackout ends 14:15")
    later = seen["14:15:00"]
    assert later is None or later.text == "exit 15:20"


def test_the_day_says_at_its_begin_what_stands_in_the_calendar(windows: Played) -> None:
    ((_, key, text),) = windows.signals("blackout")
    assert (key, text) == ("FOMC", WHY.removeprefix("BLACKOUT: "))


def test_without_a_blackout_the_window_at_two_enters(recorded: Store) -> None:
    played = play(market(recorded, step_seconds=15), f"{CONDOR}.blackout.events=[]", f'{CONDOR}.entries=["14:03"]')
    assert played.entered() == ["14:03"]
    assert not played.signals("blackout")


def test_the_quotes_are_five_times_as_wide_for_sixty_seconds(recorded: Store) -> None:
    widths: dict[int, float] = {}
    for event, played in playing(market(recorded)):
        chain = played.engine.state.chain("SPXW", FOMC)
        if chain is not None and at(FOMC, "13:40") <= event.ts_known < at(FOMC, "14:10"):
            below = (played.spot() or 0) - chain.strikes
            near = (below > 5) & (below < 40)
            widths[event.ts_known] = float(np.mean((chain.puts.ask - chain.puts.bid)[near]))
    before = widths[at(FOMC, "13:45")]
    blown = {ts: width / before for ts, width in widths.items() if width > 3.5 * before}
    assert min(blown) == at(FOMC, "13:59:35")  # the first step after 13:59:30
    assert max(blown) == at(FOMC, "14:00:30")
    assert 4.5 < np.mean(list(blown.values())) < 6.5


def test_a_blown_minute_fires_no_stop_while_spot_is_short_of_the_strike(recorded: Store) -> None:
    """The price reaches the stop in the blown minute; the stop waits for quotes that can be believed."""
    near = (*NEAR[1:], f'{CONDOR}.entries=["13:50"]', f"{CONDOR}.stop.multiple=0.65")
    believing = play(market(recorded), *near, f"{CONDOR}.stop.max_width=100")
    assert any(in_the_minute(exit_.ts) for exit_ in stops(believing))

    played = play(market(recorded), *near)
    fired = stops(played)
    assert fired
    assert not [exit_ for exit_ in fired if in_the_minute(exit_.ts)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_else_fires_in_that_minute_either(recorded: Store, seed: int) -> None:
    played = play(market(recorded, seed), *NEAR, f"{CONDOR}.profit_target=0")
    assert not [exit_ for exit_ in played.of(ExitRecord) if in_the_minute(exit_.ts)]
    assert not [b for b in played.breakers() if WIDE[0] <= b[0] < WIDE[1]]


def test_once_spot_has_passed_the_short_the_stop_fires_and_its_exit_chases_to_a_fill(recorded: Store) -> None:
    offset = [f"{CONDOR}.strikes.{key}" for key in ("by=offset", "short=5", "wing=35")]
    settings = (*NEAR, *offset, f"{CONDOR}.stop.multiple=0.62")
    event, played = next(step for step in playing(market(recorded, 13), *settings) if stops(step[1]))
    (fired,) = stops(played)
    assert in_the_minute(fired.ts)
    assert event.ts_known == fired.ts

    trade = played.engine.state.portfolio.get(fired.trade_id)
    assert trade is not None
    puts = {c: quantity for c, quantity in trade.standing.held.items() if c.right == "P"}
    short = next(contract for contract, quantity in puts.items() if quantity < 0)
    assert played.spot() is not None
    assert played.spot() * SCALE < short.strike
    state = played.engine.state
    cost = cost_to_close(puts, state.market, state.now, state.max_age)
    assert cost is not None
    assert cost.width > 5_000

    done = play(market(recorded, 13), *settings)
    walked = [
        text.rpartition(" ")[2] for clock, _, text in done.lines("limit walks to") if clock >= clock_text(fired.ts)
    ]
    assert {"ticks", "marketable"} <= set(walked)
    held = done.engine.state.portfolio.get(fired.trade_id)
    assert held is not None
    assert all(not held.held(contract) for contract in puts)
    last = max(clock for clock, _, symbol in done.fills(fired.trade_id) if symbol[-9] == "P")
    assert clock_text(fired.ts) < last < "14:01:30"
