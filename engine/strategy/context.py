"""The read-only window through which a strategy sees the session. It cannot tell which mode it runs in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

import msgspec

from engine.calendar import Session
from engine.events import TradeStatus
from engine.market import Chain, Quote
from engine.portfolio import ClosingCost
from engine.types import Contract, Package, Price, Side


class TradeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One of the strategy's own trades.

    Attributes:
        credit: net received a package at entry, price units.
        cash: net cash a package of all fills so far before fees, price units (received positive).
        held: signed contracts held now, of what is not left to expire.
        exiting: contracts that are being closed already.
    """

    trade_id: int
    key: str
    status: TradeStatus
    package: Package
    filled: int
    credit: Price
    cash: Price
    held: Mapping[Contract, int]
    exiting: frozenset[Contract]


class Context(Protocol):
    """What a strategy may know now."""

    @property
    def now(self) -> int:
        """The instant, ns UTC."""
        ...

    @property
    def session(self) -> Session:
        """The trading day."""
        ...

    @property
    def root(self) -> str:
        """The option root this instance trades."""
        ...

    @property
    def news(self) -> bool:
        """Whether market data came with this event (as opposed to a timer, a report or a command)."""
        ...

    @property
    def trades(self) -> tuple[TradeInfo, ...]:
        """The strategy's trades on this root, oldest first."""
        ...

    @property
    def may_open(self) -> str:
        """Empty where entries are allowed, else why not, in words."""
        ...

    def chain(self, expiry: dt.date) -> Chain | None:
        """The chain of one expiry, or None before anything of it is listed."""
        ...

    def quote(self, contract: Contract) -> Quote | None:
        """A fresh, usable quote of a contract, or None."""
        ...

    def cost(self, held: Mapping[Contract, int], natural: bool = False) -> ClosingCost | None:
        """What closing these signed contracts costs; see ``cost_to_close``. None without fresh quotes."""
        ...

    def opposed(self, contract: Contract, side: Side) -> bool:
        """Whether opening this leg would oppose what is held or working in the account."""
        ...

    def denial(self, key: str) -> str | None:
        """Why the gate denied the trade of that key, or None."""
        ...
