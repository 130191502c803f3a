"""What stands where a package should: a leg of it alone, or nothing, is never taken for an order of its own, nor its
absence for proof."""

from __future__ import annotations

import time
from typing import Any

from answering_server import Asked
from test_alpaca_broker import ABSENT, BY_ID, CLOCK, LOOKUP, OWN, SUBMIT, broker, heard, kinds, raw

from engine.alpaca.parse_orders import is_leg, read_orders
from engine.events import BrokerReport, BrokerState


def legs(filled: int) -> list[dict[str, Any]]:
    """The legs as orders on their own, as Alpaca's specification shows them inside of their package."""
    return [{**leg, "order_class": "mleg", "legs": None} for leg in raw(filled=filled)["legs"]]


def test_a_leg_that_is_listed_on_its_own_is_part_of_its_package() -> None:
    package, single = raw("filled", 2), {**legs(1)[0], "order_class": "simple"}
    assert [order.client_order_id for order in read_orders([package, *legs(2)], [])] == [OWN]
    assert not is_leg(package)
    assert not is_leg(single)
    assert not is_leg({**package, "legs": None}), "a package shown without its legs"


def test_a_trade_update_of_a_leg_is_no_trade_of_somebody_else() -> None:
    answers = {
        "GET /v2/clock": CLOCK,
        "GET /v2/positions": (200, []),
        "GET /v2/orders": (200, [raw("filled", 2), *legs(2)]),
    }
    with broker(answers) as (made, _):
        made.converse((), 1)
        made._updated({"event": "fill", "order": legs(2)[0]})
        said = heard(made, lambda found: any(isinstance(each, BrokerState) for each in found))
    assert not [each for each in said if isinstance(each, BrokerReport)]
    (state,) = [each for each in said if isinstance(each, BrokerState)]
    assert [order.client_order_id for order in state.orders] == [OWN]


def test_a_package_that_was_found_by_our_id_is_not_absent_where_its_legs_cannot_be_read() -> None:
    without = {**raw(), "legs": None}

    def found(asked: Asked) -> Any:
        return ABSENT if asked.path.endswith("/b1") else (200, without)

    answers = {BY_ID: found, "GET /v2/orders/b1": found, "POST /v2/orders": (504, "<html>")}
    with broker(answers) as (made, told):
        made.converse((SUBMIT,), 1)
        assert kinds(made, 1) == ["unknown"]
        made._doubtful.clear()
        made.converse((LOOKUP,), 2)
        while not told.count("GET /v2/orders/b1"):
            made.converse((), 3)
        while made._lanes.waiting(OWN):
            time.sleep(0.002)
        made.converse((), 4)
        assert made.said == [], "neither absent nor anything else"


def test_an_order_whose_id_alpaca_says_it_has_is_not_absent_where_it_does_not_find_it_yet() -> None:
    twice = (422, {"code": 40010001, "message": "client_order_id must be unique"})
    with broker({"POST /v2/orders": twice, BY_ID: [ABSENT, (200, raw())]}) as (made, told):
        made.converse((SUBMIT,), 1)
        while not told.count(BY_ID) or made._lanes.waiting(OWN):
            time.sleep(0.002)
        made.converse((LOOKUP,), 2)
        assert kinds(made, 1) == ["accepted"]
