"""What an expiry settles on: the official close; until it arrives, what is known, and it is said which and how old."""

from __future__ import annotations

import datetime as dt

from exchange_builders import QUOTES
from quoted_market import AGE, DAY, MINUTE, SESSION, Quotes, option, quote, show, tell

from engine.events import DailyClose, Settlement
from engine.exchange import Settler
from engine.market import Chain, Market, lay_out
from engine.types import to_units

CLOSE = SESSION.product_close("SPXW")
PROVISIONAL = ", PROVISIONAL until the official close"


def parity(spot: float, expiry: dt.date = DAY) -> Quotes:
    """In-the-money quotes whose parity forward is ``spot``."""
    return {
        option(strike, right, expiry): (max(worth, 0.0), max(worth, 0.0) + 0.05)
        for strike in (5280, 5300, 5320)
        for right, worth in (("C", spot - strike), ("P", strike - spot))
    }  # type: ignore[misc]


def official(market: Market, value: float, day: dt.date = DAY, known: int = CLOSE + 15 * MINUTE) -> None:
    market.close_arrived(DailyClose(ts_known=known, symbol="SPX", day=day, close=to_units(value)))


def settle(at: Settler, market: Market, now: int = CLOSE) -> Settlement | None:
    chain = Chain(market, lay_out(market, "SPXW", DAY), now, CLOSE, AGE)
    return at.settle(market, chain, "SPXW", DAY, now)


def told(found: Settlement | None) -> tuple[float, bool, str]:
    assert found is not None
    return found.value / 10_000, found.provisional, found.text


def test_the_official_close_settles_once_and_for_good() -> None:
    at, market = Settler(), quote(QUOTES, CLOSE, {"SPX": 5310})
    official(market, 5305.12, known=CLOSE)
    assert told(settle(at, market)) == (5305.12, False, "official close of SPX")
    official(market, 9999, known=CLOSE)
    assert settle(at, market) is None


def test_until_it_arrives_a_fresh_index_settles_provisionally_and_only_once() -> None:
    at, market = Settler(), quote(QUOTES, CLOSE - MINUTE, {"SPX": 5310})
    assert told(settle(at, market)) == (5310, True, "last SPX value" + PROVISIONAL)
    tell(market, "SPX", 5311, CLOSE)
    assert settle(at, market, CLOSE + MINUTE) is None
    official(market, 5305.12)
    assert settle(at, market, CLOSE + 15 * MINUTE - 1) is None
    assert told(settle(at, market, CLOSE + 15 * MINUTE)) == (5305.12, False, "official close of SPX")
    assert settle(at, market, CLOSE + 16 * MINUTE) is None


def test_the_close_of_another_day_settles_nothing() -> None:
    at, market = Settler(), quote(QUOTES, CLOSE, {"SPX": 5310})
    official(market, 5200, dt.date(2024, 8, 6), known=0)
    assert told(settle(at, market))[:2] == (5310, True)


def test_a_fresh_parity_forward_is_better_than_an_index_of_this_morning() -> None:
    at, market = Settler(), quote({}, CLOSE - 300 * MINUTE, {"SPX": 5250})
    show(market, parity(5310), CLOSE - MINUTE)
    value, provisional, text = told(settle(at, market))
    assert abs(value - 5310) < 0.06
    assert (provisional, text) == (True, "parity forward" + PROVISIONAL)


def test_an_old_index_serves_where_nothing_else_is_known_and_says_its_age() -> None:
    at, market = Settler(), quote({}, CLOSE - 29 * MINUTE, {"SPX": 5250})
    assert told(settle(at, market)) == (5250, True, "last SPX value, 29 minutes old" + PROVISIONAL)


def test_where_nothing_is_known_nothing_settles_until_something_is() -> None:
    at, market = Settler(), quote({})
    assert settle(at, market) is None
    official(market, 5305)
    assert told(settle(at, market, CLOSE + 15 * MINUTE))[:2] == (5305, False)


def test_a_settlement_names_its_root_expiry_and_time() -> None:
    at, market = Settler(), quote({}, CLOSE, {"SPX": 5310})
    found = settle(at, market, CLOSE + 1)
    assert found is not None
    assert (found.root, found.expiry, found.ts_known) == ("SPXW", DAY, CLOSE + 1)
