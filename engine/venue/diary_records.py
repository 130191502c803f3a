"""What an exchange's diary says: each request that may change something, what came of it, and how its clock was set."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from engine.types import Price
from engine.venue.asked import Asked


class Begun(Struct, frozen=True, tag="begun"):
    """What is played and by which rules."""

    what: dict[str, str]


class Anchored(Struct, frozen=True, tag="anchored"):
    """The clock: market time ``start`` ns UTC when CLOCK_MONOTONIC was at ``since`` ns, ``speed`` times as fast.

    boot: the machine's boot, empty where that is not known. wall: its own time then, ns UTC.
    """

    start: int
    since: int
    speed: float
    boot: str
    wall: int


class Listens(Struct, frozen=True, tag="listens"):
    """Where clients find it."""

    port: int


class Submitted(Struct, frozen=True, tag="submit"):
    """A new order. at: market time, ns UTC, here and below."""

    at: int
    account: str
    asked: Asked


class Cancelled(Struct, frozen=True, tag="cancel"):
    """A cancellation was asked for, by the order's id."""

    at: int
    account: str
    order: str


class Replaced(Struct, frozen=True, tag="replace"):
    """A replacement was asked for; see ``Desk.replace``."""

    at: int
    account: str
    order: str
    quantity: int | None
    limit: Price | None
    stop: Price | None
    client_order_id: str


class Exercised(Struct, frozen=True, tag="exercise"):
    """The exercise of a position was asked for, or (not ``wanted``) that it is not exercised at expiry."""

    at: int
    account: str
    symbol: str
    wanted: bool


class Configured(Struct, frozen=True, tag="configure"):
    """Settings of the account were changed."""

    at: int
    account: str
    changes: dict[str, Any]


class Outcome(Struct, frozen=True, tag="outcome"):
    """What came of the request before: the order's id, or why not. It must come of it again."""

    text: str


class Switched(Struct, frozen=True, tag="faults"):
    """What was asked of the switches of faults, by name of the method of ``Faults``."""

    at: int
    how: str
    words: dict[str, Any]


class Taken(Struct, frozen=True, tag="taken"):
    """A fault happened, when so many of its chances had been drawn."""

    name: str
    drawn: int


Request = Submitted | Cancelled | Replaced | Exercised | Configured
Record = Begun | Anchored | Listens | Request | Outcome | Switched | Taken
