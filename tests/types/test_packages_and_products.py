"""What an exchange takes as one order, its signed net price, and the terms of each root."""

from __future__ import annotations

import pytest
from quoted_market import closing, condor, option

from engine.types import PRODUCTS, Leg, Package, Provenance, product, to_units

CALL, PUT = option(5400, "C"), option(5300, "P")


@pytest.mark.parametrize(
    ("legs", "problem"),
    [
        ((), "a package needs a leg"),
        ((Leg(CALL, "buy", "open", 0),), "a leg's ratio must be at least 1"),
        ((Leg(CALL, "buy", "open"), Leg(CALL, "sell", "open")), "a contract may appear in one leg only"),
        ((Leg(CALL, "buy", "open", 2), Leg(PUT, "sell", "open", 4)), "leg ratios must be relatively prime"),
        ((Leg(CALL, "buy", "open", 2),), "leg ratios must be relatively prime"),
        ((Leg(CALL, "buy", "open"), Leg(option(540, "C", root="SPY"), "sell", "open")), "all legs must be of one root"),
    ],
)
def test_what_no_exchange_takes_is_named(legs: tuple[Leg, ...], problem: str) -> None:
    assert Package(legs).problem() == problem


def test_condors_and_ratio_spreads_are_taken() -> None:
    assert condor().problem() is None
    assert Package((Leg(CALL, "buy", "open", 1), Leg(option(5450, "C"), "sell", "open", 2))).problem() is None


def test_a_credit_is_negative_and_a_debit_positive() -> None:
    prices = tuple(to_units(price) for price in (0.30, 0.95, 0.90, 0.25))
    assert condor().net(prices) == to_units(-1.30)
    assert closing(condor()).net(prices) == to_units(1.30)


def test_a_price_must_be_given_for_each_leg() -> None:
    with pytest.raises(ValueError, match="shorter"):
        condor().net((1, 2, 3))


def test_a_legs_position_intent_is_the_brokers_word() -> None:
    package = condor()
    assert package.opens
    assert [leg.position_intent for leg in package.legs][:2] == ["buy_to_open", "sell_to_open"]
    assert not closing(package).opens
    assert [leg.position_intent for leg in closing(package).legs][:2] == ["sell_to_close", "buy_to_close"]


def test_spxw_ticks_change_at_three_dollars() -> None:
    spxw = product("SPXW")
    assert [spxw.tick(to_units(price)) for price in (2.95, 3.00, -2.95)] == [500, 1000, 500]
    assert spxw.package_tick == 500
    assert product("SPY").package_tick == 100


def test_funds_trade_a_quarter_of_an_hour_longer_and_deliver_shares() -> None:
    for root in ("SPY", "QQQ"):
        fund = product(root)
        assert (fund.close_after_minutes, fund.settlement, fund.style) == (15, "physical", "american")
    for root in ("SPXW", "XSP"):
        index = product(root)
        assert (index.close_after_minutes, index.settlement, index.style) == (0, "cash", "european")


def test_an_unknown_root_names_those_known() -> None:
    with pytest.raises(KeyError, match=f"'SPWX'; known: {', '.join(sorted(PRODUCTS))}"):
        product("SPWX")


def test_simulated_data_say_so_in_their_label() -> None:
    assert Provenance("demo", "simulated", "quote").label == "SIMULATED"
    assert Provenance("lean", "vendor", "quote").label == "vendor lean quote"
