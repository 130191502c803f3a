"""One client of a data stream: keys first, then subscriptions; what it is told, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from engine.venue.access import Access
from engine.venue.faults import Faults
from engine.venue.streams_wire import ERRORS, MOST_IN_FRAME, WITH_TRADES, Feed, Told, frames, read, write

_ENDING = frozenset({402, 404, 406, 407, 409, 412})
_MOST_WAITING = 1_000_000  # messages; bounds the memory where a client reads, but not as fast as the market goes
_LINGER_SECONDS = 5.0
_LONGEST_SYMBOL = 40

Taken = dict[tuple[str, str], "Connection"]


class Connection:
    """A socket on one feed.

    Args:
        taken: by path and account: the connections there are; one each is allowed.
        auth_seconds: how long it may be without keys. slow_seconds: how long a frame may wait for a client to read.
        most_in_frame: messages; what a batch brings leaves in as few frames as that allows.

    Attributes:
        account: whose it is, empty before it has shown keys.
        subscribed: symbols by channel, in the order in which they were asked for.
        version: raised with each change of ``subscribed``.
    """

    def __init__(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        feed: Feed,
        access: Access,
        faults: Faults,
        taken: Taken,
        auth_seconds: float,
        slow_seconds: float,
        most_in_frame: int = MOST_IN_FRAME,
    ) -> None:
        self.feed = feed
        self.account = ""
        self.binary = "msgpack" in request.headers.get("Content-Type", "")
        self.subscribed: dict[str, dict[str, None]] = {channel: {} for channel in feed.channels}
        self.version = 0
        self._request = request
        self._socket = socket
        self._access = access
        self._faults = faults
        self._taken = taken
        self._auth_seconds = auth_seconds
        self._slow_seconds = slow_seconds
        self._most_in_frame = most_in_frame
        self._waiting: list[bytes] = []
        self._more = asyncio.Event()
        self._muted = False
        self._ended = False

    async def run(self) -> None:
        """Talk until either side ends it."""
        if self.feed.options and not self.binary:
            await self._refuse(412)
            return
        await self._say({"T": "success", "msg": "connected"})
        writer = asyncio.create_task(self._write())
        try:
            await self._listen()
        finally:
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
            if self._taken.get((self.feed.path, self.account)) is self:
                del self._taken[self.feed.path, self.account]

    async def close(self) -> None:
        """The exchange closes."""
        with suppress(ConnectionError):
            await self._socket.close(code=1001)

    # What is told

    def wants(self, channel: str, symbol: str) -> bool:
        """Whether it has subscribed to that."""
        symbols = self.subscribed.get(channel, {})
        return symbol in symbols or "*" in symbols

    def tell(self, messages: Sequence[Told]) -> None:
        """Queue messages; they leave in order, many a frame."""
        if not messages or self._ended or self._muted:
            return
        self._waiting += [message.write(self.binary) for message in messages]
        self._more.set()

    async def _write(self) -> None:
        while not self._ended:
            await self._more.wait()
            self._more.clear()
            waiting, self._waiting = self._waiting, []
            about = (self.account, self.feed.path, "data")
            self._muted = self._muted or self._faults.take("mute_data", *about) is not None
            if self._muted:
                continue
            if self._faults.take("drop_data", *about):
                self._abort()
                return
            if self._faults.take("slow_client", *about):
                await self._refuse(407)
                return
            for frame in frames(waiting, self.binary, self._most_in_frame):
                unread = self._unread
                try:
                    await asyncio.wait_for(self._send(frame), self._slow_seconds)
                except TimeoutError:
                    # Written, and not taken in time; where it is this machine that was busy, less is unread than was.
                    slow = self._unread > unread
                except ConnectionError:
                    return
                else:
                    slow = len(self._waiting) > _MOST_WAITING
                if slow:
                    await self._refuse(407)
                    return

    @property
    def _unread(self) -> int:
        """Bytes that the client's machine has not taken yet."""
        transport = self._request.transport
        return 0 if transport is None else transport.get_write_buffer_size()

    async def _send(self, frame: bytes) -> None:
        if self.binary:
            await self._socket.send_bytes(frame)
        else:
            await self._socket.send_str(frame.decode())

    async def _say(self, message: dict[str, Any]) -> None:
        """Something of the protocol itself, at once."""
        if not self._muted:
            with suppress(ConnectionError):
                await self._send(frames([write(message, self.binary)], self.binary)[0])

    async def _refuse(self, code: int) -> None:
        """Tell an error; some end the connection."""
        said = asyncio.create_task(self._say({"T": "error", "code": code, "msg": ERRORS[code]}))
        if code not in _ENDING:
            await said
            return
        self._ended = True
        await asyncio.wait({said}, timeout=0.1)  # who does not read finds it when reading again
        said.cancel()
        transport = self._request.transport
        if transport is not None:
            transport.close()
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, transport.abort)

    def _abort(self) -> None:
        self._ended = True
        if self._request.transport is not None:
            self._request.transport.abort()

    # What is heard

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._auth_seconds
        while not self._ended:
            try:
                left = None if self.account else max(0.0, deadline - loop.time())
                heard = await asyncio.wait_for(self._socket.receive(), left)
            except TimeoutError:
                await self._refuse(404)
                return
            if heard.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            message = read(heard.data)
            if message is None:
                await self._refuse(400)
            else:
                await self._hear(message)

    async def _hear(self, message: dict[str, Any]) -> None:
        match message.get("action"):
            case "auth" if self.account:
                await self._refuse(403)
            case "auth":
                await self._let_in(message)
            case "subscribe" | "unsubscribe" if not self.account:
                await self._refuse(401)
            case "subscribe" | "unsubscribe" as action:
                await self._change(message, action == "subscribe")
            case _:
                await self._refuse(400)

    async def _let_in(self, message: dict[str, Any]) -> None:
        key, secret = message.get("key"), message.get("secret")
        account = self._access.account(key, secret) if isinstance(key, str) and isinstance(secret, str) else None
        if account is None:
            await self._refuse(402)
        elif (self.feed.path, account) in self._taken:
            await self._refuse(406)
        elif self.feed.bought and self._faults.take("no_subscription", account, self.feed.path, "data"):
            await self._refuse(409)
        else:
            self.account = account
            self._taken[self.feed.path, account] = self
            await self._say({"T": "success", "msg": "authenticated"})

    async def _change(self, message: dict[str, Any], add: bool) -> None:
        asked = {name: symbols for name, symbols in message.items() if name != "action"}
        if not all(_is_symbols(symbols) for symbols in asked.values()):
            await self._refuse(400)
            return
        if asked.keys() - set(self.feed.channels) - set(() if self.feed.options else WITH_TRADES):
            await self._refuse(410)
            return
        if add and self.feed.options and "*" in asked.get("quotes", ()):
            await self._refuse(413)
            return
        wanted = {channel: dict(symbols) for channel, symbols in self.subscribed.items()}
        for channel, symbols in asked.items():
            for symbol in symbols if channel in wanted else ():
                if add:
                    wanted[channel][symbol] = None
                else:
                    wanted[channel].pop(symbol, None)
        if add and self.feed.most_quotes and len(wanted["quotes"]) > self.feed.most_quotes:
            await self._refuse(405)
            return
        self.subscribed = wanted
        self.version += 1
        if self._faults.take("dropped_subscription", self.account, self.feed.path, "data") is None:
            await self._say(self._confirmed())

    def _confirmed(self) -> dict[str, Any]:
        told = {channel: list(symbols) for channel, symbols in self.subscribed.items()}
        extra = {} if self.feed.options else dict.fromkeys(WITH_TRADES, told["trades"])
        return {"T": "subscription", **told, **extra}


def _is_symbols(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and 0 < len(each) <= _LONGEST_SYMBOL for each in value)
