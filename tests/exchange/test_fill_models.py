"""At which prices a package fills: each leg on its own quote, of that quote's own age, or nothing at all."""

from __future__ import annotations

import pytest
from exchange_builders import LC, LP, PUT, QUOTES, SC, SP, single
from hypothesis import given, settings
from hypothesis import strategies as st
from quoted_market import AGE, SECOND, TEN, condor, quote, show, tell_mids

from engine.config import load
from engine.exchange import Cross, FillModel, Mid, Priced, fill_model
from engine.market import Market
from engine.types import Package, sign, to_units

CROSS, MID = Cross(AGE), Mid(AGE, 0)


def priced(model: FillModel, package: Package, market: Market, now: int = TEN) -> Priced:
    found = model.price(package, market, now)
    assert isinstance(found, Priced), found
    return found


def test_cross_buys_at_the_ask_and_sells_at_the_bid() -> None:
    found = priced(CROSS, condor(), quote(QUOTES))
    assert found.prices == tuple(to_units(price) for price in (0.35, 0.90, 0.85, 0.30))
    assert condor().net(found.prices) == to_units(-1.10)


def test_mid_trades_at_the_middle_and_slippage_is_against_us_on_every_leg() -> None:
    assert condor().net(priced(MID, condor(), quote(QUOTES)).prices) == to_units(-1.30)
    slipped = priced(Mid(AGE, to_units(0.02)), condor(), quote(QUOTES))
    assert condor().net(slipped.prices) == to_units(-1.30 + 4 * 0.02)


def test_a_sale_never_brings_less_than_nothing() -> None:
    market = quote({PUT: (0.01, 0.03)})
    assert priced(Mid(AGE, to_units(0.10)), single("sell"), market).prices == (0,)


def test_half_a_unit_is_rounded_against_us() -> None:
    market = quote({PUT: (1.0000, 1.0001)})
    assert priced(MID, single("buy"), market).prices == (10_001,)
    assert priced(MID, single("sell"), market).prices == (10_000,)


LEVELS = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 60)), min_size=4, max_size=4)


@given(LEVELS, st.integers(0, 300))
@settings(max_examples=80, deadline=None)
def test_no_model_is_kinder_than_the_mid_and_legs_add_up_to_the_package(
    levels: list[tuple[int, int]], slippage: int
) -> None:
    quotes = {leg: (bid * 0.05, (bid + width) * 0.05) for leg, (bid, width) in zip(QUOTES, levels, strict=True)}
    package, market = condor(), quote(quotes)
    twice_mid = sum(leg.signed_ratio * market.quote(leg.contract).mid2 for leg in package.legs)
    for model in (CROSS, MID, Mid(AGE, slippage)):
        found = priced(model, package, market)
        net = package.net(found.prices)
        assert net == sum(leg.signed_ratio * price for leg, price in zip(package.legs, found.prices, strict=True))
        assert 2 * net >= twice_mid
        for leg, price, met in zip(package.legs, found.prices, found.quotes, strict=True):
            assert sign(leg.side) * (2 * price - met.mid2) >= 0 or price == 0
            assert met == market.quote(leg.contract)


@pytest.mark.parametrize("model", [CROSS, MID], ids=["cross", "mid"])
@pytest.mark.parametrize(
    ("quoted", "buys", "sells"),
    [
        ((1.0, 1.1), True, True),
        ((1.0, 1.0), True, True),
        ((0.0, 0.05), True, False),
        ((0.0, 0.0), False, False),
        ((1.0, None), False, False),
        ((None, 1.0), False, False),
        ((1.1, 1.0), False, False),
        ((None, None), False, False),
    ],
    ids=["quoted", "locked", "bid 0", "no ask", "ask missing", "bid missing", "crossed", "nothing"],
)
def test_which_quotes_can_be_bought_and_sold(
    model: FillModel, quoted: tuple[float | None, float | None], buys: bool, sells: bool
) -> None:
    market = quote({PUT: quoted})
    assert isinstance(model.price(single("buy"), market, TEN), Priced) is buys
    assert isinstance(model.price(single("sell"), market, TEN), Priced) is sells


def test_with_a_bid_of_zero_a_purchase_pays_the_ask() -> None:
    assert priced(CROSS, single("buy"), quote({PUT: (0.0, 0.05)})).prices == (500,)


@pytest.mark.parametrize("stale", [LP, SP, SC, LC])
def test_one_leg_a_moment_too_old_and_the_package_does_not_fill(stale: object) -> None:
    market = quote(QUOTES)
    assert isinstance(CROSS.price(condor(), market, TEN + AGE), Priced)
    show(market, {leg: quoted for leg, quoted in QUOTES.items() if leg != stale}, TEN + SECOND)
    assert CROSS.price(condor(), market, TEN + AGE + 1) == f"{stale.short_name} has no fresh quote"  # type: ignore[attr-defined]


def test_the_reason_names_the_leg() -> None:
    assert CROSS.price(condor(), quote({**QUOTES, SC: (2, 1)}), TEN) == "5400C has no uncrossed quote"
    assert CROSS.price(condor(), quote({**QUOTES, SP: (0, 1)}), TEN) == "5300P has no bid"


def test_a_mid_tape_fills_at_its_one_price_under_both_models() -> None:
    market = Market({"SPXW": "mid"})
    tell_mids(market, {PUT: 1.234}, TEN)
    for model in (CROSS, MID):
        for side in ("buy", "sell"):
            assert priced(model, single(side), market).prices == (12_340,)  # type: ignore[arg-type]


def test_the_configuration_names_the_model() -> None:
    cross = fill_model(load().fills)
    assert isinstance(cross, Cross)
    assert isinstance(cross.price(single("buy"), quote({PUT: (1, 2)}), TEN + 90 * SECOND), Priced)
    assert isinstance(cross.price(single("buy"), quote({PUT: (1, 2)}), TEN + 90 * SECOND + 1), str)
    slipping = fill_model(load(settings=["fills.model=mid", "fills.slippage=0.03"]).fills)
    assert priced(slipping, single("buy"), quote({PUT: (1, 2)})).prices == (to_units(1.53),)
