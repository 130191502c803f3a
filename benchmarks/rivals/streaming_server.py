"""A bare server of Alpaca's protocol for ``streamed.py`` and ``decided.py``: one chain, and quotes at a given rate.

    streaming_server.py ROOT DAY STRIKES [AHEAD]

A quote's time is that at which it was packed, AHEAD nanoseconds after the machine's. It prints its port. A line on its
input, ``RATE SECONDS A_FRAME``, starts quotes; when all are sent it prints how many and the last of each symbol, as
JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import math
import random
import struct
import sys
import time
from typing import Any

import msgpack
from aiohttp import WSMsgType, web

SPOT = 6000
NS = 10**9


class Server:
    """One client at a time."""

    def __init__(self, root: str, day: dt.date, strikes: int, ahead: int = 0) -> None:
        self.ahead = ahead
        low = SPOT - 5 * (strikes // 2)
        names = [f"{root}{day:%y%m%d}{right}{(low + 5 * n) * 1000:08d}" for n in range(strikes) for right in "CP"]
        self.symbols = sorted(names)
        self.sockets: list[web.WebSocketResponse] = []
        self.wanted: list[str] = []
        self.rng = random.Random(7)

    async def contracts(self, _request: web.Request) -> web.Response:
        """All of them, on one page."""
        rows = [{"symbol": symbol} for symbol in self.symbols]
        return web.json_response({"option_contracts": rows, "next_page_token": None})

    async def chain(self, _request: web.Request) -> web.Response:
        """Nothing has been quoted yet."""
        return web.json_response({"snapshots": {}, "next_page_token": None})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Greets, takes any keys, confirms."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(msgpack.packb([{"T": "success", "msg": "connected"}]))
        self.sockets.append(socket)
        wanted: set[str] = set()
        async for heard in socket:
            if heard.type is not WSMsgType.BINARY:
                break
            message = msgpack.unpackb(heard.data)
            if message["action"] == "auth":
                answer: dict[str, Any] = {"T": "success", "msg": "authenticated"}
            else:
                asked = set(message.get("quotes", ()))
                wanted = wanted | asked if message["action"] == "subscribe" else wanted - asked
                self.wanted = sorted(wanted)
                answer = {"T": "subscription", "quotes": self.wanted, "trades": self.wanted}
            await socket.send_bytes(msgpack.packb([answer]))
        return socket

    def quote(self, symbol: str) -> bytes:
        """One quote of now. Packed by hand, but for its fields: the server must not be what is measured."""
        bid = self._bid(symbol)
        now = time.time_ns() + self.ahead
        fields = {
            "T": "q",
            "S": symbol,
            "bx": "C",
            "bp": bid,
            "bs": 11,
            "ax": "C",
            "ap": round(bid + 0.1, 2),
            "as": 12,
            "c": "A",
        }
        packed: bytes = msgpack.packb(fields)
        seconds, rest = divmod(now, NS)
        when = b"\xa1t" + b"\xd7\xff" + struct.pack(">Q", rest << 34 | seconds)
        return bytes([packed[0] + 1]) + packed[1:] + when

    def _bid(self, symbol: str) -> float:
        """About what such an option is worth, give or take two ticks."""
        strike, side = int(symbol[-8:]) / 1000, 1 if symbol[-9] == "C" else -1
        worth = max(0.0, side * (SPOT - strike)) + 12 * math.exp(-abs(SPOT - strike) / 25)
        return max(1, round(worth * 20) + self.rng.randrange(-1, 2)) / 20

    async def send(self, rate: float, seconds: float, a_frame: int) -> tuple[int, dict[str, float], float]:
        """Quotes of random symbols, so many a second; how many, the last bid of each, and the seconds it took."""
        socket, packer, sent = self.sockets[-1], msgpack.Packer(), 0
        last: dict[str, float] = {}
        begun = time.monotonic()
        while sent < rate * seconds:
            due = begun + sent / rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            quotes = []
            for _ in range(a_frame):
                symbol = self.rng.choice(self.wanted)
                quotes.append(self.quote(symbol))
                last[symbol] = msgpack.unpackb(quotes[-1])["bp"]
            await socket.send_bytes(packer.pack_array_header(a_frame) + b"".join(quotes))
            sent += a_frame
        return sent, last, time.monotonic() - begun


async def main() -> None:
    """Serve until the input ends."""
    root, day, strikes = sys.argv[1], dt.date.fromisoformat(sys.argv[2]), int(sys.argv[3])
    server = Server(root, day, strikes, int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    app = web.Application()
    app.router.add_get("/v2/options/contracts", server.contracts)
    app.router.add_get("/v1beta1/options/snapshots/{symbol}", server.chain)
    app.router.add_get("/v1beta1/opra", server.stream)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        while line := await asyncio.to_thread(sys.stdin.readline):
            rate, seconds, a_frame = line.split()
            print(json.dumps(await server.send(float(rate), float(seconds), int(a_frame))), flush=True)
    await runner.cleanup()


asyncio.run(main())
