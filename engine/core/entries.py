"""Entries: through the gate, in as many orders as the broker needs, walked from the mid, given up after their time.

A package that the broker does not take whole is a saga: its self-covered parts are sent one after the other, each once
the one before is filled. Where a part cannot be had, what was opened is unwound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import Actor
from engine.exchange import Cutoffs
from engine.orders import NoSplit, Order, split, to_tick
from engine.portfolio import Trade, worst_loss
from engine.risk import CODES, Book, Decision, Gate, OpenRequest, used_by, used_by_all
from engine.strategy import Close, Open
from engine.types import Money, Package, Price, product

PARTLY = "no more is opened than "
"""Begins the text of a trade whose entry ended before all of it was filled."""

IN_PARTS = "opened in parts: "
"""Begins the text of a trade that is opened by several orders; their number follows."""


class Denied(NamedTuple):
    """The gate said no."""

    code: str
    text: str


@dataclass(slots=True)
class Entry:
    """A trade that is being opened.

    Attributes:
        limit: the worst net price of the whole package. until: when it is given up, ns UTC.
        parts: what is sent one after the other; one of them, the package itself, where the broker takes it whole.
        orders: those sent so far, one a part.
        walked: how many steps the newest has gone.
    """

    trade: Trade
    limit: Price
    until: int
    actor: Actor
    reason: str
    parts: tuple[Package, ...]
    orders: list[Order]
    walked: int = 0


class EntryDesk:
    """Opens trades."""

    def __init__(self, state: SessionState, gate: Gate, orders: OrderDesk, exits: ExitDesk) -> None:
        self._state = state
        self._gate = gate
        self._orders = orders
        self._exits = exits
        self._entries: dict[int, Entry] = {}
        self._cut_off: dict[int, int] = {}
        self._cutoffs = Cutoffs(state.config.cutoffs, state.session)
        orders.ended = self._ended

    def open(self, strategy: str, root: str, wanted: Open, actor: Actor = "strategy") -> Denied | Trade:
        """Ask the gate for an opening order; where it agrees, send it."""
        state = self._state
        request = OpenRequest(strategy, root, wanted.package, wanted.quantity, wanted.limit)
        decision = self._gate.check(request, self._book(root))
        parts: tuple[Package, ...] = (wanted.package,)
        if decision.approved:
            broker = state.config.broker
            try:
                parts = split(wanted.package, broker.max_legs, product(root).style == "european")
            except NoSplit as refused:
                decision = Decision("BAD_PACKAGE", f"{CODES['BAD_PACKAGE']}: {refused}", 0, 0)
        if decision.approved and len(parts) > 1:
            decision = self._judge_parts(request, decision, parts)
        trade_id = state.last_trade + 1 if decision.approved else 0
        part = parts[0] if decision.approved else wanted.package
        limit = self._part_limit(wanted.limit, parts, 0, 0) if len(parts) > 1 else wanted.limit
        first = self._start(part, limit) if decision.approved else limit
        intent_id = self._orders.record_intent(
            decision,
            trade_id=trade_id,
            strategy=strategy,
            root=root,
            actor=actor,
            kind="open",
            quantity=wanted.quantity,
            limit=wanted.limit if len(parts) == 1 else limit,
            legs=part.legs,
            reason=wanted.reason if len(parts) == 1 else f"{wanted.reason}; part 1 of {len(parts)}",
        )
        if not decision.approved:
            return Denied(decision.code, decision.text)
        state.last_trade = trade_id
        trade = Trade(
            trade_id=trade_id,
            strategy=strategy,
            root=root,
            key=wanted.key,
            label=wanted.label,
            expiry=min(leg.contract.expiry for leg in wanted.package.legs),
            package=wanted.package,
            wanted=decision.quantity,
            worst_case=decision.worst_case,
            asked=-wanted.limit,
        )
        state.portfolio.add(trade)
        state.dealings += 1
        self._orders.record_trade(trade, "" if len(parts) == 1 else f"{IN_PARTS}{len(parts)}")
        entry = Entry(trade, wanted.limit, wanted.until, actor, wanted.reason, parts, [])
        self._entries[trade_id] = entry
        order = self._orders.send_approved(intent_id, trade, actor, "open", part, decision.quantity, first)
        entry.orders.append(order)
        state.wake(wanted.until)
        self._wake_for_walk()
        return trade

    def _judge_parts(self, request: OpenRequest, decision: Decision, parts: tuple[Package, ...]) -> Decision:
        """The same quantity, where the parts on their own keep the limits too: between two of them one stands alone."""
        each: Money = 0
        for n, part in enumerate(parts):
            loss = worst_loss(part, self._part_limit(request.limit, parts, n, 0), request.root, self._fee(request.root))
            if loss is None:
                text = f"{CODES['UNDEFINED_RISK']}: part {n + 1} of {len(parts)} has a loss without bound"
                return Decision("UNDEFINED_RISK", text, 0, 0)
            each += loss
        equity = self._state.equity
        portfolio = self._state.portfolio
        strategy = self._gate.strategy_limit(equity) - used_by(request.strategy, portfolio)
        book = self._gate.book_limit(equity) - used_by_all(portfolio)
        fits = max(0, min(self._gate.trade_limit(equity), strategy, book)) // each if each else decision.quantity
        if not fits:
            text = f"{CODES['PER_TRADE']}: its {len(parts)} parts may lose more one by one than a trade may"
            return Decision("PER_TRADE", text, 0, each)
        quantity = min(decision.quantity, fits)
        return Decision("OK", decision.text, quantity, each * quantity)

    def _fee(self, root: str) -> Money:
        return self._state.fee_each(root)

    def _natural(self, package: Package) -> Price | None:
        """The signed net price at which it trades at once; None where a leg has no quote to trade on."""
        total = 0
        for leg in package.legs:
            quote = self._state.market.quote(leg.contract)
            price = quote.ask if leg.side == "buy" else quote.bid
            if not quote.usable or price is None or self._state.now - quote.ts > self._state.max_age:
                return None
            total += leg.signed_ratio * price
        return total

    def _part_limit(self, whole: Price, parts: tuple[Package, ...], n: int, paid: Price) -> Price:
        """What a part may cost: the whole's limit less what was paid and what the parts to come cost now."""
        later = [self._natural(part) for part in parts[n + 1 :]]
        tick = product(parts[n].legs[0].contract.root).package_tick
        left = whole - paid - sum(cost for cost in later if cost is not None)
        return left // tick * tick

    def _start(self, package: Package, limit: Price) -> Price:
        """The first limit of an entry's order: its last one, or the mid where entries walk."""
        if self._state.config.entries.start == "limit":
            return limit
        return self._walk_to(package, limit, 0)

    def _walk_to(self, package: Package, limit: Price, step: int) -> Price:
        """The limit of a step: so many fractions of the way from mid to natural price, never beyond ``limit``."""
        natural = self._natural(package)
        if natural is None:
            return limit
        mid2 = sum(leg.signed_ratio * self._state.market.quote(leg.contract).mid2 for leg in package.legs)
        tick = product(package.legs[0].contract.root).package_tick
        way = min(1.0, step * self._state.config.entries.fraction)
        return min(limit, to_tick(-(-mid2 // 2) + round(way * (natural - mid2 / 2)), tick))

    def run(self) -> None:
        """Cancel entries whose time is over or that may no longer be; walk the others; send the next parts."""
        state = self._state
        for trade_id, entry in list(self._entries.items()) if self._entries else ():
            order = entry.orders[-1]
            if order.working:
                self._tend(entry, order)
            elif order.complete and len(entry.orders) < len(entry.parts):
                self._next_part(entry)
            else:
                del self._entries[trade_id]
                state.dealings += 1
        self._cancel_strays()
        self._unwind_cut_off()

    def resume(self, trade: Trade, parts: int) -> None:
        """After a restart: a trade opened in so many parts. Unless all of them are filled, it will be unwound."""
        self._cut_off[trade.trade_id] = parts

    def _tend(self, entry: Entry, order: Order) -> None:
        state = self._state
        why = self._forbidden()
        if why:
            self._orders.cancel(order, why)
        elif state.now >= entry.until:
            self._orders.cancel(order, "its entry window is over")
        elif state.config.entries.start == "mid":
            step = (state.now - order.created) // state.config.entries.step_ns
            if step <= entry.walked:
                return
            entry.walked = step
            last = entry.limit if len(entry.parts) == 1 else self._limit_of(entry, len(entry.orders) - 1)
            limit = self._walk_to(order.package, last, step)
            if order.limit is not None and limit > order.limit:  # it only goes toward the far side
                self._orders.walk(order, limit, f"step {step}")
            self._wake_for_walk()

    def _forbidden(self) -> str:
        """Why no entry may go on working, or empty. A pause lets those go on that work already."""
        states = self._state.states
        return f"{states.state}: no new risk" if states.breakers.keys() - {"PAUSED"} else ""

    def _cancel_strays(self) -> None:
        """After a restart nobody remembers how long an entry was to work: it is given up."""
        for order in self._state.orders.working() if self._orders.outside else ():
            if order.kind == "open" and order.trade_id not in self._entries:
                self._orders.cancel(order, "its entry was cut off by a restart")

    def _unwind_cut_off(self) -> None:
        """Sagas that a restart has cut off, once nothing more can come of what was sent."""
        for trade_id, parts in list(self._cut_off.items()) if self._cut_off else ():
            orders = [order for order in self._state.orders.of(trade_id) if order.kind == "open"]
            if any(order.working for order in orders):
                continue
            del self._cut_off[trade_id]
            trade = self._state.portfolio.get(trade_id)
            if trade is not None and (len(orders) < parts or not all(order.complete for order in orders)):
                self._unwind(trade, f"a restart cut its entry off; {len(orders)} of {parts} parts were sent")

    def _limit_of(self, entry: Entry, n: int) -> Price:
        paid = 0
        for order in entry.orders[:n]:
            paid += _paid_each(order)
        return self._part_limit(entry.limit, entry.parts, n, paid)

    def _next_part(self, entry: Entry) -> None:
        n, many = len(entry.orders), len(entry.parts)
        why = self._forbidden() or ("its entry window is over" if self._state.now >= entry.until else "")
        if why:
            self._unwind(entry.trade, f"part {n + 1} of {many} was not sent: {why}")
            return
        last = self._limit_of(entry, n)
        order = self._orders.send(
            entry.trade,
            "open",
            entry.parts[n],
            entry.orders[0].quantity,
            self._start(entry.parts[n], last),
            entry.actor,
            f"{entry.reason}; part {n + 1} of {many}",
            Decision("OK", f"part {n + 1} of {many}", entry.orders[0].quantity, entry.trade.worst_case),
        )
        entry.orders.append(order)
        entry.walked = 0
        self._wake_for_walk()

    def _wake_for_walk(self) -> None:
        entries = self._state.config.entries
        if entries.start == "mid":
            self._state.wake(self._state.now + entries.step_ns)

    def _ended(self, order: Order, trade: Trade, text: str) -> None:
        """An opening order is done: what was filled of it is what the trade holds."""
        if order.complete:
            return
        if any(trade.held(leg.contract) * leg.signed_ratio < 0 for leg in order.package.legs):
            self._unwind(trade, f"more was closed of it than it has opened: {text}")
            return
        whole = {leg.contract for leg in trade.package.legs} == {leg.contract for leg in order.package.legs}
        if not trade.open and not trade.filled and not any(order.executed().values()):
            if whole or not self._has_traded(trade):
                trade.status = "abandoned"
                self._orders.record_trade(trade, text)
        elif not whole or self._uneven(order):
            self._unwind(trade, f"a part of its entry was not filled: {text}")
        elif trade.filled < trade.wanted:
            trade.wanted = trade.filled
            self._orders.record_trade(trade, f"{PARTLY}{trade.filled} of {order.quantity}: {text}")

    def _has_traded(self, trade: Trade) -> bool:
        return any(any(order.executed().values()) for order in self._state.orders.of(trade.trade_id))

    @staticmethod
    def _uneven(order: Order) -> bool:
        done = order.executed()
        return any(done[leg.contract] != leg.ratio * order.filled for leg in order.package.legs)

    def _unwind(self, trade: Trade, why: str) -> None:
        """The saga cannot be finished: everything of the trade is closed."""
        self._entries.pop(trade.trade_id, None)
        self._state.dealings += 1
        if not trade.open:
            return
        self._state.notice("alarm", "entry", f"#{trade.trade_id} is unwound: {why}")
        whole = Close(
            trade_id=trade.trade_id,
            scope="package",
            contracts=trade.contracts,
            trigger="unwind",
            reason=why,
        )
        self._exits.begin(trade, whole, "engine")

    def open_until(self, root: str) -> int:
        """From when the broker opens nothing more of a root that expires today, ns UTC."""
        return self._cutoffs.of(root).open_until

    def _book(self, root: str) -> Book:
        state = self._state
        return Book(
            now=state.now,
            session=state.session,
            market=state.market,
            orders=state.orders,
            portfolio=state.portfolio,
            states=state.states,
            vix=state.vix(root),
            equity=state.equity,
            fee_each=state.fee_each(root),
            max_quote_age=state.max_age,
            open_until=self.open_until(root),
            seq=state.seq,
            records=state.records,
        )


def _paid_each(order: Order) -> Price:
    """What one package of a filled order cost, rounded up: a debit positive."""
    sides = {leg.contract: leg.side for leg in order.package.legs}
    cash = sum(
        each.price * each.quantity * (1 if each.side == "buy" else -1)
        for each in order.executions.values()
        if each.contract in sides
    )
    return -(-cash // max(order.filled, 1))
