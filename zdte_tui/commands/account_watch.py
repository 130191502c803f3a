"""``zdte-tui account --watch``: what happens to an account, as a session's broker hears it."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.alpaca.keys import Keys
    from engine.alpaca.rest import Rest
    from engine.alpaca.snapshot import Snapshot
    from engine.broker.port import Answer
    from engine.events import LegFill
    from engine.types import Contract

_LOOK_SECONDS = 0.1
_WORKING = ("accepted", "partially_filled", "pending_cancel")


class Watch:
    """What is new in what a broker says; each execution, change of an order and change of positions once."""

    def __init__(self) -> None:
        self._executed: set[str] = set()
        self._stands: dict[str, str] = {}
        self._positions: dict[Contract, int] = {}

    def news(self, answer: Answer) -> list[dict[str, Any]]:
        """An object for each thing that is new, prices in dollars as text."""
        from engine.events import BrokerReport

        if isinstance(answer, BrokerReport):
            found = self._fills(answer.client_order_id, answer.legs)
            if answer.kind not in ("fill", "unknown", "absent"):
                found += self._stand(answer.client_order_id, answer.kind)
            return found
        found = []
        for order in answer.orders:
            found += self._fills(order.client_order_id, order.executions)
            status = "accepted" if order.status == "partially_filled" else order.status
            if status != "filled":  # its executions say so
                found += self._stand(order.client_order_id, status)
        positions = dict(answer.positions)
        if positions != self._positions:
            self._positions = positions
            held = [{"symbol": contract.symbol, "quantity": held} for contract, held in answer.positions]
            found.append({"event": "positions", "positions": held})
        return found

    def _fills(self, own: str, legs: tuple[LegFill, ...]) -> list[dict[str, Any]]:
        from engine.types import dollars_text

        new = [leg for leg in legs if leg.exec_id not in self._executed]
        self._executed.update(leg.exec_id for leg in new)
        count = Counter((leg.contract.symbol, leg.side, leg.price) for leg in new)
        return [
            {
                "event": "fill",
                "client_order_id": own,
                "side": side,
                "quantity": quantity,
                "symbol": symbol,
                "price_usd": dollars_text(price, 4).replace(",", ""),
            }
            for (symbol, side, price), quantity in count.items()
        ]

    def _stand(self, own: str, status: str) -> list[dict[str, Any]]:
        if self._stands.get(own) == status:
            return []
        self._stands[own] = status
        return [{"event": status, "client_order_id": own}]


def watch(rest: Rest, keys: Keys, url: str, snapshot: Snapshot, every_seconds: float, as_json: bool) -> None:
    """Tell what happens after ``snapshot`` until it is interrupted; the account is read again now and then."""
    from engine.alpaca.trade_stream import TradeStream
    from engine.broker.alpaca.broker import AlpacaBroker
    from engine.broker.alpaca.telling import Incomplete, state_of
    from engine.clock import SystemClock
    from engine.events import OrderRequest

    watching, ours = Watch(), SystemClock()
    with suppress(Incomplete):  # then everything it holds is news
        watching.news(state_of(snapshot, ours.now(), []))
    handler = _Warnings()
    logger = logging.getLogger("engine")
    logger.addHandler(handler)
    broker = AlpacaBroker(rest, ours, listen=partial(TradeStream, keys, url))
    again = time.monotonic() + every_seconds
    try:
        while True:
            asked = [OrderRequest(action="snapshot")] if time.monotonic() >= again else []
            again += every_seconds * len(asked)
            for answer in broker.converse(asked, ours.now()):
                for each in watching.news(answer):
                    _say(each, ours.now(), as_json)
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        return
    finally:
        broker.close()
        logger.removeHandler(handler)


def _say(news: dict[str, Any], now: int, as_json: bool) -> None:
    from engine.calendar import clock_text

    line = json.dumps({"now_ns": now, **news}) if as_json else one_line(f"{clock_text(now)} ET  {words(news)}")
    print(line, flush=True)


def words(news: dict[str, Any]) -> str:
    """A piece of news for a person."""
    match news["event"]:
        case "positions":
            held = ", ".join(f"{each['quantity']:+d} {each['symbol']}" for each in news["positions"])
            return f"positions: {held or 'none'}"
        case "fill":
            price = news["price_usd"].rstrip("0").rstrip(".")
            what = f"{news['side']} {news['quantity']} {news['symbol']} at ${price}"
            return f"order {news['client_order_id']}: executed {what}"
        case "accepted":
            return f"order {news['client_order_id']}: works"
        case event:
            return f"order {news['client_order_id']}: {event.replace('_', ' ')}"


class _Warnings(logging.Handler):
    """What the broker warns of, a line each on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            print(one_line(f"zdte-tui: {record.getMessage()}"), file=sys.stderr, flush=True)
