"""One account's desk: its orders, what became of them, what it holds; what the trade_updates stream has to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from engine.events import BrokerReport, LegFill, OrderRequest
from engine.exchange.cutoffs import Cutoffs
from engine.types import Contract, Leg, Money, Package, Price, Underlying, parse_symbol
from engine.venue.asked import Asked
from engine.venue.changing import check_cancel, check_replace, replacement
from engine.venue.desk_executions import execution
from engine.venue.diary_records import Cancelled, Configured, Exercised, Replaced, Request, Submitted
from engine.venue.errors import forbidden, malformed, unprocessable
from engine.venue.ledger import Ledger
from engine.venue.margin import NO_BOUND, margin
from engine.venue.orders import Order
from engine.venue.rules import Rules, Standing, check, cost_of, intended
from engine.venue.settings import usual
from engine.venue.venue import Venue
from engine.venue.wire import id_of, instant_text

Shown = dict[str, Any]
Update = dict[str, Any]


class Desk:
    """Takes an account's orders, sends them to its exchange and keeps what that reports.

    Attributes:
        orders: by id, in the order in which they were sent.
        updates: called with the account and each trade update, in order.
        asks: given each request and ``do``, does it; the place for who keeps account of them.
        exercises: does what is asked of a long position beside trading it.
        settings: what the account's owner has set.
    """

    def __init__(self, venue: Venue, account: str, rules: Rules) -> None:
        self.venue = venue
        self.account = account
        self._rules = rules
        self.settings = usual(rules.level)
        self.id = id_of(account)
        self.ledger = Ledger()
        self.orders: dict[str, Order] = {}
        self.updates: list[Callable[[str, Update], None]] = []
        self.exercises: Callable[[Exercised], Shown] = _not_here
        self.asks: Callable[[Request, Callable[[Request], Shown]], Shown] = lambda request, do: do(request)
        self.fills: list[tuple[Order, int, tuple[LegFill, ...], int]] = []
        self._by_client: dict[str, Order] = {}
        self._by_key: dict[str, Order] = {}
        self._waiting: list[Order] = []
        self._cutoffs = Cutoffs(venue.config.cutoffs, venue.day)
        venue.reported.append(self._heard)
        venue.at(venue.day.open, self._opened)

    # What it has

    @property
    def rules(self) -> Rules:
        """What holds for it, by its owner's settings too."""
        return replace(self._rules, level=min(self._rules.level, self.settings["max_options_trading_level"]))

    @property
    def level(self) -> int:
        """The options level that it was approved for."""
        return self._rules.level

    @property
    def contracts(self) -> dict[Contract, int]:
        """Signed contracts held."""
        return {each: held.quantity for each, held in self.ledger.held.items() if isinstance(each, Contract)}

    @property
    def open_orders(self) -> tuple[Order, ...]:
        """Those that may still trade."""
        return tuple(order for order in self.orders.values() if order.is_open)

    @property
    def cash(self) -> Money:
        """Money units: what the day began with and what has come in since."""
        return self.venue.config.account.equity_units + self.ledger.cash

    @property
    def margin(self) -> Money:
        """What the positions hold, money units: the loss at expiration, and of shares that are short 150% of their
        value, as they have brought in the cash. All cash where a bust has left a short call without its cover."""
        shares = 0
        for each, held in self.ledger.held.items():
            if isinstance(each, Underlying) and held.quantity < 0:
                value = self.venue.market.value(each.symbol)[0]
                shares -= (held.cost if value is None else held.quantity * value) * 3 // 2
        lost = margin(self.contracts)
        return max(0, self.cash) if lost >= NO_BOUND else lost + shares

    @property
    def available(self) -> Money:
        """Cash that neither positions nor open orders hold, money units."""
        orders = sum(self._cost(order.package, order.left, order.limit) for order in self.open_orders)
        return self.cash - self.margin - orders

    def _cost(self, package: Package, quantity: int, limit: Price | None) -> Money:
        return cost_of(package, quantity, limit, self.venue.market) if package.opens else 0

    def by_client_id(self, client_order_id: str) -> Order | None:
        """The order with that client order id."""
        return self._by_client.get(client_order_id)

    def untradable(self, symbol: str) -> str:
        """Why a contract cannot be traded now, in Alpaca's words; empty: it can. Raises ``ValueError``."""
        contract = parse_symbol(symbol)
        if not isinstance(contract, Contract) or contract not in self.venue.listed:
            return f'contract "{symbol}" not found'
        day = self.venue.day
        if contract.expiry < day.day or (
            contract.expiry == day.day and self.venue.now >= day.product_close(contract.root)
        ):
            return f'contract "{symbol}" is expired'
        return ""

    # What it is asked

    def submit(self, asked: Asked) -> Shown:
        """Take a new order; what the answer shows, as it was before the exchange looked at it.

        Raises ``Refused`` where the account may not place it.
        """
        return self.asks(Submitted(self.venue.now, self.account, asked), self.do)

    def cancel(self, order: Order) -> None:
        """Ask for an order's cancellation; what comes of it is told later. Raises ``Refused``."""
        self.asks(Cancelled(self.venue.now, self.account, order.id), self.do)

    def replace(
        self, order: Order, quantity: int | None, limit: Price | None, stop: Price | None, client_order_id: str
    ) -> Shown:
        """Put an order of one leg in the place of another, once that is cancelled; the new one as the answer shows it.

        Args:
            quantity, limit, stop: what is to change; the limit signed as the order's own. The quantity counts what the
                old order has filled.
        """
        how = (quantity, limit, stop, client_order_id)
        return self.asks(Replaced(self.venue.now, self.account, order.id, *how), self.do)

    def do(self, request: Request) -> Shown:
        """What is asked for, at the market's now; what the answer shows of it. Raises ``Refused``."""
        match request:
            case Submitted():
                return self._submit(request.asked)
            case Cancelled():
                return self._cancel(self.orders[request.order])
            case Replaced():
                how = (request.quantity, request.limit, request.stop, request.client_order_id)
                return self._replace(self.orders[request.order], *how)
            case Exercised():
                return self.exercises(request)
            case Configured():
                self.settings |= request.changes
                return dict(self.settings)

    def configure(self, changes: dict[str, Any]) -> Shown:
        """Change settings; all of them as they are then."""
        return self.asks(Configured(self.venue.now, self.account, changes), self.do)

    def exercise(self, symbol: str, wanted: bool) -> None:
        """Exercise what is held long and free of a contract, or have it not exercised at expiry. Raises ``Refused``."""
        self.asks(Exercised(self.venue.now, self.account, symbol, wanted), self.do)

    def _submit(self, asked: Asked) -> Shown:
        if self.settings["suspend_trade"]:
            raise forbidden("new orders are rejected by user request")
        self._unused(asked.client_order_id)
        venue, now = self.venue, self.venue.now
        standing = Standing(self.contracts, self.open_orders, self.available)
        package = intended(asked, standing)
        limit = asked.limit
        cost = self._cost(package, asked.quantity, limit)
        check(package, asked.quantity, cost, asked, standing, self.rules, self._cutoffs, now, venue.day.day)
        close = venue.day.product_close(package.legs[0].contract.root)
        if asked.kind == "market" and not venue.day.open <= now < close:
            raise unprocessable("options market orders are only allowed during market hours")
        order = self._new(
            asked.client_order_id, asked.order_class, asked.kind, package, asked.quantity, limit, asked.stop
        )
        return self._enter(order)

    def _unused(self, client_order_id: str) -> None:
        if client_order_id and client_order_id in self._by_client:
            raise malformed("client_order_id must be unique")

    def _new(
        self,
        client_order_id: str,
        order_class: Any,
        kind: str,
        package: Package,
        quantity: int,
        limit: Price | None,
        stop: Price | None,
    ) -> Order:
        number = len(self.orders)
        return Order(
            id=id_of(self.account, "order", number, client_order_id),
            client_order_id=client_order_id or id_of(self.account, "client", number),
            order_class=order_class,
            kind=kind,
            package=package,
            quantity=quantity,
            limit=limit,
            stop=stop,
            created=self.venue.now,
            expires=self.venue.day.product_close(package.legs[0].contract.root),
        )

    def _keep(self, order: Order) -> None:
        self.orders[order.id] = order
        self._by_client[order.client_order_id] = order
        self._by_key[order.key] = order

    def _enter(self, order: Order) -> Shown:
        """Keep a new order and send it, before the open at the open; what it looked like when it was taken."""
        self._keep(order)
        if self.venue.now < self.venue.day.open:
            order.status = "accepted"
            self._waiting.append(order)
            self._tell("accepted", order, self.venue.now)
            return order.body()
        shown = order.body()
        self._tell("pending_new", order, self.venue.now)
        self._send(order)
        return shown

    def _send(self, order: Order) -> None:
        self.venue.send(
            self.account,
            OrderRequest(
                action="submit",
                client_order_id=order.key,
                package=order.package,
                quantity=order.left,
                limit=order.limit,
                stop=order.stop,
            ),
        )

    def _opened(self) -> None:
        """Orders of before the open go to the exchange."""
        waiting, self._waiting = self._waiting, []
        for order in waiting:
            self._send(order)

    def _cancel(self, order: Order) -> Shown:
        check_cancel(order)
        if order in self._waiting:
            self._waiting.remove(order)
            self._end(order, "canceled", "canceled_at", self.venue.now)
        else:
            self.venue.send(self.account, OrderRequest(action="cancel", client_order_id=order.key))
        return {}

    def _replace(
        self, order: Order, quantity: int | None, limit: Price | None, stop: Price | None, client_order_id: str
    ) -> Shown:
        check_replace(order)
        self._unused(client_order_id)
        wanted = replacement(order, quantity, limit, stop)
        self._affordable(order, wanted[0], wanted[1])
        new = self._new(client_order_id, "simple", order.kind, order.package, *wanted)
        new.replaces, order.next, order.updated = order.id, new, self.venue.now
        self._keep(new)
        shown = new.body()
        if order in self._waiting:
            self._waiting.remove(order)
            self._replaced(order, self.venue.now)
            return shown
        order.status = "pending_replace"
        self._tell("pending_replace", order, self.venue.now)
        self.venue.send(self.account, OrderRequest(action="cancel", client_order_id=order.key))
        return shown

    def _affordable(self, order: Order, quantity: int, limit: Price | None) -> None:
        """The new order is judged as if the old one were gone."""
        others = tuple(each for each in self.open_orders if each is not order)
        freed = self._cost(order.package, order.left, order.limit)
        standing = Standing(self.contracts, others, self.available + freed)
        left = quantity - order.filled
        cost = self._cost(order.package, left, limit)
        asked = Asked("", "simple", order.kind, (), left, limit, order.stop)
        check(order.package, left, cost, asked, standing, self.rules, self._cutoffs, self.venue.now, self.venue.day.day)

    # What it hears

    def _heard(self, account: str, report: BrokerReport) -> None:
        if account != self.account:
            return
        order = self._by_key.get(report.client_order_id)
        if order is None:
            order = self._others(report)
        match report.kind:
            case "accepted":
                if order.status in ("pending_new", "accepted"):
                    self._turn(order, "new", report.ts_known)
                    self._tell("new", order, report.ts_known)
            case "fill":
                self._filled(order, report)
            case "busted":
                for leg in report.legs:
                    order.executions.pop(leg.exec_id, None)
                order.taken_back += report.quantity
                self.ledger.bust(report.legs)
                self.fills = [each for each in self.fills if each[2] != report.legs]
                order.updated = report.ts_known
                self._tell("trade_bust", order, report.ts_known, **execution(self.account, self.ledger, order, report))
            case "pending_cancel" if order.next is None:
                self._turn(order, "pending_cancel", report.ts_known)
                self._tell("pending_cancel", order, report.ts_known)
            case "cancelled" if order.next is not None:
                self._replaced(order, report.ts_known)
            case "cancelled":
                self._end(order, "canceled", "canceled_at", report.ts_known)
            case "expired":
                self._end(order, "expired", "expired_at", report.ts_known)
            case "rejected":
                self._end(order, "rejected", "failed_at", report.ts_known)
            case _:
                pass  # of its own limit changes an exchange says nothing here: they are new orders

    def _others(self, report: BrokerReport) -> Order:
        """An order that the broker placed itself, as in a liquidation."""
        fills = report.legs
        package = Package(tuple(Leg(fill.contract, fill.side, "close") for fill in fills))
        quantity = max((fill.quantity for fill in fills), default=0)
        order = self._new(report.client_order_id, "simple", "market", package, quantity, None, None)
        self._keep(order)
        return order

    def _turn(self, order: Order, status: str, at: int) -> None:
        order.status, order.updated = status, at

    def _end(self, order: Order, status: str, when: str, at: int) -> None:
        self._turn(order, status, at)
        order.times[when] = at
        if order.next is not None:
            self._not_replaced(order, at)
        self._tell(status, order, at)

    def _filled(self, order: Order, report: BrokerReport) -> None:
        at = report.ts_known
        order.executions.update((leg.exec_id, leg) for leg in report.legs)
        self.ledger.fill(report.legs)
        order.times["filled_at"] = order.updated = at
        whole = not order.left
        if whole:
            order.status = "filled"
        elif order.status not in ("pending_cancel", "pending_replace"):
            order.status = "partially_filled"
        self.fills.append((order, at, report.legs, order.filled))
        self._tell(
            "fill" if whole else "partial_fill", order, at, **execution(self.account, self.ledger, order, report)
        )
        if whole and order.next is not None:
            self._not_replaced(order, at)

    def _replaced(self, order: Order, at: int) -> None:
        """The old order is gone: the new one takes its place, with what was filled."""
        new, order.next = order.next, None
        assert new is not None
        self._turn(order, "replaced", at)
        order.times["replaced_at"], order.replaced_by = at, new.id
        new.before = (order.filled, order.net)
        self._tell("replaced", order, at)
        if new.left < 1:  # it filled further while the cancellation was on its way
            self._end(new, "rejected", "failed_at", at)
            return
        self._enter(new)

    def _not_replaced(self, order: Order, at: int) -> None:
        new, order.next = order.next, None
        assert new is not None
        self._tell("order_replace_rejected", order, at)
        self._end(new, "rejected", "failed_at", at)

    # What it says

    def _tell(self, event: str, order: Order, at: int, **more: Any) -> None:
        update = {"event": event, "timestamp": instant_text(at), "order": order.streamed(), **more}
        for tell in self.updates:
            tell(self.account, update)


def _not_here(_request: Exercised) -> Shown:
    raise forbidden("exercise is not available")


def desks(venue: Venue, rules: Rules, accounts: Iterable[str] | None = None) -> dict[str, Desk]:
    """A desk for each account of a venue."""
    return {name: Desk(venue, name, rules) for name in (venue.brokers if accounts is None else accounts)}
