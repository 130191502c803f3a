"""What a chain computes, and when: quotes price nothing, one pass prices all, and who reads first is no matter."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from quoted_market import AGE, DAY, SESSION, TEN, Quotes, option, quote

from engine import pricing
from engine.market import Chain, Market, lay_out
from engine.pricing import price, years_to
from engine.types import to_units

CLOSE = SESSION.product_close("SPXW")
STRIKES = np.arange(5200.0, 5401.0, 10.0)


def market(gone: tuple[float, ...] = (), half: float = 0.05) -> Market:
    """A tilted smile around 5303; of the strikes in ``gone`` the out-of-the-money quote is missing."""
    years = years_to(TEN, CLOSE)
    quotes: Quotes = {}
    for strike in STRIKES.tolist():
        vol = 0.18 - 0.6 * np.log(strike / 5303) + 12 * np.log(strike / 5303) ** 2
        for right, sign in (("C", 1), ("P", -1)):
            mid = float(price(sign, 5303.0, strike, years, vol))
            away = (strike >= 5303) == (right == "C")
            sides = (None, None) if strike in gone and away else (max(round(mid - half, 2), 0), round(mid + half, 2))
            quotes[option(strike, right)] = sides  # type: ignore[index]
    return quote(quotes, TEN, {"SPX": 5302.0})


def chain(**changes: Any) -> Chain:
    found = market(**changes)
    return Chain(found, lay_out(found, "SPXW", DAY), TEN, CLOSE, AGE)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the pricing functions called, in order."""
    seen: list[str] = []

    def watch(room: ModuleType, name: str) -> None:
        real = getattr(room, name)
        monkeypatch.setattr(room, name, lambda *a, **k: (seen.append(name), real(*a, **k))[1])

    for name in ("implied_vol", "greeks", "full_greeks", "fit_smile", "iv_error"):
        watch(pricing, name)
    watch(pricing.chain_kernel(), "price_chain")
    return seen


def test_quotes_forward_and_strikes_price_nothing(calls: list[str]) -> None:
    found = chain()
    assert found.spot == to_units(5302)
    assert found.forward == pytest.approx(5303, abs=0.05)
    assert found.atm == to_units(5300)
    assert found.calls.fresh.all()
    assert found.puts.mid[0] > 0
    assert not np.isnan(found.expected_move)
    assert calls == []


@pytest.mark.parametrize("quotes_first", [True, False])
def test_the_greeks_of_calls_and_puts_are_of_one_pass(calls: list[str], quotes_first: bool) -> None:
    found = chain()
    assert not quotes_first or found.calls.fresh.all()
    assert np.isfinite(found.calls.delta).all()
    assert np.isfinite([found.puts.delta, found.puts.gamma, found.puts.theta, found.puts.vega]).all()
    assert np.isfinite([found.calls.theta, found.iv]).all()
    assert calls == ["price_chain"]


def test_volatilities_alone_make_no_greeks(calls: list[str]) -> None:
    assert np.isfinite(chain().iv).all()
    assert calls == ["implied_vol"]


READS: dict[str, Callable[[Chain], Any]] = {
    "quotes": lambda found: (found.calls.mid, found.puts.bid, found.forward, found.otm_mid),
    "iv": lambda found: found.iv,
    "delta": lambda found: (found.calls.delta, found.puts.delta),
    "theta": lambda found: (found.puts.theta, found.calls.vega),
    "second": lambda found: (found.full_greeks.vanna, found.full_greeks.charm),
    "chances": lambda found: (found.calls.in_the_money, found.puts.touch),
}


def _parts(read: Any) -> tuple[Any, ...]:
    return read if isinstance(read, tuple) else (read,)


@pytest.mark.parametrize("gone", [(), (5250.0, 5350.0)])
def test_who_reads_first_changes_no_bit(gone: tuple[float, ...]) -> None:
    seen = set()
    for order in itertools.permutations(READS, 3):
        found = chain(gone=gone)
        for name in order:
            READS[name](found)
        numbers = [np.ravel(part) for read in READS.values() for part in _parts(read(found))]
        seen.add(np.concatenate(numbers).tobytes())
    assert len(seen) == 1


def test_both_sides_are_what_each_priced_alone_would_be() -> None:
    found = chain(gone=(5250.0, 5350.0))
    for side, sign in ((found.calls, 1.0), (found.puts, -1.0)):
        alone = pricing.greeks(sign, found.forward, STRIKES, found.years, found.iv)
        assert side.delta == pytest.approx(alone.delta, abs=1e-14)
        assert side.gamma == pytest.approx(alone.gamma, rel=1e-12)
        assert side.theta == pytest.approx(alone.theta / 365, rel=1e-12)
        assert side.vega == pytest.approx(alone.vega / 100, rel=1e-12)
        itm = pricing.probability_in_the_money(sign, found.forward, STRIKES, found.years, found.iv)
        assert side.in_the_money == pytest.approx(itm, abs=1e-12)


def test_a_price_without_a_volatility_has_neither_greeks_nor_chances() -> None:
    quotes = {option(strike, "P"): (0.05, 0.1) for strike in (5200, 5210)}
    quotes |= {option(5300, "C"): (9.0, 9.2), option(5300, "P"): (6.0, 6.2), option(5310, "C"): (400.0, 401.0)}
    found = quote({**quotes, option(5310, "P"): (5200.0, 5400.0)}, TEN, {"SPX": 5303.0})
    strange = Chain(found, lay_out(found, "SPXW", DAY), TEN, CLOSE, AGE)
    row = strange.layout.row_of[to_units(5310)]
    wrong = strange.iv[row]
    expired = Chain(found, strange.layout, CLOSE + 1, CLOSE, CLOSE)
    assert np.isnan(expired.iv).all()
    assert np.isnan(expired.calls.in_the_money).all()
    assert np.isnan(expired.puts.touch).all()
    assert np.isnan(expired.tick_error)
    assert expired.smile is None
    assert np.isnan(wrong) == np.isnan(strange.calls.delta[row])


def test_chances_are_of_the_strikes_own_volatility() -> None:
    found = chain()
    above = found.calls.in_the_money
    assert (np.diff(above) < 0).all()
    assert above + found.puts.in_the_money == pytest.approx(1.0)
    nearest = found.layout.row_of[to_units(5300)]
    assert found.calls.touch[nearest] == found.puts.touch[nearest] > 0.9
    far = found.layout.row_of[to_units(5400)]
    assert found.calls.touch[far] == pytest.approx(2 * above[far], rel=0.1)


def test_a_tick_is_more_volatility_as_the_close_comes_near() -> None:
    found = market()
    layout = lay_out(found, "SPXW", DAY)
    early, late = (Chain(found, layout, now, CLOSE, CLOSE).tick_error for now in (TEN, CLOSE - 60_000_000_000))
    years, forward = years_to(TEN, CLOSE), chain().forward
    vega = float(pricing.greeks(-1.0, forward, 5300.0, years, chain().iv[10]).vega)
    assert early == pytest.approx(0.05 / vega, rel=0.01)  # half a tick of 0.10
    assert np.isnan(late) or late > 3 * early


def test_the_smile_is_fitted_once_an_instant_and_finds_the_vols_that_made_the_quotes(calls: list[str]) -> None:
    found = chain()
    smile = found.smile
    assert smile is found.smile
    assert smile is not None
    assert calls.count("fit_smile") == 1
    truth = 0.18 - 0.6 * np.log(STRIKES / 5303) + 12 * np.log(STRIKES / 5303) ** 2
    assert smile.vol(STRIKES[4:-4]) == pytest.approx(truth[4:-4], abs=0.006)
    assert smile.skew == pytest.approx(-0.6, abs=0.1)


def test_few_strikes_have_no_smile() -> None:
    found = quote({option(5300, "C"): (10, 10.2), option(5300, "P"): (7, 7.2), option(5310, "C"): (6, 6.2)}, TEN)
    assert Chain(found, lay_out(found, "SPXW", DAY), TEN, CLOSE, AGE).smile is None
