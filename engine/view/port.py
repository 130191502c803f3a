"""The one door between a screen and the engine: view, command, query. In-process now, over a socket later."""

from __future__ import annotations

import datetime as dt
from typing import Literal, Protocol

import msgspec

from engine.types import CommandKind, Manual, Money
from engine.view.model import View


class ViewRequest(msgspec.Struct, frozen=True):
    """Which chain the reader looks at; None takes the first root and its nearest expiry.

    ``parts`` are the parts of a view that are made for those alone who ask for them, such as ``smile``, sorted.
    """

    root: str | None = None
    expiry: dt.date | None = None
    parts: tuple[str, ...] = ()


class CommandRequest(msgspec.Struct, frozen=True):
    """A person's order to the engine, already confirmed."""

    kind: CommandKind
    trade_id: int = 0
    text: str = ""
    manual: Manual | None = None


class Pace(msgspec.Struct, frozen=True):
    """How a replay or a demo is played. Nothing of it reaches the engine's decisions.

    Attributes:
        action: ``pause`` toggles; ``step`` plays ``value`` seconds and pauses; ``speed`` sets the factor (0: as
            fast as possible); ``goto`` plays to ``instant`` (ns UTC), from the open if it lies behind;
            ``next`` plays to the next signal or trade and pauses.
    """

    action: Literal["pause", "resume", "step", "speed", "goto", "next"]
    value: float = 0
    instant: int = 0


class FlattenEstimate(msgspec.Struct, frozen=True):
    """What closing everything now would cost against the mids, fees included; None where a quote is missing."""

    trades: int
    contracts: int
    cost: Money | None
    text: str


class Port(Protocol):
    """What the app knows of the engine. Every call returns at once and may come from any thread."""

    def view(self) -> View | None:
        """The newest view, or None before the first; asking also requests a fresher one."""
        ...

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        ...

    def command(self, request: CommandRequest) -> None:
        """Hand over a command. What came of it stands in the log and the journal."""
        ...

    def pace(self, pace: Pace) -> None:
        """Change how the session is played; ignored where the market sets the pace."""
        ...

    def flatten_estimate(self) -> FlattenEstimate:
        """A query: the cost of flattening, as of the newest view."""
        ...
