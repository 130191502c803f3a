"""What the gate is asked, what it looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.calendar import Session
from engine.events import AnyRecord
from engine.market import Market, VixReading
from engine.orders import OrderTable
from engine.portfolio import Portfolio
from engine.risk.codes import CODES
from engine.risk.state import TradingStates
from engine.types import Money, Package, Price


class Decision(NamedTuple):
    """The gate's answer. ``quantity`` is what may be sent, 0 where denied; ``worst_case`` is for that quantity."""

    code: str
    text: str
    quantity: int
    worst_case: Money

    @property
    def approved(self) -> bool:
        """Whether an order may leave."""
        return self.code == "OK"


class OpenRequest(NamedTuple):
    """What somebody wants to open; ``limit`` is the signed net price a package, a debit positive."""

    strategy: str
    root: str
    package: Package
    quantity: int
    limit: Price


@dataclass(slots=True)
class Book:
    """What the gate looks at: the state of the session at this instant.

    Attributes:
        equity: at the start of the day, money units. fee_each: of one contract.
        max_quote_age: ns; -1, which no quote is, while the feed is not live.
        open_until: from when the broker opens nothing more of this root that expires today, ns UTC; None: it says
            nothing. flat_by: from when all of that is closed; None: never.
        paused: strategies that open nothing until a person resumes them, with their roots.
        seq, records: number of the event at hand and what it has led to so far, for what counts messages.
    """

    now: int
    session: Session
    market: Market
    orders: OrderTable
    portfolio: Portfolio
    states: TradingStates
    vix: VixReading
    equity: Money
    fee_each: Money
    max_quote_age: int
    open_until: int | None = None
    flat_by: int | None = None
    seq: int = 0
    records: Sequence[AnyRecord] = ()
    paused: Collection[tuple[str, str]] = ()


def deny(code: str, text: str, worst_case: Money = 0) -> Decision:
    """A refusal in words."""
    return Decision(code, f"{CODES[code]}: {text}" if text else CODES[code], 0, worst_case)
