"""What the iron condor remembers: all of it, so that a restart needs nothing else."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.types import Price

WindowStatus = Literal["waiting", "open", "ordered", "entered", "skipped"]


class Window(msgspec.Struct):
    """One entry window: where it stands, and the last reason for having done nothing."""

    status: WindowStatus = "waiting"
    why: str = ""


class Levels(msgspec.Struct):
    """Closing prices that a person has put in place of the strategy's own; None: taken away.

    ``stops`` by ``trade:scope``, ``targets`` by trade.
    """

    stops: dict[str, Price | None] = {}
    targets: dict[int, Price | None] = {}


class State(msgspec.Struct):
    """Entry windows by their time, and since when each stop's condition has held.

    ``armed`` maps ``trade:scope`` to the instant (ns UTC) from which the stop's trigger has held without a break.
    ``stopped`` lists the scopes stopped so far, as ``trade:scope``. ``moved`` is there once a person has moved a level.
    """

    windows: dict[str, Window] = {}
    armed: dict[str, int] = {}
    stopped: list[str] = []
    moved: Levels | msgspec.UnsetType = msgspec.UNSET
