"""The one door between a screen and the engine: view, command, query. In-process now, over a socket later."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from engine.alerts import AlertRequest
from engine.types import CommandKind, Manual, Money
from engine.view.model import View
from engine.view.request import ViewRequest


class CommandRequest(msgspec.Struct, frozen=True):
    """A person's order to the engine, already confirmed."""

    kind: CommandKind
    trade_id: int = 0
    text: str = ""
    manual: Manual | None = None


PaceAction = Literal["toggle", "pause", "resume", "step", "speed", "goto", "next", "back", "bookmark", "take_over"]


class Pace(msgspec.Struct, frozen=True):
    """How a replay or a demo is played. Nothing of it but ``take_over`` reaches the engine's decisions.

    Attributes:
        action: ``pause`` and ``resume`` do what they say, ``toggle`` what is not so already; ``step`` plays ``value``
            seconds and pauses; ``speed`` sets the factor (0: as fast as possible); ``goto`` plays to ``instant`` (ns
            UTC), from the nearest checkpoint if it lies behind; ``next`` plays to the next thing called ``text``
            (``signal``, ``trade``, ``alert``, ``event``; empty: a signal or a trade) and pauses; ``back`` goes back to
            before the event that was last; ``bookmark`` sets one called ``text`` at ``instant`` (now, where that is
            0), or takes away the one there where ``value`` is negative; ``take_over`` begins a practice session, in
            which the strategies do what ``text`` says, a key of ``PRACTICES``.
    """

    action: PaceAction
    value: float = 0
    instant: int = 0
    text: str = ""


PRACTICES: dict[str, str] = {
    "alone": "the strategies enter no more; their working entries are cancelled, and what they hold keeps its stops "
    "and exits, which you may move or close",
    "flat": "as if no strategy had traded today; you begin with nothing held and nothing won or lost",
    "with": "the strategies go on, and you trade beside them",
}
"""What becomes of the strategies where a person takes over, the usual first; what stands before a semicolon is the
gist."""


class FlattenEstimate(msgspec.Struct, frozen=True):
    """What closing everything now would cost against the mids, fees included; None where a quote is missing."""

    trades: int
    contracts: int
    cost: Money | None
    text: str


class Port(Protocol):
    """What the app knows of the engine. Every call returns at once and may come from any thread.

    It is also what an attached screen may ask over the session's socket: names, parameters and results travel as they
    are declared here (``engine.control.calls``). A method that returns something is a question, which every viewer may
    ask; one that returns nothing is an order, which only the viewer in control may give.
    """

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

    def alerts(self, request: AlertRequest) -> None:
        """Add or remove a rule, or acknowledge alerts; the next view tells what came of it."""
        ...

    def flatten_estimate(self) -> FlattenEstimate:
        """A query: the cost of flattening, as of the newest view."""
        ...

    def take_control(self) -> None:
        """Be the one of several viewers whose orders are carried out; who was it before is told."""
        ...
