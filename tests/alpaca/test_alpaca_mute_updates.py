"""A stream of trade updates that is there, answers pings and says nothing: the account itself tells, in seconds."""

from __future__ import annotations

import datetime as dt
import logging
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "venue"))
from test_alpaca_broker_venue import Talk, condor, faulty_hall, submit
from venue_hall import Hall, hall, legs, mleg

from engine.alpaca.parse_orders import AlpacaOrder, read_order
from engine.alpaca.rest import Rest
from engine.alpaca.trade_stream import _PINGS, TradeStream
from engine.broker.alpaca.attendant import SECONDS
from engine.broker.alpaca.broker import AlpacaBroker
from engine.broker.alpaca.hearing import Hearing
from engine.calendar import from_new_york
from engine.config.alpaca import AlpacaTable

OWN = "a-20260115-0-1"


class Standing:
    """A clock that stands still."""

    def __init__(self, hour: int) -> None:
        self._now = from_new_york(dt.date(2026, 1, 15), dt.time(hour))

    def now(self) -> int:
        return self._now


def order(name: str = "b1", status: str = "new", filled: int = 0) -> AlpacaOrder:
    raw = {"id": name, "client_order_id": f"own-{name}", "symbol": "SPXW260115C05900000", "qty": "5", "side": "buy"}
    found = read_order({**raw, "status": status, "filled_qty": str(filled), "filled_avg_price": "1.0"}, [])
    assert found is not None
    return found


def late(hearing: Hearing, *orders: AlpacaOrder) -> list[str]:
    return hearing.looked(orders)[1]


def test_what_the_stream_has_told_by_the_next_look_is_not_late() -> None:
    hearing = Hearing()
    assert late(hearing) == []
    done = order(status="filled", filled=5)
    assert late(hearing, done) == [], "it has until the next look"
    hearing.heard(done)
    assert late(hearing, done) == []


@pytest.mark.parametrize(
    ("status", "filled"), [("filled", 5), ("partially_filled", 2), ("canceled", 0), ("rejected", 0)]
)
def test_an_execution_or_an_end_that_it_does_not_tell_is(status: str, filled: int) -> None:
    hearing = Hearing()
    hearing.looked([order()])
    assert late(hearing, order(status=status, filled=filled)) == []
    assert late(hearing, order(status=status, filled=filled)) == ["b1"]


def test_telling_half_of_it_is_not_enough() -> None:
    hearing = Hearing()
    hearing.looked([])
    hearing.heard(order(status="partially_filled", filled=2))
    hearing.looked([order(status="filled", filled=5)])
    assert late(hearing, order(status="filled", filled=5)) == ["b1"]


def test_that_an_order_was_accepted_may_go_untold() -> None:
    hearing = Hearing()
    hearing.looked([])
    for status in ("pending_new", "accepted", "new", "held", "pending_cancel"):
        assert late(hearing, order(status=status)) == []


def test_what_happened_while_it_was_away_it_never_tells() -> None:
    hearing = Hearing()
    hearing.looked([order()])
    hearing.looked([order(status="filled", filled=5)])
    hearing.begin()
    assert late(hearing, order(status="filled", filled=5)) == []
    assert late(hearing, order(status="filled", filled=5)) == []
    hearing.looked([order("b2", "canceled")])
    assert late(hearing, order("b2", "canceled")) == ["b2"]


def test_each_look_tells_what_has_changed() -> None:
    hearing = Hearing()
    one, two = order("b1"), order("b2")
    assert hearing.looked([one, two])[0] == [one, two]
    filled = order("b2", "partially_filled", 1)
    assert hearing.looked([one, filled])[0] == [filled]
    assert hearing.looked([one, filled])[0] == []


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.booleans()), max_size=30))
def test_a_stream_that_tells_everything_at_once_is_never_called_mute(steps: list[tuple[int, int, bool]]) -> None:
    hearing, now = Hearing(), {}
    hearing.looked([])
    for which, filled, ends in steps:
        name = f"b{which}"
        before = now.get(name, order(name))
        more = max(filled, sum(leg.filled for leg in before.legs))
        status = "canceled" if ends or not before.working else "partially_filled" if more else "new"
        now[name] = order(name, status, more)
        hearing.heard(now[name])
        assert late(hearing, *now.values()) == []


def test_pings_and_looks_notice_within_ten_seconds() -> None:
    """A dead peer by its pings, a live one that says nothing by two looks at the account."""
    assert _PINGS["ping_interval"] + _PINGS["ping_timeout"] <= 9
    assert 2 * SECONDS <= 8


# Against the local exchange


def talk_to(where: Hall, hour: int = 11) -> Talk:
    keys = where.access.keys["one"]
    rest = Rest(keys, where.url, AlpacaTable(requests_a_minute=10_000, read_seconds=3))
    listen = partial(TradeStream, keys, where.url)
    return Talk(AlpacaBroker(rest, Standing(hour), lambda _: time.sleep(0.01), listen, attend=0.2))


def soon(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_mute_stream_is_noticed_connected_anew_and_its_fills_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "engine.broker.alpaca.broker")
    with faulty_hall() as (where, faults):
        talk = talk_to(where)
        try:
            time.sleep(0.3)  # it listens
            where.run(lambda: faults.switch("mute_updates"))
            talk.say(submit(OWN, condor(where)))
            talk.until(lambda: len(talk.fills) == 4)
            soon(lambda: "the stream says nothing: 1 orders have changed" in caplog.text)
            assert faults.happened["mute_updates"] == 1
            soon(lambda: "trade updates of Alpaca come\n" in caplog.text.partition("says nothing")[2])
            talk.say(submit("a-20260115-0-2", condor(where, close=True)))
            talk.until(lambda: talk.held() == {})
            assert caplog.text.count("the stream says nothing") == 1
        finally:
            talk.broker.close()


def test_a_stream_that_speaks_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    with hall() as where:
        talk = talk_to(where)
        try:
            time.sleep(0.3)
            talk.say(submit(OWN, condor(where)))
            talk.until(lambda: len(talk.fills) == 4)
            time.sleep(1.0)
            assert "says nothing" not in caplog.text
        finally:
            talk.broker.close()


def test_what_was_sent_before_the_first_look_is_not_taken_for_the_past() -> None:
    hearing = Hearing()
    hearing.begin()
    hearing.sent("b1")
    done, old = order(status="filled", filled=5), order("b0", "filled", 5)
    assert late(hearing, done, old) == []
    assert late(hearing, done, old) == ["b1"]


@pytest.mark.parametrize(("hour", "held", "looks"), [(20, True, False), (11, False, False), (11, True, True)])
def test_nobody_looks_after_hours_or_with_nothing_at_stake(hour: int, held: bool, looks: bool) -> None:
    with hall() as where:
        talk = talk_to(where, hour)
        try:
            time.sleep(0.5)  # it listens, and has looked once
            if held:
                where.ask("POST", "/v2/orders", mleg(legs(where.condor())))
            talk.account()
            counted = Counted(talk.broker._rest)
            time.sleep(0.8)
            assert (counted.orders > 0) == looks
        finally:
            talk.broker.close()


class Counted:
    """How often the orders of the day are read from now on."""

    def __init__(self, rest: Rest) -> None:
        self.orders = 0
        self._read = rest.orders
        rest.orders = self._orders  # type: ignore[method-assign]

    def _orders(self, after: dt.datetime) -> list[dict[str, Any]]:
        self.orders += 1
        return self._read(after)
