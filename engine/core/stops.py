"""Protective stops at the broker: a buy-stop resting on each short, for the case that this program is not there.

The engine's own stop watches a structure's price to close. A broker takes stop orders on single options only, so each
short gets one at the structure's stop level, plus what its wings are worth now, times ``stop.wider``. They are
cancelled, and the cancellations confirmed, before anything of the trade is closed otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.clock import MINUTE
from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import OrderStatus
from engine.orders import Order
from engine.portfolio import Trade
from engine.strategy import Close, SidePlan
from engine.types import Contract, Leg, Package, Price, dollars_text, product

MOST_REFUSALS = 3
"""So often a broker may refuse a contract's stop before it is asked no more."""

_HELD: tuple[OrderStatus, ...] = ("accepted", "partially_filled")


class StopDesk:
    """Keeps a stop at the broker for every short whose structure has one, as ``[stop] placement`` wants it."""

    def __init__(
        self,
        state: SessionState,
        orders: OrderDesk,
        exits: ExitDesk,
        plans: Callable[[Trade], tuple[SidePlan, ...]],
    ) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits
        self._plans = plans
        self._wanted = state.config.stop.placement != "engine"
        self._alone = state.config.stop.placement == "broker"
        self._seen = -1
        self._followed: set[str] = set()

    def rests(self, trade: Trade, contracts: tuple[Contract, ...]) -> bool:
        """Whether the broker holds a stop for all that is short of these contracts."""
        shorts = {c: -trade.held(c) for c in contracts if trade.held(c) < 0}
        resting = self._resting(trade, _HELD) if shorts and self._wanted else {}
        return bool(shorts) and all(resting.get(c, 0) >= quantity for c, quantity in shorts.items())

    def alone(self, trade: Trade) -> bool:
        """Whether the broker alone is to stop the trade, and holds what it needs for that."""
        return self._alone and self.rests(trade, tuple(trade.holdings))

    def moved(self, trade: Trade) -> None:
        """A stop of the trade was moved: what rests is cancelled, and sent anew at its new level once that is
        confirmed."""
        for order in self._state.orders.working(trade.trade_id):
            if order.kind == "stop":
                self._orders.cancel(order, "its stop was moved")
        self._seen = -1

    def run(self) -> None:
        """Send what is missing, and close what a stop has left over, wherever something has changed."""
        state = self._state
        if not self._wanted or state.dealings == self._seen:
            return
        self._seen = state.dealings
        self._cancel_strays()
        for trade in state.portfolio.open_trades:
            if state.now < state.session.product_close(trade.root):
                self._follow(trade)
                self._protect(trade)

    def _cancel_strays(self) -> None:
        """A stop rests for what is short and no more: what others have bought back, or a bust has taken away, is not
        bought again."""
        buying: dict[tuple[int, Contract], list[Order]] = {}
        for order in self._state.orders.working():
            if order.kind == "stop":
                buying.setdefault((order.trade_id, order.package.legs[0].contract), []).append(order)
        for (trade_id, contract), working in buying.items():
            trade = self._state.portfolio.get(trade_id)
            short = max(0, -trade.held(contract)) if trade is not None else 0
            if sum(order.outstanding().get(contract, 0) for order in working) > short:
                for order in working:
                    self._orders.cancel(order, "it would buy more than is short")

    def _protect(self, trade: Trade) -> None:
        exiting = self._exits.exiting(trade)
        stops = [(plan.stop_at, plan.contracts) for plan in self._plans(trade) if plan.stop_at is not None]
        for level, contracts in sorted(stops, key=lambda stop: stop[0]):  # the nearest first: one stop is enough
            held = {c: trade.held(c) for c in contracts if trade.held(c)}
            if exiting & held.keys():
                continue
            for contract, quantity in held.items():
                if quantity < 0:
                    self._rest(trade, level, contract, -quantity, held)

    def _rest(
        self, trade: Trade, level: Price, contract: Contract, quantity: int, held: Mapping[Contract, int]
    ) -> None:
        """See that stops for so many contracts rest: the missing ones are sent."""
        working = [o for o in self._state.orders.working(trade.trade_id) if o.kind == "stop" and _is_for(o, contract)]
        there = sum(o.outstanding().get(contract, 0) for o in working)
        if there >= quantity or self._refused(trade, contract):
            return
        at = self._trigger(level, contract, held)
        if at is None:  # its wings have no quote
            self._try_again(self._state.now + MINUTE)
            return
        package = Package((Leg(contract, "buy", "close"),))
        reason = f"protects the short {contract.short_name}: stop at {dollars_text(at)}, held by the broker"
        self._orders.send(trade, "stop", package, quantity - there, None, "engine", reason, stop=at)

    def _try_again(self, when: int) -> None:
        self._seen = -1
        self._state.wake(when)

    def _trigger(self, level: Price, contract: Contract, held: Mapping[Contract, int]) -> Price | None:
        """The ask of a short at which its stop becomes a market order."""
        wings: Price = 0
        for other, quantity in held.items():
            if quantity > 0 and other.right == contract.right:
                quote = self._state.market.quote(other)
                if not quote.usable:
                    return None
                wings += quote.mid2 // 2
        base = (level + wings) if self._alone else round((level + wings) * self._state.config.stop.wider)
        tick = product(contract.root).tick(base)
        return -(-base // tick) * tick

    def _refused(self, trade: Trade, contract: Contract) -> bool:
        """Whether the broker has refused its stop too often, which is said once, or just now."""
        refused = [
            order
            for order in self._state.orders.of(trade.trade_id)
            if order.kind == "stop" and order.status == "rejected" and _is_for(order, contract)
        ]
        if len(refused) < MOST_REFUSALS:
            again = refused[-1].moved_at + MINUTE if refused else 0
            if again > self._state.now:
                self._try_again(again)
            return again > self._state.now
        key = f"{trade.trade_id} {contract.symbol}"
        if key not in self._followed:
            self._followed.add(key)
            text = f"#{trade.trade_id} the broker refuses a stop for {contract.short_name}: the engine alone holds it"
            self._state.notice("alarm", "stop", text)
        return True

    def _follow(self, trade: Trade) -> None:
        """A stop at the broker has closed a short: the rest of its structure is closed too."""
        for order in self._state.orders.of(trade.trade_id):
            contract = order.package.legs[0].contract
            if order.kind != "stop" or not order.executions or order.client_order_id in self._followed:
                continue
            if trade.held(contract) or order.working:
                continue
            self._followed.add(order.client_order_id)
            held = [c for c in trade.holdings if c.right == contract.right and trade.held(c)]
            rest = tuple(c for c in held if c not in self._exits.exiting(trade))
            text = f"the stop at the broker has bought back {contract.short_name}"
            if rest or order.moved_at == self._state.now:  # not again after a restart
                self._state.notice("alarm", "stop", f"#{trade.trade_id} {text}")
            if rest:
                wanted = Close(
                    trade_id=trade.trade_id,
                    scope="puts" if contract.right == "P" else "calls",
                    contracts=rest,
                    trigger="stop",
                    level=order.stop,
                    reason=text,
                )
                self._exits.begin(trade, wanted, "broker")

    def _resting(self, trade: Trade, states: tuple[OrderStatus, ...]) -> dict[Contract, int]:
        found: dict[Contract, int] = {}
        for order in self._state.orders.working(trade.trade_id):
            if order.kind == "stop" and order.status in states:
                for contract, quantity in order.outstanding().items():
                    found[contract] = found.get(contract, 0) + quantity
        return found


def _is_for(order: Order, contract: Contract) -> bool:
    return order.package.legs[0].contract == contract
