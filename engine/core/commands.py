"""What a person may order, and what comes of it: the kill levels, closing one trade, resuming, lines for the log."""

from __future__ import annotations

from typing import NamedTuple

from engine.core.adoption import OUTSIDE
from engine.core.exits import ExitDesk
from engine.core.hands import HandsDesk
from engine.core.orders import JOURNAL, OrderDesk
from engine.core.state import SessionState
from engine.events import Actor, BreakerRecord, Command, CommandRecord
from engine.risk import TradingState
from engine.strategy import Close
from engine.types import KillLevel


class Kill(NamedTuple):
    """What a kill level puts in place: its breaker, and why in words."""

    breaker: str
    state: TradingState
    latched: bool
    text: str


KILLS: dict[KillLevel, Kill] = {
    "pause": Kill("PAUSED", "REDUCING", False, "a person paused entries"),
    "cancel": Kill("CANCELLED", "REDUCING", False, "a person cancelled all entries; resume allows them again"),
    "flatten": Kill("FLATTENED", "REDUCING", False, "a person flattened; resume allows entries again"),
    "lock": Kill("LOCKED", "HALTED", True, "a person flattened and locked the day; nothing lifts it today"),
}
"""From the mildest to the severest, as ``KILL_LEVELS``."""

CLOSING: dict[str, tuple[str, Actor]] = {
    "LOCKED": ("flatten", "person"),
    "FLATTENED": ("flatten", "person"),
    "DAILY_LOSS": ("daily_loss", "risk"),
}
"""While one of these stands, whatever comes to be held is closed: by which trigger, and who says so."""

BROKER_DOWN = "BROKER_DOWN"
LOST: dict[Actor, str] = {"engine": JOURNAL, "broker": BROKER_DOWN}
"""What the shell reports as lost, and as found again, by pausing and resuming in that actor's name: its breaker."""


class CommandDesk:
    """Carries out commands; each leaves a row with its outcome."""

    def __init__(self, state: SessionState, orders: OrderDesk, exits: ExitDesk, hands: HandsDesk) -> None:
        self._state = state
        self._orders = orders
        self._exits = exits
        self._hands = hands

    def carry_out(self, command: Command) -> None:
        """Do what a person ordered."""
        kind, trade_id, text = str(command.kind), command.trade_id, command.text
        match command.kind:
            case "pause" if command.actor in LOST:
                outcome = self._pause_for_want_of(LOST[command.actor], command)
            case "pause" | "cancel" | "flatten" | "lock":
                outcome = self._kill(command.kind, command)
            case "close_trade":
                outcome = self._hands.close_all_of(command)
            case "resume":
                outcome = self._resume(command)
            case "note":
                outcome = "noted"
            case "alarm":
                self._state.notice("alarm", "control", command.text)
                outcome = "told"
            case "manual":
                kind, trade_id, text, outcome = self._hands.carry_out(command)
        self._state.record(
            CommandRecord,
            command_id=command.command_id,
            actor=command.actor,
            kind=kind,
            trade_id=trade_id,
            text=text,
            outcome=outcome,
        )

    def enforce(self) -> None:
        """Under flatten, lock and the day's loss, close also what came to be held since: an entry may fill before its
        cancel counts. Trades made elsewhere that are left to a person are left."""
        standing = self._state.states.breakers
        if not standing:
            return
        name = next((each for each in CLOSING if each in standing), None)
        if name is None:
            return
        adopts = self._state.config.broker.outside == "adopt"
        for trade in self._state.portfolio.open_trades:
            if adopts and trade.strategy == OUTSIDE:
                continue
            under_way = self._exits.exiting(trade)
            late = tuple(contract for contract in trade.holdings if trade.held(contract) and contract not in under_way)
            if late:
                reason = f"it came to be held while {name} stands"
                trigger, actor = CLOSING[name]
                wanted = Close(trade_id=trade.trade_id, scope="package", contracts=late, trigger=trigger, reason=reason)
                self._exits.begin(trade, wanted, actor)

    def _kill(self, level: KillLevel, command: Command) -> str:
        """Put a level in place. The same level again goes on with what is left; one below what stands does nothing."""
        names = list(KILLS)
        standing = [kill.breaker for name, kill in KILLS.items() if names.index(name) > names.index(level)]
        above = next((name for name in reversed(standing) if name in self._state.states.breakers), None)
        if above is not None:
            return f"nothing changes: {above} stands, which does what {level} does"
        kill = KILLS[level]
        why = kill.text if command.actor == "person" else kill.text.replace("a person", f"the {command.actor}", 1)
        new = self._trip(kill, f"{why} ({command.text})" if command.text else why)
        if level == "pause":
            return "no new entries" if new else "entries were paused already"
        self._hands.give_up_rolls(why)
        if level == "cancel":
            return f"cancelling {self._cancel_entries(why)}; no new entries until resumed"
        closed = self._exits.begin_all(level, why, command.actor)
        after = "no new entries until resumed" if level == "flatten" else "locked until the exchange's date changes"
        return f"closing {closed} trade{'' if closed == 1 else 's'}; {after}"

    def _cancel_entries(self, why: str) -> str:
        entries = [order for order in self._state.orders.working() if order.kind == "open"]
        for order in entries:
            self._orders.cancel(order, why)
        return "1 working entry" if len(entries) == 1 else f"{len(entries)} working entries"

    def _pause_for_want_of(self, name: str, command: Command) -> str:
        self._trip(Kill(name, "REDUCING", False, command.text), command.text)
        if name == BROKER_DOWN:
            self._state.notice("alarm", "broker", command.text)
            return "no new entries while the broker cannot be reached"
        return "no new entries while the journal cannot be written"

    def _resume(self, command: Command) -> str:
        by_person = [kill.breaker for kill in KILLS.values()]
        for name in (LOST[command.actor],) if command.actor in LOST else by_person:
            if self._state.states.lift(name):
                lifted = f"a person lifted {name}" + (f" ({command.text})" if command.text else "")
                self._record_state(name, command.text if command.actor in LOST else lifted)
        left = self._state.states
        return "entries are allowed" if left.state == "ACTIVE" else f"still {left.state}: {left.text}"

    def _trip(self, kill: Kill, text: str) -> bool:
        if not self._state.states.trip(kill.breaker, kill.state, kill.latched, text):
            return False
        self._record_state(kill.breaker, text)
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
