"""What a package must be by itself: its legs say what they do, and every short has its cover near enough."""

from __future__ import annotations

import datetime as dt

import pytest
from quoted_market import TEN, condor, option, quote
from risk_builders import FEE, QUOTES, UNCOLLARED, book, gate, request, trades

from engine.calendar import session
from engine.clock import MINUTE
from engine.events import LegFill
from engine.portfolio import Portfolio
from engine.types import Leg, Package, to_units

PUT, CALL = option(5300, "P"), option(5400, "C")
CLOSE = session(dt.date(2024, 8, 7)).product_close("SPXW")


def spread(width: float, right: str = "P") -> Package:
    """A short vertical of that width around 5300."""
    away = 5300 - width if right == "P" else 5300 + width
    return Package((Leg(option(5300, right), "sell", "open"), Leg(option(away, right), "buy", "open")))  # type: ignore[arg-type]


def decided(package: Package, quantity: int = 1, portfolio: Portfolio | None = None, **limits: object) -> str:
    listed = {leg.contract: (0.9, 1.0) for leg in package.legs}
    state = book(market=quote(listed), portfolio=portfolio or Portfolio(), equity=to_units(1e9))
    return gate(**(UNCOLLARED | limits)).check(request(package, quantity, limit=0), state).code


@pytest.mark.parametrize("right", ["P", "C"])
@pytest.mark.parametrize(("width", "code"), [(525, "OK"), (530, "OK"), (530.01, "COVER_WIDTH"), (535, "COVER_WIDTH")])
def test_a_short_legs_cover_may_lie_within_a_tenth_of_its_strike(width: float, code: str, right: str) -> None:
    assert decided(spread(width, right), cover_within=0.1) == code


def test_the_wider_of_two_sides_decides() -> None:
    narrow, wide = spread(20, "P"), spread(60, "C")
    both = Package((*narrow.legs, *wide.legs))
    assert decided(both, cover_within=0.01) == "COVER_WIDTH"
    assert decided(both, cover_within=0.0114) == "OK"
    turned = Package((*spread(60, "P").legs, *spread(20, "C").legs))
    checker = gate(cover_within=0.01, **UNCOLLARED)
    found = checker.check(
        request(turned, limit=0), book(market=quote({leg.contract: (0.9, 1.0) for leg in turned.legs}))
    )
    assert found.text.endswith(": $60.00 of $53.00 from a short to its cover")


def test_a_ratio_spread_is_as_wide_as_what_its_legs_can_lose_together() -> None:
    legs = (
        Leg(option(5300, "C"), "buy", "open"),
        Leg(option(5310, "C"), "sell", "open", 2),
        Leg(option(5340, "C"), "buy", "open"),
    )
    checker = gate(**UNCOLLARED)
    checker.check(request(Package(legs), limit=0), book(market=quote({leg.contract: (0.9, 1.0) for leg in legs})))
    assert checker.last["COVER_WIDTH"].used == to_units(20)


def test_a_package_of_longs_needs_no_cover() -> None:
    checker = gate(**UNCOLLARED)
    long = Package((Leg(CALL, "buy", "open"),))
    assert checker.check(request(long, limit=500), book(market=quote({CALL: (0.9, 1.0)}))).code == "OK"
    assert "COVER_WIDTH" not in checker.last


@pytest.mark.parametrize(("side", "effect"), [("hold", "open"), ("sell", "roll"), ("", "open")])
def test_a_leg_says_what_it_does_to_the_position(side: str, effect: str) -> None:
    odd = Package((Leg(PUT, side, effect), Leg(option(5280, "P"), "buy", "open")))  # type: ignore[arg-type]
    found = gate(**UNCOLLARED).check(request(odd), book())
    assert found.code in ("INTENT", "UNDEFINED_RISK")
    long = Package((Leg(PUT, "buy", "open"), Leg(CALL, "buy", effect if effect != "open" else "now")))  # type: ignore[arg-type]
    found = gate(**UNCOLLARED).check(request(long), book())
    assert found.code == "INTENT"
    assert "5400C has the intent 'buy_to_" in found.text


def holding(signed: int) -> Portfolio:
    portfolio = trades(0, status="open")
    portfolio.fold(1, LegFill("x", CALL, "buy" if signed > 0 else "sell", abs(signed), 100), True, 0)
    return portfolio


@pytest.mark.parametrize(
    ("held", "quantity", "code"), [(0, 1, "INTENT"), (1, 1, "OK"), (1, 2, "INTENT"), (2, 2, "OK"), (-1, 1, "INTENT")]
)
def test_a_leg_closes_only_what_is_held(held: int, quantity: int, code: str) -> None:
    roll = Package((Leg(CALL, "sell", "close"), Leg(PUT, "buy", "open")))
    assert decided(roll, quantity, holding(held) if held else None, per_trade=1.0) == code


def test_a_roll_is_judged_by_what_it_opens() -> None:
    """As if it were held for ever, the call that is bought back would make up for what the new spread can lose."""
    legs = (
        Leg(CALL, "buy", "close"),
        Leg(option(5420, "C"), "sell", "open"),
        Leg(option(5440, "C"), "buy", "open"),
    )
    state = book(market=quote({leg.contract: (0.9, 1.0) for leg in legs}), portfolio=holding(-1))
    found = gate(**UNCOLLARED).check(request(Package(legs), limit=10_000), state)
    assert (found.code, found.worst_case) == ("OK", to_units(2100) + 3 * FEE)


def test_an_opening_order_opens_something() -> None:
    only = Package((Leg(CALL, "sell", "close"),))
    found = gate(**UNCOLLARED).check(request(only), book(portfolio=holding(1)))
    assert (found.code, found.text.split(": ")[1]) == ("INTENT", "no leg opens anything")


@pytest.mark.parametrize(("limit", "code"), [(500, "OK"), (29_500, "OK"), (30_500, "TICK"), (31_000, "OK")])
def test_one_leg_alone_has_its_own_tick(limit: int, code: str) -> None:
    """Of SPXW five cents below three dollars, ten from there on; a package has five always."""
    long = Package((Leg(CALL, "buy", "open"),))
    found = gate(**UNCOLLARED).check(request(long, limit=limit), book(market=quote({CALL: (2.9, 3.1)})))
    assert found.code == code
    if code == "TICK":
        assert found.text.endswith("limit 3.05 with a tick of 0.1")


@pytest.mark.parametrize(("before", "code"), [(5 * MINUTE + 1, "OK"), (5 * MINUTE, "CUTOFF"), (1, "CUTOFF")])
@pytest.mark.parametrize("broker", [None, CLOSE - 45 * MINUTE, CLOSE + MINUTE])
def test_nothing_is_opened_in_the_last_minutes_before_the_close_or_the_brokers_cutoff(
    before: int, code: str, broker: int | None
) -> None:
    end = CLOSE if broker is None else min(CLOSE, broker)
    now = end - before
    state = book(now=now, market=quote(QUOTES, now), open_until=broker)
    assert gate(no_open_minutes=5).check(request(), state).code == code


def test_a_cutoff_says_how_long_is_left() -> None:
    now = CLOSE - 3 * MINUTE
    assert gate().check(request(), book(now=now)).text.endswith(": SPXW closes 16:00: 3 of 5 min left")
    past = book(now=now, open_until=CLOSE - 45 * MINUTE)
    assert gate().check(request(), past).text.endswith(": SPXW may not be opened at the broker from 15:15")


def test_the_brokers_cutoff_is_for_what_expires_today() -> None:
    friday = dt.date(2024, 8, 9)
    legs = tuple(Leg(option(s, "P", friday), side, "open") for s, side in [(5280, "buy"), (5300, "sell")])  # type: ignore[arg-type]
    market = quote({leg.contract: (0.9, 1.0) for leg in legs})
    state = book(market=market, open_until=TEN)
    assert gate(**UNCOLLARED).check(request(Package(legs), limit=-500), state).code == "OK"
    assert gate(**UNCOLLARED).check(request(condor()), book(open_until=TEN)).code == "CUTOFF"
