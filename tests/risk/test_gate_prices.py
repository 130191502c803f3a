"""What quotes an entry may go into and at which limits, exactly at each limit and a unit beside it.

The condor of these tests trades at 1.10 credit at once; its mid is 1.30 credit, and each leg is 0.10 wide.
"""

from __future__ import annotations

import pytest
from quoted_market import AGE, SECOND, TEN, condor, option, quote
from risk_builders import QUOTES, UNCOLLARED, book, gate, request

from engine.market import Market
from engine.types import Leg, Package

TICK = 500


@pytest.mark.parametrize(("beyond", "code"), [(-1, "OK"), (0, "OK"), (1, "COLLAR_WORSE")])
def test_a_limit_may_be_so_much_worse_than_what_trades_at_once(beyond: int, code: str) -> None:
    limit = -11_000 + 5 * TICK + beyond * TICK
    assert gate(collar_worse=0.25).check(request(limit=limit), book()).code == code


@pytest.mark.parametrize(("worse", "code"), [(0.2499, "COLLAR_WORSE"), (0.25, "OK"), (0.2501, "OK")])
def test_to_the_unit(worse: float, code: str) -> None:
    found = gate(collar_worse=worse).check(request(limit=-8_500), book())
    assert found.code == code
    if code != "OK":
        assert found.text.endswith(": $0.25 of $0.2499 beyond 1.10 credit")


@pytest.mark.parametrize(("beyond", "code"), [(-1, "OK"), (0, "OK"), (1, "COLLAR_BETTER")])
def test_and_so_much_better_than_mid(beyond: int, code: str) -> None:
    found = gate(collar_better=1.00).check(request(limit=-23_000 - beyond * TICK), book())
    assert found.code == code
    if code != "OK":
        assert found.text.endswith(": $1.05 of $1.00 inside the mid, 1.30 credit")


def test_a_debit_is_collared_the_same_way_round() -> None:
    long = Package(tuple(Leg(leg.contract, "sell" if leg.side == "buy" else "buy", "open") for leg in condor().legs))
    for limit, code in (
        (15_000 + 2_500, "OK"),
        (15_000 + 3_000, "COLLAR_WORSE"),
        (3_000, "OK"),
        (2_500, "COLLAR_BETTER"),
    ):
        assert gate(collar_worse=0.25, collar_better=1.0).check(request(long, limit=limit), book()).code == code


@pytest.mark.parametrize(("ask", "code"), [(1.89, "OK"), (1.90, "OK"), (1.91, "LEG_WIDTH")])
def test_a_leg_may_be_as_wide_as_the_limit(ask: float, code: str) -> None:
    wide = {**QUOTES, option(5300, "P"): (0.90, ask)}
    found = gate(max_leg_width=1.00, **UNCOLLARED).check(request(limit=0), book(market=quote(wide)))
    assert found.code == code
    if code != "OK":
        assert found.text.endswith(": $1.01 of $1.00 for 5300P")


@pytest.mark.parametrize(("width", "code"), [(0.3999, "PACKAGE_WIDTH"), (0.40, "OK"), (0.4001, "OK")])
def test_and_the_legs_together(width: float, code: str) -> None:
    assert gate(max_package_width=width).check(request(), book()).code == code


def test_a_leg_counts_as_often_as_it_is_in_the_package() -> None:
    double = condor(ratio=2).legs
    package = Package((Leg(option(5250, "P"), "buy", "open"), *double))
    listed = {**QUOTES, option(5250, "P"): (0.10, 0.20)}
    checker = gate(**UNCOLLARED)
    checker.check(request(package), book(market=quote(listed)))
    assert checker.last["PACKAGE_WIDTH"].used == 9_000


def test_old_quotes_are_told_with_their_age_and_the_oldest_is_shown() -> None:
    checker = gate()
    found = checker.check(request(), book(now=TEN + AGE + SECOND))
    assert found.text.split(": ")[1] == ", ".join(f"{leg.contract.short_name} 91 s old" for leg in condor().legs)
    checker.check(request(), book(now=TEN + AGE))
    assert checker.last["STALE_QUOTE"].text == "90 s of 90 s"


def test_while_the_feed_is_not_live_no_quote_is_fresh() -> None:
    found = gate().check(request(), book(max_quote_age=-1))
    assert found.code == "STALE_QUOTE"
    assert "5280P while the feed is not live" in found.text


@pytest.mark.parametrize(
    ("market", "fault"),
    [
        (quote({}), "5280P has no quote"),
        (quote({**QUOTES, option(5280, "P"): (0.4, 0.3)}), "5280P crossed"),
        (quote({**QUOTES, option(5280, "P"): (None, 0.3)}), "5280P has no bid, not even 0"),
        (quote({**QUOTES, option(5280, "P"): (0.3, None)}), "5280P has no ask"),
    ],
)
def test_what_is_wrong_with_a_quote_is_said(market: Market, fault: str) -> None:
    assert fault in gate().check(request(), book(market=market)).text
