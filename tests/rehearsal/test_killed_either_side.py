"""kill -9 of a session or of its exchange, at random moments: what the journal holds is what the exchange holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from either_side import Both

from engine.alpaca.keys import Keys
from engine.alpaca.parse_orders import read_orders
from engine.alpaca.parse_values import Told
from engine.alpaca.rest import Rest
from engine.clock import SystemClock
from engine.config.alpaca import AlpacaTable

KILLS = 10


@pytest.mark.parametrize("seed", range(5))
def test_both_agree_after_every_kill(tmp_path: Path, seed: int) -> None:
    both = Both(tmp_path, seed)
    try:
        both.wait_for_data(60)
        for _ in range(KILLS):
            both.pause(0.1, 1.2)
            both.kill(both.random.choice(["session", "session", "session", "exchange"]))
        both.wait_until_flat(90)
        found = problems(both)
    finally:
        both.close()
    assert found == []


def problems(both: Both) -> list[str]:
    """Where the journal and the exchange differ, or something was done twice."""
    names = ("alpaca-paper-key-id", "alpaca-paper-secret")
    pair = [(both.folder / "keys" / "rehearsal" / name).read_text().strip() for name in names]
    rest = Rest(Keys(*pair), f"http://127.0.0.1:{both.port}", AlpacaTable(requests_a_minute=100_000), SystemClock().now)
    told: Told = []
    theirs = {order.client_order_id: order for order in read_orders(rest.orders(both.morning), told)}
    positions = rest.positions()
    rest.close()
    found = list(told)
    ours = dict(both.rows("SELECT client_order_id, kind FROM orders"))
    filled = Counter[str]()
    for own, quantity in both.rows("SELECT client_order_id, abs(quantity) FROM fills"):
        filled[own] += quantity
    found += [f"{own} is at the exchange and not in the journal" for own in theirs if own not in ours]
    for own, order in theirs.items():
        there = sum(leg.filled for leg in order.legs)
        if there != filled[own]:
            found.append(f"{own}: {there} contracts filled at the exchange, {filled[own]} in the journal")
        if order.working:
            found.append(f"{own} still works at the exchange")
    found += [f"{own} is filled in the journal and unknown at the exchange" for own in filled if own not in theirs]
    found += [f"still held: {held['symbol']} {held['qty']}" for held in positions]
    entered = both.rows(
        """SELECT t.key, count(DISTINCT o.client_order_id) FROM orders o JOIN trades t ON t.trade_id = o.trade_id
        WHERE o.kind = 'open' AND o.client_order_id IN (SELECT client_order_id FROM fills) GROUP BY t.key"""
    )
    found += [f"window {key} was entered {count} times" for key, count in entered if count > 1]
    return found
