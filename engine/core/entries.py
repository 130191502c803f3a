"""Entries: through the gate, in as many orders as the broker needs, walked from the mid, given up after their time.

A package that the broker does not take whole is a saga: its self-covered parts are sent one after the other, each once
the one before is filled. Where a part cannot be had, what was opened is unwound.
"""

from __future__ import annotations

from engine.core.dusk import DuskDesk
from engine.core.entry import IN_PARTS, PARTLY, Denied, Entry
from engine.core.entry_limits import EntryLimits, paid_each
from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import Actor
from engine.exchange import Cutoffs
from engine.orders import NoSplit, Order, split
from engine.portfolio import Trade, worst_loss
from engine.risk import CODES, Book, Decision, Gate, OpenRequest, amount, used_by, used_by_all
from engine.strategy import Close, Open
from engine.types import Contract, Money, Package, Price, product


class EntryDesk:
    """Opens trades."""

    def __init__(self, state: SessionState, gate: Gate, orders: OrderDesk, exits: ExitDesk, dusk: DuskDesk) -> None:
        self._state = state
        self._gate = gate
        self._orders = orders
        self._exits = exits
        self._limits = EntryLimits(state)
        self._entries: dict[int, Entry] = {}
        self._cut_off: dict[int, int] = {}
        self._dusk = dusk
        self._cutoffs = Cutoffs(state.config.cutoffs, state.session)
        orders.ended = self._ended

    def open(self, strategy: str, root: str, wanted: Open, actor: Actor = "strategy") -> Denied | Trade:
        """Ask the gate for an opening order; where it agrees, send it."""
        state = self._state
        request = OpenRequest(strategy, root, wanted.package, wanted.quantity, wanted.limit)
        decision, parts = self.judge(request, self._gate, self.book(root))
        trade_id = state.last_trade + 1 if decision.approved else 0
        part = parts[0] if decision.approved else wanted.package
        limit = self._limits.of_part(wanted.limit, parts, 0, 0)
        first = self._limits.start(part, limit) if decision.approved else limit
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
        order = self._orders.send_approved(intent_id, trade, actor, "open", part, decision.quantity, first)
        self._entries[trade_id] = Entry(
            trade, wanted.limit, wanted.until, actor, wanted.reason, decision.quantity, parts, [[order]]
        )
        state.wake(wanted.until)
        self._wake_for_walk()
        return trade

    def judge(self, request: OpenRequest, gate: Gate, book: Book) -> tuple[Decision, tuple[Package, ...]]:
        """What the gate says, and the parts in which the package would be sent. Nothing but ``gate`` remembers it."""
        decision = gate.check(request, book)
        parts: tuple[Package, ...] = (request.package,)
        if not decision.approved:
            return decision, parts
        broker = self._state.config.broker
        try:
            parts = split(request.package, broker.max_legs, product(request.root).style == "european")
        except NoSplit as refused:
            decision = Decision("BAD_PACKAGE", f"{CODES['BAD_PACKAGE']}: {refused}", 0, 0)
        return (self._judge_parts(request, decision, parts) if len(parts) > 1 else decision), parts

    def _judge_parts(self, request: OpenRequest, decision: Decision, parts: tuple[Package, ...]) -> Decision:
        """The same quantity, where the parts on their own keep the limits too: between two of them one stands alone."""
        each: Money = 0
        paid: Price = 0
        for n, part in enumerate(parts):
            loss = worst_loss(
                part, self._limits.of_part(request.limit, parts, n, paid), request.root, self._fee(request.root)
            )
            if loss is None:
                text = f"{CODES['UNDEFINED_RISK']}: part {n + 1} of {len(parts)} has a loss without bound"
                return Decision("UNDEFINED_RISK", text, 0, 0)
            each += loss
            paid += self._limits.natural(part) or 0
        equity, portfolio, gate = self._state.equity, self._state.portfolio, self._gate
        rooms = (
            ("PER_TRADE", gate.trade_limit(equity), "a trade"),
            (
                "PER_STRATEGY",
                gate.strategy_limit(equity) - used_by(request.strategy, portfolio),
                "left to the strategy",
            ),
            ("PER_BOOK", gate.book_limit(equity) - used_by_all(portfolio), "left to all"),
        )
        code, room, of = min(rooms, key=lambda room: room[1])
        fits = max(0, room) // each if each else decision.quantity
        if not fits:
            lose = f"its {len(parts)} parts, one by one, may lose {amount(each, 'money')} a package"
            return Decision(code, f"{CODES[code]}: {lose}, {amount(max(0, room), 'money')} {of}", 0, each)
        quantity = min(decision.quantity, fits)
        return Decision("OK", decision.text, quantity, each * quantity)

    def _fee(self, root: str) -> Money:
        return self._state.fee_each(root)

    def run(self) -> None:
        """Cancel entries whose time is over or that may no longer be; walk the others; send the next parts."""
        state = self._state
        for trade_id, entry in list(self._entries.items()) if self._entries else ():
            order = entry.newest
            if order.working:
                self._tend(entry, order)
            elif self._goes_on(entry, order):
                self._send_anew(entry)
            elif entry.part_is_filled and len(entry.orders) < len(entry.parts):
                self._next_part(entry)
            else:
                del self._entries[trade_id]
                state.dealings += 1
                if order is entry.replaced:
                    self._ended(order, entry.trade, "it was not sent anew")
        self._cancel_strays()
        self._unwind_cut_off()

    def resume(self, trade: Trade, parts: int) -> None:
        """After a restart: a trade opened in so many parts. Unless all of them are filled, it will be unwound."""
        self._cut_off[trade.trade_id] = parts

    def _tend(self, entry: Entry, order: Order) -> None:
        why = self._forbidden()
        if why:
            self._orders.cancel(order, why)
        elif self._state.now >= entry.until:
            self._orders.cancel(order, "its entry window is over")
        elif order.quantity - order.filled > entry.left:
            self._orders.cancel(order, "an order before it was filled after all")
        elif self._state.config.entries.start == "mid" and not entry.stays:
            step = self._step(entry)
            if step <= entry.walked:
                return
            entry.walked = step
            limit = self._limits.at_step(order.package, self._last_limit(entry), step)
            if order.limit is not None and limit > order.limit:  # it only goes toward the far side
                self._orders.walk(order, limit, f"step {step}")
                entry.replaced = order if order.status in ("pending_cancel", "cancelled") else None
            self._wake_for_walk()

    def _step(self, entry: Entry) -> int:
        """How many steps the newest part should have gone by now."""
        return (self._state.now - entry.orders[-1][0].created) // self._state.config.entries.step_ns

    def _goes_on(self, entry: Entry, order: Order) -> bool:
        """Whether an order that is over was only cancelled to be sent anew with another limit, and still may be."""
        return (
            order is entry.replaced
            and entry.left > 0
            and not self._uneven(order)
            and not self._forbidden()
            and self._state.now < entry.until
            and not self._exits.exiting(entry.trade)
        )

    def _send_anew(self, entry: Entry) -> None:
        package, step = entry.newest.package, self._step(entry)
        entry.walked = step
        entry.replaced = None
        last = self._last_limit(entry)
        words = "the limit it was moved to" if entry.stays else f"step {step}"
        order = self._orders.send(
            entry.trade,
            "open",
            package,
            entry.left,
            last if entry.stays else self._limits.at_step(package, last, step),
            entry.actor,
            f"{entry.reason}; {words}",
            Decision("OK", f"sent anew for {words}", entry.left, entry.trade.worst_case),
        )
        entry.orders[-1].append(order)

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
            sent = len({order.package for order in orders})
            if trade is not None and (sent < parts or not _all_filled(trade, orders)):
                self._unwind(trade, f"a restart cut its entry off; {sent} of {parts} parts were sent")

    def _last_limit(self, entry: Entry) -> Price:
        """What the newest part may cost at the most."""
        n = len(entry.orders) - 1
        return self._limits.of_part(entry.limit, entry.parts, n, sum(paid_each(part) for part in entry.orders[:n]))

    def _next_part(self, entry: Entry) -> None:
        n, many = len(entry.orders), len(entry.parts)
        why = self._forbidden() or ("its entry window is over" if self._state.now >= entry.until else "")
        if why:
            self._unwind(entry.trade, f"part {n + 1} of {many} was not sent: {why}")
            return
        last = self._limits.of_part(entry.limit, entry.parts, n, sum(paid_each(part) for part in entry.orders))
        order = self._orders.send(
            entry.trade,
            "open",
            entry.parts[n],
            entry.quantity,
            self._limits.start(entry.parts[n], last),
            entry.actor,
            f"{entry.reason}; part {n + 1} of {many}",
            Decision("OK", f"part {n + 1} of {many}", entry.quantity, entry.trade.worst_case),
        )
        entry.orders.append([order])
        entry.walked, entry.replaced = 0, None
        self._wake_for_walk()

    def _wake_for_walk(self) -> None:
        entries = self._state.config.entries
        if entries.start == "mid":
            self._state.wake(self._state.now + entries.step_ns)

    def _ended(self, order: Order, trade: Trade, text: str) -> None:
        """An opening order is done: what was filled of it is what the trade holds."""
        entry = self._entries.get(trade.trade_id)
        if order.complete or (entry is not None and self._goes_on(entry, order)):
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
            wanted, trade.wanted = trade.wanted, trade.filled
            self._orders.record_trade(trade, f"{PARTLY}{trade.filled} of {wanted}: {text}")

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
        """From when nothing more of a root that expires today is opened, ns UTC: by the broker, or to be flat."""
        return min(self._cutoffs.of(root).open_until, self._dusk.flat_by(root))

    def give_up(self, order: Order, why: str) -> None:
        """A person has no more use for an entry: it is cancelled, and not sent anew."""
        entry = self._entries.get(order.trade_id)
        if entry is not None:
            entry.replaced, entry.until = None, self._state.now
        self._orders.cancel(order, why)

    def in_parts(self, order: Order) -> int:
        """In how many parts the trade is opened that an entry's order belongs to; 0 where it is no entry any more."""
        entry = self._entries.get(order.trade_id)
        return len(entry.parts) if entry is not None and entry.newest is order else 0

    def move_limit(self, order: Order, limit: Price, why: str) -> None:
        """Give a whole package's entry another limit, at which it stays; the gate must have agreed."""
        entry = self._entries[order.trade_id]
        entry.limit, entry.stays = limit, True
        self._orders.walk(order, limit, why)
        entry.replaced = order if order.status in ("pending_cancel", "cancelled") else None

    def book(self, root: str) -> Book:
        """What the gate looks at now, for an order of this root."""
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
            open_until=self._cutoffs.of(root).open_until,
            flat_by=self._dusk.flat_by(root),
            seq=state.seq,
            records=state.records,
            paused=state.hands.paused,
        )


def _all_filled(trade: Trade, orders: list[Order]) -> bool:
    """Whether every leg of what was sent is filled as the trade wants it."""
    opened: dict[Contract, int] = {}
    for order in orders:
        for contract, quantity in order.executed().items():
            opened[contract] = opened.get(contract, 0) + quantity
    return all(opened.get(leg.contract, 0) == leg.ratio * trade.wanted for o in orders for leg in o.package.legs)
