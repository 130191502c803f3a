"""A data stream that does what the local exchange cannot be made to: a small server, scripted by the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgpack  # type: ignore[import-untyped]
from aiohttp import WSMsgType, web

Frame = bytes | list[Any]
CONNECTED = [{"T": "success", "msg": "connected"}]
AUTHENTICATED = [{"T": "success", "msg": "authenticated"}]
NS = 10**9


def error(code: int, text: str = "no") -> list[Any]:
    """An error frame."""
    return [{"T": "error", "code": code, "msg": text}]


def quote(symbol: str, ts: int, bid: Any = 1.0, ask: Any = 1.1, **more: Any) -> dict[str, Any]:
    """An option's quote as it is on the wire."""
    when = msgpack.Timestamp(ts // NS, ts % NS)
    return {
        "T": "q",
        "S": symbol,
        "t": when,
        "bx": "C",
        "bp": bid,
        "bs": 5,
        "ax": "C",
        "ap": ask,
        "as": 7,
        "c": "A",
    } | more


class OddStream:
    """Greets, lets in, confirms; what a test sets differs.

    Attributes:
        greeting, admission: the first two answers. confirm: the answer to a subscription, from the full set of quotes.
        hangs_up: whether it ends the connection after an answer to keys that is none.
        sent: messages of clients in order, with the number of their connection.
    """

    def __init__(self) -> None:
        self.greeting: Frame | None = CONNECTED
        self.admission: Frame | None = AUTHENTICATED
        self.confirm: Callable[[OddStream, set[str]], Frame | None] = lambda _, symbols: confirmed(symbols)
        self.sent: list[tuple[int, dict[str, Any]]] = []
        self.connections = 0
        self.port = 0
        self._sockets: list[web.WebSocketResponse] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._up = threading.Event()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def subscriptions(self, connection: int | None = None) -> list[dict[str, Any]]:
        """What was asked for, in order."""
        return [
            message
            for number, message in self.sent
            if message.get("action") == "subscribe" and connection in (None, number)
        ]

    def tell(self, frame: Frame) -> None:
        """A frame to everybody."""
        self._do(lambda: [asyncio.ensure_future(socket.send_bytes(_packed(frame))) for socket in self._sockets])

    def cut(self) -> None:
        """End every connection without a word."""
        self._do(lambda: [_transport(socket).abort() for socket in self._sockets])

    def _do(self, call: Callable[[], Any]) -> None:
        async def do() -> None:
            call()

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(do(), self._loop).result(5)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._up.set()
        await self._stop.wait()
        for socket in self._sockets:
            _transport(socket).abort()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=0.2)
        await socket.prepare(request)
        self.connections += 1
        number = self.connections
        self._sockets.append(socket)
        try:
            if self.greeting is not None:
                await socket.send_bytes(_packed(self.greeting))
            quotes: set[str] = set()
            async for heard in socket:
                if heard.type is not WSMsgType.BINARY:
                    break
                message = msgpack.unpackb(heard.data)
                self.sent.append((number, message))
                answer: Frame | None = None
                match message.get("action"):
                    case "auth":
                        answer = self.admission
                    case "subscribe":
                        more = quotes | set(message.get("quotes", ()))
                        answer = self.confirm(self, more)
                        if not _refuses(answer):  # as a whole or not at all
                            quotes = more
                    case "unsubscribe":
                        quotes -= set(message.get("quotes", ()))
                        answer = self.confirm(self, quotes)
                if answer is not None:
                    await socket.send_bytes(_packed(answer))
                    if isinstance(answer, list) and answer[0].get("code") in (402, 406, 407, 409):
                        _transport(socket).close()
        finally:
            self._sockets.remove(socket)
        return socket


def confirmed(symbols: set[str]) -> Frame:
    """A confirmation of the full set, of quotes and trades alike."""
    return [{"T": "subscription", "quotes": sorted(symbols), "trades": sorted(symbols)}]


@contextmanager
def odd_stream() -> Iterator[OddStream]:
    """Served while the block runs."""
    server = OddStream()
    server._thread.start()
    assert server._up.wait(10)
    try:
        yield server
    finally:
        assert server._loop is not None
        assert server._stop is not None
        server._loop.call_soon_threadsafe(server._stop.set)
        server._thread.join(5)


def _refuses(answer: Frame | None) -> bool:
    return isinstance(answer, list) and answer[0]["T"] == "error"


def _packed(frame: Frame) -> bytes:
    packed: bytes = frame if isinstance(frame, bytes) else msgpack.packb(frame)
    return packed


def _transport(socket: web.WebSocketResponse) -> Any:
    request = socket._req
    assert request is not None
    return request.transport
