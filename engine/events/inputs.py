"""Events that are not market data: the session's start, restoration, timers, people's commands, broker reports."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import msgspec

from engine.events.base import RANK_COMMAND, RANK_REPORT, RANK_SESSION, RANK_TIMER, Event
from engine.types import CommandKind, Contract, Manual, Money, Package, Price, Side

Actor = Literal["strategy", "person", "risk", "broker", "exchange", "engine"]


class SessionStart(Event, frozen=True, kw_only=True, tag="session_start", eq=False):
    """The session begins. ``epoch`` goes into order ids; a resumed session is restored instead of begun.

    ``grace``: how long its timers wait for data of their instant, ns of the market; 0 where none come late.
    ``installation``: goes into order ids too, where others may trade the same account; see ``ClientOrderId``.
    """

    rank: ClassVar[int] = RANK_SESSION

    day: dt.date
    epoch: int = 0
    resumed: bool = False
    grace: int = 0
    installation: str = ""


class Warming(Event, frozen=True, kw_only=True, tag="warming", eq=False):
    """While warming, events only update the market: the day so far is caught up with, nothing is decided."""

    rank: ClassVar[int] = RANK_SESSION

    on: bool


class Timer(Event, frozen=True, kw_only=True, tag="timer", eq=False):
    """The instant for which a ``Tick`` asked to be woken."""

    rank: ClassVar[int] = RANK_TIMER


class Command(Event, frozen=True, kw_only=True, tag="command", eq=False):
    """A person's order to the engine.

    Attributes:
        command_id: unique within the session.
        kind: what to do; ``trade_id`` names the trade for ``close_trade``. manual: what to do by hand, for ``manual``.
    """

    rank: ClassVar[int] = RANK_COMMAND

    command_id: str
    kind: CommandKind
    actor: Actor = "person"
    trade_id: int = 0
    text: str = ""
    manual: Manual | None = None


class LegFill(msgspec.Struct, frozen=True):
    """One leg's part of an execution.

    Attributes:
        exec_id: unique for ever; a second fill with the same id is ignored.
        quantity: contracts, positive; the side gives the direction.
        price: units of 1e-4 dollars a share.
        fee: units of 1e-4 dollars in all, positive is paid.
        bid, ask, quote_age_ns: the quote it was measured against, where one was known.
    """

    exec_id: str
    contract: Contract
    side: Side
    quantity: int
    price: Price
    fee: Money = 0
    bid: Price | None = None
    ask: Price | None = None
    quote_age_ns: int | None = None


ReportKind = Literal[
    "accepted",
    "fill",
    "rejected",
    "pending_cancel",
    "cancelled",
    "expired",
    "busted",
    "replaced",
    "unknown",
    "absent",
]


class BrokerReport(Event, frozen=True, kw_only=True, tag="report", eq=False):
    """What a broker or the simulated exchange says of one order.

    ``replaced`` brings the limit that now holds. ``unknown``: nobody can tell what became of what was sent, as after a
    timeout. ``absent``: the broker was asked, and has never heard of the order. ``busted`` takes executions back.

    Attributes:
        quantity: packages of this fill; 0 where single legs were filled.
        legs: the executions; some of a package's legs, or all.
    """

    rank: ClassVar[int] = RANK_REPORT

    client_order_id: str
    kind: ReportKind
    quantity: int = 0
    legs: tuple[LegFill, ...] = ()
    text: str = ""
    limit: Price | None = None


BrokerStatus = Literal["accepted", "partially_filled", "filled", "pending_cancel", "cancelled", "rejected", "expired"]


class BrokerOrder(msgspec.Struct, frozen=True):
    """An order as the broker has it, with its executions; ``stop`` is the trigger of a stop order."""

    client_order_id: str
    status: BrokerStatus
    package: Package
    quantity: int
    limit: Price | None
    stop: Price | None = None
    executions: tuple[LegFill, ...] = ()


class BrokerState(Event, frozen=True, kw_only=True, tag="broker_state", eq=False):
    """What the broker says of the whole account: the answer to a question of ours.

    Attributes:
        asked: when the question left, ns UTC; what was sent later may be missing here.
        orders: of the day, those that are done included.
        positions: signed contracts.
        skew: the broker's clock less ours, ns.
    """

    rank: ClassVar[int] = RANK_REPORT

    asked: int
    orders: tuple[BrokerOrder, ...] = ()
    positions: tuple[tuple[Contract, int], ...] = ()
    skew: int = 0


class Settlement(Event, frozen=True, kw_only=True, tag="settlement", eq=False):
    """An expiry of one root settles at ``value``; provisional until the official close is known."""

    rank: ClassVar[int] = RANK_REPORT

    root: str
    expiry: dt.date
    value: Price
    provisional: bool
    text: str = ""
