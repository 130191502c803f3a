"""What a person may order, and what comes of it."""

from __future__ import annotations

from engine.core.exits import ExitDesk
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.events import BreakerRecord, Command, CommandRecord
from engine.strategy import Close


class CommandDesk:
    """Carries out commands; each leaves a row with its outcome."""

    def __init__(self, state: SessionState, orders: OrderDesk, exits: ExitDesk) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits

    def carry_out(self, command: Command) -> None:
        """Do what a person ordered."""
        match command.kind:
            case "flatten":
                outcome = self._flatten(command)
            case "close_trade":
                outcome = self._close_trade(command)
            case "pause":
                outcome = self._pause(command)
            case "resume":
                outcome = self._resume(command)
            case "note":
                outcome = "noted"
        self._state.record(
            CommandRecord,
            command_id=command.command_id,
            actor=command.actor,
            kind=command.kind,
            trade_id=command.trade_id,
            text=command.text,
            outcome=outcome,
        )

    def _flatten(self, command: Command) -> str:
        self._trip("FLATTENED", "a person flattened; resume allows entries again")
        closed = self._exits.begin_all("flatten", "a person flattened", command.actor)
        return f"closing {closed} trade{'' if closed == 1 else 's'}; no new entries until resumed"

    def _close_trade(self, command: Command) -> str:
        trade = self._state.portfolio.get(command.trade_id)
        entries = [order for order in self._state.orders.working(command.trade_id) if order.kind == "open"]
        for order in entries:
            self._orders.cancel(order, command.text or "a person closed it")
        if trade is not None and entries and not trade.open:
            return f"cancelled the entry of #{command.trade_id}"
        if trade is None or not trade.open:
            return f"trade #{command.trade_id} holds nothing"
        wanted = Close(
            trade_id=trade.trade_id,
            scope="package",
            contracts=tuple(trade.holdings),
            trigger="person",
            reason=command.text or "a person closed it",
        )
        return self._exits.begin(trade, wanted, command.actor) or f"closing #{trade.trade_id}"

    def _pause(self, command: Command) -> str:
        if command.actor == "engine":
            self._trip("JOURNAL", command.text)
            return "no new entries while the journal cannot be written"
        paused = self._trip("PAUSED", "a person paused entries")
        return "no new entries" if paused else "entries were paused already"

    def _resume(self, command: Command) -> str:
        for name in ("JOURNAL",) if command.actor == "engine" else ("PAUSED", "FLATTENED"):
            if self._state.states.lift(name):
                self._record_state(name, command.text or f"a person lifted {name}")
        left = self._state.states
        return "entries are allowed" if left.state == "ACTIVE" else f"still {left.state}: {left.text}"

    def _trip(self, name: str, text: str) -> bool:
        if not self._state.states.trip(name, "REDUCING", False, text):
            return False
        self._record_state(name, text)
        return True

    def _record_state(self, name: str, text: str) -> None:
        breaker = self._state.states.breakers.get(name)
        self._state.record(
            BreakerRecord,
            name=name,
            state=breaker.state if breaker else "ACTIVE",
            latched=bool(breaker and breaker.latched),
            text=text,
        )
