"""The blotter: orders from the engine's table, and what only the records said of them."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Sequence

from engine.core import Engine
from engine.events import AnyRecord, DecisionRecord, IntentRecord, OrderEventRecord, OrderRecord
from engine.market import Market
from engine.orders import Order
from engine.types import Leg, Price, sign, strike_text
from engine.view.orders import OrderRow, OrdersView

SHOWN = 500
"""Orders that are over and denied intents, in one view at most."""
DENIED = 200
"""Denied intents kept at most."""


class Blotter:
    """Remembers of each order why it was asked for, what became of it last, and the mid when it was sent."""

    def __init__(self) -> None:
        self._asked: dict[int, IntentRecord] = {}
        self._why: dict[int, str] = {}
        self._told: dict[str, str] = {}
        self._walked: dict[str, int] = {}
        self._mids: dict[str, Price] = {}
        self._denied: deque[OrderRow] = deque(maxlen=DENIED)
        self._denials = 0

    def take(self, record: AnyRecord, market: Market | None) -> None:
        """Take note of a record; ``market`` as it stood then, None for a record of the time before a restart."""
        match record:
            case IntentRecord():
                self._asked = {record.intent_id: record}
            case DecisionRecord():
                self._decided(record)
            case OrderRecord():
                mid = None if market is None else package_mid(market, record.legs)
                if mid is not None:
                    self._mids[record.client_order_id] = mid
            case OrderEventRecord():
                if record.text:
                    self._told[record.client_order_id] = record.text
                if record.text.startswith("limit walks"):
                    self._walked[record.client_order_id] = self._walked.get(record.client_order_id, 0) + 1
            case _:
                pass

    def _decided(self, record: DecisionRecord) -> None:
        intent = self._asked.pop(record.intent_id, None)
        if intent is None:
            return
        if record.approved:
            self._why[record.intent_id] = intent.reason
            return
        self._denials += 1
        self._denied.append(
            OrderRow(
                key=f"denied.{record.intent_id}",
                ts=record.ts,
                moved=record.ts,
                trade_id=intent.trade_id,
                root=intent.root,
                legs=legs_text(intent.legs),
                kind=intent.kind,
                filled=0,
                quantity=intent.quantity,
                limit=intent.limit,
                trigger=None,
                mid=None,
                average=None,
                status="denied",
                working=False,
                who=_who(intent.actor, intent.strategy),
                reason=f"{record.code}: {record.text}",
            )
        )

    def build(self, engine: Engine) -> OrdersView:
        """All of it as it stands."""
        orders = [self._row(order) for order in engine.state.orders]
        working = sorted((row for row in orders if row.working), key=lambda row: row.ts, reverse=True)
        over = sorted([*(row for row in orders if not row.working), *self._denied], key=_newest, reverse=True)
        return OrdersView(
            rows=(*working, *over[:SHOWN]),
            working=len(working),
            filled=sum(row.status == "filled" for row in orders),
            denied=self._denials,
            left_out=max(0, len(over) - SHOWN) + self._denials - len(self._denied),
        )

    def _row(self, order: Order) -> OrderRow:
        key = order.client_order_id
        told = (self._why.get(order.intent_id, ""), self._told.get(key, ""))
        return OrderRow(
            key=key,
            ts=order.created,
            moved=order.moved_at or order.created,
            trade_id=order.trade_id,
            root=order.root,
            legs=legs_text(order.package.legs),
            kind=order.kind,
            filled=order.filled,
            quantity=order.quantity,
            limit=order.limit,
            trigger=order.stop if order.kind == "stop" else None,
            mid=self._mids.get(key),
            average=average(order),
            status=order.status,
            working=order.working,
            who=_who(order.actor, order.strategy),
            reason="; ".join(dict.fromkeys(text for text in told if text)),
            walked=self._walked.get(key, 0),
        )


def package_mid(market: Market, legs: Sequence[Leg]) -> Price | None:
    """The net price of legs at their mids, rounded down to a unit; None where one has no usable quote."""
    twice = 0
    for leg in legs:
        quote = market.quote(leg.contract)
        if not quote.usable:
            return None
        twice += leg.signed_ratio * quote.mid2
    return twice // 2


def average(order: Order) -> Price | None:
    """The net price a package that was filled; None before, and where the legs are filled unevenly."""
    done = order.executed()
    if not order.filled or any(done[leg.contract] != leg.ratio * order.filled for leg in order.package.legs):
        return None
    paid = sum(sign(each.side) * each.quantity * each.price for each in order.executions.values())
    return round(paid / order.filled)


def legs_text(legs: Sequence[Leg]) -> str:
    """What an order trades: ``+5835-5845P -5900+5910C``, puts first, strikes ascending, a ratio over one before its
    strike, and the day before its legs where they have several."""
    several = len({leg.contract.expiry for leg in legs}) > 1
    groups: dict[tuple[dt.date, str], list[Leg]] = {}
    for leg in sorted(legs, key=lambda leg: leg.contract.strike):
        groups.setdefault((leg.contract.expiry, leg.contract.right), []).append(leg)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] == "C"))
    return " ".join(
        f"{f'{day:%m-%d} ' if several else ''}{''.join(map(_leg, members))}{right}" for (day, right), members in ordered
    )


def _leg(leg: Leg) -> str:
    many = f"{leg.ratio}x" if leg.ratio > 1 else ""
    return f"{'+' if leg.side == 'buy' else '-'}{many}{strike_text(leg.contract.strike)}"


def _who(actor: str, strategy: str) -> str:
    return strategy if actor == "strategy" else actor


def _newest(row: OrderRow) -> tuple[int, str]:
    return row.ts, row.key
