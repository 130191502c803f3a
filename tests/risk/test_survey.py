"""What is asked of an order before it is sent, when some of it cannot be asked: that is said, not taken for a yes."""

from __future__ import annotations

import pytest
from quoted_market import option, quote
from risk_builders import QUOTES, book, gate, request

from engine.market import Market
from engine.risk.survey import NEEDS_QUOTES, survey


@pytest.mark.parametrize(
    "market", [quote({}), quote({**QUOTES, option(5280, "P"): (0.4, 0.3)})], ids=["no quotes", "one crossed"]
)
def test_what_needs_quotes_is_unasked_until_they_are_usable(market: Market) -> None:
    probe = gate()
    found = {judged.code: judged for judged in survey(request(), 1, book(market=market), probe)}
    assert found["STALE_QUOTE"].why
    unasked = {code for code, judged in found.items() if judged.unasked}
    assert unasked == NEEDS_QUOTES
    assert {found[code].unasked for code in unasked} == {"STALE_QUOTE"}
    assert not any(found[code].ok for code in unasked)
    assert found["SIZE_ZERO"].ok, "what needs no quotes is asked all the same"
