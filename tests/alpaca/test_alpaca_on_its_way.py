"""An order whose request has not ended may still arrive: that Alpaca does not have it yet is no proof of anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from answering_server import DROP, Asked, Told, answering

from engine.alpaca.keys import Keys
from engine.alpaca.rest import Rest
from engine.broker.alpaca.broker import AlpacaBroker
from engine.broker.port import Answer
from engine.clock import SystemClock
from engine.config.alpaca import AlpacaTable
from engine.events import BrokerReport, BrokerState, OrderRequest
from engine.types import Contract, Leg, Package, parse_symbol, to_units

CONTRACT = parse_symbol("SPXW260115C05910000")
assert isinstance(CONTRACT, Contract)
OWN = "paper-20260115-0-1"
BY_ID = "GET /v2/orders:by_client_order_id"
SUBMIT = OrderRequest(
    action="submit",
    client_order_id=OWN,
    package=Package((Leg(CONTRACT, "buy", "close"),)),
    quantity=1,
    limit=to_units(1),
    reduces=True,
)
LOOKUP = OrderRequest(action="lookup", client_order_id=OWN)
SNAPSHOT = OrderRequest(action="snapshot")
ABSENT = (404, {"code": 40410000, "message": "order not found"})
EMPTY = {
    "GET /v2/clock": (200, {"timestamp": "2026-01-15T10:00:00-05:00", "is_open": True}),
    "GET /v2/positions": (200, []),
    "GET /v2/orders": (200, []),
}


@contextmanager
def broker(answers: dict[str, Any], in_doubt: float) -> Iterator[tuple[AlpacaBroker, Told]]:
    with answering({**EMPTY, **answers}) as told:
        rest = Rest(Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1"), told.url, AlpacaTable())
        made = AlpacaBroker(rest, SystemClock(), in_doubt=in_doubt)
        try:
            yield made, told
        finally:
            made.close()


def heard(made: AlpacaBroker, now: int, enough: Callable[[list[Answer]], bool]) -> list[Answer]:
    said: list[Answer] = []
    end = time.monotonic() + 60
    while not enough(said):
        assert time.monotonic() < end, said
        said += made.converse((), now)
        time.sleep(0.002)
    return said


def kinds(said: list[Answer]) -> list[str]:
    return [each.kind for each in said if isinstance(each, BrokerReport)]


def state(said: list[Answer]) -> BrokerState | None:
    return next((each for each in said if isinstance(each, BrokerState)), None)


def test_an_account_read_while_an_order_leaves_says_nothing_of_it() -> None:
    may_answer = threading.Event()

    def slowly(_: Asked) -> Any:
        may_answer.wait(10)
        return 403, {"code": 40310000, "message": "no"}

    with broker({"POST /v2/orders": slowly}, 0) as (made, told):
        made.converse((SUBMIT,), 100)
        while not told.count("POST /v2/orders"):
            time.sleep(0.002)
        made.converse((SNAPSHOT,), 60_000_000_000)
        during = state(heard(made, 60_000_000_000, lambda said: state(said) is not None))
        may_answer.set()
        assert kinds(heard(made, 60_000_000_000, bool)) == ["rejected"]
        made.converse((SNAPSHOT,), 60_000_000_000)
        after = state(heard(made, 60_000_000_000, lambda said: state(said) is not None))
    assert during is not None
    assert during.asked == 100, "from the order's own instant on it may be missing"
    assert after is not None
    assert after.asked == 60_000_000_000


@pytest.mark.parametrize("broken", [DROP, (504, ""), (200, "<html>")])
def test_a_request_that_broke_off_is_not_absent_at_once(broken: Any) -> None:
    with broker({"POST /v2/orders": broken, BY_ID: ABSENT}, 3600) as (made, told):
        made.converse((SUBMIT,), 100)
        assert kinds(heard(made, 100, bool)) == ["unknown"]
        made.converse((LOOKUP,), 200)
        while not told.count(BY_ID):
            time.sleep(0.002)
        made.converse((SNAPSHOT,), 60_000_000_000)
        said = heard(made, 60_000_000_000, lambda said: state(said) is not None)
    assert kinds(said) == []
    found = state(said)
    assert found is not None
    assert found.asked == 100


def test_after_a_while_its_absence_is_proof() -> None:
    with broker({"POST /v2/orders": DROP, BY_ID: ABSENT}, 0.05) as (made, _):
        made.converse((SUBMIT,), 100)
        assert kinds(heard(made, 100, bool)) == ["unknown"]
        time.sleep(0.06)
        made.converse((LOOKUP,), 200)
        assert kinds(heard(made, 200, bool)) == ["absent"]


def test_what_never_reached_alpaca_is_absent_at_once() -> None:
    with broker({"POST /v2/orders": (429, {"message": "too many requests"}), BY_ID: ABSENT}, 3600) as (made, _):
        made.converse((SUBMIT,), 100)
        assert kinds(heard(made, 100, bool)) == ["unknown"]
        made.converse((LOOKUP,), 200)
        assert kinds(heard(made, 200, bool)) == ["absent"]
