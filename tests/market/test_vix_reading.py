"""Which VIX sizes the day: a streamed one while fresh, else the higher of prior close and what the chain implies."""

from __future__ import annotations

import datetime as dt

import pytest
from quoted_market import AGE, DAY, SESSION, TEN, option, quote, tell

from engine.clock import MINUTE
from engine.events import DailyClose
from engine.market import Chain, Market, lay_out, read_vix
from engine.pricing import price, years_to
from engine.types import to_units

CLOSE = SESSION.product_close("SPXW")
NOON = TEN + 120 * MINUTE


def chain_at(sigma: float, now: int = NOON) -> Chain:
    """A chain whose every quote implies ``sigma`` a year of calendar time."""
    quotes = {
        option(strike, right): (float(price(sign, 5300, strike, years_to(now, CLOSE), sigma)),) * 2
        for strike in range(5250, 5351, 10)
        for right, sign in (("C", 1), ("P", -1))
    }
    market = quote(quotes, now)  # type: ignore[arg-type]
    return Chain(market, lay_out(market, "SPXW", DAY), now, CLOSE, AGE)


def closed_at(value: float, day: dt.date = dt.date(2024, 8, 6)) -> Market:
    market = Market({})
    market.close_arrived(DailyClose(ts_known=0, symbol="VIX", day=day, close=to_units(value)))
    return market


def test_a_fresh_stream_wins_over_everything_higher() -> None:
    market = closed_at(40)
    tell(market, "VIX", 18.5, NOON - 5 * MINUTE)
    assert read_vix(market, DAY, NOON, chain_at(0.9)) == (18.5, "streamed")


def test_an_old_stream_is_no_vix() -> None:
    market = closed_at(40)
    tell(market, "VIX", 18.5, NOON - 5 * MINUTE - 1)
    assert read_vix(market, DAY, NOON, None) == (40.0, "prior close")


def test_without_a_stream_the_higher_of_prior_close_and_chain_counts() -> None:
    calm, wild = chain_at(0.10), chain_at(0.90)
    assert read_vix(closed_at(20), DAY, NOON, calm) == (20.0, "prior close")
    reading = read_vix(closed_at(20), DAY, NOON, wild)
    assert reading.source == "chain-implied"
    assert reading.value is not None
    assert reading.value > 20


def test_one_of_the_two_is_enough() -> None:
    assert read_vix(closed_at(20), DAY, NOON, None) == (20.0, "prior close")
    assert read_vix(Market({}), DAY, NOON, chain_at(0.3)).source == "chain-implied"


def test_the_close_of_today_is_not_known_today() -> None:
    assert read_vix(closed_at(20, DAY), DAY, NOON, None) == (None, "unknown")


def test_a_chain_without_fresh_quotes_implies_nothing() -> None:
    chain = chain_at(0.3)
    stale = Chain(chain._market, chain.layout, NOON + AGE + 1, CLOSE, AGE)
    assert read_vix(Market({}), DAY, NOON + AGE + 1, stale) == (None, "unknown")


def test_after_the_close_a_chain_implies_nothing() -> None:
    chain = chain_at(0.3, CLOSE - 1)
    over = Chain(chain._market, chain.layout, CLOSE, CLOSE, AGE)
    assert read_vix(Market({}), DAY, CLOSE, over) == (None, "unknown")


@pytest.mark.parametrize("minutes", [0, 60, 180])
def test_the_chains_vol_is_put_on_the_scale_of_session_minutes_at_any_hour(minutes: int) -> None:
    now = TEN + minutes * MINUTE
    reading = read_vix(Market({}), DAY, now, chain_at(0.40, now))
    assert reading.value == pytest.approx(40 * (252 * 390 / (365 * 1440)) ** 0.5, rel=1e-2)
