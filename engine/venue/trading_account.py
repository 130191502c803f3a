"""``/v2/account``, its configurations, its history and its activities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from engine.calendar import date_of, next_session, previous_session, to_new_york
from engine.types import SCALE, Money, product, sign
from engine.venue import query
from engine.venue.app import account_of
from engine.venue.desk import Desk
from engine.venue.equity_history import EquityHistory
from engine.venue.errors import malformed
from engine.venue.positions import long_value, short_value
from engine.venue.settings import read_changes
from engine.venue.settlement import Settled, Settlement
from engine.venue.wire import id_of, instant_text, money_text


class Account:
    """The endpoints of the account itself.

    Args:
        settlements: what expired, by account.
    """

    def __init__(self, desks: dict[str, Desk], settlements: dict[str, Settlement]) -> None:
        self._desks = desks
        self._settlements = settlements
        self._histories = {name: EquityHistory(desk) for name, desk in desks.items()}

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/v2/account", self.account)
        app.router.add_get("/v2/account/configurations", self.configurations)
        app.router.add_patch("/v2/account/configurations", self.configure)
        app.router.add_get("/v2/account/portfolio/history", self.history)
        app.router.add_get("/v2/account/activities", self.activities)
        app.router.add_get("/v2/account/activities/{type}", self.activities)

    async def account(self, request: web.Request) -> web.Response:
        """Cash, equity, buying power and level; none of the fields of pattern day trading, which are gone."""
        desk = self._desks[account_of(request)]
        return web.json_response(_account(desk))

    async def configurations(self, request: web.Request) -> web.Response:
        """What the owner has set."""
        return web.json_response(self._desks[account_of(request)].settings)

    async def configure(self, request: web.Request) -> web.Response:
        """Change some of it."""
        changes = read_changes(await query.body(request))
        return web.json_response(self._desks[account_of(request)].configure(changes))

    async def history(self, request: web.Request) -> web.Response:
        """Equity and profit of today, window by window."""
        return web.json_response(self._histories[account_of(request)].body(request))

    async def activities(self, request: web.Request) -> web.Response:
        """Fills of the day; expiries, exercises and assignments from the next day on."""
        name = account_of(request)
        desk = self._desks[name]
        kinds = query.words(request, "activity_types")
        category = query.choice(request, "category", "", "trade_activity", "non_trade_activity")
        if kinds and category:
            raise malformed("category cannot be used with activity_types")
        if "type" in request.match_info:
            kinds = {request.match_info["type"]}
        after, until = query.instant(request, "after"), query.instant(request, "until")
        on, size = query.day(request, "date"), query.whole(request, "page_size", 100, 100)
        rows = [*_fills(desk), *_expired(self._settlements[name], desk.venue.now)]
        found = [
            row
            for at, row in sorted(rows, key=lambda each: each[0])
            if (not kinds or row["activity_type"] in kinds)
            and (not category or (category == "trade_activity") == (row["activity_type"] == "FILL"))
            and (after is None or at > after)
            and (until is None or at < until)
            and (on is None or date_of(at) == on)
        ]
        if query.choice(request, "direction", "desc", "asc") == "desc":
            found.reverse()
        token = request.query.get("page_token")
        if token:
            ids = [row["id"] for row in found]
            if token not in ids:
                raise malformed(f"invalid page_token: {token}")
            found = found[ids.index(token) + 1 :]
        return web.json_response(found[:size])


def _account(desk: Desk) -> dict[str, Any]:
    cash, held = desk.cash, desk.margin
    long, short = long_value(desk), short_value(desk)
    equity = cash + long + short
    began = _text(cash - desk.ledger.cash)
    required = _text(held)
    free = max(0, equity - held)
    settings = desk.settings
    multiplier = int(settings["max_margin_multiplier"])
    return {
        "id": desk.id,
        "account_number": f"PALOCAL{desk.id[:6].upper()}",
        "status": "ACTIVE",
        "crypto_status": "INACTIVE",
        "currency": "USD",
        "cash": _text(cash),
        "accrued_fees": "0",
        "pending_transfer_in": "0",
        "portfolio_value": _text(equity),
        "equity": _text(equity),
        "last_equity": began,
        "long_market_value": _text(long),
        "short_market_value": _text(short),
        "buying_power": _text(free * multiplier),
        "regt_buying_power": _text(free * multiplier),
        "non_marginable_buying_power": _text(max(0, desk.available)),
        "options_buying_power": _text(max(0, desk.available)),
        "initial_margin": required,
        "maintenance_margin": required,
        "last_maintenance_margin": "0",
        "sma": "0",
        "multiplier": str(multiplier),
        "balance_asof": f"{previous_session(desk.venue.day.day).day}",
        "created_at": instant_text(desk.venue.day.open),
        "trading_blocked": False,
        "transfers_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": settings["suspend_trade"],
        "shorting_enabled": not settings["no_shorting"],
        "intraday_adjustments": "0",
        "pending_reg_taf_fees": "0",
        "options_approved_level": desk.level,
        "options_trading_level": desk.rules.level,
    }


def _text(units: Money) -> str:
    return money_text(units) or "0"


def _activity_id(at: int, *names: object) -> str:
    return f"{to_new_york(at):%Y%m%d%H%M%S}{at // 1_000_000 % 1000:03d}::{id_of(*names)}"


def _fills(desk: Desk) -> Iterator[tuple[int, dict[str, Any]]]:
    for order, at, legs, filled in desk.fills:
        for number, fill in enumerate(legs):
            ratio = order.legs[number].ratio
            left = (order.quantity - filled) * ratio
            several = order.order_class == "mleg"
            yield (
                at,
                {
                    "id": _activity_id(at, desk.account, fill.exec_id),
                    "activity_type": "FILL",
                    "transaction_time": instant_text(at),
                    "type": "fill" if not left else "partial_fill",
                    "price": money_text(fill.price),
                    "qty": str(fill.quantity),
                    "side": fill.side,
                    "symbol": fill.contract.symbol,
                    "leaves_qty": str(left),
                    "order_id": order.leg_id(number) if several else order.id,
                    "cum_qty": str(filled * ratio),
                    "order_status": "filled" if not left else "partially_filled",
                },
            )


def _expired(settlement: Settlement, now: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for each in settlement.settled:
        day = next_session(date_of(each.at)).day
        if date_of(now) >= day:
            yield from ((each.at, row) for row in _settled(each, day))


_WORDS = {"OPEXP": "Option Expiration", "OPEXC": "Option Exercise", "OPASN": "Option Assignment"}


def _settled(each: Settled, day: dt.date) -> Iterator[dict[str, Any]]:
    """The contracts that went, and the trade of the shares that came or went for them."""
    terms, side = product(each.contract.root), sign("sell" if each.quantity > 0 else "buy")
    delivered = each.kind != "OPEXP" and terms.settlement == "physical"
    both = {
        "date": f"{day}",
        "created_at": instant_text(each.at),
        "group_id": id_of(each.at, each.kind, each.contract.symbol, "both"),
        "status": "executed",
    }
    yield both | {
        "id": _activity_id(each.at, each.kind, each.contract.symbol),
        "activity_type": each.kind,
        "net_amount": "0" if delivered else money_text(each.net),
        "description": f"{_WORDS[each.kind]}, settled on {each.value / SCALE:.2f}",
        "symbol": each.contract.symbol,
        "qty": str(side * abs(each.quantity)),
    }
    if delivered:
        shares = each.quantity * terms.multiplier * (1 if each.contract.right == "C" else -1)
        yield both | {
            "id": _activity_id(each.at, "OPTRD", each.contract.symbol),
            "activity_type": "OPTRD",
            "net_amount": money_text(each.net),
            "description": "Option Trade",
            "symbol": terms.underlying,
            "qty": str(shares),
            "price": money_text(each.contract.strike),
        }
