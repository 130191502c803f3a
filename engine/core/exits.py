"""Exits: once begun, each walks to the market until nothing of it is held. It never gives up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from engine.clock import MINUTE
from engine.core.closing import closing_package, first_part, to_close
from engine.core.orders import OrderDesk
from engine.core.rereading import Rereading
from engine.core.state import SessionState
from engine.events import Actor, ExitRecord
from engine.orders import STEPS, Order, step_at, walk_limit
from engine.portfolio import Trade, exit_value
from engine.strategy import Close, Limit, Watch
from engine.types import Contract, Price, Right, parse_symbol, product


def symbols_text(contracts: tuple[Contract, ...], stays: tuple[tuple[Contract, int], ...]) -> str:
    """The contracts that an exit closes, as ``ExitRecord`` has them: ``SPXW240807P05300000=-2`` leaves two short."""
    left = dict(stays)
    return " ".join(f"{c.symbol}={left[c]}" if left.get(c) else c.symbol for c in contracts)


def read_symbols(text: str) -> dict[Contract, int]:
    """The inverse of ``symbols_text``: signed contracts that stay of each that is closed."""
    found: dict[Contract, int] = {}
    for word in text.split():
        symbol, _, stays = word.partition("=")
        contract = parse_symbol(symbol)
        if isinstance(contract, Contract):
            found[contract] = int(stays or 0)
    return found


@dataclass(slots=True)
class Exit:
    """One exit under way.

    Attributes:
        asked_at: when the broker was asked what it holds, ns UTC, for the next order's size.
        lacking: what the broker had not, of what the order was to close. given_up: the order that was cancelled here.
        alarmed, differed: whether a person was told that it takes long, and that the broker holds less.
        stays: signed contracts of a part that is not closed.
    """

    trade: Trade
    wanted: Close
    actor: Actor
    started: int
    order: Order | None = None
    alarmed: bool = False
    differed: bool = False
    retry_at: int = 0
    asked_at: int | None = None
    lacking: dict[Contract, int] = field(default_factory=dict)
    given_up: str = ""
    stays: dict[Contract, int] = field(default_factory=dict)

    def left(self, contract: Contract) -> int:
        """Signed contracts that are still to be closed."""
        return to_close(self.trade.held(contract), self.stays.get(contract, 0))

    @property
    def closing(self) -> tuple[Contract, ...]:
        """What it is closing; of a part no more once a side of it is done, for the rest of that is to be watched."""
        contracts = self.wanted.contracts
        if not self.stays:
            return contracts
        out = [leg.contract for leg in self.order.package.legs] if self.order and self.order.working else []
        rights = {c.right for c in (*out, *(contract for contract in contracts if self.left(contract)))}
        return tuple(contract for contract in contracts if contract.right in rights)

    @property
    def only_longs_left(self) -> bool:
        """Whether all shorts of the part are closed."""
        return all(self.left(contract) >= 0 for contract in self.wanted.contracts)


class _Scope(NamedTuple):
    """What an exit that is asked for would begin to close, and of which exits under way it asks for more."""

    new: tuple[Contract, ...]
    more: tuple[tuple[Exit, tuple[Contract, ...]], ...]


class ExitDesk:
    """Begins exits and walks them. Longs without a bid are left until one comes; shorts go first where quotes fail."""

    def __init__(self, state: SessionState, orders: OrderDesk, broker: Rereading) -> None:
        self._state = state
        self._orders = orders
        self._broker = broker
        self._exits: list[Exit] = []
        self._finished: list[Exit] = []
        orders.reopened = self._reopened

    def exiting(self, trade: Trade) -> frozenset[Contract]:
        """Contracts of a trade that are being closed."""
        return frozenset(c for e in self._exits if e.trade is trade for c in e.closing)

    def begin(self, trade: Trade, wanted: Close, actor: Actor) -> str:
        """Begin to close what the trade holds of these contracts, and what an entry that is cancelled for it may still
        bring of their rights; why there is nothing to begin, or empty."""
        state = self._state
        if self._over(trade):
            return f"{trade.root} trades no more today: what #{trade.trade_id} holds will settle"
        under_way = self.exiting(trade)
        new, more = self._scope(trade, wanted, under_way)
        contracts = (*new, *(contract for _, added in more for contract in added))
        if not contracts:
            return (
                f"#{trade.trade_id} is being closed already"
                if under_way
                else f"#{trade.trade_id} holds nothing to sell"
            )
        state.record(
            ExitRecord,
            trade_id=trade.trade_id,
            actor=actor,
            scope=wanted.scope,
            symbols=symbols_text(contracts, wanted.stays),
            trigger=wanted.trigger,
            level=wanted.level,
            observed=wanted.observed,
            text=wanted.reason,
        )
        for order in state.orders.working(trade.trade_id):
            if order.kind == "open":
                self._orders.cancel(order, f"{wanted.trigger}: what it has opened is closed")
        stays = dict(wanted.stays)
        for under, added in more:
            under.wanted, under.actor = replace(wanted, contracts=under.wanted.contracts), actor
            under.stays = {c: stays.get(c, 0) if c in added else left for c, left in under.stays.items()}
        if new:
            kept = {contract: stays[contract] for contract in new if contract in stays}
            self._exits.append(Exit(trade, replace(wanted, contracts=new), actor, state.now, stays=kept))
        state.dealings += 1
        for step in range(1, len(STEPS)):
            state.wake(state.now + step * state.config.exits.step_ns)
        state.wake(state.now + MINUTE)
        return ""

    def _scope(self, trade: Trade, wanted: Close, under_way: frozenset[Contract]) -> _Scope:
        """Of what an exit wants, what is held and not being closed, and where only a part is being closed so far."""
        coming = self._coming(trade, {contract.right for contract in wanted.contracts})
        wished = dict.fromkeys((*wanted.contracts, *coming))
        stays = dict(wanted.stays)
        new = tuple(
            c for c in wished if (to_close(trade.held(c), stays.get(c, 0)) or c in coming) and c not in under_way
        )
        found: list[tuple[Exit, tuple[Contract, ...]]] = []
        for under in self._exits if under_way else ():
            if under.trade is trade and under.stays:
                added = tuple(c for c in wished if c in under_way and abs(under.stays.get(c, 0)) > abs(stays.get(c, 0)))
                found += [(under, added)] if added else []
        return _Scope(new, tuple(found))

    def _coming(self, trade: Trade, rights: set[Right]) -> list[Contract]:
        """What orders that open the trade, and are not over, may still bring of these rights."""
        opening = (order for order in self._state.orders.working(trade.trade_id) if order.kind == "open")
        return [leg.contract for order in opening for leg in order.package.legs if leg.contract.right in rights]

    def resume(self, trade: Trade, wanted: Close, actor: Actor) -> None:
        """Go on with an exit after a restart, and with the order it had out: no second one is sent beside it."""
        if self.begin(trade, wanted, actor):
            return
        for order in self._state.orders.working(trade.trade_id):
            legs = {leg.contract for leg in order.package.legs} if order.kind == "close" else None
            for under_way in self._exits:
                if legs is not None and under_way.trade is trade and legs <= set(under_way.wanted.contracts):
                    under_way.order = order

    def _over(self, trade: Trade) -> bool:
        return self._state.now >= self._state.session.product_close(trade.root)

    def begin_all(self, trigger: str, reason: str, actor: Actor) -> int:
        """Begin to close everything; how many trades are being closed now. Working entries are cancelled."""
        for order in self._state.orders.working():
            if order.kind == "open":
                self._orders.cancel(order, reason)
        trades = self._state.portfolio.open_trades
        for trade in trades:
            whole = Close(
                trade_id=trade.trade_id, scope="package", contracts=trade.contracts, trigger=trigger, reason=reason
            )
            self.begin(trade, whole, actor)
        return sum(bool(self.exiting(trade)) for trade in trades)

    def watch(self) -> Watch | None:
        """What matters to the exits under way: a bid for what was left for want of one. None where they have more to do
        than wait for that."""
        waiting: list[Contract] = []
        for under_way in self._exits:
            held = [contract for contract in under_way.wanted.contracts if under_way.left(contract)]
            order = under_way.order
            if (order is not None and order.working) or not under_way.trade.left.issuperset(held):
                return None
            waiting += held
        return Watch(tuple(Limit({contract: 1}, True, None, below=-1) for contract in waiting))

    def run(self) -> None:
        """Advance every exit; drop those that have nothing left to close, and all at the product's close."""
        for under_way in list(self._exits) if self._exits else ():
            if self._over(under_way.trade) or not self._advance(under_way):
                self._exits.remove(under_way)
                if under_way.actor != "strategy":
                    self._finished.append(under_way)
                self._state.dealings += 1
        self._cancel_strays()

    def _reopened(self, trade: Trade) -> None:
        """Busts have taken back what had closed something: it is closed again, but where a strategy had asked for
        that. A strategy judges what is held again by its own stops and times."""
        for over in [each for each in self._finished if each.trade is trade]:
            if any(over.left(contract) for contract in over.wanted.contracts):
                self._finished.remove(over)
                self.begin(trade, over.wanted, over.actor)
        for right in ("C", "P"):
            self._close_bare(trade, {c: n for c, n in trade.standing.held.items() if c.right == right})

    def _close_bare(self, trade: Trade, held: dict[Contract, int]) -> None:
        """A short that has come back while its wing is gone does not wait for its stop."""
        if sum(held.values()) < 0 and not self.exiting(trade) >= held.keys():
            names = ", ".join(f"{quantity:+d} {contract.short_name}" for contract, quantity in held.items())
            reason = f"{names} has come back without its cover"
            self._state.notice("alarm", "exit", f"#{trade.trade_id} {reason}")
            scope = "/".join(contract.short_name for contract in held)
            wanted = Close(trade_id=trade.trade_id, scope=scope, contracts=tuple(held), trigger="bust", reason=reason)
            self.begin(trade, wanted, "engine")

    def _cancel_strays(self) -> None:
        """A closing order that no exit has out any more could close what is closed already: it is cancelled."""
        for order in self._state.orders.working() if self._orders.outside else ():
            if order.kind == "close" and all(e.order is not order for e in self._exits):
                self._orders.cancel(order, "nothing is left for it to close")

    def _advance(self, under_way: Exit) -> bool:
        """Bring an exit's order to where it should be; False once nothing is left to close."""
        state, trade = self._state, under_way.trade
        step = step_at(state.now - under_way.started, state.config.exits.step_ns)
        closable, blind = self._sort_out(under_way)
        if not closable and not blind:
            order, contracts = under_way.order, under_way.wanted.contracts
            if order is not None and order.working:
                self._give_up(under_way, order, "nothing left to close")
            # Until a cancellation is confirmed a fill may still come, and would have to be closed again.
            coming = self._coming(trade, {contract.right for contract in contracts})
            late = (order is not None and order.working) or any(contract in contracts for contract in coming)
            if under_way.stays and not late:
                return self._let_stay(under_way)
            return late or any(under_way.left(contract) for contract in contracts)
        last = step == len(STEPS) - 1
        if blind:
            if not last:
                return True
            if under_way.stays and not closable and under_way.only_longs_left:
                return self._let_stay(under_way)
            if not under_way.alarmed and state.now - under_way.started >= MINUTE:
                names = ", ".join(contract.short_name for contract in blind)
                state.notice("alarm", "exit", f"#{trade.trade_id} cannot be closed yet: no fresh quote for {names}")
                under_way.alarmed = True
            closable = {c: quantity for c, quantity in closable.items() if quantity < 0} or {**closable, **blind}
        self._bring(under_way, closable, step, priced=not blind)
        if not under_way.alarmed and state.now - under_way.started >= MINUTE:
            under_way.alarmed = True
            state.notice("alarm", "exit", f"#{trade.trade_id} is not closed yet: {self._hindrance(under_way)}")
        return True

    def _let_stay(self, under_way: Exit) -> bool:
        """Longs of a part that nobody bids for stay with the rest of the trade: it ends without them."""
        trade = under_way.trade
        stay = [contract for contract in under_way.wanted.contracts if under_way.left(contract)]
        if stay:
            trade.left.difference_update(stay)
            names = ", ".join(contract.short_name for contract in stay)
            self._state.notice("info", "exit", f"#{trade.trade_id} {names} stays with the rest: nobody bids for it")
        return False

    def _hindrance(self, under_way: Exit) -> str:
        """What an exit waits for, in words."""
        order = under_way.order
        if order is not None and order.working:
            return {
                "unknown": "what became of its order is not known",
                "pending_cancel": "the cancellation of its order is not confirmed",
            }.get(order.status, "its order works at the broker and is not filled")
        if any(o.kind != "close" for o in self._state.orders.working(under_way.trade.trade_id)):
            return "the cancellation of what rests at the broker is not confirmed"
        if under_way.asked_at is not None:
            return "the broker does not say what it holds"
        return "the broker takes no order for it"

    def _sort_out(self, under_way: Exit) -> tuple[dict[Contract, int], dict[Contract, int]]:
        """Signed holdings that have a fresh quote to close on, and those that have none."""
        state, trade = self._state, under_way.trade
        closable: dict[Contract, int] = {}
        blind: dict[Contract, int] = {}
        for contract in under_way.wanted.contracts:
            held = under_way.left(contract)
            if not held:
                continue
            quote = state.market.quote(contract)
            if not quote.usable or state.now - quote.ts > state.max_age:
                if contract not in trade.left:
                    blind[contract] = held
            elif held > 0 and not quote.bid:
                if contract not in trade.left:
                    trade.left.add(contract)
                    state.dealings += 1
                    text = f"#{trade.trade_id} {contract.short_name} has no bid: left to expire, sold if one comes"
                    state.notice("info", "exit", text)
            else:
                if contract in trade.left:
                    trade.left.discard(contract)
                    state.dealings += 1
                closable[contract] = held
        return closable, blind

    def _bring(self, under_way: Exit, closable: dict[Contract, int], step: int, priced: bool) -> None:
        held = first_part(closable, self._state.config.broker.max_legs)
        out = self._out(under_way, held)
        if not self._free_to_send(under_way, out, *self._limit(under_way, out, step, priced)):
            return
        agreed = self._broker.agreed(held, under_way.asked_at, self._promised(under_way.trade))
        if agreed is None:
            return
        if agreed != held:
            self._differs(under_way, held, agreed)
            if not agreed:
                return
        package, quantity = closing_package(agreed)
        limit, _ = self._limit(under_way, agreed, step, priced)
        wanted = under_way.wanted
        under_way.asked_at = None
        under_way.lacking = {contract: count - agreed.get(contract, 0) for contract, count in held.items()}
        under_way.order = self._orders.send(
            under_way.trade,
            "close",
            package,
            quantity,
            limit,
            under_way.actor,
            f"{wanted.trigger}: {wanted.reason}",
            stop=wanted.level if wanted.in_bar else None,
        )

    def _out(self, under_way: Exit, held: dict[Contract, int]) -> dict[Contract, int]:
        """Of signed holdings what an order that is out closes; else all."""
        if under_way.order is None or not under_way.order.working:
            return held
        left = {contract: count - under_way.lacking.get(contract, 0) for contract, count in held.items()}
        return {contract: count for contract, count in left.items() if count} or held

    def _limit(
        self, under_way: Exit, held: Mapping[Contract, int], step: int, priced: bool
    ) -> tuple[Price | None, str]:
        """The limit of the order that closes signed holdings at a step of the walk, and the step's name."""
        if not priced or (under_way.wanted.in_bar and under_way.wanted.level is not None):
            return None, STEPS[step]
        _, quantity = closing_package(held)
        quotes = {contract: self._state.market.quote(contract) for contract in held}
        ratio = {contract: count // quantity for contract, count in held.items()}
        mid2 = -sum(ratio[c] * quotes[c].mid2 for c in held)
        natural = -sum(ratio[c] * exit_value(quotes[c], held[c]) for c in held)
        terms = product(under_way.trade.root)
        tick = terms.package_tick if len(held) > 1 else terms.tick(natural)
        name, limit = walk_limit(step, mid2, natural, tick, self._state.config.exits.ticks)
        return limit, name

    def _promised(self, trade: Trade) -> dict[Contract, int]:
        """Contracts that orders of other trades are closing already: what the account holds of them is not free."""
        found: dict[Contract, int] = {}
        for order in self._state.orders.working():
            if order.kind != "open" and order.trade_id != trade.trade_id:
                for contract, quantity in order.outstanding().items():
                    found[contract] = found.get(contract, 0) + abs(quantity)
        return found

    def _free_to_send(self, under_way: Exit, held: dict[Contract, int], limit: Price | None, step: str) -> bool:
        """Whether a new order may be sent: the one before is over, nothing else of the trade rests, and it is time."""
        state, order = self._state, under_way.order
        if order is not None and order.working:
            if order.outstanding() != {contract: -quantity for contract, quantity in held.items()}:
                self._give_up(under_way, order, "what it closes has changed")
            elif order.limit is not None and order.limit != limit:  # a market order that is out stays one
                self._orders.walk(order, limit, step)
                if order.status in ("pending_cancel", "cancelled"):
                    under_way.given_up = order.client_order_id
            if order.working:
                return False
        self._wait_after_refusal(under_way)
        if state.now < under_way.retry_at or not self._nothing_rests(under_way):
            return False
        if under_way.asked_at is None:
            under_way.asked_at = self._broker.ask()
        return True

    def _wait_after_refusal(self, under_way: Exit) -> None:
        """An order that the broker has ended of its own accord is sent again after a step, not at once and for ever."""
        state, order = self._state, under_way.order
        if order is None or order.absent or order.client_order_id == under_way.given_up:
            return
        if order.status in ("rejected", "cancelled", "expired") and under_way.retry_at <= order.created:
            under_way.retry_at = state.now + state.config.exits.step_ns
            text = f"#{under_way.trade.trade_id} closing order {order.status}; it is sent again in a moment"
            state.notice("alarm", "exit", text)
            state.wake(under_way.retry_at)

    def _give_up(self, under_way: Exit, order: Order, why: str) -> None:
        under_way.given_up = order.client_order_id
        self._orders.cancel(order, why)

    def _nothing_rests(self, under_way: Exit) -> bool:
        """Whether nothing of the trade works at the broker that has to do with these contracts, neither stop nor entry:
        cancelled, and that confirmed, before any close."""
        contracts = frozenset(under_way.wanted.contracts)
        working = self._state.orders.working(under_way.trade.trade_id)
        resting = [o for o in working if o.kind != "close" and any(leg.contract in contracts for leg in o.package.legs)]
        for order in resting:
            self._orders.cancel(order, f"{under_way.wanted.trigger}: before closing")
        return not any(order.working for order in resting)

    def _differs(self, under_way: Exit, held: dict[Contract, int], agreed: dict[Contract, int]) -> None:
        """The broker holds less than was to be closed: no more than that is closed, and it is asked again."""
        state = self._state
        if not under_way.differed:
            under_way.differed = True
            words = ", ".join(f"{agreed.get(c, 0)} of {quantity} {c.short_name}" for c, quantity in held.items())
            state.notice("alarm", "exit", f"#{under_way.trade.trade_id} the broker holds {words}: no more is closed")
        under_way.asked_at = None
        under_way.retry_at = state.now + state.config.exits.step_ns
        state.wake(under_way.retry_at)
