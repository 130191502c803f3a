"""What the engine wants remembered: one struct a table of the journal, one instance a row.

Every record names the event that caused it (``seq``), its known time and the account. Prices are units of 1e-4
dollars a share, amounts units of 1e-4 dollars; Greeks are in dollars (see ``MarkRecord``).
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import msgspec

from engine.events.inputs import Actor
from engine.types import Leg, Money, Price

TradeStatus = Literal["working", "open", "closed", "settled_provisional", "settled", "abandoned"]
OrderKind = Literal["open", "close", "stop"]
"""``stop``: a protective stop order resting at the broker; it closes."""
OrderStatus = Literal[
    "new",
    "denied",
    "pending",
    "sent",
    "unknown",
    "accepted",
    "partially_filled",
    "filled",
    "pending_cancel",
    "cancelled",
    "rejected",
    "expired",
]


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="record"):
    """One row of the journal."""

    table: ClassVar[str] = ""

    seq: int
    ts: int
    account: str


class SignalRecord(Record, frozen=True, kw_only=True, tag="signal"):
    """What a strategy saw or decided, in words; ``key`` names the window or the trade it speaks of."""

    table: ClassVar[str] = "signals"

    strategy: str
    root: str
    kind: str
    key: str
    text: str


class IntentRecord(Record, frozen=True, kw_only=True, tag="intent"):
    """What somebody wanted done, before the gate. ``limit`` is the signed net price, a debit positive; None: market."""

    table: ClassVar[str] = "intents"

    intent_id: int
    trade_id: int
    strategy: str
    root: str
    actor: Actor
    kind: OrderKind
    quantity: int
    limit: Price | None
    legs: tuple[Leg, ...]
    reason: str


class DecisionRecord(Record, frozen=True, kw_only=True, tag="decision"):
    """The gate's answer to an intent. ``worst_case`` is the loss it was measured at, in money, positive."""

    table: ClassVar[str] = "decisions"

    intent_id: int
    approved: bool
    code: str
    text: str
    quantity: int
    worst_case: Money


class OrderRecord(Record, frozen=True, kw_only=True, tag="order"):
    """An approved order as it was first written, before it was sent.

    Attributes:
        stop: the trigger of a protective stop order, price units.
        version: of the strategy whose trade it is: its number and a hash of its name and settings; None for others.
    """

    table: ClassVar[str] = "orders"

    client_order_id: str
    intent_id: int
    trade_id: int
    strategy: str
    root: str
    actor: Actor
    kind: OrderKind
    quantity: int
    limit: Price | None
    legs: tuple[Leg, ...]
    stop: Price | None = None
    version: str | None = None


class OrderEventRecord(Record, frozen=True, kw_only=True, tag="order_event"):
    """An order changed its state, or its limit was walked."""

    table: ClassVar[str] = "order_events"

    client_order_id: str
    status: OrderStatus
    filled: int
    limit: Price | None
    text: str


class FillRecord(Record, frozen=True, kw_only=True, tag="fill"):
    """One leg of one execution; ``quantity`` is signed, bought positive. Bid, ask and age: of the quote it met."""

    table: ClassVar[str] = "fills"

    exec_id: str
    client_order_id: str
    trade_id: int
    symbol: str
    quantity: int
    price: Price
    fee: Money
    bid: Price | None
    ask: Price | None
    quote_age_ns: int | None


class TradeRecord(Record, frozen=True, kw_only=True, tag="trade"):
    """A trade changed. The last row of a trade is how it stands.

    Attributes:
        key: the strategy's own name for it, such as the entry window.
        credit: net received a package at entry, price units; negative for a debit.
        realised: net cash of its fills and settlement less fees, where the trade is over, money. Shares that it was
            left with are in it at the close, which nobody has realised; the text names them.
        worst_case: the most it can lose at expiry from entry, money, positive.
    """

    table: ClassVar[str] = "trades"

    trade_id: int
    strategy: str
    root: str
    key: str
    label: str
    expiry: dt.date
    status: TradeStatus
    quantity: int
    credit: Price
    fees: Money
    realised: Money | None
    worst_case: Money
    text: str


class PositionRecord(Record, frozen=True, kw_only=True, tag="position"):
    """What a trade holds of one contract after a fill; signed, and the cash it cost so far (received positive)."""

    table: ClassVar[str] = "positions"

    trade_id: int
    symbol: str
    quantity: int
    cash: Money


class MarkRecord(Record, frozen=True, kw_only=True, tag="mark"):
    """Once a minute for each open trade; None where quotes do not tell.

    P&L is of the whole trade so far, fees taken off: at mid, and if it were closed now at bid and ask.
    Greeks in dollars: delta a point, gamma (change of delta) a point, theta a day, vega a vol point.
    """

    table: ClassVar[str] = "marks"

    trade_id: int
    spot: Price | None
    pnl_mid: Money | None
    pnl_now: Money | None
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    why: str


class ExitRecord(Record, frozen=True, kw_only=True, tag="exit"):
    """A trade, or a side of it, began to be closed: what triggered it, at which level, what was observed.

    ``symbols`` are the contracts it closes, separated by spaces; ``=`` and a signed number after one stay held.
    """

    table: ClassVar[str] = "exits"

    trade_id: int
    actor: Actor
    scope: str
    symbols: str
    trigger: str
    level: Price | None
    observed: Price | None
    text: str


class SettlementRecord(Record, frozen=True, kw_only=True, tag="settlement"):
    """One contract of a trade settled; a later row that is not provisional replaces a provisional one.

    ``amount`` is the cash that moved: of a contract on shares what they cost at the strike, and then the trade's
    position in the shares stands among the positions, under their symbol.
    """

    table: ClassVar[str] = "settlements"

    trade_id: int
    symbol: str
    quantity: int
    value: Price
    amount: Money
    provisional: bool
    text: str


class StateRecord(Record, frozen=True, kw_only=True, tag="state"):
    """A strategy's whole state as JSON, written with each change."""

    table: ClassVar[str] = "strategy_states"

    strategy: str
    root: str
    state: str


class CommandRecord(Record, frozen=True, kw_only=True, tag="command"):
    """What a person ordered and what came of it."""

    table: ClassVar[str] = "commands"

    command_id: str
    actor: Actor
    kind: str
    trade_id: int
    text: str
    outcome: str


class BreakerRecord(Record, frozen=True, kw_only=True, tag="breaker"):
    """The trading state changed: a breaker latched, a person paused or resumed."""

    table: ClassVar[str] = "breakers"

    name: str
    state: Literal["ACTIVE", "REDUCING", "HALTED"]
    latched: bool
    text: str


class NoticeRecord(Record, frozen=True, kw_only=True, tag="notice"):
    """A line for the log: what the engine or the exchange noticed."""

    table: ClassVar[str] = "notices"

    level: Literal["info", "warning", "alarm"]
    source: str
    text: str


AnyRecord = (
    SignalRecord
    | IntentRecord
    | DecisionRecord
    | OrderRecord
    | OrderEventRecord
    | FillRecord
    | TradeRecord
    | PositionRecord
    | MarkRecord
    | ExitRecord
    | SettlementRecord
    | StateRecord
    | CommandRecord
    | BreakerRecord
    | NoticeRecord
)

RECORD_TYPES: tuple[type[Record], ...] = (
    SignalRecord,
    IntentRecord,
    DecisionRecord,
    OrderRecord,
    OrderEventRecord,
    FillRecord,
    TradeRecord,
    PositionRecord,
    MarkRecord,
    ExitRecord,
    SettlementRecord,
    StateRecord,
    CommandRecord,
    BreakerRecord,
    NoticeRecord,
)
