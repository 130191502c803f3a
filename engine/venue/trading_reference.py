"""What is listed and when it trades: contracts, assets, clock, calendar."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from aiohttp import web

from engine.calendar import FIRST_DAY, LAST_DAY, Session, clock_text, next_session, previous_session, sessions_between
from engine.types import SCALE, Contract, Underlying, product, strike_text
from engine.venue import query
from engine.venue.errors import malformed, not_found
from engine.venue.venue import Venue
from engine.venue.wire import id_of, new_york_text, number_text

_SHARES = {"SPY": ("SPDR S&P 500 ETF Trust", "ARCA"), "QQQ": ("Invesco QQQ Trust, Series 1", "NASDAQ")}


class Reference:
    """The endpoints of reference data."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/v2/clock", self.clock)
        app.router.add_get("/v2/calendar", self.calendar)
        app.router.add_get("/v2/assets", self.assets)
        app.router.add_get("/v2/assets/{symbol}", self.asset)
        app.router.add_get("/v2/options/contracts", self.contracts)
        app.router.add_get("/v2/options/contracts/{symbol}", self.contract)

    async def clock(self, _request: web.Request) -> web.Response:
        """The exchange's own time, which is the market's."""
        now, day = self._venue.now, self._venue.day
        opens, closes = day.open, day.close
        if now >= day.open:
            opens = next_session(day.day).open
        if now >= day.close:
            closes = next_session(day.day).close
        return web.json_response(
            {
                "timestamp": new_york_text(now),
                "is_open": day.open <= now < day.close,
                "next_open": new_york_text(opens),
                "next_close": new_york_text(closes),
            }
        )

    async def calendar(self, request: web.Request) -> web.Response:
        """Sessions from ``start`` to ``end``."""
        start, end = query.day(request, "start") or FIRST_DAY, query.day(request, "end") or LAST_DAY
        query.choice(request, "date_type", "TRADING", "SETTLEMENT")
        return web.json_response([_day(each) for each in sessions_between(start, end)])

    async def assets(self, _request: web.Request) -> web.Response:
        """The shares under the options that are listed."""
        return web.json_response([_asset(symbol) for symbol in self._shares()])

    async def asset(self, request: web.Request) -> web.Response:
        """One of them, by symbol or id; an index is no asset."""
        wanted = request.match_info["symbol"]
        for symbol in self._shares():
            if wanted in (symbol, id_of(symbol)):
                return web.json_response(_asset(symbol))
        raise not_found(f"asset not found for {wanted}")

    def _shares(self) -> list[str]:
        listed = (each.symbol for each in self._venue.listed if isinstance(each, Underlying))
        return [symbol for symbol in listed if symbol in _SHARES]

    async def contracts(self, request: web.Request) -> web.Response:
        """Contracts that are listed, a page at a time; by themselves only those that expire by the next weekend."""
        day = self._venue.day.day
        exact, first = query.day(request, "expiration_date"), query.day(request, "expiration_date_gte")
        last = query.day(request, "expiration_date_lte")
        if exact is None and last is None:
            last = max(first or day, day) + dt.timedelta(days=6 - max(first or day, day).weekday())
        low, high = query.number(request, "strike_price_gte"), query.number(request, "strike_price_lte")
        underlyings, root = query.words(request, "underlying_symbols"), request.query.get("root_symbol", "")
        right = {"call": "C", "put": "P", "": ""}[query.choice(request, "type", "", "call", "put")]
        style = query.choice(request, "style", "", "american", "european")
        status = query.choice(request, "status", "active", "inactive")
        found = [
            contract
            for contract in self._listed()
            if (not underlyings or underlyings & {contract.root, product(contract.root).underlying})
            and (not root or contract.root == root)
            and (exact is None or contract.expiry == exact)
            and (first is None or contract.expiry >= first)
            and (last is None or contract.expiry <= last)
            and (low is None or contract.strike >= low * SCALE)
            and (high is None or contract.strike <= high * SCALE)
            and right in ("", contract.right)
            and style in ("", product(contract.root).style)
            and (status == "active") == self._active(contract)
        ]
        start, limit = _page(request), query.whole(request, "limit", 100, 10_000)
        more = base64.b64encode(str(start + limit).encode()).decode() if start + limit < len(found) else None
        page = [self._contract(contract) for contract in found[start : start + limit]]
        return web.json_response({"option_contracts": page, "next_page_token": more})

    async def contract(self, request: web.Request) -> web.Response:
        """One contract, by symbol or id."""
        wanted = request.match_info["symbol"]
        for contract in self._listed():
            if wanted in (contract.symbol, id_of(contract.symbol)):
                return web.json_response(self._contract(contract))
        raise not_found(f"option contract not found for {wanted}")

    def _listed(self) -> list[Contract]:
        return sorted(each for each in self._venue.listed if isinstance(each, Contract))

    def _active(self, contract: Contract) -> bool:
        day = self._venue.day
        return contract.expiry > day.day or self._venue.now < day.product_close(contract.root)

    def _contract(self, contract: Contract) -> dict[str, Any]:
        terms, market = product(contract.root), self._venue.market
        position = market.index.get(contract)
        held = None if position is None else market.detail(position)["open_interest"]
        yesterday = f"{previous_session(self._venue.day.day).day}"
        active = self._active(contract)
        right = "call" if contract.right == "C" else "put"
        shown = {
            "id": id_of(contract.symbol),
            "symbol": contract.symbol,
            "name": f"{contract.root} {contract.expiry:%b %d %Y} {strike_text(contract.strike)} {right.title()}",
            "status": "active" if active else "inactive",
            "tradable": active,
            "expiration_date": f"{contract.expiry}",
            "root_symbol": contract.root,
            "underlying_symbol": terms.underlying,
            "underlying_asset_id": id_of(terms.underlying),
            "type": right,
            "style": terms.style,
            "strike_price": number_text(contract.strike) if not contract.strike else strike_text(contract.strike),
            "multiplier": str(terms.multiplier),
            "size": str(terms.multiplier),
        }
        return shown if held is None else shown | {"open_interest": str(held), "open_interest_date": yesterday}


def _page(request: web.Request) -> int:
    token = request.query.get("page_token", "")
    if not token:
        return 0
    try:
        return max(0, int(base64.b64decode(token, validate=True)))
    except ValueError:
        raise malformed(f"invalid page_token: {token}") from None


def _asset(symbol: str) -> dict[str, Any]:
    name, exchange = _SHARES[symbol]
    return {
        "id": id_of(symbol),
        "class": "us_equity",
        "exchange": exchange,
        "symbol": symbol,
        "name": name,
        "status": "active",
        "tradable": False,
        "marginable": True,
        "shortable": True,
        "easy_to_borrow": True,
        "fractionable": False,
        "attributes": ["has_options", "options_late_close"],
    }


def _day(each: Session) -> dict[str, str]:
    late = "17:00" if each.early else "20:00"
    return {
        "date": f"{each.day}",
        "open": clock_text(each.open, seconds=False),
        "close": clock_text(each.close, seconds=False),
        "session_open": "0400",
        "session_close": late.replace(":", ""),
        "settlement_date": f"{_settles(each.day)}",
    }


def _settles(day: dt.date) -> dt.date:
    """The next session; the day itself where the calendar ends."""
    return next_session(day).day if day < LAST_DAY else day
