"""A local exchange on a thread of its own, its clock set by hand, and the real SDK's clients to it."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.calendar import from_new_york, session
from engine.config import Config, load
from engine.session.exchange import make_venue
from engine.session.source import demo_source
from engine.types import Contract, Right
from engine.venue.access import Access
from engine.venue.app import make_app, serving
from engine.venue.clock import VenueClock
from engine.venue.rules import Rules
from engine.venue.trading import trading_routes


class Hall:
    """A venue that is served; ``at`` moves its clock."""

    def __init__(
        self, config: Config, accounts: tuple[str, ...], rules: Rules, requests_a_minute: int, start: int
    ) -> None:
        source = demo_source(config)
        self.day = session(source.day)
        self.clock = VenueClock(self.day.open + start * 60 * 10**9, speed=0)
        self.venue = make_venue(config, source, self.clock, accounts)
        self.access = Access.made_up(accounts)
        self.app = make_app(self.venue, self.access, (trading_routes(rules),), requests_a_minute=requests_a_minute)
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._up = threading.Event()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serving(self.app) as self.port:
            self._up.set()
            await self._stop.wait()

    def __enter__(self) -> Hall:
        self._thread.start()
        assert self._up.wait(20), "the exchange does not come up"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def run(self, call: Any) -> Any:
        """Do something on the exchange's own thread."""

        async def do() -> Any:
            return call()

        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(do(), self._loop).result(10)

    def at(self, hour: int, minute: int, second: int = 0) -> None:
        """Let the market go on to a time of day in New York."""
        instant = from_new_york(self.day.day, dt.time(hour, minute, second))
        self.run(lambda: (self.clock.set(instant), self.venue.advance()))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, account: str = "one", **more: Any) -> Any:
        from alpaca.trading.client import TradingClient

        keys = self.access.keys[account]
        return TradingClient(keys.key_id, keys.secret, url_override=self.url, **more)

    def headers(self, account: str = "one") -> dict[str, str]:
        keys = self.access.keys[account]
        return {"APCA-API-KEY-ID": keys.key_id, "APCA-API-SECRET-KEY": keys.secret}

    def ask(self, method: str, path: str, body: Any = None, account: str = "one") -> tuple[int, Any]:
        """A raw request: the status and the JSON of the answer."""
        import requests

        answer = requests.request(method, self.url + path, json=body, headers=self.headers(account), timeout=60)
        return answer.status_code, answer.json() if answer.content else None

    def contract(self, right: Right, strike: int) -> Contract:
        return Contract("SPXW", self.day.day, strike * 10_000, right)

    def spot(self) -> int:
        """The strike nearest spot, dollars."""
        value = self.venue.market.value("SPX")[0]
        assert value is not None
        return round(value / 50_000) * 5

    def condor(self, offset: int = 25, wing: int = 20) -> list[Contract]:
        """Bought put, sold put, sold call, bought call."""
        middle = self.spot()
        return [
            self.contract("P", middle - offset - wing),
            self.contract("P", middle - offset),
            self.contract("C", middle + offset),
            self.contract("C", middle + offset + wing),
        ]


@contextmanager
def hall(
    *settings: str,
    accounts: tuple[str, ...] = ("one",),
    rules: Rules | None = None,
    requests_a_minute: int = 0,
    start: int = 30,
) -> Iterator[Hall]:
    """A served venue of the demo market, so many minutes after its open: 10:00."""
    config = load([], list(settings))
    with Hall(config, accounts, rules or Rules(), requests_a_minute, start) as found:
        yield found


def legs(contracts: list[Contract], *, close: bool = False) -> list[dict[str, str]]:
    """The legs of a short condor, or of buying it back."""
    sides = ["buy", "sell", "sell", "buy"]
    if close:
        sides = [{"buy": "sell", "sell": "buy"}[side] for side in sides]
    what = "close" if close else "open"
    return [
        {"symbol": contract.symbol, "ratio_qty": "1", "side": side, "position_intent": f"{side}_to_{what}"}
        for contract, side in zip(contracts, sides, strict=True)
    ]


def mleg(of: list[dict[str, str]], limit: float | str | None = None, qty: int | str = 1, **more: Any) -> dict[str, Any]:
    """The body of a package's order; a market order without a limit."""
    how = {"type": "market"} if limit is None else {"type": "limit", "limit_price": str(limit)}
    return {"order_class": "mleg", "qty": str(qty), "time_in_force": "day", "legs": of, **how, **more}


def single(symbol: str, side: str, limit: str | None = None, qty: int | str = 1, **more: Any) -> dict[str, Any]:
    """The body of a simple order."""
    how = {"type": "market"} if limit is None else {"type": "limit", "limit_price": limit}
    return {"symbol": symbol, "side": side, "qty": str(qty), "time_in_force": "day", **how, **more}
