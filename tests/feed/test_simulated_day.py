"""The simulated day as a whole: reproducible, in order, on ticks, free of arbitrage, and over at the close."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from simulated_days import DAY, HALF_DAY, batches_of, events_of, listing_of

from engine.calendar import LAST_DAY, NotASession, clock_text, from_new_york, next_session, previous_session, session
from engine.clock import MINUTE
from engine.events import ChainBatch, DailyClose, Listing, encode
from engine.feed.simulator import SimulatedDay
from engine.pricing import implied_vol, parity_forward, years_to
from engine.types import MISSING, SCALE, Contract, Underlying, product

CARRY = 0.03


class Chain:
    """One expiry in one batch: strikes ascending, dollars."""

    def __init__(self, listing: Listing, batch: ChainBatch, expiry: dt.date) -> None:
        where = {
            right: [
                i
                for i, c in enumerate(listing.instruments)
                if isinstance(c, Contract) and c.expiry == expiry and c.right == right
            ]
            for right in "CP"
        }
        self.strikes = np.array([listing.instruments[i].strike for i in where["C"]]) / SCALE
        assert np.array_equal(self.strikes, [listing.instruments[i].strike / SCALE for i in where["P"]])
        self.call_bid, self.call_ask = batch.bid[where["C"]] / SCALE, batch.ask[where["C"]] / SCALE
        self.put_bid, self.put_ask = batch.bid[where["P"]] / SCALE, batch.ask[where["P"]] / SCALE
        self.call_mid, self.put_mid = (self.call_bid + self.call_ask) / 2, (self.put_bid + self.put_ask) / 2
        self.spot = batch.price[0] / SCALE
        self.years = years_to(batch.ts_event, session(expiry).product_close(listing.instruments[-1].root))
        self.forward = self.spot * np.exp(CARRY * self.years)


def chains(root: str = "SPXW", day: dt.date = DAY, every: int = 50):
    listing = listing_of(day, root)
    batches = batches_of(day, root)
    for batch in [*batches[::every], batches[-1]]:
        for expiry in (day, next_session(day).day):
            yield Chain(listing, batch, expiry)


def digest(seed: int, day: dt.date = DAY, root: str = "SPXW") -> str:
    hashed = hashlib.sha256()
    for event in SimulatedDay(day, root, seed, step_seconds=60).events():
        hashed.update(encode(event))
    return hashed.hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "import sys, datetime as dt, hashlib; from engine.events import encode; "
        "from engine.feed.simulator import SimulatedDay; hashed = hashlib.sha256(); "
        "[hashed.update(encode(e)) for e in SimulatedDay(dt.date(2026, 1, 15), step_seconds=60).events()]; "
        "print(hashed.hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("0", "12345")
    }
    assert seen == {digest(7)}


def test_another_seed_day_or_root_gives_another_day() -> None:
    others = {digest(7), digest(8), digest(7, dt.date(2026, 1, 16)), digest(7, root="XSP")}
    assert len(others) == 4
    hashes = {
        SimulatedDay(DAY).provenance.sha256,
        SimulatedDay(DAY, seed=8).provenance.sha256,
        SimulatedDay(DAY, step_seconds=60).provenance.sha256,
        SimulatedDay(DAY, "SPY").provenance.sha256,
    }
    assert len(hashes) == 4


def test_it_says_that_it_is_simulated() -> None:
    provenance = SimulatedDay(DAY).provenance
    assert (provenance.source, provenance.origin, provenance.meaning) == ("demo", "simulated", "quote")
    assert provenance.label == "SIMULATED"
    assert provenance == SimulatedDay(DAY).provenance
    assert len(provenance.sha256) == 64


@pytest.mark.parametrize(("root", "day"), [("SPXW", DAY), ("SPXW", HALF_DAY), ("SPY", DAY), ("XSP", HALF_DAY)])
def test_events_come_in_order_and_nothing_is_known_before_it_is_true(root: str, day: dt.date) -> None:
    events = events_of(day, root)
    assert [e.order for e in events] == sorted(e.order for e in events)
    assert [e.seq for e in events] == list(range(len(events)))
    assert all(e.ts_event <= e.ts_known for e in events)
    symbol = product(root).underlying
    kinds = [(type(e).__name__, getattr(e, "symbol", "")) for e in events]
    closes = [("DailyClose", name) for name in (symbol, "VIX", "VIX9D", "VIX1D")]
    assert kinds[:5] == [*closes, ("Listing", "")]
    assert kinds[-4:] == closes
    assert all(isinstance(e, ChainBatch) for e in events[5:-4])
    assert {e.day for e in events[:4]} == {previous_session(day).day}
    assert {e.day for e in events[-4:]} == {day}


@pytest.mark.parametrize(
    ("root", "day", "last"),
    [
        ("SPXW", DAY, "16:00:00"),
        ("SPXW", HALF_DAY, "13:00:00"),
        ("XSP", HALF_DAY, "13:00:00"),
        ("SPY", DAY, "16:15:00"),
        ("QQQ", HALF_DAY, "13:15:00"),
    ],
)
def test_batches_run_from_the_first_step_to_the_products_close(root: str, day: dt.date, last: str) -> None:
    times = [batch.ts_event for batch in batches_of(day, root)]
    assert clock_text(times[0]) == "09:30:15"
    assert clock_text(times[-1]) == last
    assert set(np.diff(times)) == {15 * 10**9}


def test_a_step_that_does_not_divide_the_day_still_ends_at_the_close() -> None:
    batches = [e for e in SimulatedDay(HALF_DAY, step_seconds=997).events() if isinstance(e, ChainBatch)]
    assert batches[-1].ts_event == session(HALF_DAY).close
    assert np.all(np.diff([b.ts_event for b in batches]) > 0)


def test_the_official_close_is_in_cents_near_the_last_print_and_known_later() -> None:
    for root, official_after in (("SPXW", 15), ("SPY", 30)):
        close = next(e for e in events_of(DAY, root)[-4:] if e.symbol == product(root).underlying)
        assert close.close % 100 == 0
        assert close.ts_known == session(DAY).close + official_after * MINUTE
        at_close = next(b for b in batches_of(DAY, root) if b.ts_event == session(DAY).close)
        assert abs(close.close / int(at_close.price[0]) - 1) < 3e-4


def test_prior_closes_are_known_before_the_day() -> None:
    spx, vix = events_of()[:2]
    assert spx.close == 6000 * SCALE
    assert vix.ts_known == previous_session(DAY).close + 30 * MINUTE
    assert vix.symbol == "VIX"
    assert 8 * SCALE < vix.close < 40 * SCALE
    given = next(iter(SimulatedDay(DAY, prior_close=5_432_10_00).events()))
    assert isinstance(given, DailyClose)
    assert given.close == 5_432_10_00


def test_the_listing_names_two_expiries_of_strikes_on_the_products_step() -> None:
    listing = listing_of()
    assert listing.ts_known == from_new_york(DAY, dt.time(9, 30))
    assert listing.instruments[:4] == tuple(map(Underlying, ("SPX", "VIX", "VIX9D", "VIX1D")))
    contracts = [c for c in listing.instruments if isinstance(c, Contract)]
    assert len(set(contracts)) == len(contracts) == len(listing.instruments) - 4
    assert {c.expiry for c in contracts} == {DAY, dt.date(2026, 1, 16)}
    strikes = sorted({c.strike for c in contracts})
    assert len(contracts) == 4 * len(strikes)
    assert len(strikes) > 100
    assert set(np.diff(strikes)) == {product("SPXW").strike_step}
    spot = int(batches_of()[0].price[0])
    assert strikes[0] < 0.97 * spot < 1.03 * spot < strikes[-1]


@pytest.mark.parametrize("root", ["SPXW", "XSP", "SPY", "QQQ"])
def test_every_batch_has_every_quote_on_ticks_and_uncrossed(root: str) -> None:
    terms, listing = product(root), listing_of(root=root)
    for batch in batches_of(root=root)[::13]:
        assert np.array_equal(batch.idx, np.arange(len(listing.instruments)))
        assert batch.idx.dtype == np.int32
        quotes = np.s_[4:]
        for column in (
            batch.bid, batch.ask, batch.bid_size, batch.ask_size, batch.volume, batch.buy_volume, batch.price,
        ):  # fmt: skip
            assert column.dtype == np.int32
            assert len(column) == len(batch.idx)
            assert not column.flags.writeable
        bid, ask = batch.bid[quotes], batch.ask[quotes]
        assert np.all(bid >= 0)
        assert np.all(ask > bid)
        for column in (bid, ask):
            tick = np.where(column < terms.tick_break, terms.tick_below, terms.tick_above)
            assert np.all(column % tick == 0)
        assert np.array_equal(batch.bid_size[quotes] == 0, bid == 0)
        assert np.all(batch.ask_size[quotes] > 0)
        assert np.all(batch.price[:4] > 0)
        assert np.all(batch.bid[:4] == MISSING)


def test_open_interest_comes_once_and_volume_only_grows() -> None:
    batches = batches_of()
    assert batches[0].open_interest is not None
    assert np.all(batches[0].open_interest[4:] >= 0)
    assert all(batch.open_interest is None for batch in batches[1:])
    volume = np.array([batch.volume[4:] for batch in batches])
    assert np.all(np.diff(volume, axis=0) >= 0)
    assert volume[-1].sum() > 100_000


@pytest.mark.parametrize("root", ["SPXW", "SPY"])
def test_put_call_parity_holds_within_the_spread(root: str) -> None:
    for chain in chains(root):
        gap = chain.forward - chain.strikes
        assert np.all(chain.call_bid - chain.put_ask <= gap + 2e-4)
        assert np.all(chain.call_ask - chain.put_bid >= gap - 2e-4)
        tick = product(root).tick_above / SCALE
        if chain.strikes[0] < chain.forward < chain.strikes[-1]:
            found = parity_forward(chain.strikes, chain.call_bid, chain.call_ask, chain.put_bid, chain.put_ask)
            assert found == pytest.approx(chain.forward, abs=2 * tick)


@pytest.mark.parametrize("root", ["SPXW", "SPY"])
def test_mids_are_monotone_and_convex_in_strike_within_ticks(root: str) -> None:
    # A mid is off its fair value by half a tick at most.
    off = 0.5 * product(root).tick_above / SCALE
    for chain in chains(root):
        for mid, direction in ((chain.call_mid, -1), (chain.put_mid, 1)):
            assert np.all(direction * np.diff(mid) >= -2 * off - 1e-9)
            assert np.all(np.diff(mid, 2) >= -4 * off - 1e-9)


def test_same_day_options_end_at_intrinsic_value() -> None:
    for root in ("SPXW", "SPY"):
        chain = Chain(listing_of(root=root), batches_of(root=root)[-1], DAY)
        assert chain.years == 0
        for bid, ask, intrinsic in (
            (chain.call_bid, chain.call_ask, np.maximum(chain.spot - chain.strikes, 0)),
            (chain.put_bid, chain.put_ask, np.maximum(chain.strikes - chain.spot, 0)),
        ):
            assert np.all(bid <= intrinsic + 1e-9)
            assert np.all(ask >= intrinsic - 1e-9)
            worthless = intrinsic == 0
            assert np.all(bid[worthless] == 0)
            assert np.all(ask[worthless] == product(root).tick_below / SCALE)


def test_the_next_expiry_is_dearer_and_outlives_the_day() -> None:
    listing = listing_of()
    for batch in batches_of()[::100]:
        today, tomorrow = (Chain(listing, batch, expiry) for expiry in (DAY, next_session(DAY).day))
        near = np.abs(today.strikes - today.spot) < 30
        assert np.all(tomorrow.call_mid[near] > today.call_mid[near])
        assert np.all(tomorrow.put_mid[near] > today.put_mid[near])


def test_same_day_options_cost_over_vix_about_what_spxw_did() -> None:
    """At-the-money IV over VIX and the smile two deviations out, at noon, over seeds.

    SPXW's medians of 2023-11 to 2024-12 at 12:00, by the same arithmetic: 1.18, and (IV/ATM)^2 of 1.66 and 1.17.
    """
    level, puts, calls = [], [], []
    for seed in range(8):
        batch = batches_of(seed=seed)[600]
        chain = Chain(listing_of(seed=seed), batch, DAY)
        sign = np.where(chain.strikes >= chain.forward, 1, -1)
        iv = implied_vol(
            sign, chain.forward, chain.strikes, chain.years, np.where(sign > 0, chain.call_mid, chain.put_mid)
        )
        atm = np.interp(chain.forward, chain.strikes, iv)
        deviations = np.log(chain.strikes / chain.forward) / (atm * np.sqrt(chain.years))
        level.append(atm * 100 / (batch.price[1] / SCALE))
        puts.append((np.interp(-2, deviations, iv) / atm) ** 2)
        calls.append((np.interp(2, deviations, iv) / atm) ** 2)
    assert np.mean(level) == pytest.approx(1.18, rel=0.15)
    assert np.mean(puts) == pytest.approx(1.66, rel=0.10)
    assert np.mean(calls) == pytest.approx(1.17, rel=0.10)


def test_relative_spreads_widen_toward_the_wings_and_toward_the_close() -> None:
    def relative(chain: Chain) -> tuple[float, float]:
        out = chain.strikes < chain.forward
        mid, width = chain.put_mid[out], (chain.put_ask - chain.put_bid)[out]
        atm = width[-3:].mean() / mid[-3:].mean()
        wing = np.flatnonzero((mid > 0.1) & (mid < 0.5))
        return atm, float((width[wing] / mid[wing]).mean())

    listing, batches = listing_of(), batches_of()
    for n in (0, 400, 1000):
        atm, wing = relative(Chain(listing, batches[n], DAY))
        assert wing > 3 * atm
    early = Chain(listing, batches[200], DAY)
    late = Chain(listing, batches[-1], DAY)
    deep = np.s_[:10]  # deep in the money calls: their fair value hardly changes
    assert np.all((late.call_ask - late.call_bid)[deep] > 1.5 * (early.call_ask - early.call_bid)[deep])


def test_roots_of_one_seed_share_the_days_path() -> None:
    spx, xsp, spy = (batches_of(root=root) for root in ("SPXW", "XSP", "SPY"))
    for a, b, c in zip(spx[::100], xsp[::100], spy[::100], strict=False):
        assert int(a.price[0]) / int(b.price[0]) == pytest.approx(10, rel=2e-5)
        assert int(c.price[0]) / int(b.price[0]) == pytest.approx(0.9975, rel=2e-5)
        assert a.price[1:4].tolist() == b.price[1:4].tolist() == c.price[1:4].tolist()


def test_several_feeds_can_share_a_session() -> None:
    second = SimulatedDay(DAY, "SPY", first=1000, with_vix=False)
    events = list(second.events())
    listing = next(e for e in events if isinstance(e, Listing))
    batch = next(e for e in events if isinstance(e, ChainBatch))
    assert listing.first == 1000
    assert Underlying("VIX") not in listing.instruments
    assert batch.idx[0] == 1000
    assert len(batch.idx) == len(listing.instruments)
    assert [e.symbol for e in events if isinstance(e, DailyClose)] == ["SPY", "SPY"]
    assert len(batch.idx) == 1 + 4 * (len(listing.instruments) // 4)


def test_the_whole_day_takes_less_than_two_seconds() -> None:
    started = time.perf_counter()
    count = sum(len(e.idx) for e in SimulatedDay(DAY, seed=99).events() if isinstance(e, ChainBatch))
    assert time.perf_counter() - started < 2
    assert count > 500_000


def test_what_cannot_be_simulated_is_refused_in_one_line() -> None:
    with pytest.raises(NotASession, match="Saturday"):
        SimulatedDay(dt.date(2026, 1, 17))
    with pytest.raises(NotASession, match="no session beyond"):
        SimulatedDay(LAST_DAY)
    with pytest.raises(KeyError, match="did you mean fomc"):
        SimulatedDay(DAY, scenario="fomcc")
    with pytest.raises(KeyError, match="unknown option root 'NDX'"):
        SimulatedDay(DAY, "NDX")
    for wrong, named in (
        ({"seed": -1}, "seed"),
        ({"step_seconds": 0}, "step"),
        ({"width": 0.0}, "spot"),
        ({"count": 13}, "expiries"),
        ({"scenario": "halfday"}, "needs a half-day"),
        ({"prior_close": 0}, "prior close"),
    ):
        with pytest.raises(ValueError, match=named):
            SimulatedDay(DAY, **wrong)
