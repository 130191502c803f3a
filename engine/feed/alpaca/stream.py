"""Alpaca's data streams through the SDK, without what the SDK hides: what came, what was refused, what is mute.

All of it runs on one asyncio loop. A stream connects again by itself for as long as it lives.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import msgpack  # type: ignore[import-untyped]
from alpaca.data.live import OptionDataStream, StockDataStream
from alpaca.data.live.websocket import DataStream
from websockets.exceptions import ConnectionClosed
from websockets.legacy.exceptions import InvalidStatusCode

from engine.alpaca.keys import Keys
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca.stream_failures import ROLL_BACK, Failure, Lost, back_off, refusal
from engine.feed.alpaca.stream_silence import Silence
from engine.feed.alpaca.subscriptions import Subscriptions, Symbols

log = logging.getLogger(__name__)

PARAMS = {"ping_interval": 5, "ping_timeout": 10, "max_queue": 1024, "close_timeout": 1}
"""The SDK's own settings find a dead peer after 190 s; these after 15."""
_LARGEST_FRAME = 32 << 20
_SEND_SECONDS = 5.0

State = Literal["off", "connecting", "up", "lost"]
Hear = Callable[[list[Any]], tuple[int, list[Any]]]
"""Takes a frame's messages: how many of them were market data, and those that concern the stream itself."""


class _Own(DataStream):
    """The SDK's stream with its failures out in the open.

    Attributes:
        acks: connections whose subscriptions were confirmed.
        state: off: nothing is wanted. connecting: until the first confirmation. up. lost: until the next one.
        failure: why it is lost, or was last. reconnects: connections lost so far. frames, unreadable: counted.
        subscriptions: see there. silence: when data came last.
    """

    def settle(self, what: str, table: AlpacaTable, channels: tuple[str, ...], hear: Hear) -> None:
        """Finish what the constructor of the SDK began."""
        self.what = what
        self.state: State = "off"
        self.failure: Failure | None = None
        self.failures = 0  # in a row
        self.reconnects = 0
        self.slow = 0
        self.frames = 0
        self.unreadable = 0
        self.acks = 0
        self.is_quiet = False  # hung up because it was mute, and no data since
        self.refusals: list[Failure] = []
        self.subscriptions = Subscriptions(channels)
        self.silence = Silence()
        self._hear_data = hear
        self._patience = (table.connect_seconds, table.read_seconds)
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ended = False

    # What the feed asks of it

    def want(self, symbols: Symbols) -> None:
        """Let these be subscribed, on every channel; what is new before what is old is given up."""
        if self.subscriptions.want(symbols):
            self._show_handlers()
            if symbols:
                self._wanted.set()
            else:
                self._wanted.clear()

    async def live(self) -> None:
        """Live until ``end``."""
        while True:
            await self._wanted.wait()  # the SDK would burn a core without subscriptions
            if self._ended:
                return
            try:
                await self._run_forever()
            except Exception:  # of the SDK; nothing that a server sends gets here
                log.exception("the stream of %s ended", self.what)
            await asyncio.sleep(0.2)

    async def tend(self, now: float, awaited: bool) -> None:
        """What is due by ``now``, seconds of the machine: subscriptions, a mute socket.

        ``awaited``: the market is open, data should come.
        """
        if not awaited:
            self.is_quiet = False
        if not self._there or not self._running or self._socket is None:
            return
        try:
            await asyncio.wait_for(self._subscribe_anew(now), _SEND_SECONDS)
        except ConnectionClosed:  # whoever reads it hears so too
            return
        except TimeoutError:
            self._hang_up(Failure("it takes nothing any more"))
            return
        if self.silence.is_mute(now, awaited and any(self.subscriptions.confirmed.values())):
            self.is_quiet = True
            self._hang_up(Failure("connected, and mute"))

    async def _subscribe_anew(self, now: float) -> None:
        if self._socket is None:  # lost since it was looked at
            return
        match self.subscriptions.due(now):
            case "subscribe":
                await self._send_subscribe_msg()
            case "unsubscribe":
                self.subscriptions.asked(now)
                extra = {name: sorted(symbols) for name, symbols in self.subscriptions.extra().items() if symbols}
                await self._socket.send(msgpack.packb({"action": "unsubscribe", **extra}))
            case "hang up":
                self._hang_up(Failure("subscriptions are not confirmed"))
            case None:
                pass

    async def end(self) -> None:
        """Hang up for good."""
        self._ended = True
        self._wanted.set()
        await self.stop_ws()
        wire = self._socket
        if wire is not None:
            with suppress(Exception):
                await asyncio.wait_for(wire.close(), 1)

    # What the SDK's loop calls

    async def _connect(self) -> None:
        if not self.failures:
            self.state = "connecting"
        try:
            await asyncio.wait_for(super()._connect(), sum(self._patience))
        except Exception as error:
            raise self._lose(_reason(error)) from None

    async def _auth(self) -> None:
        try:
            await self._socket.send(msgpack.packb({"action": "auth", "key": self._api_key, "secret": self._secret_key}))
            answer = _unpack(await asyncio.wait_for(self._socket.recv(), self._patience[1]))
        except Exception as error:
            raise self._lose(_reason(error)) from None
        for message in answer:
            if isinstance(message, dict) and message.get("T") == "error":
                raise self._lose(self._refusal(message))
            if isinstance(message, dict) and message.get("msg") == "authenticated":
                self._there = True
                self.silence.connected()
                self.subscriptions.connected()
                self._show_handlers()
                return
        raise self._lose(Failure("an answer to the keys that is none"))

    async def _send_subscribe_msg(self) -> None:
        if any(self.subscriptions.wanted.values()):
            self.subscriptions.asked(time.monotonic())
            await super()._send_subscribe_msg()

    async def _consume(self) -> bool:
        try:
            while self._should_run:
                self._hear(await self._socket.recv())
        except ConnectionClosed as closed:
            raise self._lose(self._hung_up or self._ending or _reason(closed)) from None
        await self.close()
        return False

    def _reconnect_delay(self, _retries: int) -> float:
        return back_off(self.failure, max(1, self.failures))

    # What comes

    def _hear(self, frame: bytes | str) -> None:
        self.frames += 1
        try:
            messages = _unpack(frame)
        except Lost:
            self.unreadable += 1
            return
        try:
            came, others = self._hear_data(messages)
        except Exception:  # a frame that breaks its reader must not end the stream
            log.exception("the stream of %s", self.what)
            self.unreadable += 1
            return
        if came:
            self.is_quiet = False
            self._data_received = True  # to the SDK: this connection works
            if self.failures:
                self.failures = 0
            self.silence.heard(time.monotonic())
        for message in others:
            self._hear_other(message)

    def _hear_other(self, message: dict[str, Any]) -> None:
        kind = message.get("T")
        if kind == "subscription":
            self.subscriptions.heard(message)
            if any(self.subscriptions.confirmed.values()):
                self.acks += self.state != "up"
                self.state, self.failures = "up", 0
        elif kind == "error":
            failed = self._refusal(message)
            if failed.code in ROLL_BACK:
                self.refusals.append(failed)
                self.subscriptions.roll_back(failed.code, time.monotonic())
                self._show_handlers()
            elif failed.code != 403:  # logged in already: nothing is amiss
                self.slow += failed.code == 407
                self._ending = failed
                if failed.code == 401:
                    self._hang_up(failed)

    # Inside

    _there = False
    _hung_up: Failure | None = None
    _ending: Failure | None = None

    @property
    def _socket(self) -> Any:
        return self._ws

    def _refusal(self, message: dict[str, Any]) -> Failure:
        failed = refusal(message.get("code"), message.get("msg"))
        text = failed.text
        for secret in (self._secret_key, self._api_key):
            text = text.replace(secret, "(a key)")  # a server may say back what it was told
        return Failure(text, failed.code)

    def _show_handlers(self) -> None:
        """The SDK subscribes to what is in ``_handlers``."""
        for name, symbols in self.subscriptions.wanted.items():
            self._handlers[name] = dict.fromkeys(sorted(symbols), _never)

    def _lose(self, failure: Failure) -> Lost:
        """Note that there is no connection any more."""
        self.reconnects += self._there
        self._there = False
        self.state, self.failure = "lost", failure
        self.failures += 1
        self._hung_up = self._ending = None
        self._running = False  # the SDK would read on from what is no connection
        self.subscriptions.connected()
        return Lost(failure.text)

    def _hang_up(self, failure: Failure) -> None:
        """End the connection now; a handshake would wait for a peer that may be gone."""
        self._hung_up = self.failure = failure
        self.state = "lost"
        wire = self._socket
        if wire is not None and wire.transport is not None:
            wire.transport.abort()


class OptionStream(_Own, OptionDataStream):
    """Quotes and trades of options."""

    def __init__(self, keys: Keys, table: AlpacaTable, hear: Hear) -> None:
        url = f"{table.stream_url}/v1beta1/{table.option_feed}"
        params = PARAMS | {"max_size": _LARGEST_FRAME}
        super().__init__(keys.key_id, keys.secret, raw_data=True, websocket_params=params, url_override=url)
        self.settle("option quotes", table, ("quotes", "trades"), hear)


class StockStream(_Own, StockDataStream):
    """Trades of funds."""

    def __init__(self, keys: Keys, table: AlpacaTable, hear: Hear) -> None:
        url = f"{table.stream_url}/v2/{table.stock_feed}"
        params = PARAMS | {"max_size": _LARGEST_FRAME}
        super().__init__(keys.key_id, keys.secret, raw_data=True, websocket_params=params, url_override=url)
        self.settle("fund prices", table, ("trades",), hear)


class Short(logging.Filter):
    """The SDK logs a traceback a failed attempt; what it comes to is told by the feed's own status."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Nothing that is a warning or worse."""
        return record.levelno < logging.WARNING


SHORT = Short()
logging.getLogger("alpaca.data.live.websocket").addFilter(SHORT)


async def _never(_message: Any) -> None:
    """Stands in ``_handlers``, where the SDK looks what to subscribe to; frames are read before it would be called."""


def _unpack(frame: bytes | str) -> list[Any]:
    """The messages of a frame, times in ns UTC. Raises ``Lost`` for what is no list of messages."""
    try:
        if isinstance(frame, str):
            found = json.loads(frame)
        else:
            found = msgpack.unpackb(frame, timestamp=2, strict_map_key=False, unicode_errors="replace")
    except Exception:
        raise Lost("a frame that cannot be read") from None
    if not isinstance(found, list):
        raise Lost("a frame that is no list")
    return found


def _reason(error: BaseException) -> Failure:
    """A failed connection in words."""
    if isinstance(error, InvalidStatusCode):
        return Failure(f"no stream there: HTTP {error.status_code}", {401: 402, 403: 409}.get(error.status_code, 0))
    if isinstance(error, ConnectionClosed):
        code = error.rcvd.code if error.rcvd is not None else 1006
        return Failure("the connection was cut" if code == 1006 else f"the connection ended ({code})")
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return Failure("no answer within the time limit")
    if isinstance(error, socket.gaierror):
        return Failure("the server's name is not known here: is there a network?")
    if isinstance(error, OSError):
        return Failure(f"no connection: {os.strerror(error.errno) if error.errno else type(error).__name__}")
    if isinstance(error, Lost):
        return Failure(str(error))
    return Failure(f"no connection ({type(error).__name__})")
