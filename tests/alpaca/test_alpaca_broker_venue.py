"""The broker against the local exchange, through the real SDK: what it has told agrees with what the exchange holds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "venue"))
from venue_hall import Hall, hall

from engine.alpaca.rest import Rest
from engine.alpaca.trade_stream import TradeStream
from engine.broker.alpaca.broker import AlpacaBroker
from engine.clock import SystemClock
from engine.config import load
from engine.config.alpaca import AlpacaTable
from engine.events import BrokerReport, BrokerState, OrderRequest
from engine.session.exchange import make_venue
from engine.session.source import demo_source
from engine.types import Contract, Leg, Package
from engine.venue.app import make_app
from engine.venue.faults import FAULTS_KEY, Faults
from engine.venue.faults_http import add_faults
from engine.venue.rules import Rules
from engine.venue.trading import trading_routes


class Talk:
    """A conversation with the broker, and what it came to: executions by id, and the last thing said of each order."""

    def __init__(self, broker: AlpacaBroker) -> None:
        self.broker = broker
        self.now = 1
        self.fills: dict[str, tuple[Contract, int, int]] = {}
        self.last: dict[str, str] = {}
        self.executed: dict[str, set[str]] = {}
        self.said: list[str] = []
        self.state: BrokerState | None = None

    def say(self, *requests: OrderRequest) -> None:
        self.now += 1
        for answer in self.broker.converse(requests, self.now):
            if isinstance(answer, BrokerState):
                self.state = answer
                continue
            self.said.append(answer.kind)
            self.last[answer.client_order_id] = answer.kind
            self.executed.setdefault(answer.client_order_id, set()).update(leg.exec_id for leg in answer.legs)
            for leg in answer.legs:
                found = (leg.contract, leg.quantity if leg.side == "buy" else -leg.quantity, leg.price)
                assert self.fills.setdefault(leg.exec_id, found) == found

    def until(self, done: Callable[[], bool], ask: OrderRequest | None = None) -> None:
        end = time.monotonic() + 60
        while not done():
            assert time.monotonic() < end, (self.last, self.said[-20:])
            self.say(*([ask] if ask is not None else []))
            time.sleep(0.02 if ask is None else 0.1)

    def account(self) -> BrokerState:
        """The account as it is now, and no answer to an older question."""
        asked = self.now + 1
        self.until(lambda: self.state is not None and self.state.asked >= asked, OrderRequest(action="snapshot"))
        assert self.state is not None
        return self.state

    def held(self) -> dict[Contract, int]:
        found: dict[Contract, int] = {}
        for contract, quantity, _ in self.fills.values():
            found[contract] = found.get(contract, 0) + quantity
        return {contract: quantity for contract, quantity in sorted(found.items()) if quantity}


@contextmanager
def talking(where: Hall, streams: bool = False) -> Iterator[Talk]:
    keys = where.access.keys["one"]
    table = AlpacaTable(requests_a_minute=10_000, read_seconds=3)
    listen = partial(TradeStream, keys, where.url) if streams else None
    broker = AlpacaBroker(Rest(keys, where.url, table), SystemClock(), lambda _: time.sleep(0.01), listen)
    try:
        yield Talk(broker)
    finally:
        broker.close()


@contextmanager
def faulty_hall(seed: int = 0) -> Iterator[tuple[Hall, Faults]]:
    config = load([], [])
    where = Hall(config, ("one",), Rules(), 0, 30)
    where.venue = make_venue(config, demo_source(config), where.clock, ("one",))
    faults = Faults(seed)

    def seeded(app, _venue) -> None:
        app[FAULTS_KEY] = faults

    parts = (seeded, add_faults, trading_routes(Rules()))
    where.app = make_app(where.venue, where.access, parts, requests_a_minute=0)
    with where:
        yield where, faults


def condor(where: Hall, close: bool = False) -> Package:
    sides = ["buy", "sell", "sell", "buy"]
    if close:
        sides = ["sell", "buy", "buy", "sell"]
    effect = "close" if close else "open"
    return Package(tuple(Leg(c, side, effect) for c, side in zip(where.condor(), sides, strict=True)))  # type: ignore[arg-type]


def submit(own: str, package: Package, quantity: int = 1, limit: int | None = None) -> OrderRequest:
    return OrderRequest(action="submit", client_order_id=own, package=package, quantity=quantity, limit=limit)


def look_up(own: str) -> OrderRequest:
    return OrderRequest(action="lookup", client_order_id=own)


def test_a_condor_is_sold_and_bought_back_and_every_execution_is_heard_once() -> None:
    with hall() as where, talking(where) as talk:
        talk.say(submit("a-20260115-0-1", condor(where), 2))
        talk.until(lambda: len(talk.fills) == 8, look_up("a-20260115-0-1"))
        talk.say(OrderRequest(action="snapshot"))
        talk.until(lambda: talk.state is not None)
        assert talk.state is not None
        assert dict(talk.state.positions) == talk.held()
        assert {leg.exec_id for order in talk.state.orders for leg in order.executions} == set(talk.fills)
        talk.say(submit("a-20260115-0-2", condor(where, close=True), 2))
        talk.until(lambda: len(talk.fills) == 16, look_up("a-20260115-0-2"))
        assert talk.held() == {}


def test_the_stream_tells_a_fill_that_nobody_asked_about() -> None:
    with hall() as where, talking(where, streams=True) as talk:
        talk.say(OrderRequest(action="snapshot"))
        talk.until(lambda: talk.state is not None)
        where.run(lambda: None)
        time.sleep(0.3)  # it listens
        talk.say(submit("a-20260115-0-1", condor(where)))
        talk.until(lambda: len(talk.fills) == 4)
        assert talk.held() == {
            leg.contract: 1 if leg.side == "buy" else -1
            for leg in sorted(condor(where).legs, key=lambda leg: leg.contract)
        }


@pytest.mark.parametrize("fault", ["http_504", "dropped_ack"])
def test_an_answer_lost_after_the_order_was_taken_is_unknown_and_found_and_not_sent_again(fault: str) -> None:
    with faulty_hall() as (where, faults), talking(where) as talk:
        where.run(lambda: faults.switch(fault, part="/v2/orders"))
        talk.say(submit("a-20260115-0-1", condor(where)))
        talk.until(lambda: "unknown" in talk.said)
        talk.until(lambda: len(talk.fills) == 4, look_up("a-20260115-0-1"))
        talk.say(OrderRequest(action="snapshot"))
        talk.until(lambda: talk.state is not None)
        assert talk.state is not None
        assert len(talk.state.orders) == 1


def test_a_cut_stream_is_swept_for_the_fill_it_has_lost() -> None:
    with faulty_hall() as (where, faults), talking(where, streams=True) as talk:
        talk.say(OrderRequest(action="snapshot"))
        talk.until(lambda: talk.state is not None)
        time.sleep(0.3)
        talk.state = None
        where.run(lambda: faults.switch("drop_mid_fill"))
        talk.say(submit("a-20260115-0-1", condor(where)))
        talk.until(lambda: talk.state is not None and bool(talk.state.positions))
        assert talk.state is not None
        (order,) = talk.state.orders
        assert (order.status, len(order.executions)) == ("filled", 4)
        assert faults.happened["drop_mid_fill"] == 1


@pytest.mark.parametrize("seed", range(4))
def test_after_a_stretch_of_faults_nothing_is_lost_doubled_or_left(seed: int) -> None:
    chance = Random(seed)
    with faulty_hall(seed) as (where, faults), talking(where, streams=True) as talk:
        where.run(lambda: faults.switch_usual(8.0))
        where.run(lambda: faults.clear("busted_trade"))
        sent = []
        package = condor(where)
        for number in range(1, 9):
            own = f"a-20260115-0-{number}"
            limit = None if chance.random() < 0.6 else -9_000_000
            quantity = chance.randint(1, 3)
            talk.say(submit(own, package, quantity, limit))
            sent.append((own, limit, quantity))
            if limit is not None and chance.random() < 0.7:
                talk.say(OrderRequest(action="cancel", client_order_id=own))
        where.run(faults.clear)
        where.at(10, 1)  # what was more than the quotes showed is filled on the next ones
        for own, limit, quantity in sent:
            talk.until(lambda own=own: talk.last.get(own) not in (None, "unknown"), look_up(own))  # type: ignore[misc]
            if limit is not None and talk.last[own] not in ("cancelled", "absent"):
                cancel = OrderRequest(action="cancel", client_order_id=own)
                talk.until(lambda own=own: talk.last[own] in ("cancelled", "absent"), cancel)  # type: ignore[misc]
            elif limit is None and talk.last[own] != "absent":
                whole = 4 * quantity
                talk.until(lambda own=own, whole=whole: len(talk.executed[own]) == whole, look_up(own))  # type: ignore[misc]
        state = talk.account()
        told = {leg.exec_id for order in state.orders for leg in order.executions}
        assert told == set(talk.fills)
        assert dict(state.positions) == talk.held()
        assert len({order.client_order_id for order in state.orders}) == len(state.orders)
        known = {order.client_order_id for order in state.orders}
        assert known == {own for own, _, _ in sent if talk.last[own] != "absent"}
        assert all(order.status in ("filled", "cancelled") for order in state.orders)


def test_reports_carry_our_time_and_the_state_when_it_was_asked() -> None:
    with hall() as where, talking(where) as talk:
        assert talk.broker.converse((OrderRequest(action="snapshot"),), 41) == []
        found: list[BrokerReport | BrokerState] = []
        while not found:
            found = talk.broker.converse((), 99)
        (state,) = found
        assert isinstance(state, BrokerState)
        assert (state.ts_known, state.asked) == (99, 41)
