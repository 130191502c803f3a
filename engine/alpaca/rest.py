"""The trading side over REST: the SDK's client with a time limit on every call, no retries, and our own errors.

A request that changes something leaves once. What became of it where no answer came is asked, never guessed.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

from alpaca.trading.client import TradingClient
from alpaca.trading.requests import OrderRequest

from engine.alpaca.bucket import TokenBucket
from engine.alpaca.failures import AlpacaError, failure_of
from engine.alpaca.keys import Keys
from engine.alpaca.parse_values import instant
from engine.alpaca.reach import Reach
from engine.config.alpaca import AlpacaTable

Raw = dict[str, Any]

_PAGE = 500
_PAGES = 40
"""An account with more orders in a day than these pages hold is told so, not read in part."""
_PATIENCE = 30_000_000_000
"""So long a request waits for a token, ns; then it is kept back and says so."""
_PATIENCE_TO_OPEN = 3_000_000_000
"""The same of an order that opens: at the price of half a minute ago nobody wants it."""


class Rest:
    """One account at Alpaca, or at what speaks its protocol. Every answer is raw; ``engine.alpaca.parse`` reads it.

    Any thread may call, and a slow answer holds up nobody else. A call ends within both time limits together, whatever
    is at the other end: names that are not resolved and answers that trickle in are not what a socket's limit covers.
    Every method raises ``AlpacaError``.

    Attributes:
        reach: whether anything has been answered lately.

    Args:
        url: the trading API's address without a path. table: time limits and how often it may be asked.
        steady: a clock that never goes back, ns. sleep: waits so many seconds.
    """

    def __init__(
        self,
        keys: Keys,
        url: str,
        table: AlpacaTable,
        steady: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.url = url
        self.reach = Reach(steady)
        self._keys = keys
        self._limits = (table.connect_seconds, table.read_seconds)
        self._bucket = TokenBucket(table.requests_a_minute, table.reserve, steady)
        self._sleep = sleep
        self._free: queue.LifoQueue[TradingClient] = queue.LifoQueue()

    def account(self) -> Raw:
        """The account: money, status, what it may trade."""
        return _object(self._ask(lambda client: client.get_account()))

    def clock(self) -> Raw:
        """The server's time, and when the market opens and closes next."""
        return _object(self._ask(lambda client: client.get_clock()))

    def positions(self) -> list[Raw]:
        """Everything held."""
        return _objects(self._ask(lambda client: client.get_all_positions()))

    def orders(self, after: dt.datetime) -> list[Raw]:
        """Every order submitted after an instant, those that are done included, with the legs of packages inside."""
        found: dict[str, Raw] = {}
        start = after
        for _ in range(_PAGES):
            params = {"status": "all", "nested": "true", "direction": "asc", "limit": _PAGE, "after": _text(start)}
            page = _objects(self._ask(lambda client, params=params: client.get("/orders", params)))  # type: ignore[misc]
            new = [each for each in page if str(each.get("id")) not in found]
            found.update((str(each.get("id")), each) for each in page)
            if len(page) < _PAGE:
                return list(found.values())
            start = _submitted(page[-1]) or start
            if not new:
                break
        raise AlpacaError("unreadable", f"more than {len(found)} orders, and no way to read on")

    def open_orders(self) -> list[Raw]:
        """The orders that still work, whenever they were sent."""
        params = {"status": "open", "nested": "true", "limit": _PAGE}
        return _objects(self._ask(lambda client: client.get("/orders", params)))

    def order(self, client_order_id: str, urgent: bool = False) -> Raw:
        """One order by our id, with the legs of a package; ``absent`` where Alpaca has never heard of it."""
        found = _object(self._ask(lambda client: client.get_order_by_client_id(client_order_id), urgent))
        if found.get("order_class") != "mleg" or found.get("legs"):
            return found
        path = f"/orders/{quote(str(found.get('id')), safe='')}"
        try:
            return _object(self._ask(lambda client: client.get(path, {"nested": "true"}), urgent))
        except AlpacaError as error:
            if error.kind == "absent":  # it was there a moment ago: that is no proof that it is not
                raise AlpacaError("unreadable", "the order was found by our id, and not by Alpaca's") from None
            raise

    def submit(self, order: OrderRequest, closes: bool) -> Raw:
        """Send a new order, once; the order as Alpaca took it. ``closes``: it may take of the reserve."""
        patience = _PATIENCE if closes else _PATIENCE_TO_OPEN
        return _object(self._ask(lambda client: client.submit_order(order), closes, patience))

    def cancel(self, order_id: str) -> None:
        """Ask for an order's cancellation by Alpaca's id; that it was taken says nothing of what becomes of it."""
        self._ask(lambda client: client.delete(f"/orders/{quote(order_id, safe='')}"), urgent=True)

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        with suppress(queue.Empty):
            while True:
                _hang_up(self._free.get_nowait())

    def _ask(self, call: Callable[[TradingClient], Any], urgent: bool = False, patience: int = _PATIENCE) -> Any:
        self._wait(urgent, patience)
        client = self._client()
        outcome: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

        def ask() -> None:
            try:
                outcome.put((call(client), None))
            except Exception as error:
                outcome.put((None, error))

        threading.Thread(target=ask, name="alpaca request", daemon=True).start()
        try:
            answer, error = outcome.get(timeout=sum(self._limits))
        except queue.Empty:
            _hang_up(client)
            late = AlpacaError("timeout", "no whole answer within the time limit")
            self.reach.ended(late)
            raise late from None
        self._free.put(client)
        failed = None if error is None else failure_of(error)
        if error is not None and failed is None:
            raise error
        self.reach.ended(failed)
        if failed is None:
            return answer
        if failed.kind == "limit":
            self._bucket.hold()
        for secret in (self._keys.secret, self._keys.key_id):
            failed.message = failed.message.replace(secret, "(a key)")  # a server may say back what it was told
        failed.args = (failed.message,)
        raise failed from None

    def _wait(self, urgent: bool, patience: int) -> None:
        waited = 0
        while wait := self._bucket.take(urgent):
            if waited + wait > patience:
                raise AlpacaError("unsent", "kept back: as many requests as allowed have left in the last minute")
            self._sleep(wait / 1e9)
            waited += wait

    def _client(self) -> TradingClient:
        """A client that nobody uses now, with the connection it has kept."""
        with suppress(queue.Empty):
            return self._free.get_nowait()
        client = TradingClient(self._keys.key_id, self._keys.secret, raw_data=True, url_override=self.url)
        client._retry = 0  # the SDK would send a POST again after 429 and 504
        client._session.trust_env = False  # no proxy, and no .netrc in place of the keys
        client._session.request = partial(client._session.request, timeout=self._limits)  # type: ignore[method-assign]
        return client


def _hang_up(client: TradingClient) -> None:
    client._session.close()


def _object(answer: Any) -> Raw:
    if not isinstance(answer, dict):
        raise AlpacaError("unreadable", "the answer is not what was asked for")
    return answer


def _objects(answer: Any) -> list[Raw]:
    if not isinstance(answer, list) or not all(isinstance(each, dict) for each in answer):
        raise AlpacaError("unreadable", "the answer is not what was asked for")
    return answer


def _text(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _submitted(order: Raw) -> dt.datetime | None:
    """When the last order of a page was sent, a microsecond early: others may have been sent at the same instant."""
    ns = instant(order.get("submitted_at"))
    if ns is None:
        return None
    return dt.datetime.fromtimestamp(ns // 1_000_000_000, dt.UTC) + dt.timedelta(microseconds=ns % 10**9 // 1000 - 1)
