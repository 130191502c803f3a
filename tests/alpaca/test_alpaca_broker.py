"""Alpaca as a broker, through its SDK: nothing is sent twice, nothing waits, and a doubt is asked after."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from answering_server import DROP, MUTE, Asked, Told, answering
from hypothesis import given
from hypothesis import strategies as st

from engine.alpaca.keys import Keys
from engine.alpaca.parse_orders import broker_order, read_order
from engine.alpaca.rest import Rest
from engine.broker.alpaca.broker import AlpacaBroker
from engine.broker.alpaca.render import Unsendable, alpaca_order
from engine.broker.port import Answer
from engine.clock import SystemClock
from engine.config.alpaca import AlpacaTable
from engine.events import BrokerReport, BrokerState, OrderRequest
from engine.types import Contract, Leg, Package, to_units

DAY = dt.date(2026, 1, 15)
SHORT = Contract("SPXW", DAY, to_units(5910), "C")
LONG = Contract("SPXW", DAY, to_units(5920), "C")
SPREAD = Package((Leg(SHORT, "sell", "open"), Leg(LONG, "buy", "open")))
OWN = "paper-20260115-0-1"
BY_ID = "GET /v2/orders:by_client_order_id"
SUBMIT = OrderRequest(action="submit", client_order_id=OWN, package=SPREAD, quantity=2, limit=-11500, reduces=False)
LOOKUP = OrderRequest(action="lookup", client_order_id=OWN)
CANCEL = OrderRequest(action="cancel", client_order_id=OWN)
ABSENT = (404, {"code": 40410000, "message": "order not found"})


def raw(status: str = "new", filled: int = 0, **more: Any) -> dict[str, Any]:
    def leg(name: str, contract: Contract, side: str, price: str) -> dict[str, Any]:
        return {
            "id": name,
            "client_order_id": f"{name}-of-alpaca",
            "symbol": contract.symbol,
            "asset_class": "us_option",
            "side": side,
            "position_intent": f"{side}_to_open",
            "qty": "2",
            "ratio_qty": "1",
            "filled_qty": str(filled),
            "filled_avg_price": price if filled else None,
            "status": status,
        }

    return {
        "id": "b1",
        "client_order_id": OWN,
        "submitted_at": "2026-01-15T15:00:00Z",
        "order_class": "mleg",
        "symbol": "",
        "asset_class": "",
        "side": "",
        "qty": "2",
        "filled_qty": str(filled),
        "limit_price": "-1.15",
        "status": status,
        "legs": [leg("l1", SHORT, "sell", "1.65"), leg("l2", LONG, "buy", "0.5")],
        **more,
    }


class Asking(AlpacaBroker):
    """The broker, and what it has said that nobody has looked at yet."""

    said: list[Answer]

    def converse(self, requests: Sequence[OrderRequest], now: int) -> list[Answer]:
        self.said = [*getattr(self, "said", []), *super().converse(requests, now)]
        return []


@contextmanager
def broker(answers: dict[str, Any], **table: Any) -> Iterator[tuple[Asking, Told]]:
    limits = AlpacaTable(**{"connect_seconds": 0.3, "read_seconds": 0.3, **table})
    with answering(answers) as told:
        made = Asking(
            Rest(Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1"), told.url, limits), SystemClock(), lambda _: None
        )
        try:
            yield made, told
        finally:
            made.close()


def heard(made: Asking, enough: Callable[[list[Answer]], bool]) -> list[Answer]:
    """What it says, until it is enough."""
    end = time.monotonic() + 60
    while not enough(made.said):
        assert time.monotonic() < end, made.said
        time.sleep(0.002)
        made.converse((), 7)
    found, made.said = made.said, []
    return found


def kinds(made: Asking, count: int) -> list[str]:
    said = heard(made, lambda found: len(found) >= count)
    return [each.kind for each in said if isinstance(each, BrokerReport)]


def test_a_package_leaves_as_one_order_at_its_signed_price() -> None:
    with broker({"POST /v2/orders": (200, raw())}) as (made, told):
        made.converse((SUBMIT,), 1)
        assert kinds(made, 1) == ["accepted"]
        body = told.asked[0].body
    assert body["legs"] == [
        {"symbol": SHORT.symbol, "ratio_qty": 1.0, "side": "sell", "position_intent": "sell_to_open"},
        {"symbol": LONG.symbol, "ratio_qty": 1.0, "side": "buy", "position_intent": "buy_to_open"},
    ]
    del body["legs"]
    assert body == {
        "qty": 2.0,
        "type": "limit",
        "time_in_force": "day",
        "order_class": "mleg",
        "client_order_id": OWN,
        "limit_price": -1.15,
    }


def test_an_order_filled_at_once_tells_its_executions() -> None:
    with broker({"POST /v2/orders": (200, raw("filled", 2))}) as (made, _):
        made.converse((SUBMIT,), 1)
        (fill,) = heard(made, bool)
    assert isinstance(fill, BrokerReport)
    assert [(leg.exec_id, leg.side, leg.quantity, leg.price) for leg in fill.legs] == [
        ("l1:1", "sell", 1, 16500),
        ("l1:2", "sell", 1, 16500),
        ("l2:1", "buy", 1, 5000),
        ("l2:2", "buy", 1, 5000),
    ]


@pytest.mark.parametrize("answer", [(504, ""), (429, ""), (500, "<html>"), (200, "<html>"), DROP, MUTE])
def test_a_lost_answer_is_unknown_and_the_order_is_found_by_its_id(answer: object) -> None:
    with broker({"POST /v2/orders": answer, BY_ID: (200, raw("filled", 2))}) as (made, told):
        made.converse((SUBMIT,), 1)
        assert kinds(made, 1) == ["unknown"]
        made.converse((LOOKUP,), 2)
        assert kinds(made, 1) == ["fill"]
        assert told.count("POST /v2/orders") == 1
        assert told.asked[-1].query == {"client_order_id": OWN}


def test_only_a_404_of_alpacas_own_proves_that_an_order_never_arrived() -> None:
    with broker({BY_ID: [(404, {"message": "Not Found"}), (500, ""), DROP, ABSENT]}) as (made, told):
        for _ in range(4):
            made.converse((LOOKUP,), 1)
        assert kinds(made, 1) == ["absent"]
        assert told.count(BY_ID) == 4


def test_what_alpaca_turns_down_is_rejected_in_its_own_words() -> None:
    answer = (403, {"code": 40310000, "message": "insufficient options buying power"})
    with broker({"POST /v2/orders": answer}) as (made, _):
        made.converse((SUBMIT,), 1)
        (said,) = heard(made, bool)
    assert isinstance(said, BrokerReport)
    assert (said.kind, said.text) == ("rejected", "insufficient options buying power (HTTP 403, code 40310000)")


def test_an_id_that_alpaca_has_already_is_looked_up() -> None:
    twice = (422, {"code": 40010001, "message": "client_order_id must be unique"})
    with broker({"POST /v2/orders": twice, BY_ID: (200, raw("partially_filled", 1))}) as (made, told):
        made.converse((SUBMIT,), 1)
        assert kinds(made, 2) == ["fill", "accepted"]
        assert told.count("POST /v2/orders") == 1


def test_that_a_cancellation_was_taken_is_not_that_it_has_happened() -> None:
    states = [(200, raw("pending_cancel")), (200, raw("pending_cancel", 1)), (200, raw("canceled", 1))]
    answers = {"POST /v2/orders": (200, raw()), "DELETE /v2/orders/b1": (204, None), BY_ID: states}
    with broker(answers) as (made, told):
        made.converse((SUBMIT, CANCEL), 1)
        said = kinds(made, 4)
        assert [f"{each.method} {each.path}" for each in told.asked[:2]] == ["POST /v2/orders", "DELETE /v2/orders/b1"]
    assert said == ["accepted", "fill", "fill", "cancelled"]


def test_a_cancellation_that_comes_too_late_tells_the_fill() -> None:
    late = (422, {"code": 42210000, "message": 'order is already in "filled" state'})
    with broker({"DELETE /v2/orders/b1": late, BY_ID: (200, raw("filled", 2))}) as (made, _):
        made.converse((CANCEL,), 1)  # of an order of an earlier run: Alpaca's id for it is asked first
        assert kinds(made, 1)[-1] == "fill"


def test_an_order_nobody_knows_is_not_cancelled_but_absent() -> None:
    with broker({BY_ID: ABSENT}) as (made, told):
        made.converse((CANCEL,), 1)
        assert kinds(made, 1) == ["absent"]
        assert told.count("DELETE /v2/orders/b1") == 0


def test_a_package_that_is_shown_without_its_legs_is_asked_for_with_them() -> None:
    answers = {BY_ID: (200, raw(legs=None)), "GET /v2/orders/b1": (200, raw("filled", 2))}
    with broker(answers) as (made, told):
        made.converse((LOOKUP,), 1)
        assert kinds(made, 1) == ["fill"]
        assert told.asked[-1].query == {"nested": "true"}


def test_a_fill_without_its_price_is_not_told_yet() -> None:
    waiting = raw("filled", 2)
    waiting["legs"][0]["filled_avg_price"] = None
    with broker({BY_ID: [(200, waiting), (200, raw("filled", 2))]}) as (made, told):
        made.converse((LOOKUP, LOOKUP), 1)
        assert kinds(made, 1) == ["fill"]
        assert told.count(BY_ID) == 2


def test_a_slow_answer_holds_up_neither_the_session_nor_another_order() -> None:
    def slow(asked: Asked) -> Any:
        return MUTE if asked.query["client_order_id"] == OWN else ABSENT

    with broker({BY_ID: slow}, read_seconds=5) as (made, _):
        began = time.monotonic()
        made.converse((LOOKUP, OrderRequest(action="lookup", client_order_id="other")), 1)
        assert time.monotonic() - began < 4  # a mute server takes five
        (said,) = heard(made, bool)
        assert isinstance(said, BrokerReport)
        assert (said.client_order_id, said.kind) == ("other", "absent")


CLOCK = (200, {"timestamp": "2026-01-15T10:00:00-05:00", "is_open": True, "next_open": None, "next_close": None})
POSITION = {"symbol": SHORT.symbol, "asset_class": "us_option", "qty": "-2", "side": "short", "avg_entry_price": "1.65"}
SHARES = {"symbol": "SPY", "asset_class": "us_equity", "qty": "5", "side": "long", "avg_entry_price": "600"}


def account(orders: Any, positions: Any) -> dict[str, Any]:
    return {"GET /v2/clock": CLOCK, "GET /v2/positions": positions, "GET /v2/orders": orders}


def test_the_account_is_told_whole_with_how_far_the_clocks_differ() -> None:
    with broker(account((200, [raw("filled", 2)]), (200, [POSITION, SHARES]))) as (made, told):
        made.converse((OrderRequest(action="snapshot"),), 5)
        (state,) = heard(made, bool)
        after = {each.query["after"] for each in told.asked if "after" in each.query}
    assert isinstance(state, BrokerState)
    assert (state.asked, state.positions) == (5, ((SHORT, -2),))
    (order,) = state.orders
    assert (order.client_order_id, order.status, order.limit, len(order.executions)) == (OWN, "filled", -11500, 4)
    assert abs(state.skew - (1_768_489_200_000_000_000 - time.time_ns())) < 60_000_000_000
    assert after == {"2026-01-15T05:00:00Z"}


def test_what_trades_while_the_account_is_read_is_read_again() -> None:
    def orders(asked: Asked) -> Any:
        if asked.query["status"] == "open":
            return 200, []
        seen.append(1)
        return 200, [raw("partially_filled", 1) if len(seen) == 1 else raw("filled", 2)]

    seen: list[int] = []
    with broker(account(orders, (200, [POSITION]))) as (made, told):
        made.converse((OrderRequest(action="snapshot"),), 5)
        (state,) = heard(made, bool)
        assert told.count("GET /v2/positions") == 2
    assert isinstance(state, BrokerState)
    assert len(state.orders[0].executions) == 4


@pytest.mark.parametrize(
    "positions",
    [(200, [{**POSITION, "qty": "some"}]), (500, "<html>"), (200, {"positions": []})],
)
def test_an_account_that_cannot_be_read_is_not_told_in_part(positions: Any) -> None:
    with broker(account((200, []), [positions, (200, [])])) as (made, told):
        made.converse((OrderRequest(action="snapshot"),), 5)
        while told.count("GET /v2/positions") < 1:
            time.sleep(0.002)
        made.converse((OrderRequest(action="snapshot"),), 6)
        (state,) = heard(made, bool)
    assert isinstance(state, BrokerState)
    assert state.asked >= 6


CONTRACTS = st.builds(
    Contract,
    st.just("SPXW"),
    st.just(DAY),
    st.integers(1, 4000).map(lambda n: n * 50_000),
    st.sampled_from(["C", "P"]),
)
SIDES = st.sampled_from(["buy", "sell"])
PACKAGES = (
    st.lists(
        st.builds(Leg, CONTRACTS, SIDES, st.sampled_from(["open", "close"]), st.integers(1, 5)),
        min_size=1,
        max_size=4,
        unique_by=lambda leg: leg.contract,
    )
    .map(lambda legs: Package(tuple(legs)))
    .filter(lambda package: package.problem() is None)
)


@given(PACKAGES, st.integers(1, 500), st.integers(-300_000, 300_000))
def test_a_package_sent_and_read_back_is_the_same_and_never_at_a_worse_price(
    package: Package, quantity: int, limit: int
) -> None:
    request = OrderRequest(action="submit", client_order_id=OWN, package=package, quantity=quantity, limit=limit)
    try:
        sent = alpaca_order(request).to_request_fields()
    except Unsendable:
        sides = {leg.side for leg in package.legs}
        assert (sides == {"buy"} and limit < 100) or (sides == {"sell"} and limit > -1)
        return
    shown = {**sent, "id": "b1", "status": "new", "filled_qty": "0"}
    for number, leg in enumerate(shown.get("legs", ())):
        leg.update(id=f"l{number}", filled_qty="0")
    told: list[str] = []
    order = read_order(shown, told)
    assert order is not None
    known = broker_order(order, told)
    assert known is not None
    assert told == []
    assert (known.package, known.quantity, known.client_order_id) == (package, quantity, OWN)
    assert known.limit is not None
    assert known.limit % 100 == 0
    assert limit - 100 < known.limit <= limit


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quantity": 0}, "a quantity of 0"),
        ({"package": Package((Leg(SHORT, "sell", "open", 2), Leg(LONG, "buy", "open", 2)))}, "relatively prime"),
        ({"package": Package((Leg(SHORT, "sell", "open"), Leg(SHORT, "buy", "open")))}, "in one leg only"),
        (
            {"package": Package(tuple(Leg(Contract("SPXW", DAY, n, "C"), "buy", "open") for n in range(5)))},
            "4 legs at the most",
        ),
        ({"package": Package((Leg(LONG, "buy", "open"),))}, "a purchase at -1.15"),
        ({"stop": 20000}, "a stop order has one leg"),
        ({"client_order_id": "x" * 129}, "1 to 128 characters"),
    ],
)
def test_what_alpaca_has_no_form_for_is_rejected_here_and_never_leaves(change: dict, why: str) -> None:
    with broker({"POST /v2/orders": (200, raw())}) as (made, told):
        made.converse((msgspec.structs.replace(SUBMIT, **change),), 1)
        (said,) = heard(made, bool)
        assert told.asked == []
    assert isinstance(said, BrokerReport)
    assert said.kind == "rejected"
    assert why in said.text


def test_a_stop_on_one_leg_triggers_no_earlier_than_asked() -> None:
    package = Package((Leg(SHORT, "buy", "close"),))
    request = OrderRequest(action="submit", client_order_id=OWN, package=package, quantity=1, stop=23010)
    sent = alpaca_order(request).to_request_fields()
    assert (sent["type"], sent["stop_price"], sent["position_intent"]) == ("stop", 2.31, "buy_to_close")
    assert "limit_price" not in sent
