"""A small server on loopback that has past days in the shapes of Alpaca's answers, in pages, and with faults."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from engine.calendar import is_session, previous_session, session
from engine.clock import MINUTE, SECOND
from engine.types import Contract, parse_symbol, product

KEY_ID, SECRET = "PKFAKEFORTESTS0000", "not-a-real-secret-not-a-real-secret"


@dataclass
class Fault:
    """One answer in place of the right one."""

    status: int
    body: str = '{"message": "as the test wants it"}'
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"


@dataclass
class Past:
    """What the server has, and what it was asked.

    Attributes:
        level: of spot at the open, by symbol of the fund; an index is ten times SPY.
        strikes: on either side of the level.
        page: entries a page at most, whatever the request's limit says.
        silent: contracts that nobody trades. gone: expired contracts are no longer listed. empty: no prices at all.
        faults: by a part of the path; each is given once, in order.
        asked: path and parameters of each request, in order.
        before: called before each answer with the path.
    """

    level: dict[str, float] = field(default_factory=lambda: {"SPY": 512.0, "QQQ": 440.0})
    strikes: int = 8
    page: int = 10_000
    silent: set[str] = field(default_factory=set)
    gone: bool = False
    empty: bool = False
    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    url: str = ""

    def fault(self, path: str, *answers: Fault) -> None:
        """Give these first to requests whose path contains ``path``."""
        self.faults.setdefault(path, deque()).extend(answers)

    def paths(self) -> list[str]:
        """The path of each request."""
        return [path for path, _ in self.asked]

    # What there is

    def spot(self, fund: str, day: dt.date, ns: int) -> float:
        """In dollars, to the cent."""
        minute = (ns - session(day).open) / MINUTE
        return round(self.level[fund] * (1 + 0.002 * math.sin(minute / 60)), 2)

    def option(self, contract: Contract, ns: int) -> float:
        """Consistent by put-call parity; calls fall and puts rise with the strike."""
        scale = 10 if contract.root == "SPXW" else 1
        fund = "SPY" if contract.root in ("SPXW", "XSP") else contract.root
        spot, strike = self.spot(fund, contract.expiry, ns) * scale, contract.strike / 10_000
        left = max(0.02, (session(contract.expiry).close - ns) / (390 * MINUTE))
        time_value = 1.5 * scale * math.sqrt(left) * math.exp(-abs(spot - strike) / (3 * scale))
        inner = max(0.0, spot - strike if contract.right == "C" else strike - spot)
        return max(0.01, round(inner + time_value, 2))

    def listed(self, root: str, day: dt.date) -> list[Contract]:
        """Strikes about the level."""
        fund = "SPY" if root in ("SPXW", "XSP") else root
        step = product(root).strike_step
        middle = round(self.level[fund] * (10 if root == "SPXW" else 1) * 10_000 / step) * step
        return [
            Contract(root, day, middle + number * step, right)
            for number in range(-self.strikes, self.strikes + 1)
            for right in ("C", "P")
        ]

    def bars(self, symbol: str, start: int, end: int) -> list[dict[str, Any]]:
        """Minutes that start from ``start`` to ``end``, both included."""
        found = parse_symbol(symbol)
        day = dt.datetime.fromtimestamp(start // SECOND, dt.UTC).date()
        if self.empty or symbol in self.silent or not is_session(day):
            return []
        if isinstance(found, Contract) and found.expiry != day:
            return []
        of = session(day)
        last = of.product_close(found.root) if isinstance(found, Contract) else of.close
        rows = []
        for at in range(of.open, last, MINUTE):
            if start <= at <= end:
                ends = [at, at + MINUTE]
                one, two = (
                    [self.option(found, ns) for ns in ends]
                    if isinstance(found, Contract)
                    else [self.spot(symbol, day, ns) for ns in ends]
                )
                rows.append(
                    {"c": two, "h": max(one, two), "l": min(one, two), "n": 2, "o": one, "t": _text(at), "v": 3,
                     "vw": round((one + two) / 2, 6)}
                )  # fmt: skip
        return rows

    def trades(self, symbol: str, start: int, end: int) -> list[dict[str, Any]]:
        """Two a bar, the second at the odd nanosecond."""
        return [
            {"c": "I", "p": row[price], "s": size, "t": time, "x": "C"}
            for row in self.bars(symbol, start - MINUTE, end)
            for price, size, time in (
                ("o", 1, row["t"].replace("Z", ".25Z")),
                ("c", 2, row["t"].replace(":00Z", ":59.123456789Z")),
            )
        ]

    # How it is asked

    async def answer(self, request: web.Request) -> web.Response:
        """Any request."""
        self.asked.append((request.path, dict(request.query)))
        self.before(request.path)
        for part, waiting in self.faults.items():
            if part in request.path and waiting:
                fault = waiting.popleft()
                return web.Response(
                    status=fault.status, text=fault.body, headers=fault.headers, content_type=fault.kind
                )
        if (request.headers.get("APCA-API-KEY-ID"), request.headers.get("APCA-API-SECRET-KEY")) != (KEY_ID, SECRET):
            return web.json_response({"message": "forbidden."}, status=401)
        if request.path == "/v2/options/contracts":
            return self._contracts(request.query)
        kinds = {"/v1beta1/options/bars": "bars", "/v2/stocks/bars": "bars", "/v1beta1/options/trades": "trades"}
        return self._data(request.query, kinds[request.path])

    def _contracts(self, query: Any) -> web.Response:
        assert query["expiration_date_gte"] == query["expiration_date_lte"]
        day = dt.date.fromisoformat(query["expiration_date_gte"])
        there = [] if self.gone or query["status"] != "inactive" else self.listed(query["root_symbol"], day)
        lowest, highest = float(query["strike_price_gte"]), float(query["strike_price_lte"])
        rows = [
            {
                "id": "00000000-0000-0000-0000-000000000000",
                "symbol": one.symbol,
                "name": one.short_name,
                "status": query["status"],
                "tradable": False,
                "expiration_date": str(day),
                "root_symbol": one.root,
                "underlying_symbol": product(one.root).underlying,
                "underlying_asset_id": "00000000-0000-0000-0000-000000000000",
                "type": "call" if one.right == "C" else "put",
                "style": product(one.root).style,
                "strike_price": f"{one.strike / 10_000:g}",
                "size": "100",
                "open_interest": str(100 + number),
                "open_interest_date": str(previous_session(day).day),
                "close_price": None,
                "close_price_date": None,
            }
            for number, one in enumerate(there)
            if lowest <= one.strike / 10_000 <= highest
        ]
        page, token = self._page(rows, query, 100)
        return web.json_response({"option_contracts": page, "next_page_token": token})

    def _data(self, query: Any, kind: str) -> web.Response:
        start, end = _ns(query["start"]), _ns(query["end"])
        symbols = query["symbols"].split(",")
        assert len(symbols) <= 100
        method = self.bars if kind == "bars" else self.trades
        flat = [(symbol, row) for symbol in sorted(symbols) for row in method(symbol, start, end)]
        page, token = self._page(flat, query, 1000)
        found: dict[str, list[Any]] = {}
        for symbol, row in page:
            found.setdefault(symbol, []).append(row)
        return web.json_response({kind: found, "next_page_token": token})

    def _page(self, rows: list[Any], query: Any, usual: int) -> tuple[list[Any], str | None]:
        size = min(self.page, int(query.get("limit", usual)))
        first = int(base64.b64decode(query["page_token"])) if "page_token" in query else 0
        more = first + size < len(rows)
        return rows[first : first + size], base64.b64encode(str(first + size).encode()).decode() if more else None


@contextmanager
def serving(past: Past) -> Iterator[Past]:
    """The server on a port of its own, in a thread."""
    loop = asyncio.new_event_loop()
    ready, runner = threading.Event(), None

    async def start() -> None:
        nonlocal runner
        app = web.Application()
        app.router.add_get("/{path:.*}", past.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        past.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def serve() -> None:
        loop.run_until_complete(start())
        loop.run_forever()
        assert runner is not None
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve, name="alpaca-past", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield past
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def _text(ns: int) -> str:
    return dt.datetime.fromtimestamp(ns // SECOND, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ns(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) * SECOND
