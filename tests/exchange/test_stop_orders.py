"""Stop orders at the exchange: one leg, elected by the far side; inside a bar the worst is assumed."""

from __future__ import annotations

import pytest
from exchange_builders import LP, PUT, SP, exchange, fills, kinds, show_bars, single
from quoted_market import AGE, MINUTE, SECOND, TEN, closing, condor, quote, show

from engine.exchange import SimulatedExchange
from engine.market import Market
from engine.types import Leg, Package, to_units

STOP = to_units(2.00)
CLOSE_SHORT = single("buy", "close")


def resting(market: Market, *settings: str) -> SimulatedExchange:
    at = exchange(*settings, holding={PUT: -2})
    at.submit("s", CLOSE_SHORT, 2, None, TEN, stop=STOP)
    assert kinds(at.match(market, TEN)) == ["accepted"]
    return at


@pytest.mark.parametrize(("ask", "elected"), [(1.9999, False), (2.00, True), (2.0001, True)])
def test_a_stop_to_buy_is_elected_at_its_ask_and_buys_at_market(ask: float, elected: bool) -> None:
    market = quote({PUT: (0.90, 1.00)})
    at = resting(market)
    show(market, {PUT: (1.70, ask)}, TEN + MINUTE)
    reports = at.match(market, TEN + MINUTE)
    assert kinds(reports) == (["fill"] if elected else [])
    if elected:
        assert reports[0].legs[0].price == to_units(ask)


def test_once_elected_it_stays_so() -> None:
    market = quote({PUT: (0.90, 1.00)})
    at = resting(market, "fills.latency_ms=0")
    show(market, {PUT: (1.90, 2.10)}, TEN + MINUTE)
    market.feed_told(market.feed.__class__(ts_known=TEN + MINUTE, state="stale"))
    assert at.match(market, TEN + MINUTE) == []
    market.feed_told(market.feed.__class__(ts_known=TEN + MINUTE, state="ok"))
    assert kinds(at.match(market, TEN + MINUTE)) == ["fill"]


def test_a_stop_to_sell_is_elected_at_its_bid() -> None:
    at, market = exchange(holding={PUT: 1}), quote({PUT: (3.0, 3.2)})
    at.submit("s", single("sell", "close"), 1, None, TEN, stop=STOP)
    assert kinds(at.match(market, TEN)) == ["accepted"]
    show(market, {PUT: (1.95, 2.20)}, TEN + SECOND)
    (fill,) = at.match(market, TEN + SECOND)
    assert fill.legs[0].price == to_units(1.95)


@pytest.mark.parametrize("bad", [(2.5, 2.4), (None, 2.5), (2.5, None)])
def test_a_bad_quote_elects_nothing(bad: tuple[float | None, float | None]) -> None:
    market = quote({PUT: (0.90, 1.00)})
    at = resting(market)
    show(market, {PUT: bad}, TEN + MINUTE)
    assert at.match(market, TEN + MINUTE) == []


def test_nor_does_a_stale_one() -> None:
    at = resting(quote({PUT: (2.90, 3.00)}, TEN - AGE - 1))
    assert not at.resting[0].elected


def test_its_contracts_are_not_free_for_another_order() -> None:
    market = quote({PUT: (0.90, 1.00)})
    at = resting(market)
    at.submit("c", CLOSE_SHORT, 1, None, TEN)
    assert kinds(at.match(market, TEN)) == ["rejected"]
    at.cancel("s", TEN, "before closing")
    at.submit("d", CLOSE_SHORT, 2, None, TEN)
    assert kinds(at.match(market, TEN)) == ["accepted", "fill"]


@pytest.mark.parametrize(
    ("package", "stop", "text"),
    [(condor(), STOP, "a stop order is of one leg only"), (single("buy"), 0, "a stop needs a price above 0")],
)
def test_what_is_no_stop_order_is_rejected(package: Package, stop: int, text: str) -> None:
    at = exchange()
    at.submit("s", package, 1, None, TEN, stop=stop)
    (report,) = at.match(quote({PUT: (1, 2)}), TEN)
    assert (report.kind, report.text) == ("rejected", text)


# Bars


def bars() -> Market:
    market = Market({"SPXW": "trade_bar"})
    show_bars(market, {PUT: (0.90, 1.10, 1.00)}, TEN)
    return market


def test_a_bar_whose_high_touched_the_stop_is_a_stop_at_its_high_whatever_it_closed_at() -> None:
    market = bars()
    at = resting(market)
    show_bars(market, {PUT: (0.80, 2.60, 0.85)}, TEN + MINUTE)
    (fill,) = at.match(market, TEN + MINUTE)
    assert fill.legs[0].price == to_units(2.60)
    assert fill.text.startswith("stop inside the minute, filled at the worst of its bar")


def test_a_bar_that_stayed_below_elects_nothing() -> None:
    market = bars()
    at = resting(market)
    show_bars(market, {PUT: (0.80, 1.99, 1.90)}, TEN + MINUTE)
    assert at.match(market, TEN + MINUTE) == []


def test_the_bar_before_the_order_came_elects_nothing() -> None:
    market = Market({"SPXW": "trade_bar"})
    show_bars(market, {PUT: (0.90, 5.00, 1.00)}, TEN)
    at = resting(market)
    assert at.match(market, TEN + SECOND) == []


def test_a_sale_stopped_inside_a_bar_gets_its_low() -> None:
    market = bars()
    at = exchange(holding={PUT: 1})
    at.submit("s", single("sell", "close"), 1, None, TEN, stop=to_units(0.50))
    at.match(market, TEN)
    show_bars(market, {PUT: (0.20, 1.20, 1.00)}, TEN + MINUTE)
    (fill,) = at.match(market, TEN + MINUTE)
    assert fill.legs[0].price == to_units(0.20)


def side_of(*, worst: dict, stop: float) -> int:
    """What closing the put side, stopped inside the bar, costs."""
    market = Market({"SPXW": "trade_bar"})
    show_bars(market, worst, TEN)
    at = exchange(holding={SP: -1, LP: 1})
    side = Package((Leg(SP, "buy", "close"), Leg(LP, "sell", "close")))
    at.submit("s", side, 1, None, TEN, stop=to_units(stop), in_bar=True)
    (fill,) = fills(at.match(market, TEN))
    return side.net(tuple(leg.price for leg in fill.legs))


def test_a_side_stopped_inside_the_bar_buys_at_the_high_and_sells_at_the_low() -> None:
    assert side_of(worst={SP: (0.9, 3.0, 1.0), LP: (0.1, 0.9, 0.3)}, stop=1.45) == to_units(2.90)


def test_it_never_costs_less_than_the_stop() -> None:
    assert side_of(worst={SP: (0.9, 1.2, 1.0), LP: (0.3, 0.9, 0.3)}, stop=1.45) == to_units(1.45)


def test_nor_more_than_the_side_can_ever_be_worth() -> None:
    assert side_of(worst={SP: (1.0, 40.0, 9.0), LP: (0.1, 5.0, 3.0)}, stop=1.45) == to_units(20)


def test_without_a_bar_of_its_own_a_leg_trades_at_its_price() -> None:
    market = quote({SP: (1.0, 1.2), LP: (0.2, 0.4)})
    at = exchange(holding={SP: -1, LP: 1})
    side = closing(Package((Leg(SP, "sell", "open"), Leg(LP, "buy", "open"))))
    at.submit("s", side, 1, None, TEN, stop=to_units(0.5), in_bar=True)
    assert side.net(tuple(leg.price for leg in fills(at.match(market, TEN))[0].legs)) == to_units(1.0)
