"""Compares the session with an outside broker. The broker is truth; what differs is found, said and taken in by rule.

Until the account was compared for the first time no new risk is allowed, and where positions differ without an
execution that explains it, no new risk is allowed until they agree again.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.adoption import Adoption
from engine.core.orders import OrderDesk
from engine.core.rereading import Rereading
from engine.core.state import SessionState
from engine.core.supervision import RECONCILE, Supervisor
from engine.core.venue import Venue
from engine.events import BreakerRecord, BrokerOrder, BrokerReport, BrokerState, BrokerStatus, LegFill, ReportKind
from engine.orders import BUST, Order
from engine.types import Contract, Side

UNREAD = "BROKER_UNREAD"
TWO_SESSIONS = "two sessions trade this account, and neither knows what the other means to hold: end one of them"
_ENDS: dict[BrokerStatus, ReportKind] = {"cancelled": "cancelled", "rejected": "rejected", "expired": "expired"}


class Reconciler:
    """Asks for the account now and then, and works through the answer."""

    def __init__(
        self,
        state: SessionState,
        venue: Venue,
        orders: OrderDesk,
        adoption: Adoption,
        rereading: Rereading,
        risk: Supervisor,
    ) -> None:
        self._state = state
        self._venue = venue
        self._orders = orders
        self._adoption = adoption
        self._rereading = rereading
        self._risk = risk
        self._next = 0
        self._differed: dict[Contract, int] = {}
        self._seen = -1

    def begin(self) -> None:
        """Allow no new risk before the account was read."""
        if self._venue.outside:
            self._trip(UNREAD, "the broker's account was not compared yet")
            self._ask()

    def run(self) -> None:
        """Ask for the account where it is time. Where the exchange is inside, ours is the account."""
        if not self._venue.outside and self._state.dealings != self._seen:
            self._seen = self._state.dealings
            self._adoption.net_out()
        if self._venue.outside and self._next and self._state.now >= self._next:
            self._ask()

    def _ask(self) -> None:
        state = self._state
        self._venue.snapshot()
        soon = UNREAD in state.states.breakers or RECONCILE in state.states.breakers
        self._next = state.now + (state.config.broker.answer_ns if soon else state.config.broker.reconcile_ns)
        if state.now < max(state.session.product_close(root) for root in state.roots):
            state.wake(self._next)

    def arrived(self, told: BrokerState) -> None:
        """The broker has answered: fold what it knows, take in what is not ours, compare what is held."""
        self._rereading.arrived(told)
        theirs = {order.client_order_id: order for order in told.orders}
        for order in told.orders:
            ours = self._state.orders.get(order.client_order_id)
            if ours is None:
                self._foreign(order)
            else:
                self._known(ours, order, told)
        self._missing(theirs, told)
        self._compare(told)
        if self._state.states.lift(UNREAD):
            self._lifted(UNREAD, "the broker's account was compared")

    def _known(self, ours: Order, theirs: BrokerOrder, told: BrokerState) -> None:
        """Fold what the broker knows of one of our orders, as if its reports had come."""
        fold, now = self._orders.fold, self._state.now
        own = theirs.client_order_id
        if any(each.exec_id not in ours.executions for each in theirs.executions):
            legs = theirs.executions
            fold(BrokerReport(ts_known=now, client_order_id=own, kind="fill", legs=legs, text="found at the broker"))
        if ours.moved_at >= told.asked:
            return  # what follows may be older than what we know
        kept = {each.exec_id for each in theirs.executions}
        gone = tuple(
            each
            for each in ours.executions.values()
            if each.exec_id not in kept
            and not each.exec_id.endswith(BUST)
            and each.exec_id + BUST not in ours.executions
        )
        if gone:
            fold(BrokerReport(ts_known=now, client_order_id=own, kind="busted", legs=gone, text="gone at the broker"))
        end = _ENDS.get(theirs.status)
        if end is not None:
            if ours.working:
                fold(BrokerReport(ts_known=now, client_order_id=own, kind=end, text="found at the broker"))
        elif theirs.status != "filled" and not ours.working:
            self._orders.stray(ours)
        elif ours.working and theirs.status != "filled":
            if ours.status in ("sent", "unknown"):
                fold(BrokerReport(ts_known=now, client_order_id=own, kind="accepted", text="found at the broker"))
            if ours.limit != theirs.limit and ours.status != "pending_cancel":
                fold(BrokerReport(ts_known=now, client_order_id=own, kind="replaced", limit=theirs.limit))
        elif ours.working:
            text = "filled at the broker, and its trades busted"
            fold(BrokerReport(ts_known=now, client_order_id=own, kind="cancelled", text=text))

    def _missing(self, theirs: Iterable[str], told: BrokerState) -> None:
        """Orders that the broker should have by now and has not are proven absent, and never sent again."""
        known = set(theirs)
        wait = self._state.config.broker.answer_ns
        for order in self._state.orders.working():
            if order.client_order_id not in known and order.created + wait <= told.asked:
                self._orders.fold(
                    BrokerReport(
                        ts_known=self._state.now,
                        client_order_id=order.client_order_id,
                        kind="absent",
                    )
                )

    def _foreign(self, order: BrokerOrder) -> None:
        """An order that is not in the journal: its executions are true; whether it may go on is a rule."""
        own = self._state.is_own_id(order.client_order_id)
        text = "sent while the journal could not be written" if own else "found at the broker"
        self._adoption.take(order.client_order_id, order.executions, text)
        if order.status in ("filled", *_ENDS):
            return
        others = self._state.sender(order.client_order_id)
        if own or (self._state.config.broker.outside == "flatten" and not others):
            self._venue.cancel_id(order.client_order_id)
        else:
            self._adoption.report(
                BrokerReport(
                    ts_known=self._state.now,
                    client_order_id=order.client_order_id,
                    kind="accepted",
                    text="it works at the broker and is left there" + (f": {TWO_SESSIONS}" if others else ""),
                )
            )

    def _compare(self, told: BrokerState) -> None:
        """What is held on both sides; only where nothing of ours has moved since the question left."""
        if self._orders.filler.last_at >= told.asked:
            return
        differ = self._differences(told)
        if not differ:
            self._differed = {}
            self._risk.matched()
            self._adoption.net_out()
            return
        words = ", ".join(f"{c.symbol} {by:+d}" for c, by in differ.items())
        self._risk.mismatch(f"the broker holds what no execution explains: {words}")
        if differ == self._differed:
            self._take_in(differ, told)
        self._differed = differ

    def _differences(self, told: BrokerState) -> dict[Contract, int]:
        """What the broker holds more (or less) than we do, of what still trades."""
        state = self._state
        found: dict[Contract, int] = dict(told.positions)
        for trade in state.portfolio.open_trades:
            for contract, quantity in trade.standing.held.items():
                found[contract] = found.get(contract, 0) - quantity
        return {
            contract: by
            for contract, by in sorted(found.items())
            if by and state.now < state.expiry_close(contract.root, contract.expiry)
        }

    def _take_in(self, differ: dict[Contract, int], told: BrokerState) -> None:
        """The same difference twice in a row is a fact: it is taken in at the mid, for want of the true price."""
        market = self._state.market
        for contract, by in differ.items():
            quote = market.quote(contract)
            if contract in market.index and not quote.usable:
                continue  # a price will come: nothing is booked at one that nobody has shown
            price = quote.mid2 // 2 if quote.usable else 0
            said = "is the mid now, not what was paid" if quote.usable else "is not known here, and booked as 0"
            side: Side = "buy" if by > 0 else "sell"
            leg = LegFill(f"REC-{told.asked}-{contract.symbol}", contract, side, abs(by), price)
            self._adoption.take(f"REC-{told.asked}", (leg,), f"positions differ without an execution; the price {said}")

    def _trip(self, name: str, text: str) -> None:
        if self._state.states.trip(name, "REDUCING", False, text):
            self._state.record(BreakerRecord, name=name, state="REDUCING", latched=False, text=text)

    def _lifted(self, name: str, text: str) -> None:
        self._state.record(BreakerRecord, name=name, state="ACTIVE", latched=False, text=text)
