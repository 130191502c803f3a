"""Alpaca that answers nothing: the session is told, no order leaves, and it is lifted by the first answer."""

from __future__ import annotations

import time
from typing import Any

import pytest
from answering_server import DROP, Told, answering
from hypothesis import given
from hypothesis import strategies as st

from engine.alpaca.failures import AlpacaError, Kind
from engine.alpaca.keys import Keys
from engine.alpaca.reach import PATIENCE, Reach
from engine.alpaca.rest import Rest
from engine.broker.alpaca.broker import AlpacaBroker
from engine.broker.port import BrokerDown
from engine.clock import SystemClock
from engine.config.alpaca import AlpacaTable
from engine.events import BrokerReport, OrderRequest
from engine.session.courier import Courier

OWN = "paper-20260115-0-1"
CLOCK = {"timestamp": "2026-01-15T10:00:00-05:00", "is_open": True}
SILENT: tuple[Kind, ...] = ("server", "unreadable", "unreachable", "timeout", "dropped")
SAYS_SOMETHING: tuple[Kind, ...] = ("keys", "absent", "refused", "limit")


class Watch:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


@pytest.mark.parametrize("kind", SILENT)
def test_it_takes_a_while_and_more_than_one_request(kind: Kind) -> None:
    watch = Watch()
    reach = Reach(watch)
    reach.ended(AlpacaError(kind, "why"))
    watch.now = PATIENCE
    assert (reach.failing, reach.down) == (True, "")
    reach.ended(AlpacaError(kind, "why"))
    assert reach.down == "why"
    reach.ended(None)
    assert (reach.failing, reach.down) == (False, "")


@pytest.mark.parametrize("kind", SAYS_SOMETHING)
def test_a_refusal_is_an_answer(kind: Kind) -> None:
    watch = Watch()
    reach = Reach(watch)
    for _ in range(3):
        reach.ended(AlpacaError("timeout", "why"))
        watch.now += PATIENCE
    reach.ended(AlpacaError(kind, "no"))
    assert not reach.failing


def test_what_never_left_says_nothing_either_way() -> None:
    watch = Watch()
    reach = Reach(watch)
    reach.ended(AlpacaError("unsent", "kept back"))
    assert not reach.failing
    reach.ended(AlpacaError("dropped", "gone"))
    watch.now = PATIENCE
    reach.ended(AlpacaError("unsent", "kept back"))
    assert reach.down == ""


@given(st.lists(st.tuples(st.sampled_from([None, *SILENT, *SAYS_SOMETHING]), st.integers(0, PATIENCE)), max_size=30))
def test_it_is_down_only_where_nothing_was_answered_for_long(ends: list[tuple[Kind | None, int]]) -> None:
    watch = Watch()
    reach = Reach(watch)
    since, failed = None, 0
    for kind, later in ends:
        watch.now += later
        reach.ended(None if kind is None else AlpacaError(kind, "why"))
        if kind in SILENT:
            since, failed = (watch.now if since is None else since), failed + 1
        else:
            since, failed = None, 0
        assert bool(reach.down) == (since is not None and watch.now - since >= PATIENCE and failed >= 2)


class Line:
    """A broker whose machine's clock a test turns, and the courier that a session has."""

    def __init__(self, told: Told) -> None:
        self.watch = Watch()
        limits = AlpacaTable(connect_seconds=0.3, read_seconds=0.3)
        rest = Rest(Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1"), told.url, limits, steady=self.watch)
        self.broker = AlpacaBroker(rest, SystemClock(), lambda _: None, attend=0.01)
        self.woken = 0
        self.broker.woken_by(self._wake)
        self.courier = Courier(self.broker)

    def _wake(self) -> None:
        self.woken += 1

    def until(self, problem: bool, *requests: OrderRequest) -> None:
        end = time.monotonic() + 60
        while bool(self.courier.problem) != problem:
            assert time.monotonic() < end, self.courier.problem
            self.watch.now += PATIENCE // 20
            self.courier.carry(requests, 7, written=True)
            time.sleep(0.005)


def test_a_session_is_told_and_lifted_and_nothing_leaves_in_between() -> None:
    answers: dict[str, Any] = {"GET /v2/clock": DROP, "GET /v2/orders:by_client_order_id": DROP}
    with answering(answers) as told:
        line = Line(told)
        try:
            line.courier.carry([OrderRequest(action="lookup", client_order_id=OWN)], 7, written=True)
            line.until(True)
            assert line.courier.problem.startswith("Alpaca cannot be reached: the connection was dropped")
            submit = OrderRequest(action="submit", client_order_id=OWN, quantity=1, reduces=True)
            line.courier.carry([submit], 7, written=True)
            heard = line.courier.take(7)
            assert isinstance(heard, BrokerReport)
            assert (heard.client_order_id, heard.kind) == (OWN, "unknown")
            assert told.count("POST /v2/orders") == 0
            woken = line.woken
            answers["GET /v2/clock"] = (200, CLOCK)
            line.until(False)
            end = time.monotonic() + 60
            while line.woken == woken:  # whoever waits is called
                assert time.monotonic() < end
                time.sleep(0.005)
        finally:
            line.broker.close()


def test_what_was_heard_by_then_is_not_lost() -> None:
    answers: dict[str, Any] = {"GET /v2/clock": DROP, "GET /v2/orders:by_client_order_id": DROP}
    with answering(answers) as told:
        line = Line(told)
        try:
            line.broker.converse([OrderRequest(action="lookup", client_order_id=OWN)], 7)
            end = time.monotonic() + 60
            while not line.broker._rest.reach.down:
                assert time.monotonic() < end
                line.watch.now += PATIENCE // 20
                time.sleep(0.005)
            line.broker._heard.put(BrokerReport(ts_known=0, client_order_id=OWN, kind="accepted"))
            with pytest.raises(BrokerDown) as down:
                line.broker.converse([], 9)
            (heard,) = down.value.heard
            assert (heard.ts_known, line.broker._heard.empty()) == (9, True)
        finally:
            line.broker.close()
