"""The REST requests a live feed makes: GET alone, paced, limited in time, one after the other on a thread of their own.

They have budgets of their own, so that neither a chain nor a listing takes from what orders need.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from alpaca.common.exceptions import APIError
from alpaca.data.historical import OptionHistoricalDataClient, StockHistoricalDataClient
from alpaca.trading.client import TradingClient

from engine.alpaca.bucket import TokenBucket
from engine.alpaca.keys import Keys
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca.history_errors import HistoryError
from engine.feed.alpaca.history_requests import PacedSession

_DATA_A_MINUTE: Final = 150
"""Of the 200 that the smallest plan has."""
_TRADING_A_MINUTE: Final = 20
"""Of the account's, which orders share."""
_HOLD: Final = 3.0
"""Seconds after a 429, as orders wait: who trades cannot wait for the whole minute to be over."""

Got = TypeVar("Got")


class Asking:
    """The clients. Methods of theirs are called through ``ask``.

    Args:
        told: hears in a line of every wait that a person would wonder about.
        trading_url: of the account that the keys open; empty for the paper one's. Contracts are asked for there.
    """

    def __init__(self, keys: Keys, table: AlpacaTable, told: Callable[[str], None], *, trading_url: str = "") -> None:
        limits = (table.connect_seconds, table.read_seconds)
        few = min(_TRADING_A_MINUTE, max(1, table.requests_a_minute - table.reserve))
        self.data = PacedSession(TokenBucket(_DATA_A_MINUTE, 0, time.monotonic_ns), limits, told, _HOLD)
        self.trading = PacedSession(TokenBucket(few, 0, time.monotonic_ns), limits, told, _HOLD)
        pair = (keys.key_id, keys.secret)
        self.options = OptionHistoricalDataClient(*pair, raw_data=True, url_override=table.data_url)
        self.stocks = StockHistoricalDataClient(*pair, raw_data=True, url_override=table.data_url)
        self.contracts = TradingClient(*pair, raw_data=True, url_override=trading_url or table.trading_url)
        for client, session in (
            (self.options, self.data), (self.stocks, self.data), (self.contracts, self.trading),
        ):  # fmt: skip
            client._session.close()
            client._session, client._retry = session, 0

    @property
    def sent(self) -> int:
        """Requests so far."""
        return self.data.sent + self.trading.sent

    def ask(self, method: Callable[..., Any], *args: Any) -> dict[str, Any]:
        """An answer, an object. Raises ``HistoryError``."""
        try:
            found = method(*args)
        except APIError as error:  # the session lets none through; another SDK may have its own
            raise HistoryError("request", str(error)[:200]) from None
        except (AttributeError, TypeError, ValueError, KeyError):
            raise HistoryError("answer", "an answer that is not of the form that is documented") from None
        if not isinstance(found, dict):
            raise HistoryError("answer", "an answer that is not of the form that is documented")
        return found

    def close(self) -> None:
        """Close the connections; what is under way fails."""
        self.data.close()
        self.trading.close()


class Errands:
    """Does slow things one after the other on a thread, for an asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: queue.SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="alpaca feed requests", daemon=True).start()

    async def do(self, what: Callable[[], Got]) -> Got:
        """The result of a call, or what it raises."""
        done: asyncio.Future[Got] = self._loop.create_future()
        self._waiting.put((what, done))
        return await done

    def end(self) -> None:
        """Do nothing more after what is under way."""
        self._waiting.put(None)

    def _work(self) -> None:
        while (errand := self._waiting.get()) is not None:
            what, done = errand
            try:
                result, error = what(), None
            except Exception as failed:
                result, error = None, failed
            try:
                self._loop.call_soon_threadsafe(_finish, done, result, error)
            except RuntimeError:  # the loop has ended
                return


def _finish(done: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
