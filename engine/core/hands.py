"""Carries out what a person orders by hand. Every order gets an answer in words, and bad ones a clear refusal."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from engine.core.adoption import OUTSIDE
from engine.core.entries import EntryDesk
from engine.core.exits import ExitDesk
from engine.core.hands_close import ClosingHand
from engine.core.hands_open import OpeningHand
from engine.core.hands_orders import OrdersHand
from engine.core.hands_roll import RollingHand
from engine.core.hands_words import remark, trade_of, words
from engine.core.manual_state import Annotation, Hands
from engine.core.orders import OrderDesk
from engine.core.state import SessionState
from engine.core.stops import StopDesk
from engine.core.strategies import StrategyDesk
from engine.events import Actor, Command, StateRecord
from engine.portfolio import Trade
from engine.risk import Gate
from engine.strategy import Refused, side_of
from engine.types import (
    MANUAL,
    Adopt,
    Annotate,
    CancelAll,
    CancelOrder,
    CloseTrade,
    Manual,
    MoveLimit,
    MoveStop,
    MoveTarget,
    OpenTrade,
    PauseStrategy,
    RollTrade,
)

LONGEST_NOTE = 2000
MOST_TAGS = 20


class Done(NamedTuple):
    """What a command row says of an order by hand."""

    kind: str
    trade_id: int
    text: str
    outcome: str


class HandsDesk:
    """A person's orders, through the same desks as the strategies'."""

    def __init__(
        self,
        state: SessionState,
        gate: Gate,
        orders: OrderDesk,
        entries: EntryDesk,
        exits: ExitDesk,
        strategies: StrategyDesk,
        stops: StopDesk,
    ) -> None:
        self._state = state
        self._orders = orders
        self._strategies = strategies
        self._stops = stops
        self._written = msgspec.json.encode(state.hands)
        self._closing = closing = ClosingHand(state, orders, exits)
        self._opening = OpeningHand(state, gate, entries, exits, strategies)
        self._entries = OrdersHand(state, gate, orders, entries)
        self._rolling = RollingHand(state, gate, entries, exits, strategies, closing, self._opening)

    @property
    def awake(self) -> bool:
        """Whether a roll waits for its side to be closed."""
        return bool(self._state.hands.rolls)

    def carry_out(self, command: Command) -> Done:
        """Do what a person ordered."""
        order = command.manual
        if order is None:
            return Done(command.kind, command.trade_id, command.text, "refused: it does not say what is ordered")
        text = f"{words(order)} ({command.text})".strip() if command.text else words(order)
        kind, trade_id = str(order.__struct_config__.tag), trade_of(order)
        try:
            if isinstance(order, OpenTrade):
                trade_id, outcome = self._open(order, command.command_id)
            else:
                outcome = self._do(order, command)
        except Refused as refused:
            outcome = f"refused: {refused}"
        self._write()
        return Done(kind, trade_id, text, outcome)

    def close_all_of(self, command: Command) -> str:
        """Close the trade that a command names."""
        try:
            return self._close(CloseTrade(trade_id=command.trade_id), command.actor, command.text)
        finally:
            self._write()

    def give_up_rolls(self, why: str) -> None:
        """Open nothing again of what is being rolled."""
        if self._rolling.give_up(why):
            self._write()

    def run(self) -> None:
        """Go on with rolls."""
        if self._state.hands.rolls and self._rolling.run():
            self._write()

    def restore(self, record: StateRecord) -> None:
        """Take notes, pauses and rolls back from the journal."""
        self._state.hands = msgspec.json.decode(record.state, type=Hands)
        self._written = record.state.encode()

    def resume(self) -> None:
        """After a restart: say which rolls it has cut off."""
        if self._rolling.cut_off():
            self._write()

    def _do(self, order: Manual, command: Command) -> str:
        match order:
            case CloseTrade():
                if order.part not in (1, 2, 4):
                    raise Refused(f"1/{order.part} of a trade cannot be closed: all, a half or a quarter")
                return self._close(order, command.actor, command.text or "a person closed it")
            case RollTrade():
                return self._rolling.begin(order, command.command_id)
            case MoveStop() | MoveTarget():
                return self._move(order)
            case MoveLimit():
                return self._entries.move_limit(order)
            case CancelOrder():
                return self._entries.cancel(order.client_order_id)
            case CancelAll():
                over = self._rolling.give_up("a person cancelled all entries")
                return self._entries.cancel_all() + ("; no roll opens anything again" if over else "")
            case PauseStrategy():
                return self._pause(order)
            case Adopt():
                return self._adopt(order.trade_id)
            case Annotate():
                self._trade(order.trade_id)
                return self._annotate(order.trade_id, order.note, order.tags)
            case OpenTrade():
                raise AssertionError("it is opened elsewhere")

    def _close(self, order: CloseTrade, actor: Actor, why: str) -> str:
        """Close what was asked for; who closes all that is being rolled wants none of it opened again."""
        over = order.part == 1 and self._rolling.give_up("it was closed instead", order.trade_id, order.scope)
        try:
            said = self._closing.close(order, actor, why)
        except Refused as refused:
            if not over:
                raise
            said = str(refused)
        return said + ("; its roll opens nothing again" if over else "")

    def _open(self, order: OpenTrade, command_id: str) -> tuple[int, str]:
        self._check_remark(order.note, order.tags)
        found, outcome = self._opening.open(order, command_id)
        if not isinstance(found, Trade):
            return 0, outcome
        if order.note or order.tags:
            self._annotate(found.trade_id, order.note, order.tags)
        return found.trade_id, outcome

    def _move(self, order: MoveStop | MoveTarget) -> str:
        trade = self._trade(order.trade_id)
        if trade.over:
            raise Refused(f"#{trade.trade_id} is over")
        if isinstance(order, MoveStop):
            order = msgspec.structs.replace(order, scope=self._closing.scope(trade, order.scope))
        said = self._adjust_last_side(trade, order) or self._strategies.adjust(trade, order)
        self._state.dealings += 1
        if isinstance(order, MoveStop):
            self._stops.moved(trade)
        return said

    def _adjust_last_side(self, trade: Trade, order: MoveStop | MoveTarget) -> str:
        """Where one side is all that is left of a trade, the stop of all of it is that of this side; in words what was
        moved, empty where that is another case."""
        sides = dict.fromkeys(side_of(contract) for contract in trade.standing.held)
        if not isinstance(order, MoveStop) or len(sides) != 1 or order.scope not in ("package", *sides):
            return ""
        if any(each.kind == "open" for each in self._state.orders.working(trade.trade_id)):
            return ""  # the other side may still come
        (side,) = sides
        stops = [plan.label for plan in self._strategies.sides(trade) if plan.stop_at is not None]
        if side not in stops:
            return ""
        said = self._strategies.adjust(trade, msgspec.structs.replace(order, scope=side))
        if "package" in stops:
            self._strategies.adjust(trade, msgspec.structs.replace(order, scope="package", price=None))
        return said

    def _pause(self, order: PauseStrategy) -> str:
        known = self._strategies.names()
        asked = [each for each in known if each[0] == order.strategy and order.root in ("", each[1])]
        if not asked:
            names = ", ".join(f"{name} on {root}" for name, root in known) or "none"
            where = f" on {order.root}" if order.root else ""
            raise Refused(f"no strategy {order.strategy}{where} is run here: {names}")
        hands = self._state.hands
        changed = [each for each in asked if (each in hands.paused) != order.paused]
        on = ", ".join(root for _, root in asked)
        self._state.dealings += 1
        if order.paused:
            hands.paused = sorted({*hands.paused, *asked})
            return f"{order.strategy} opens nothing on {on} until resumed" if changed else "it was paused already"
        hands.paused = [each for each in hands.paused if each not in asked]
        return f"{order.strategy} may open on {on}" if changed else "it was not paused"

    def _adopt(self, trade_id: int) -> str:
        trade = self._trade(trade_id)
        if trade.over:
            raise Refused(f"#{trade_id} is over")
        if trade.strategy == MANUAL:
            raise Refused(f"#{trade_id} is yours already")
        if self._strategies.managed(trade):
            raise Refused(f"{trade.strategy} manages #{trade_id}: S, G and C work on it as it is")
        before, trade.strategy = trade.strategy, MANUAL
        self._state.dealings += 1
        self._strategies.by_hand(trade.root)
        self._orders.record_trade(trade, f"adopted by a person from {before}")
        whose = "it was made elsewhere" if before == OUTSIDE else f"{before} has stopped"
        return f"#{trade_id} is yours: {whose}; S sets its stop, G its target"

    def _annotate(self, trade_id: int, note: str, tags: tuple[str, ...]) -> str:
        self._check_remark(note, tags)
        if not note and not tags:
            self._state.hands.annotations.pop(trade_id, None)
            return f"nothing is noted on #{trade_id} any more"
        self._state.hands.annotations[trade_id] = Annotation(note, tuple(dict.fromkeys(tags)))
        return f"noted on #{trade_id}{remark(note, tags)}"

    @staticmethod
    def _check_remark(note: str, tags: tuple[str, ...]) -> None:
        if len(note) > LONGEST_NOTE:
            raise Refused(f"a note has at most {LONGEST_NOTE} characters, this one {len(note)}")
        if len(tags) > MOST_TAGS or any(not tag.strip() or len(tag) > 40 for tag in tags):
            raise Refused(f"at most {MOST_TAGS} tags, each a word of at most 40 characters")

    def _trade(self, trade_id: int) -> Trade:
        trade = self._state.portfolio.get(trade_id)
        if trade is None:
            raise Refused(f"there is no trade #{trade_id}")
        return trade

    def _write(self) -> None:
        """Record what outlives an order, where it has changed."""
        text = msgspec.json.encode(self._state.hands)
        if text != self._written:
            self._written = text
            self._state.record(StateRecord, strategy=MANUAL, root="", state=text.decode())
