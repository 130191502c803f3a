"""Whatever an order's body holds, the exchange refuses it in Alpaca's form or takes a sensible order: nothing else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from venue_hall import hall, mleg, single

from engine.venue.asked import Asked, read_order
from engine.venue.errors import Refused

SYMBOL, OTHER = "SPXW260115P05900000", "SPXW260115P05920000"
LEGS = [
    {"symbol": SYMBOL, "ratio_qty": "1", "side": "buy", "position_intent": "buy_to_open"},
    {"symbol": OTHER, "ratio_qty": "1", "side": "sell", "position_intent": "sell_to_open"},
]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["1e999", "-0", "nan", "buy", "limit", "mleg", "0.01", SYMBOL, "a_to_b_to_c", "buy_to_open"])
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
bodies = st.sampled_from([single(SYMBOL, "buy", "1.00"), mleg(LEGS, -1), mleg(LEGS)])
changes = st.dictionaries(
    st.sampled_from([*single(SYMBOL, "buy", "1"), "legs", "order_class", "stop_price", "position_intent", "notional"]),
    values,
    max_size=3,
)
leg_changes = st.dictionaries(st.sampled_from(list(LEGS[0])), values, max_size=2)


def listed(symbol: str) -> str:
    return "" if symbol in (SYMBOL, OTHER) else f'contract "{symbol}" not found'


def outcome(body: Any) -> Asked | Refused:
    try:
        return read_order(body, listed)
    except Refused as refused:
        return refused


def checked(body: Any) -> None:
    found = outcome(body)
    if isinstance(found, Refused):
        assert (found.status, found.body["code"]) in {(400, 40010000), (422, 40010001), (422, 42210000)}
        assert json.dumps(found.body)
        return
    assert found.quantity >= 1
    assert found.limit is None or found.limit % 100 == 0
    assert all(leg.ratio >= 1 for leg in found.legs)


@given(values)
def test_anything_for_an_order(body: Any) -> None:
    checked(body)


@given(bodies, changes)
def test_an_order_with_fields_changed(body: dict[str, Any], change: dict[str, Any]) -> None:
    checked(body | change)


@given(leg_changes, leg_changes)
def test_a_package_with_legs_changed(first: dict[str, Any], second: dict[str, Any]) -> None:
    checked(mleg([LEGS[0] | first, LEGS[1] | second], -1))


def test_bytes_that_are_no_json_are_a_bad_request() -> None:
    import requests

    with hall() as venue:
        for data in (b"", b"{", b"\xff\xfe", b"[" * 3000):
            answer = requests.post(f"{venue.url}/v2/orders", data=data, headers=venue.headers(), timeout=60)
            assert (answer.status_code, answer.json()["code"]) == (400, 40010000), data[:10]
