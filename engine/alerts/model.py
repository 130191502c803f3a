"""What an alert is, and what a reader sees of all of them."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Level = Literal["info", "warning", "alarm"]
Setting = Literal["off", "info", "warning", "alarm"]
Kind = Literal[
    "short",
    "short_near",
    "breakeven",
    "limit",
    "breaker",
    "feed",
    "rejected",
    "denied",
    "fill",
    "stop_armed",
    "stop_fired",
    "unarmed",
    "closed",
    "engine",
    "rule",
]
"""What alerts are about; docs/alerts.md says when each is raised."""

KINDS: tuple[Kind, ...] = get_args(Kind)
LEVELS: tuple[Level, ...] = get_args(Level)
MOST_RULES = 50
"""How many rules a session watches."""


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be told once. Of one ``key`` repeats within a few minutes are one alert. ``ts``: ns UTC."""

    ts: int
    key: str
    kind: Kind
    level: Level
    text: str
    root: str = ""
    trade_id: int = 0


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert, its repeats folded into it.

    Attributes:
        id: its number in the session, from 1, in the order they were first raised.
        serial: the number of its newest occurrence among those of all alerts: a reader that remembers the greatest it
            has seen knows what is new.
        ts, first_ts: of the newest and of the first occurrence, market time, ns UTC.
        text: of the newest occurrence, in words.
        root, trade_id: what it is about; empty and 0 where it is of the session.
        count: how often it occurred.
        acknowledged: whether a person has seen all of its occurrences.
    """

    id: int
    serial: int
    ts: int
    first_ts: int
    level: Level
    kind: Kind
    text: str
    root: str
    trade_id: int
    count: int
    acknowledged: bool


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it stands.

    Attributes:
        number: by which it is removed. by: ``config`` or ``person``.
        state: ``armed``, ``fired`` (it is armed again once it has been false), ``done``, or ``waiting`` where what it
            watches is not known.
        now: what it watches, in words; empty where that is not known.
    """

    number: int
    text: str
    by: str
    state: Literal["armed", "fired", "done", "waiting"]
    now: str = ""


class AlertManners(msgspec.Struct, frozen=True, kw_only=True):
    """How a screen tells of new alerts.

    Attributes:
        toast_seconds: how long a box stands; 0 is none. toast_from: from which level on.
        bell: whether warnings and alarms ring the terminal's bell.
        title_flash: whether the window's title flashes while alarms are not acknowledged.
    """

    toast_seconds: float = 6.0
    toast_from: Level = "info"
    bell: bool = False
    title_flash: bool = True


class AlertsView(msgspec.Struct, frozen=True, kw_only=True):
    """All alerts of a session, the newest first and no more than 200 of them, and the rules.

    ``unacknowledged`` and ``alarms`` (those of the level alarm among them) count all, ``serial`` every occurrence.
    """

    alerts: tuple[Alert, ...] = ()
    unacknowledged: int = 0
    alarms: int = 0
    serial: int = 0
    rules: tuple[RuleView, ...] = ()
    manners: AlertManners = AlertManners()


class AlertRequest(msgspec.Struct, frozen=True):
    """What a person asks of the alerts. Nothing of it reaches the engine's decisions.

    Attributes:
        action: ``add`` the rule in ``text``, ``remove`` the rule ``number``, ``acknowledge`` the alert ``number``, or
            ``acknowledge_all``.
    """

    action: Literal["add", "remove", "acknowledge", "acknowledge_all"]
    text: str = ""
    number: int = 0
