"""An order that opens and was decided long ago, before the machine slept, does not leave; one that closes does."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from answering_server import answering

from engine.alpaca.bucket import MINUTE
from engine.alpaca.failures import AlpacaError
from engine.alpaca.keys import Keys
from engine.alpaca.rest import Rest
from engine.broker.alpaca.broker import LATEST, AlpacaBroker
from engine.broker.alpaca.render import alpaca_order
from engine.broker.port import Answer
from engine.clock import SECOND
from engine.config.alpaca import AlpacaTable
from engine.events import BrokerReport, OrderRequest
from engine.types import Contract, Leg, Package, parse_symbol, to_units

CONTRACT = parse_symbol("SPXW260115C05910000")
assert isinstance(CONTRACT, Contract)
KEYS = Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1")
OPENS = OrderRequest(
    action="submit",
    client_order_id="paper-20260115-0-1",
    package=Package((Leg(CONTRACT, "buy", "open"),)),
    quantity=1,
    limit=to_units(1),
    reduces=False,
)
CLOSES = msgspec.structs.replace(OPENS, reduces=True)
TAKEN: dict[str, Any] = {
    "id": "b1",
    "client_order_id": OPENS.client_order_id,
    "symbol": CONTRACT.symbol,
    "side": "buy",
    "qty": "1",
    "filled_qty": "0",
    "status": "new",
}


class Woken:
    """A clock of a machine that has just slept for ten minutes, or worked for a moment."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        return self.at


@pytest.mark.parametrize(
    ("request_", "slept", "becomes", "sent"),
    [
        (OPENS, 600 * SECOND, "rejected", 0),
        (OPENS, LATEST + 1, "rejected", 0),
        (OPENS, LATEST, "accepted", 1),
        (OPENS, -600 * SECOND, "accepted", 1),
        (CLOSES, 600 * SECOND, "accepted", 1),
    ],
)
def test_what_was_decided_before_the_machine_slept_opens_nothing(
    request_: OrderRequest, slept: int, becomes: str, sent: int
) -> None:
    decided = 1_000 * SECOND
    with answering({"POST /v2/orders": (200, TAKEN)}) as told:
        made = AlpacaBroker(Rest(KEYS, told.url, AlpacaTable()), Woken(decided + slept), latest=LATEST)
        try:
            said: list[Answer] = made.converse((request_,), decided)
            end = time.monotonic() + 60
            while not said:
                assert time.monotonic() < end
                time.sleep(0.002)
                said = made.converse((), decided)
        finally:
            made.close()
        assert told.count("POST /v2/orders") == sent
    (report,) = said
    assert isinstance(report, BrokerReport)
    assert report.kind == becomes


def test_for_its_turn_an_order_that_opens_waits_seconds_and_no_half_minute() -> None:
    slept: list[float] = []
    now = [0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += round(seconds * SECOND)

    with answering({"POST /v2/orders": (200, TAKEN), "GET /v2/clock": (200, {})}) as told:
        table = AlpacaTable(requests_a_minute=11, reserve=10)
        rest = Rest(KEYS, told.url, table, steady=lambda: now[0], sleep=sleep)
        rest.clock()
        now[0] = MINUTE - 20 * SECOND
        with pytest.raises(AlpacaError, match="kept back"):
            rest.submit(alpaca_order(OPENS), closes=False)
        assert (slept, told.count("POST /v2/orders")) == ([], 0)
        now[0] = MINUTE - 2 * SECOND
        rest.submit(alpaca_order(OPENS), closes=False)
        rest.close()
        assert (slept, told.count("POST /v2/orders")) == ([2.0], 1)
