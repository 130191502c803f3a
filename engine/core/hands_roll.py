"""Rolling by hand: a side is closed and, once it is, opened again further out, as a trade of its own.

The gate is asked before anything is closed. A restart in between leaves the side closed: it is never opened again by
itself afterwards, so it cannot be opened twice.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Literal

from engine.clock import MINUTE
from engine.core.entries import EntryDesk
from engine.core.entry_limits import EntryLimits
from engine.core.exits import ExitDesk
from engine.core.hands_close import ClosingHand, held_of
from engine.core.hands_open import OpeningHand
from engine.core.hands_words import legs_text
from engine.core.manual_state import Roll
from engine.core.state import SessionState
from engine.core.strategies import StrategyDesk
from engine.events import LegFill
from engine.market import Chain
from engine.portfolio import Portfolio, Trade, exit_value
from engine.risk import Gate, OpenRequest
from engine.strategy import Close, Refused, check_stop, part_of_package, side_of
from engine.types import MANUAL, Contract, Leg, OpenTrade, Package, Price, RollTrade, Scope, dollars_text, product

PATIENCE = 5 * MINUTE
"""So long after it was ordered a side is opened again; later the person is asked to look again."""


class RollingHand:
    """Rolls under way, and how they begin and end."""

    def __init__(
        self,
        state: SessionState,
        gate: Gate,
        entries: EntryDesk,
        exits: ExitDesk,
        strategies: StrategyDesk,
        closing: ClosingHand,
        opening: OpeningHand,
    ) -> None:
        self._state = state
        self._gate = gate
        self._entries = entries
        self._exits = exits
        self._strategies = strategies
        self._closing = closing
        self._opening = opening
        self._limits = EntryLimits(state)

    def begin(self, order: RollTrade, command_id: str) -> str:
        """Ask the gate for the new side; where it would agree, begin to close the old one. Raises ``Refused``."""
        state, trade = self._state, self._closing.held(order.trade_id)
        if any(roll.trade_id == order.trade_id for roll in state.hands.rolls):
            raise Refused(f"#{order.trade_id} is being rolled already")
        if any(each.kind == "open" for each in state.orders.working(order.trade_id)):
            raise Refused(f"the entry of #{order.trade_id} still works: X cancels it")
        scope = self._closing.scope(trade, order.scope)
        contracts = held_of(trade, scope)
        if self._exits.exiting(trade) & set(contracts):
            raise Refused(f"#{order.trade_id} is being closed already")
        package, quantity = self._moved(trade, contracts, order)
        limit = self._natural(package)
        if limit is None:
            raise Refused(f"no fresh quotes to trade on for {legs_text(package)}")
        request = OpenRequest(MANUAL, trade.root, package, quantity, limit)
        book = replace(self._entries.book(trade.root), portfolio=self._without(trade, contracts))
        decision, _ = self._entries.judge(request, self._gate.probe(), book)
        if not decision.approved:
            denied = f"{legs_text(package)} would be denied {decision.code}: {decision.text}"
            raise Refused(f"#{trade.trade_id} is not rolled: {denied}")
        roll = Roll(
            trade_id=trade.trade_id,
            command_id=command_id,
            contracts=contracts,
            package=package,
            quantity=quantity,
            label=f"roll of #{trade.trade_id} {scope}",
            stop=self._stop_of(trade, contracts),
            until=state.now + PATIENCE,
        )
        wanted = Close(
            trade_id=trade.trade_id,
            scope=scope,
            contracts=contracts,
            trigger="roll",
            reason=f"a person rolls it to {legs_text(package)}",
        )
        refused = self._exits.begin(trade, wanted, "person")
        if refused:
            raise Refused(refused)
        state.hands.rolls.append(roll)
        state.wake(roll.until)
        few = f", {decision.quantity} of {quantity} by the limits" if decision.quantity < quantity else ""
        return f"closing #{trade.trade_id} {scope}, then opening {quantity} x {legs_text(package)}{few}"

    def run(self) -> bool:
        """Open again what is closed by now; whether a roll has come to its end."""
        hands = self._state.hands
        over = [roll for roll in hands.rolls if self._advance(roll)]
        hands.rolls = [roll for roll in hands.rolls if roll not in over]
        return bool(over)

    def give_up(self, why: str, trade_id: int = 0, scope: Scope = "package") -> bool:
        """A person has ordered otherwise: of this trade's scope, or of every trade, nothing is opened again; whether a
        roll was under way."""
        hands = self._state.hands
        over = [roll for roll in hands.rolls if not trade_id or (roll.trade_id == trade_id and self._of(roll, scope))]
        hands.rolls = [roll for roll in hands.rolls if roll not in over]
        for roll in over:
            self._tell(roll, f"{why}; nothing is opened again", "info")
        return bool(over)

    def _of(self, roll: Roll, scope: Scope) -> bool:
        """Whether a roll has to do with a scope of its trade."""
        trade = self._state.portfolio.get(roll.trade_id)
        if scope == "tested" and trade is not None and trade.open:
            scope = self._closing.scope(trade, scope)
        return scope in ("package", "tested") or any(side_of(contract) == scope for contract in roll.contracts)

    def cut_off(self) -> bool:
        """After a restart: what was closed stands, and nothing is opened; whether there was a roll under way."""
        rolls, self._state.hands.rolls = self._state.hands.rolls, []
        for roll in rolls:
            self._tell(roll, "a restart has cut it off; nothing is opened again by itself: O opens it")
        return bool(rolls)

    def _advance(self, roll: Roll) -> bool:
        """Whether the roll has come to its end."""
        state, trade = self._state, self._state.portfolio.get(roll.trade_id)
        assert trade is not None  # its side is being closed
        late = state.now >= roll.until or state.now >= state.session.product_close(trade.root)
        if not self._closed(trade, roll):
            if late:
                self._tell(roll, f"its side is not closed after {PATIENCE // MINUTE} minutes; nothing is opened again")
            return late
        limit = self._natural(roll.package)
        if limit is None:
            if late:
                self._tell(
                    roll, f"no fresh quotes for {legs_text(roll.package)}; its side is closed, nothing is opened"
                )
            return late
        stop, words = self._judged(trade.root, roll)
        annotation = state.annotations.get(roll.trade_id)
        order = OpenTrade(
            root=trade.root,
            package=roll.package,
            quantity=roll.quantity,
            limit=limit,
            label=roll.label,
            stop=stop,
            tags=annotation.tags if annotation is not None else (),
        )
        try:
            found, said = self._opening.open(order, f"{roll.command_id} rolled")
        except Refused as refused:
            found, said = None, f"refused: {refused}"
        if not isinstance(found, Trade):
            self._tell(roll, f"its side is closed, and the new one was {said}; nothing is opened")
            return True
        if annotation is not None:
            state.hands.annotations[found.trade_id] = annotation
        state.notice("info", "hands", f"roll of #{roll.trade_id}: its side is closed; {said}{words}")
        return True

    def _tell(self, roll: Roll, what: str, level: Literal["info", "alarm"] = "alarm") -> None:
        self._state.notice(level, "hands", f"roll of #{roll.trade_id} to {legs_text(roll.package)}: {what}")

    def _closed(self, trade: Trade, roll: Roll) -> bool:
        """Whether nothing is held of the side but longs that nobody bids for, and no order may bring more."""
        if any(trade.held(contract) and contract not in trade.left for contract in roll.contracts):
            return False
        legs = set(roll.contracts)
        working = self._state.orders.working(trade.trade_id)
        return not any(leg.contract in legs for order in working for leg in order.package.legs)

    def _moved(self, trade: Trade, contracts: tuple[Contract, ...], order: RollTrade) -> tuple[Package, int]:
        """The package that is opened in place of what is held, and how many of it. Raises ``Refused``."""
        ratio = {leg.contract: leg.ratio for leg in trade.package.legs}
        many = {abs(trade.held(contract)) // ratio[contract] for contract in contracts}
        whole = all(abs(trade.held(contract)) % ratio[contract] == 0 for contract in contracts)
        if len(many) != 1 or not whole:
            raise Refused(f"#{trade.trade_id} holds a part of a package: there is no whole one to roll")
        if not order.strikes and order.expiry in (None, *(contract.expiry for contract in contracts)):
            raise Refused("neither a strike nor an expiry would change")
        legs = tuple(
            Leg(self._further(c, order), "buy" if trade.held(c) > 0 else "sell", "open", ratio[c]) for c in contracts
        )
        return Package(legs), min(many)

    def _further(self, contract: Contract, order: RollTrade) -> Contract:
        """A contract so many listed strikes further out, of the wanted expiry. Raises ``Refused``."""
        expiry = order.expiry or contract.expiry
        chain: Chain | None = self._state.chain(contract.root, expiry)
        if chain is None:
            raise Refused(f"no {contract.root} option that expires on {expiry} is listed")
        out = 1 if contract.right == "C" else -1
        listed = [
            strike
            for row, strike in enumerate(chain.layout.strikes)
            if chain.layout.contract(row, contract.right) is not None
        ]
        way = out if order.strikes >= 0 else -out
        beyond = sorted((strike for strike in listed if (strike - contract.strike) * way > 0), key=lambda s: s * way)
        if not order.strikes:
            found = contract.strike if contract.strike in listed else None
        else:
            found = beyond[abs(order.strikes) - 1] if len(beyond) >= abs(order.strikes) else None
        if found is None:
            raise Refused(f"no strike is listed {abs(order.strikes)} away from {contract.short_name} on {expiry}")
        return Contract(contract.root, expiry, found, contract.right)

    def _natural(self, package: Package) -> Price | None:
        """The signed net price at which it trades at once, on its tick; None without fresh quotes."""
        natural = self._limits.natural(package)
        if natural is None:
            return None
        terms = product(package.legs[0].contract.root)
        tick = terms.package_tick if len(package.legs) > 1 else terms.tick(abs(natural))
        return -(-natural // tick) * tick

    def _without(self, trade: Trade, contracts: tuple[Contract, ...]) -> Portfolio:
        """The book as it will stand with these closed at bid and ask. Raises ``Refused`` without fresh quotes."""
        state, portfolio = self._state, deepcopy(self._state.portfolio)
        for contract in contracts:
            held, quote = trade.held(contract), state.market.quote(contract)
            if not quote.usable or state.now - quote.ts > state.max_age:
                raise Refused(f"no fresh quote for {contract.short_name}: what closing it costs nobody can tell")
            fill = LegFill(
                exec_id=f"roll {contract.symbol}",
                contract=contract,
                side="sell" if held > 0 else "buy",
                quantity=abs(held),
                price=exit_value(quote, held),
                fee=state.fee_each(trade.root) * abs(held),
            )
            portfolio.fold(trade.trade_id, fill, False, state.now)
        twin = portfolio.get(trade.trade_id)
        if twin is not None and not twin.open:
            twin.status = "closed"
        return portfolio

    def _stop_of(self, trade: Trade, contracts: tuple[Contract, ...]) -> Price | None:
        """Where what is rolled is stopped now: the new trade is stopped at the same closing cost."""
        rights = {contract.right for contract in contracts}
        plans = (plan for plan in self._strategies.sides(trade) if {c.right for c in plan.contracts} == rights)
        return next((plan.stop_at for plan in plans if plan.stop_at is not None), None)

    def _judged(self, root: str, roll: Roll) -> tuple[Price | None, str]:
        """The stop of what was rolled, where it makes sense on the new package; else none, and why in words."""
        if roll.stop is None:
            return None, "; it has no stop: S sets one"
        try:
            check_stop(self._strategies.context(root), part_of_package(roll.package, "package"), roll.stop)
        except Refused as refused:
            return None, f"; it has no stop: {refused}; S sets one"
        return roll.stop, f"; its stop stays at {dollars_text(roll.stop)}"
