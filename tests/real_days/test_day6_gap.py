"""Day 6, the gap of 2024-08-05: SPX opened 3.7% below 5,346.56, and VIX had closed at 23.39."""

from __future__ import annotations

import functools

import pytest
from real_days import CONDOR, GAP, along, at, play, playing

from engine.events import ChainBatch, DecisionRecord
from engine.market import VixReading
from engine.session.source import TapeSource
from engine.tape import Store
from engine.types import SCALE

LIVE = "09:34"  # the scenario's index has its first value of the day then
WINDOWS = (
    f'{CONDOR}.entries=["09:33", "10:00"]',
    "account.equity=500000",
    f"{CONDOR}.quantity=2",
    f"{CONDOR}.max_imbalance=0",
    f"{CONDOR}.min_side_credit=0.1",
)
OFFSETS = tuple(
    f"{CONDOR}.{key}" for key in ('entries=["10:00"]', "strikes.by=offset", "strikes.short=25", "strikes.wing=40")
)


@functools.cache
def market(recorded: Store) -> TapeSource:
    return along(recorded, GAP, seed=1, scenario="gap")


def test_spot_is_by_parity_until_the_index_is_live(recorded: Store) -> None:
    source = market(recorded)
    parity = 0
    for event, played in playing(source):
        if not isinstance(event, ChainBatch) or event.ts_known > at(GAP, "09:36"):
            continue
        index, known = played.engine.state.market.value("SPX")
        spot = played.spot()
        assert index is not None
        assert spot is not None
        if event.ts_known < at(GAP, LIVE):
            assert (index, known) == (53_465_600, at(GAP, "09:30") - 65 * 3600 * 10**9 - 1800 * 10**9)
            assert 5_110 < spot < 5_180
            parity += 1
        else:
            assert spot == index / SCALE
    assert parity == 15


def test_the_strikes_of_an_early_window_are_around_that_spot(recorded: Store) -> None:
    offsets = (f"{CONDOR}.strikes.by=offset", f"{CONDOR}.strikes.short=25", f"{CONDOR}.strikes.wing=40")
    early = (f'{CONDOR}.entries=["09:32"]', "risk.vix_scale=false", f"{CONDOR}.max_imbalance=0")
    played = play(market(recorded), *early, *offsets, "account.equity=1000000", f"{CONDOR}.min_side_credit=0")
    ((_, _, text),) = played.signals("entering")
    short_put, short_call = float(text[5:9]), float(text.split("P ")[1][:4])
    assert 5_110 < (short_put + short_call) / 2 < 5_180  # the index still said 5,346.56


def test_the_recorded_sides_of_485_and_017_are_an_imbalance(recorded: Store) -> None:
    """At 10:00 the recorded 5170/5185 puts brought 0.165 and the 5235/5250 calls 4.85."""
    played = play(TapeSource(recorded, "SPXW", GAP, "midpoints"), *OFFSETS, "account.equity=500000")
    why = "IMBALANCE: put side 0.165, call side 4.85: more than max_imbalance 4 to 1"
    assert played.skipped() == {"10:00": why}
    assert not played.entered()
    assert not played.of(DecisionRecord)


def test_with_the_check_off_the_thin_side_alone_is_the_reason(recorded: Store) -> None:
    off = (f"{CONDOR}.max_imbalance=0", "account.equity=500000")
    played = play(TapeSource(recorded, "SPXW", GAP, "midpoints"), *OFFSETS, *off)
    assert "below min_side_credit" in played.skipped()["10:00"]


@pytest.mark.parametrize("source", ["midpoints", "path"])
def test_the_chain_implied_vix_wins_over_the_evenings_close(recorded: Store, source: str) -> None:
    tape = market(recorded) if source == "path" else TapeSource(recorded, "SPXW", GAP, source)
    seen: dict[int, VixReading] = {}
    for event, played in playing(tape):
        seen[event.ts_known] = played.engine.state.vix("SPXW")
    before, morning, ten = (seen[at(GAP, clock)] for clock in ("09:00", "09:36", "10:01"))
    assert before == VixReading(23.39, "prior close")
    assert morning.source == ten.source == "chain-implied"
    assert 36 < (morning.value or 0) < 41
    assert 28 < (ten.value or 0) < 33


def test_and_so_nothing_is_opened_at_first_and_half_the_size_later(recorded: Store) -> None:
    played = play(market(recorded), *WINDOWS)
    decided = {d.code: (d.text, d.quantity) for d in played.of(DecisionRecord)}
    assert "VIX_HIGH" in played.skipped()["09:33"]
    assert "(chain-implied)" in decided["VIX_HIGH"][0]
    opened = next(d for d in played.of(DecisionRecord) if d.approved)
    assert opened.quantity == 1
    assert "sized down from 2" in opened.text
    assert "(chain-implied)" in opened.text


def test_the_gap_is_the_recorded_one(recorded: Store) -> None:
    opening = None
    for event, played in playing(market(recorded)):
        if isinstance(event, ChainBatch):
            opening = played.spot()
            break
    assert opening is not None
    assert -0.041 < opening / 5_346.56 - 1 < -0.031
