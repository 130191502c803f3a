"""The stream of trade updates through the SDK, on a loop of its own: a hint that something happened, and is it there.

REST is the truth. What a stream has missed is never repeated, so whoever hears that it is (again) connected sweeps.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from alpaca.common.utils import reconnect_delay
from alpaca.trading.stream import TradingStream

from engine.alpaca.keys import Keys
from engine.alpaca.rest import Raw

log = logging.getLogger(__name__)

_PINGS = {"ping_interval": 4, "ping_timeout": 5, "max_queue": 1024, "close_timeout": 1}
"""The SDK's own settings find a dead peer after 190 s, and say goodbye to it for 30 more; these within 9, and 2."""
ANSWER_SECONDS = 10.0
"""Of the machine, for an answer to the keys, and for the word that updates come. The SDK waits for ever."""
_BACK_OFF = (0.5, 6.0)
"""Seconds between attempts: orders may be filled meanwhile. The SDK counts on from one outage to the next."""
_REFUSED_BACK_OFF = 30.0
_END_SECONDS = 3.0
_GOODBYE_SECONDS = 1.0


class _Listening(TradingStream):
    """The SDK's stream, which also says when updates come and when no longer; nothing a server sends ends it."""

    def __init__(self, keys: Keys, url: str, state: Callable[[bool, str], None]) -> None:
        super().__init__(keys.key_id, keys.secret, raw_data=True, url_override=url, websocket_params=dict(_PINGS))
        self._state = state
        self._up = False
        self._failed = 0
        self._refused = False
        self._answered = False

    async def _connect(self) -> None:
        try:
            await super()._connect()  # type: ignore[no-untyped-call]
        except Exception:
            self._state(False, "no connection")
            raise

    async def _auth(self) -> None:
        try:
            await asyncio.wait_for(super()._auth(), ANSWER_SECONDS)  # type: ignore[no-untyped-call]
        except (ValueError, AttributeError, TypeError):  # the SDK reads only one form of refusal
            self._refused = True
            self._state(False, "the keys are not taken")
            raise ValueError("not authorized") from None
        except TimeoutError:
            self._state(False, "connected, and no answer to the keys")
            raise
        except Exception:
            self._state(False, "the connection ended before the keys were taken")
            raise

    async def _subscribe_trade_updates(self) -> None:
        self._answered = False
        await super()._subscribe_trade_updates()
        asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._expect, self._ws)

    def _expect(self, socket: Any) -> None:
        """The word that updates come should have come on this connection."""
        if self._answered or socket is not self._ws:
            return
        self._state(False, "connected, and no word that updates come")
        _cut(socket)  # whoever reads it hears so, and connects anew

    async def _dispatch(self, msg: Any) -> None:
        if not isinstance(msg, dict):
            log.warning("the stream of trade updates: a message that is none")
            return
        data = msg.get("data")
        if msg.get("stream") == "listening":
            streams = data.get("streams") if isinstance(data, dict) else None
            self._answered = True
            self._up = isinstance(streams, list) and "trade_updates" in streams
            self._failed, self._refused = 0, False
            self._state(self._up, "" if self._up else "this account is not sent any")
            return
        await super()._dispatch(msg)

    def _reconnect_delay(self, retries: int) -> float:
        """Seconds, by the attempts since updates last came and not since the first outage."""
        del retries
        self._failed += 1
        if self._refused:
            return _REFUSED_BACK_OFF
        return reconnect_delay(self._failed, *_BACK_OFF)

    def forget(self) -> None:
        """Why it ends is told already."""
        self._up = False

    async def close(self) -> None:
        if self._up:
            self._up = False
            self._state(False, "the connection ended")
        await _part(self._ws)
        await super().close()


async def _part(socket: Any) -> None:
    """End a connection, with a goodbye if its peer takes one at once."""
    if socket is None:
        return
    cut = asyncio.get_running_loop().call_later(_GOODBYE_SECONDS, _cut, socket)
    with suppress(Exception):
        await socket.close()
    cut.cancel()


def _cut(socket: Any) -> None:
    if socket.transport is not None:
        socket.transport.abort()


class _Short(logging.Filter):
    """The SDK logs a traceback a failed attempt; what it comes to is told by ``_Listening``."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno < logging.WARNING


_SHORT = _Short()


class TradeStream:
    """Trade updates of one account, as long as it is open; it connects again by itself.

    Args:
        url: the trading API's address; the stream's follows from it.
        heard: called with each update's data, on the stream's thread; it must return at once.
        connected: called there with whether updates come, and why not, at each change.
    """

    def __init__(
        self, keys: Keys, url: str, heard: Callable[[Raw], None], connected: Callable[[bool, str], None]
    ) -> None:
        self._heard = heard
        self._connected = connected
        self._last: tuple[bool, str] | None = None
        logging.getLogger("alpaca.trading.stream").addFilter(_SHORT)
        self._stream = _Listening(keys, stream_url(url), self._changed)
        self._stream.subscribe_trade_updates(self._hear)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="alpaca trade updates", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up, within seconds."""
        self._connected = lambda *_: None
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop)
            self._thread.join(_END_SECONDS)

    def again(self, why: str) -> None:
        """Hang up and connect anew: what comes says nothing. From any thread; returns at once."""
        self._stream.forget()
        self._changed(False, why)
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop)

    async def _hang_up(self) -> None:
        await _part(self._stream._ws)

    async def _end(self) -> None:
        await self._stream.stop_ws()
        await self._hang_up()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._stream._run_forever())  # type: ignore[no-untyped-call]
        except Exception:
            log.exception("the stream of trade updates ended")
            self._changed(False, "the stream ended")
        finally:
            self._loop.close()

    async def _hear(self, message: Raw) -> None:
        data = message.get("data")
        if not isinstance(data, dict):
            log.warning("the stream of trade updates: an update without data")
            return
        try:
            self._heard(data)
        except Exception:  # an update that breaks its reader must not end the stream
            log.exception("a trade update")

    def _changed(self, up: bool, why: str) -> None:
        if (up, why) != self._last:
            self._last = (up, why)
            self._connected(up, why)


def stream_url(url: str) -> str:
    """The stream of trade updates of a trading API at ``url``."""
    found = urlsplit(url)
    return f"{'wss' if found.scheme == 'https' else 'ws'}://{found.netloc}/stream"
