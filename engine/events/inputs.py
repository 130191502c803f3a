"""Events that are not market data: the session's start, restoration, timers, people's commands, broker reports."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import msgspec

from engine.events.base import RANK_COMMAND, RANK_REPORT, RANK_SESSION, RANK_TIMER, Event
from engine.types import CommandKind, Contract, Money, Price, Side

Actor = Literal["strategy", "person", "risk", "broker", "exchange", "engine"]


class SessionStart(Event, frozen=True, kw_only=True, tag="session_start", eq=False):
    """The session begins. ``epoch`` goes into order ids; a resumed session is restored instead of begun."""

    rank: ClassVar[int] = RANK_SESSION

    day: dt.date
    epoch: int = 0
    resumed: bool = False


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
        kind: what to do; ``trade_id`` names the trade for ``close_trade``.
    """

    rank: ClassVar[int] = RANK_COMMAND

    command_id: str
    kind: CommandKind
    actor: Actor = "person"
    trade_id: int = 0
    text: str = ""


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


ReportKind = Literal["accepted", "fill", "rejected", "pending_cancel", "cancelled", "expired", "busted"]


class BrokerReport(Event, frozen=True, kw_only=True, tag="report", eq=False):
    """What a broker or the simulated exchange says of one order. ``quantity`` counts packages of this fill."""

    rank: ClassVar[int] = RANK_REPORT

    client_order_id: str
    kind: ReportKind
    quantity: int = 0
    legs: tuple[LegFill, ...] = ()
    text: str = ""


class Settlement(Event, frozen=True, kw_only=True, tag="settlement", eq=False):
    """An expiry of one root settles at ``value``; provisional until the official close is known."""

    rank: ClassVar[int] = RANK_REPORT

    root: str
    expiry: dt.date
    value: Price
    provisional: bool
    text: str = ""
