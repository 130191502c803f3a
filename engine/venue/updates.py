"""The trade_updates WebSocket: JSON in binary frames, several connections an account."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from aiohttp import WSMsgType, web

from engine.venue.access import Access
from engine.venue.app import ACCESS
from engine.venue.desk import Desk, Update
from engine.venue.faults import UNKNOWN_STATUS, Faults, faults_of
from engine.venue.venue import Venue

log = logging.getLogger(__name__)

PATH = "/stream"
STREAM = "trade_updates"
_MOST_WAITING = 10_000


class Connection:
    """One client: who it is once it has said so, whether it listens, and what it has still to be sent."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.account: str | None = None
        self.listening = False
        self.mute = False
        self._socket = socket
        self._request = request
        self._waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_MOST_WAITING)

    def say(self, message: dict[str, Any], late: float = 0.0) -> None:
        """Send a message after the others, so many seconds late. A client that does not read is cut off."""
        try:
            self._waiting.put_nowait((late, json.dumps(message).encode()))
        except asyncio.QueueFull:
            self.cut()

    def cut(self) -> None:
        """End the connection without a word, as a network does."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send what waits until the connection ends."""
        while True:
            late, frame = await self._waiting.get()
            if late:
                await asyncio.sleep(late)
            if not self.mute:
                await self._socket.send_bytes(frame)


class Updates:
    """Tells each account's connections what happens to its orders."""

    def __init__(self, access: Access, faults: Faults) -> None:
        self._access = access
        self._faults = faults
        self.connections: list[Connection] = []

    def tell(self, account: str, update: Update) -> None:
        """Send a trade update to everybody who listens to an account."""
        for connection in list(self.connections):
            if connection.account == account and connection.listening:
                self._tell(connection, account, update)

    def _tell(self, connection: Connection, account: str, update: Update) -> None:
        about = (account, PATH, "trading")
        if update["event"] in ("fill", "partial_fill") and self._faults.take("drop_mid_fill", *about):
            connection.cut()
            return
        if self._faults.take("mute_updates", *about):
            connection.mute = True
        if self._faults.take("unknown_enum", *about):
            update = update | {"event": UNKNOWN_STATUS, "order": update["order"] | {"status": UNKNOWN_STATUS}}
        delayed = self._faults.take("delayed_updates", *about)
        connection.say({"stream": STREAM, "data": update}, delayed.value if delayed else 0.0)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client's connection, until it ends."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    self._heard(connection, message.data)
        finally:
            self.connections.remove(connection)
            writer.cancel()
        return socket

    def _heard(self, connection: Connection, data: str | bytes) -> None:
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            connection.say(_error("invalid message format"))
            return
        match message.get("action"):
            case "authenticate" | "auth":
                connection.say(self._authorize(connection, message))
            case "listen" if connection.account is not None:
                connection.say(_listen(connection, message.get("data")))
            case "listen":
                connection.say(_authorization("unauthorized", "listen"))
            case _:
                connection.say(_error("unknown action"))

    def _authorize(self, connection: Connection, message: dict[str, Any]) -> dict[str, Any]:
        """The SDK sends its keys as ``data.key_id``; the documented form is ``key`` beside the action."""
        data = message.get("data")
        keys = data if isinstance(data, dict) else {}
        key_id = keys.get("key_id") or message.get("key")
        secret = keys.get("secret_key") or message.get("secret")
        if isinstance(key_id, str) and isinstance(secret, str):
            connection.account = self._access.account(key_id, secret) or connection.account
            if self._access.account(key_id, secret) is not None:
                return _authorization("authorized", "authenticate")
        return _authorization("unauthorized", "authenticate")


def add_updates(app: web.Application, _venue: Venue, desks: dict[str, Desk]) -> None:
    """Add the stream at ``/stream``."""
    updates = Updates(app[ACCESS], faults_of(app))
    for desk in desks.values():
        desk.updates.append(updates.tell)
    app.router.add_get(PATH, updates.serve)


def _listen(connection: Connection, data: Any) -> dict[str, Any]:
    """The reply names the streams that are listened to from now on; others than trade_updates there are none."""
    wanted = data.get("streams") if isinstance(data, dict) else None
    if not isinstance(wanted, list):
        return _error("streams are required")
    connection.listening = STREAM in wanted
    return {"stream": "listening", "data": {"streams": [STREAM] if connection.listening else []}}


def _authorization(status: str, action: str) -> dict[str, Any]:
    return {"stream": "authorization", "data": {"status": status, "action": action}}


def _error(text: str) -> dict[str, Any]:
    return {"stream": "error", "data": {"action": "error", "error": text}}
