"""Whether a journal and the exchange it traded on tell the same story, and nothing was done twice."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections import Counter
from pathlib import Path

from engine.alpaca.failures import AlpacaError
from engine.alpaca.keys import Keys
from engine.alpaca.parse_orders import read_orders
from engine.alpaca.rest import Rest
from engine.config.alpaca import AlpacaTable
from engine.orders.table import BUST

MORNING = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)


def agree(journal: Path, keys: Keys, port: int, seconds: float) -> list[str]:
    """What they still differ in after so long: an execution that is taken back is heard of at the next comparison."""
    until = time.monotonic() + seconds
    while found := problems(journal, keys, port):
        if time.monotonic() > until:
            return found
        time.sleep(0.5)
    return []


def problems(journal: Path, keys: Keys, port: int) -> list[str]:
    """Where they differ; empty where they agree. Every order must be over, and nothing held."""
    rest = Rest(keys, f"http://127.0.0.1:{port}", AlpacaTable(requests_a_minute=100_000))
    try:
        theirs = {order.client_order_id: order for order in read_orders(rest.orders(MORNING), [])}
        positions = rest.positions()
    except AlpacaError as error:  # a fault that was meant for the session
        return [f"the exchange does not say: {error}"]
    finally:
        rest.close()
    connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        ours = {own for (own,) in connection.execute("SELECT client_order_id FROM orders")}
        filled = Counter[str]()
        for own, execution, quantity in connection.execute("SELECT client_order_id, exec_id, abs(quantity) FROM fills"):
            filled[own] += -quantity if execution.endswith(BUST) else quantity
        entered = connection.execute(
            """SELECT t.key, count(DISTINCT o.client_order_id) FROM orders o JOIN trades t ON t.trade_id = o.trade_id
            WHERE o.kind = 'open' AND o.client_order_id IN (SELECT client_order_id FROM fills) GROUP BY t.key"""
        ).fetchall()
    finally:
        connection.close()
    found = [f"{own} is at the exchange and not in the journal" for own in theirs if own not in ours]
    for own, order in theirs.items():
        there = sum(leg.filled for leg in order.legs)
        if there != filled[own]:
            found.append(f"{own}: {there} contracts filled at the exchange, {filled[own]} in the journal")
        if order.working:
            found.append(f"{own} still works at the exchange")
    found += [f"{own} is filled in the journal, unknown at the exchange" for own in +filled if own not in theirs]
    found += [f"still held: {held['symbol']} {held['qty']}" for held in positions]
    found += [f"window {key} was entered {count} times" for key, count in entered if count > 1]
    return found
