"""``/v2/orders``: submit, list, look up, replace, cancel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from engine.types import product
from engine.venue import query
from engine.venue.app import account_of
from engine.venue.asked import read_client_order_id, read_order, read_price, read_quantity
from engine.venue.desk import Desk
from engine.venue.errors import Refused, malformed, not_found, unprocessable
from engine.venue.orders import Order

_PATCHABLE = {"qty", "limit_price", "stop_price", "client_order_id", "time_in_force"}


class Orders:
    """The endpoints of orders, for every account's desk."""

    def __init__(self, desks: dict[str, Desk]) -> None:
        self._desks = desks

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_post("/v2/orders", self.submit)
        app.router.add_get("/v2/orders", self.list)
        app.router.add_delete("/v2/orders", self.cancel_all)
        app.router.add_get("/v2/orders:by_client_order_id", self.by_client_id)
        app.router.add_get("/v2/orders/{id}", self.get)
        app.router.add_patch("/v2/orders/{id}", self.replace)
        app.router.add_delete("/v2/orders/{id}", self.cancel)

    def _desk(self, request: web.Request) -> Desk:
        return self._desks[account_of(request)]

    def _order(self, request: web.Request) -> tuple[Desk, Order]:
        desk, wanted = self._desk(request), request.match_info["id"]
        order = desk.orders.get(wanted)
        if order is None:
            raise not_found(f"order not found for {wanted}")
        return desk, order

    async def submit(self, request: web.Request) -> web.Response:
        """A new order, shown as it was taken: what the exchange makes of it comes as trade updates."""
        asked, desk = await query.body(request), self._desk(request)
        return web.json_response(desk.submit(read_order(asked, desk.untradable)))

    async def list(self, request: web.Request) -> web.Response:
        """Orders by status, time, symbol and side; legs inside their order if ``nested``, else orders of their own."""
        status = query.choice(request, "status", "open", "closed", "all")
        limit = query.whole(request, "limit", 50, 500)
        after, until = query.instant(request, "after"), query.instant(request, "until")
        nested = query.flag(request, "nested")
        symbols, side = query.words(request, "symbols"), request.query.get("side", "")
        classes = query.words(request, "asset_class")
        orders = list(self._desk(request).orders.values())
        orders = _beside(orders, request.query.get("after_order_id"), request.query.get("before_order_id"))
        found = [
            order
            for order in orders
            if (status == "all" or order.is_open == (status == "open"))
            and (after is None or order.created > after)
            and (until is None or order.created < until)
            and (not symbols or symbols & _symbols(order))
            and (not side or any(leg.side == side for leg in order.legs))
            and (not classes or "us_option" in classes)
        ]
        if query.choice(request, "direction", "desc", "asc") == "desc":
            found.reverse()
        return web.json_response([body for order in found[:limit] for body in _shown(order, nested)])

    async def by_client_id(self, request: web.Request) -> web.Response:
        """One order by the id its sender gave it."""
        wanted = request.query.get("client_order_id", "")
        order = self._desk(request).by_client_id(wanted)
        if order is None:
            raise not_found(f"order not found for {wanted}")
        return web.json_response(order.body())

    async def get(self, request: web.Request) -> web.Response:
        """One order, or one leg of an order."""
        leg = self._leg(request)
        return web.json_response(leg[1] if leg is not None else self._order(request)[1].body())

    def _leg(self, request: web.Request) -> tuple[Order, dict[str, Any]] | None:
        desk, wanted = self._desk(request), request.match_info["id"]
        for order in () if wanted in desk.orders else desk.orders.values():
            ids = [order.leg_id(number) for number in range(len(order.legs))]
            if wanted in ids:
                return order, list(order.leg_bodies())[ids.index(wanted)]
        return None

    async def cancel(self, request: web.Request) -> web.Response:
        """204 says that the request was taken; the cancellation itself is told by the stream."""
        if (leg := self._leg(request)) is not None:
            closed = f"leg order is already in {leg[0].status} state"
            raise unprocessable("legs are cancelled with their order" if leg[0].is_open else closed)
        desk, order = self._order(request)
        desk.cancel(order)
        return web.Response(status=204)

    async def cancel_all(self, request: web.Request) -> web.Response:
        """Every open order; each with the status its own request would have had."""
        return web.json_response(cancel_all(self._desk(request)), status=207)

    async def replace(self, request: web.Request) -> web.Response:
        """A new order in the place of one of a single leg; a package's is refused."""
        if self._leg(request) is not None:
            raise unprocessable("leg orders cannot be replaced")
        desk, order = self._order(request)
        asked = await query.body(request)
        if not isinstance(asked, dict):
            raise malformed("request body format is invalid")
        if unknown := asked.keys() - _PATCHABLE:
            raise malformed(f"{min(unknown)} cannot be replaced for options trading")
        if asked.get("time_in_force") not in (None, "day"):
            raise unprocessable("invalid option time_in_force")
        several = order.order_class == "mleg"
        quantity, limit, stop = (asked.get(name) for name in ("qty", "limit_price", "stop_price"))
        for name, given in (("limit", limit), ("stop", stop)):
            if given is not None and name not in order.kind:
                raise unprocessable(f"{name} price is only valid for {name} orders")
        price = None if limit is None else read_price("limit_price", limit, signed=several)
        if price is not None and not several and order.legs[0].side == "sell":
            price = -price
        return web.json_response(
            desk.replace(
                order,
                None if quantity is None else read_quantity(quantity),
                price,
                None if stop is None else read_price("stop_price", stop),
                read_client_order_id(asked),
            )
        )


def cancel_all(desk: Desk) -> list[dict[str, Any]]:
    """Ask for the cancellation of every open order; what came of each request."""
    found: list[dict[str, Any]] = []
    for order in desk.open_orders:
        try:
            desk.cancel(order)
            found.append({"id": order.id, "status": 200})
        except Refused as refused:
            found.append({"id": order.id, "status": refused.status, "body": refused.body})
    return found


def _shown(order: Order, nested: bool) -> Iterator[dict[str, Any]]:
    yield order.body(nested=nested)
    if not nested and order.order_class == "mleg":
        yield from order.leg_bodies()


def _symbols(order: Order) -> set[str]:
    """What an order can be found by: its contracts, and their underlying."""
    return {leg.contract.symbol for leg in order.legs} | {product(order.legs[0].contract.root).underlying}


def _beside(orders: list[Order], after: str | None, before: str | None) -> list[Order]:
    """Those sent after or before an order, by its id."""
    if after and before:
        raise malformed("before_order_id and after_order_id are mutually exclusive")
    if not after and not before:
        return orders
    where = next((n for n, order in enumerate(orders) if order.id == (after or before)), None)
    if where is None:
        raise not_found(f"order not found for {after or before}")
    return orders[where + 1 :] if after else orders[:where]
