"""Executions that no order of ours explains: the broker's liquidations, and trades made elsewhere.

They are true, so they are taken in: first against what trades hold the other way, oldest first, the rest as a trade of
its own. Each becomes an order and a fill in the journal like any other, with ``broker`` as its actor.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import msgspec

from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import BrokerReport, LegFill
from engine.orders import Order, exact_beside
from engine.portfolio import Trade, at_strikes, worst_loss
from engine.risk import Decision
from engine.strategy import Close
from engine.types import Contract, Leg, Package, Side, product, sign

ADOPTED = "ADOPT/"
OUTSIDE = "outside"
"""The strategy of trades that nobody here has opened."""


class Adoption:
    """Takes in what was executed elsewhere, each execution once."""

    def __init__(self, state: SessionState, orders: OrderDesk, exits: ExitDesk) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits
        self._told: set[tuple[str, str]] = set()
        orders.unknown = self.report

    def _booked(self) -> dict[str, LegFill]:
        """What was taken in already, by the id under which the broker tells it; a part where trades share it."""
        adopted = (order for order in self._state.orders if order.client_order_id.startswith(ADOPTED))
        return {own.rsplit("/", 1)[0]: fill for order in adopted for own, fill in order.executions.items()}

    def report(self, report: BrokerReport) -> None:
        """A report of an order that is not ours: its executions are taken in, anything else is said once."""
        if report.kind == "fill":
            self.take(report.client_order_id, report.legs, report.text)
            return
        key = (report.client_order_id, report.kind)
        if key not in self._told:
            self._told.add(key)
            whose = self._whose(report.client_order_id)
            text = f"order {report.client_order_id} is not ours{whose}: {report.kind}. {report.text}".strip()
            self._state.notice("alarm", "broker", text)

    def take(self, client_order_id: str, legs: Sequence[LegFill], text: str) -> None:
        """Take executions of one foreign order in: all that are known of it, or those that are new."""
        booked = self._booked()
        fresh = [leg for leg in exact_beside(booked, legs) if leg.exec_id not in booked]
        if not fresh:
            return
        names = ", ".join(f"{leg.side} {leg.quantity} {leg.contract.short_name}" for leg in fresh)
        why = f"{names} by an order that is not ours, {client_order_id}{self._whose(client_order_id)}. {text}".strip()
        self._state.notice("alarm", "broker", f"adopted: {why}")
        rest: list[LegFill] = []
        for leg in fresh:
            left = self._against_holdings(leg, why)
            if left:
                rest.append(msgspec.structs.replace(leg, quantity=left, fee=leg.fee * left // leg.quantity))
        if rest:
            self._as_own_trade(client_order_id, rest, why)

    def _whose(self, client_order_id: str) -> str:
        sender = self._state.sender(client_order_id)
        return f", it is of {sender}" if sender else ""

    def _against_holdings(self, leg: LegFill, why: str) -> int:
        """Close with it what trades hold the other way; contracts that are left over."""
        left = leg.quantity
        for trade in self._state.portfolio.open_trades:
            held = trade.held(leg.contract)
            if not left or held * sign(leg.side) >= 0:
                continue
            part = min(left, abs(held))
            left -= part
            fill = msgspec.structs.replace(leg, quantity=part, fee=leg.fee * part // leg.quantity)
            package = Package((Leg(leg.contract, leg.side, "close"),))
            self._book(trade, "close", package, part, [fill], why)
            self._close_orphans(trade, leg.contract)
        return left

    def net_out(self) -> None:
        """Trades that hold one contract in opposite directions hold none of it together, and neither could ever be
        closed: what somebody else has executed, or a bust, was booked to one and was of the other. They are settled
        with one another, at the price of the newest execution, which moves profit from one to the other and no cash.
        """
        signs: dict[Contract, set[bool]] = {}
        for trade in self._state.portfolio.open_trades:
            for contract, quantity in trade.standing.held.items():
                signs.setdefault(contract, set()).add(quantity > 0)
        for contract in sorted(contract for contract, found in signs.items() if len(found) > 1):
            self._net_out(contract)

    def _net_out(self, contract: Contract) -> None:
        trades = self._state.portfolio.open_trades
        price = [e.price for o in self._state.orders for e in o.executions.values() if e.contract == contract][-1]
        longs = [trade for trade in trades if trade.held(contract) > 0]
        shorts = [trade for trade in trades if trade.held(contract) < 0]
        left = min(sum(trade.held(contract) for trade in longs), -sum(trade.held(contract) for trade in shorts))
        names = ", ".join(f"#{trade.trade_id} {trade.held(contract):+d}" for trade in (*longs, *shorts))
        why = f"{contract.short_name} is held both ways, {names}: settled with one another"
        self._state.notice("warning", "broker", why)
        sides: tuple[tuple[list[Trade], Side], ...] = ((longs, "sell"), (shorts, "buy"))
        for group, side in sides:
            rest = left
            for trade in group:
                part = min(rest, abs(trade.held(contract)))
                rest -= part
                if part:
                    own = f"NET-{self._state.now}-{contract.symbol}"
                    package = Package((Leg(contract, side, "close"),))
                    self._book(trade, "close", package, part, [LegFill(own, contract, side, part, price)], why)

    def _close_orphans(self, trade: Trade, contract: Contract) -> None:
        """What is left of a side of which the broker took a leg is no structure any more: it is closed."""
        rest = tuple(c for c in trade.holdings if c.right == contract.right and trade.held(c))
        if rest:
            names = ", ".join(f"{trade.held(c):+d} {c.short_name}" for c in rest)
            reason = f"{names} is left over after the broker's {contract.short_name}"
            wanted = Close(
                trade_id=trade.trade_id,
                scope="puts" if contract.right == "P" else "calls",
                contracts=rest,
                trigger="orphan",
                reason=reason,
            )
            self._state.notice("alarm", "broker", f"#{trade.trade_id} orphan: {reason}")
            self._exits.begin(trade, wanted, "engine")

    def _as_own_trade(self, client_order_id: str, legs: list[LegFill], why: str) -> None:
        state = self._state
        traded: dict[tuple[Contract, Side], int] = {}
        for leg in legs:  # an order may fill in several goes
            traded[leg.contract, leg.side] = traded.get((leg.contract, leg.side), 0) + leg.quantity
        many = gcd(*traded.values())
        package = Package(tuple(Leg(c, side, "open", quantity // many) for (c, side), quantity in traded.items()))
        root = legs[0].contract.root
        # Of all of it at once, so that nothing is lost to rounding.
        held = {contract: sign(side) * quantity for (contract, side), quantity in traded.items()}
        paid = sum(sign(leg.side) * leg.price * leg.quantity for leg in legs)
        whole = Package(tuple(Leg(c, side, "open", quantity) for (c, side), quantity in traded.items()))
        worst = worst_loss(whole, paid, root, state.fee_each(root))
        state.last_trade += 1
        trade = Trade(
            trade_id=state.last_trade,
            strategy=OUTSIDE,
            root=root,
            key=client_order_id,
            label="made elsewhere",
            expiry=min(leg.contract.expiry for leg in legs),
            package=package,
            wanted=many,
            worst_case=worst if worst is not None else at_strikes(held) * product(root).multiplier,
        )
        state.portfolio.add(trade)
        self._orders.record_trade(trade, "")
        self._book(trade, "open", package, many, legs, why)
        if state.config.broker.outside == "flatten" and not state.sender(client_order_id):
            everything = Close(
                trade_id=trade.trade_id,
                scope="package",
                contracts=tuple(trade.holdings),
                trigger="outside",
                reason="trades made elsewhere are closed",
            )
            self._exits.begin(trade, everything, "engine")

    def _book(self, trade: Trade, kind: str, package: Package, quantity: int, legs: list[LegFill], why: str) -> None:
        """An order that is there only to say what was executed."""
        state, orders = self._state, self._orders
        intent_id = orders.record_intent(
            Decision("OK", "adopted: executed already", quantity, 0),
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor="broker",
            kind=kind,
            quantity=quantity,
            limit=None,
            legs=package.legs,
            reason=why,
        )
        order = Order(
            client_order_id=f"{ADOPTED}{legs[0].exec_id}/{trade.trade_id}",
            intent_id=intent_id,
            trade_id=trade.trade_id,
            strategy=trade.strategy,
            root=trade.root,
            actor="broker",
            kind="open" if kind == "open" else "close",
            package=package,
            quantity=quantity,
            limit=None,
            created=state.now,
            status="sent",
        )
        orders.enter(order)
        own = tuple(msgspec.structs.replace(leg, exec_id=f"{leg.exec_id}/{trade.trade_id}") for leg in legs)
        orders.fold(
            BrokerReport(
                ts_known=state.now,
                client_order_id=order.client_order_id,
                kind="fill",
                quantity=quantity,
                legs=own,
                text=why,
            )
        )
