"""One condition at one instant: whether it holds, and whether it clearly does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.alerts.model import Kind, Level


class Reading(NamedTuple):
    """A condition. Between ``on`` and ``off`` lies what changes nothing, so that a price at a level is one alert.

    Attributes:
        key: what it is about, always the same.
        on: whether it holds. off: whether it clearly does not, and may be told of again.
        words: what to tell.
        once: whether it is told of once only.
        quiet: whether it is to count as told, for another says more.
        quiet_first: whether it is no news where it holds when it is first looked at.
        hold: how long it must have held, ns.
        ts: since when it holds, where that is not now.
        level: where it is not that of its kind.
    """

    key: str
    kind: Kind
    on: bool
    off: bool
    words: Callable[[], str]
    root: str = ""
    trade_id: int = 0
    once: bool = False
    quiet: bool = False
    quiet_first: bool = False
    hold: int = 0
    ts: int | None = None
    level: Level | None = None
