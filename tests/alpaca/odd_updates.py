"""A stream of trade updates that does what the local exchange cannot be made to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiohttp import WSMsgType, web

AUTHORIZED = {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
LISTENING = {"stream": "listening", "data": {"streams": ["trade_updates"]}}


class OddUpdates:
    """Lets in and confirms, or does not.

    Attributes:
        mute: the actions it does not answer. deaf: it reads nothing after the keys, not even pings or a goodbye.
        hangs_up: it ends the connection where it should answer. connections: so far.
    """

    def __init__(self) -> None:
        self.mute: set[str] = set()
        self.deaf = False
        self.hangs_up = False
        self.connections = 0
        self.port = 0
        self._up = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    @property
    def url(self) -> str:
        """Of the trading API whose stream it is."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_get("/stream", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._up.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        self.connections += 1
        async for heard in socket:
            if heard.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            action = json.loads(heard.data).get("action")
            if self.hangs_up:
                break
            if action not in self.mute:
                await socket.send_bytes(json.dumps(LISTENING if action == "listen" else AUTHORIZED).encode())
            if self.deaf and action == "listen":
                assert request.transport is not None
                request.transport.pause_reading()
                assert self._stop is not None
                await self._stop.wait()
                request.transport.abort()
        return socket


@contextmanager
def odd_updates() -> Iterator[OddUpdates]:
    """One that runs until the block ends."""
    server = OddUpdates()
    server._thread.start()
    assert server._up.wait(10)
    try:
        yield server
    finally:
        assert server._loop is not None
        assert server._stop is not None
        with suppress(RuntimeError):
            server._loop.call_soon_threadsafe(server._stop.set)
        server._thread.join(10)
