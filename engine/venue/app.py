"""The web application: who asks, how often, how it is refused; and the pump that lets the market go on.

Its endpoints are added by parts: functions ``(app, venue)`` that add routes, streams and middlewares, such as
``engine.venue.trading.add_trading_routes``. A part finds who asks by ``account_of(request)`` and refuses by raising
``Refused``; a stream, which is asked for without headers, checks keys by ``app[ACCESS]``.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.clock import MINUTE
from engine.processes.collecting import collect_seldom
from engine.venue.access import Access, RateLimit
from engine.venue.errors import INTERNAL, NOT_FOUND, Refused
from engine.venue.venue import Venue

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
PUMP_SECONDS = 0.004
_MOST_AT_ONCE = MINUTE  # of market time

VENUE: web.AppKey[Venue] = web.AppKey("venue", Venue)
ACCESS: web.AppKey[Access] = web.AppKey("access", Access)
LIMIT: web.AppKey[RateLimit] = web.AppKey("limit", RateLimit)
PUMP: web.AppKey[asyncio.Future[Any]] = web.AppKey("pump", asyncio.Future)
OPEN: web.AppKey[set[str]] = web.AppKey("open", set)
"""Paths that need no keys, such as a control endpoint's; every path below one of them is open too."""

Part = Callable[[web.Application, Venue], None]

_ACCOUNT: web.RequestKey[str] = web.RequestKey("account", str)


def make_app(
    venue: Venue, access: Access, parts: Iterable[Part] = (), *, requests_a_minute: int = 200
) -> web.Application:
    """The application over a venue.

    Args:
        parts: add the endpoints, in this order; a middleware that a part appends runs behind the keys' check.
        requests_a_minute: for each account, of trading and of data apart; 0: no limit.
    """
    app = web.Application(middlewares=[_named, _answered, _admitted])
    app[VENUE] = venue
    app[ACCESS] = access
    app[LIMIT] = RateLimit(requests_a_minute)
    app[OPEN] = set()
    for add in parts:
        add(app, venue)
    app.cleanup_ctx.append(_pumped)
    return app


def account_of(request: web.Request) -> str:
    """The account whose keys the request carries."""
    return request[_ACCOUNT]


def is_stream(request: web.Request) -> bool:
    """Whether a WebSocket is asked for; its first messages carry the keys."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


@web.middleware
async def _named(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer has an id, as a report of a fault to Alpaca would quote it."""
    response = await handler(request)
    if not response.prepared:
        response.headers["X-Request-ID"] = uuid.uuid4().hex
    return response


@web.middleware
async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals and faults are JSON."""
    try:
        return await handler(request)
    except Refused as refused:
        return web.json_response(refused.body, status=refused.status)
    except web.HTTPNotFound:
        return web.json_response({"code": NOT_FOUND, "message": "endpoint not found"}, status=404)
    except web.HTTPMethodNotAllowed as error:
        return web.json_response(
            {"message": "method not allowed"}, status=405, headers={"Allow": error.headers["Allow"]}
        )
    except web.HTTPException:
        raise
    except Exception:
        log.exception("%s %s", request.method, request.path)
        return web.json_response({"code": INTERNAL, "message": "internal server error occurred"}, status=500)


@web.middleware
async def _admitted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The keys are looked at first, then how often they have asked in this minute."""
    opened = any(request.path == path or request.path.startswith(path + "/") for path in request.app[OPEN])
    if opened or is_stream(request):
        return await handler(request)
    key_id = request.headers.get("APCA-API-KEY-ID", "")
    account = request.app[ACCESS].account(key_id, request.headers.get("APCA-API-SECRET-KEY", ""))
    if account is None:
        raise Refused(401, None, "unauthorized.")
    request[_ACCOUNT] = account
    kind = "data" if request.path.startswith(("/v1beta", "/v2/stocks")) else "trading"
    within, headers = request.app[LIMIT].take(account, kind)
    if not within:
        return web.json_response({"message": "too many requests."}, status=429, headers=headers)
    request.app[VENUE].advance()  # it is answered by the market of now, not of the pump's last stroke
    try:
        response = await handler(request)
    except Refused as refused:
        response = web.json_response(refused.body, status=refused.status)
    if not response.prepared:
        response.headers.update(headers)
    return response


async def _pumped(app: web.Application) -> AsyncIterator[None]:
    """While the application runs, the market goes on."""
    app[VENUE].advance()
    app[PUMP] = pump = asyncio.create_task(_pump(app[VENUE]))
    yield
    pump.cancel()
    with suppress(asyncio.CancelledError, Exception):  # what broke it has been told by ``serve``
        await pump


async def _pump(venue: Venue) -> None:
    """What happens is played when it is due. Half of the time is the clients', where the market goes faster than it can
    be played; then it falls behind.
    """
    loop, took = asyncio.get_running_loop(), 0.0
    while True:
        left = venue.seconds_left
        await asyncio.sleep(min(PUMP_SECONDS, left) if left > 0 else took)
        began = loop.time()
        venue.advance(_MOST_AT_ONCE)
        took = loop.time() - began


@asynccontextmanager
async def serving(app: web.Application, host: str = HOST, port: int = 0) -> AsyncIterator[int]:
    """Listen while the block runs; yields the port, a free one for 0.

    Raises ``ValueError`` for a host that others can reach, and ``OSError`` where it cannot listen.
    """
    if host != HOST:
        raise ValueError(f"the exchange listens at {HOST} only, not at {host}: its keys and its money are made up")
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def serve(
    app: web.Application, host: str = HOST, port: int = 0, started: Callable[[int], None] = lambda _: None
) -> None:
    """Serve until SIGINT or SIGTERM; ``started`` is told the port. Raises as ``serving``, and what broke the market.

    For a process that does nothing else: it looks for garbage seldom.
    """

    async def run() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        async with serving(app, host, port) as found:
            collect_seldom()
            started(found)
            stopped: asyncio.Future[bool] = asyncio.ensure_future(stop.wait())
            either: set[asyncio.Future[Any]] = {stopped, app[PUMP]}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if app[PUMP].done():
                app[PUMP].result()

    app[VENUE].warm()
    asyncio.run(run())
