"""The scenario days: each does what its line says, over seeds."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pytest

from engine.calendar import clock_text, from_new_york, session
from engine.config import model as config_model
from engine.events import ChainBatch, FeedStatus, Listing
from engine.feed.simulator import SCENARIOS, SimulatedDay, playable, scenario
from engine.market import Chain, Market, lay_out
from engine.types import MISSING, SCALE, Contract, product
from zdte_tui.commands import simulate

DAY = dt.date(2026, 1, 15)
SEEDS = range(12)


@functools.lru_cache(maxsize=64)
def made(name: str, seed: int = 7, root: str = "SPXW", leader: str = "") -> SimulatedDay:
    return SimulatedDay(playable(scenario(name), DAY), root, seed, scenario=name, leader=leader)


def spot(name: str, seed: int, root: str = "SPXW") -> np.ndarray:
    """Index points on the grid of 15 seconds from the open."""
    return made(name, seed, root).path.spot * 6000


def at(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return (hour * 60 + minute - 570) * 4


def batches(day: SimulatedDay) -> list[ChainBatch]:
    return [event for event in day.events() if isinstance(event, ChainBatch)]


def test_the_names_are_the_same_everywhere() -> None:
    assert tuple(SCENARIOS) == config_model.SCENARIO_NAMES == tuple(simulate.SCENARIOS)
    assert {name: kind.story for name, kind in SCENARIOS.items()} == simulate.SCENARIOS
    assert all(kind.name == name for name, kind in SCENARIOS.items())


def test_a_scenario_is_in_the_label_and_in_the_hash() -> None:
    hashes = {made(name).provenance.sha256 for name in ("", *SCENARIOS)}
    assert len(hashes) == len(SCENARIOS) + 1
    assert made("trend").provenance.note.startswith("scenario trend (falls from the open")
    assert made("trend").provenance.label == "SIMULATED"
    assert "scenario" not in made("").provenance.note


def test_calm_moves_half_as_much_and_goes_nowhere() -> None:
    def daily_move(name: str) -> float:
        return float(np.std([np.log(spot(name, seed)[-1] / spot(name, seed)[0]) for seed in SEEDS]))

    assert daily_move("calm") < 0.75 * daily_move("")
    assert all(made("calm", seed).path.vix["VIX"].max() < 14 for seed in SEEDS)


def test_trend_falls_two_standard_deviations_without_a_rest() -> None:
    for seed in SEEDS:
        path = made("trend", seed).path
        sd = np.sqrt(path.remaining[0])
        log = np.log(path.spot / path.spot[0])
        assert log[-1] < -1.7 * sd
        assert np.all(np.diff(log[[0, at("10:30"), at("12:00"), at("14:00"), -1]]) < 0)
    rises = [made("trend", seed).path.vix["VIX"][[0, -1]] for seed in SEEDS]
    assert np.mean([last / first for first, last in rises]) > 1.04


def test_whipsaw_goes_through_both_sides_of_a_25_point_condor() -> None:
    for seed in SEEDS:
        path = spot("whipsaw", seed)
        ten = path[at("10:00")]
        lowest = at("10:00") + int(np.argmin(path[at("10:00") :]))
        assert path[lowest] < ten - 25
        assert path[lowest:].max() > ten + 25


def test_fomc_is_quiet_until_two_and_loud_after() -> None:
    for seed in SEEDS:
        returns = np.diff(np.log(spot("fomc", seed)))
        quiet = np.sqrt(np.mean(returns[at("12:00") : at("13:59")] ** 2))
        # What ends at 14:00 is the announcement.
        assert abs(returns[at("14:00") - 1]) > 8 * quiet
        loud = np.sqrt(np.mean(returns[at("14:00") : at("14:30")] ** 2))
        assert loud > 2 * quiet


def test_fomc_options_carry_the_announcement_until_it_has_been() -> None:
    path = made("fomc").path
    before, after = path.remaining[at("14:00") - 1], path.remaining[at("14:00")]
    assert after < 0.75 * before
    assert path.vix["VIX1D"][at("14:00")] < path.vix["VIX1D"][at("14:00") - 1]


def test_fomc_spreads_are_five_times_as_wide_for_a_minute() -> None:
    day = made("fomc")
    listing = next(event for event in day.events() if isinstance(event, Listing))
    found = {}
    for batch in batches(day):
        clock = clock_text(batch.ts_event)
        if clock in ("13:30:00", "13:59:45", "14:00:00", "14:00:15", "14:00:30", "14:10:00"):
            middle = int(batch.price[0])
            near = [
                i
                for i, c in enumerate(listing.instruments)
                if isinstance(c, Contract) and c.expiry == DAY and abs(c.strike - middle) < 15 * SCALE
            ]
            found[clock] = float(np.mean(batch.ask[near] - batch.bid[near]))
    for clock in ("14:00:00", "14:00:15"):
        assert found[clock] > 2.2 * found["13:30:00"]
    assert found["14:10:00"] < 1.5 * found["13:30:00"]


@pytest.mark.parametrize(
    ("asked", "played"),
    [
        (dt.date(2025, 7, 3), dt.date(2025, 7, 3)),
        (dt.date(2025, 7, 1), dt.date(2025, 7, 3)),
        (dt.date(2026, 1, 15), dt.date(2025, 12, 24)),
        (dt.date(2027, 12, 30), dt.date(2027, 11, 26)),
    ],
)
def test_a_half_day_is_played_on_the_nearest_one(asked: dt.date, played: dt.date) -> None:
    assert playable(scenario("halfday"), asked) == played
    assert session(played).early
    assert playable(scenario("trend"), DAY) == DAY


def test_a_half_day_ends_at_one() -> None:
    day = made("halfday")
    assert clock_text(batches(day)[-1].ts_event) == "13:00:00"


def test_gap_opens_three_to_four_per_cent_lower_and_frightens_the_vix() -> None:
    for seed in SEEDS:
        path = made("gap", seed).path
        assert 0.96 <= path.spot[0] <= 0.97
        assert path.vix["VIX"][0] > 1.3 * path.prior_vix["VIX"]


def test_gap_leaves_the_index_behind_and_only_parity_tells_where_it_is() -> None:
    day = made("gap")
    events = list(day.events())
    market = Market({"SPXW": "quote"})
    limit = 90 * 10**9
    for event in events:
        if isinstance(event, Listing):
            market.list_instruments(event)
        if isinstance(event, ChainBatch):
            market.apply(event)
            late = event.ts_event < from_new_york(DAY, dt.time(9, 34))
            assert (event.price[0] == MISSING) == (late and event.ts_event > from_new_york(DAY, dt.time(9, 30, 15)))
            if event.ts_event == from_new_york(DAY, dt.time(9, 32)):
                value, ts = market.value("SPX")
                assert (value, ts) == (6000 * SCALE, session(dt.date(2026, 1, 14)).close)
                chain = Chain(market, lay_out(market, "SPXW", DAY), event.ts_event, session(DAY).close, limit)
                assert chain.spot is not None
                assert chain.spot < 0.975 * value
                assert abs(chain.spot / SCALE - float(spot("gap", 7)[8])) < 2
            if event.ts_event == from_new_york(DAY, dt.time(9, 34)):
                assert market.value("SPX")[0] == event.price[0]
                return
    pytest.fail("the day ended before 09:34")


def test_gap_quotes_are_wide_at_the_open() -> None:
    day = made("gap")
    found = batches(day)
    opening, later = found[0], found[at("10:30")]
    width = [float(np.median((b.ask - b.bid)[b.bid > 0])) for b in (opening, later)]
    assert width[0] > 2 * width[1]


@pytest.mark.parametrize("root", ["SPXW", "SPY", "QQQ", "XSP"])
def test_pin_closes_within_cents_of_a_strike(root: str) -> None:
    for seed in SEEDS:
        day = made("pin", seed, root)
        official = next(event for event in day._official_closes(0))
        off = official.close % product(root).strike_step
        assert min(off, product(root).strike_step - off) <= 0.05 * SCALE


def test_roots_of_a_pinned_session_share_its_path() -> None:
    leader, follower = made("pin", 7, "SPXW"), made("pin", 7, "SPY", "SPXW")
    n = len(leader.path.times)
    assert np.array_equal(leader.path.spot, follower.path.spot[:n])


def test_outage_silences_the_feed_while_the_market_goes_on() -> None:
    day, plain = made("outage"), made("")
    assert np.array_equal(day.path.spot, plain.path.spot)
    events = list(day.events())
    said = [(clock_text(e.ts_known), e.state) for e in events if isinstance(e, FeedStatus)]
    assert said == [("12:10:05", "stale"), ("12:10:30", "down"), ("12:25:00", "ok")]
    times = [clock_text(e.ts_event) for e in events if isinstance(e, ChainBatch)]
    assert "12:09:45" in times
    assert "12:25:00" in times
    assert not [clock for clock in times if "12:10:00" <= clock < "12:25:00"]
    assert [e.order for e in events] == sorted(e.order for e in events)
    assert [e.seq for e in events] == list(range(len(events)))
    quiet = SimulatedDay(DAY, "SPY", scenario="outage", with_vix=False, first=900)
    assert not any(isinstance(e, FeedStatus) for e in quiet.events())


def test_the_same_scenario_day_is_the_same_again_for_another_root_of_it() -> None:
    for name in SCENARIOS:
        a, b = made(name, 3, "SPXW"), made(name, 3, "SPY", "SPXW")
        n = len(a.path.times)
        assert np.array_equal(a.path.spot, b.path.spot[:n]), name
        for symbol, values in a.path.vix.items():
            assert np.allclose(values, b.path.vix[symbol][:n], rtol=1e-12), name
