"""The gate is asked again where a person moves the limit of a working entry: prices, and what it can lose now."""

from __future__ import annotations

import pytest
from quoted_market import SESSION, condor
from risk_builders import CREDIT, EACH, book, gate, request, trades, working

from engine.portfolio import Portfolio
from engine.risk import Decision, TradingStates
from engine.types import Money, to_units

WORSE = CREDIT + to_units(0.10)


def asked(limit: int, others: Money = 0, strategy: str = "iron_condor", **changes: object) -> Decision:
    """The one condor that works, moved to a limit, beside others that can lose so much."""
    portfolio: Portfolio = trades(EACH)
    trade = portfolio.get(1)
    assert trade is not None
    if others:
        other = trades(0, others, strategy=strategy).get(2)
        assert other is not None
        portfolio.add(other)
    fields = {"portfolio": portfolio, "orders": working(condor())} | changes
    return gate().check_limit(request(limit=limit), book(**fields), trade)


def test_a_limit_within_the_collars_is_approved_at_what_it_can_lose() -> None:
    assert asked(WORSE) == Decision("OK", "", 1, EACH + to_units(10))
    assert asked(CREDIT - to_units(0.05)).approved


def test_the_same_order_again_is_no_duplicate_and_no_repetition() -> None:
    assert asked(WORSE).approved


@pytest.mark.parametrize(
    ("code", "limit", "changes"),
    [
        ("TICK", CREDIT + 1, {}),
        ("COLLAR_WORSE", to_units(-0.80), {}),
        ("COLLAR_BETTER", to_units(-2.60), {}),
        ("CLOSED", WORSE, {"now": SESSION.product_close("SPXW")}),
    ],
)
def test_prices_and_hours_are_judged_as_of_a_new_order(code: str, limit: int, changes: dict[str, object]) -> None:
    assert asked(limit, **changes).code == code


def test_no_limit_is_moved_while_no_new_risk_is_taken() -> None:
    states = TradingStates()
    states.trip("PAUSED", "REDUCING", False, "a person paused entries")
    assert asked(WORSE, states=states).code == "NOT_ACTIVE"


def test_a_limit_that_loses_more_needs_room_for_it() -> None:
    """Room for the order as it is and no more: a better limit fits, a worse one does not."""
    strategy_room = to_units(100_000) - EACH
    assert asked(WORSE, strategy_room).code == "PER_STRATEGY"
    assert asked(WORSE, to_units(250_000) - EACH, "another").code == "PER_BOOK"
    assert asked(CREDIT - to_units(0.05), strategy_room).approved
    assert asked(WORSE, equity=to_units(50_000)).code == "PER_TRADE"
