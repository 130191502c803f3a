"""The scenario days, by name."""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches

from engine.calendar import FIRST_DAY, LAST_DAY, NotASession, next_session, previous_session, session
from engine.feed.simulator.scenario import Announcement, Scenario, Window

ORDINARY = Scenario()

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="calm",
            story="low volatility, no direction, no jumps",
            path=(("annual_vol", 0.07), ("day_scatter", 0.05), ("y_scatter", 0.15), ("jumps", 0.0)),
        ),
        Scenario(
            name="trend",
            story="falls from the open to the close, by two and a half standard deviations of the day",
            path=(("annual_vol", 0.12), ("day_scatter", 0.10)),
            course=((60, -0.4), (150, -1.0), (270, -1.8), (390, -2.5)),
        ),
        Scenario(
            name="whipsaw",
            story="falls through the puts of a 25-point condor, then rises through its calls",
            path=(("annual_vol", 0.13), ("day_scatter", 0.10)),
            course=((30, 0.0), (130, -1.5), (190, -1.2), (310, 1.3), (390, 0.9)),
        ),
        Scenario(
            name="fomc",
            story="pinned until 14:00, then a jump: wide quotes for a minute, loud trading, cheaper options",
            path=(("annual_vol", 0.12), ("day_scatter", 0.10), ("jumps", 0.0), ("y_scatter", 0.2)),
            variance=(Window(0, 30, 0.5), Window(30, 270, 0.25), Window(270, 300, 4.0), Window(300, 390, 2.0)),
            announcement=Announcement(at=270, size=0.8, premium=1.7),
            spreads=(Window(260, 269.5, 1.5), Window(269.5, 270.5, 5.0), Window(270.5, 275, 2.0)),
        ),
        Scenario(name="halfday", story="a session that closes at 13:00", half_day=True),
        Scenario(
            name="gap",
            story="opens 3 to 4 per cent lower; wide quotes, and an index that is late: only parity tells where it is",
            path=(("annual_vol", 0.115), ("day_scatter", 0.10)),
            gap=(-0.040, -0.030),
            today=2.0,
            ahead=1.35,
            spreads=(Window(0, 2, 4.0), Window(2, 6, 2.5), Window(6, 20, 1.5)),
            late_index=4,
        ),
        Scenario(
            name="pin",
            story="closes within cents of a strike",
            path=(("annual_vol", 0.09), ("day_scatter", 0.10), ("auction", 2e-6), ("jumps", 0.0)),
            pinned=True,
            variance=(Window(300, 390, 0.5),),
        ),
        Scenario(
            name="outage",
            story="the feed falls silent from 12:10 to 12:25 while the market goes on",
            outage=(160, 175),
        ),
    )
}


def scenario(name: str) -> Scenario:
    """The scenario of a name, or an ordinary day for an empty one. ``KeyError`` names the nearest word."""
    if not name:
        return ORDINARY
    if name not in SCENARIOS:
        near = get_close_matches(name, SCENARIOS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise KeyError(f"unknown scenario {name!r}{hint} There are {', '.join(SCENARIOS)}")
    return SCENARIOS[name]


def playable(kind: Scenario, day: dt.date) -> dt.date:
    """The session on which a scenario is played where ``day`` is asked for.

    That is ``day`` itself, or for a scenario that needs one the nearest half-day, the earlier of two as near. Raises
    ``NotASession`` for a day without trading.
    """
    if not kind.half_day:
        return session(day).day
    for distance in range((LAST_DAY - FIRST_DAY).days):
        for near in (day - dt.timedelta(days=distance), day + dt.timedelta(days=distance)):
            if is_half_day(near):
                return near
    raise NotASession(f"the calendar has no half-day near {day}")


def is_half_day(day: dt.date) -> bool:
    """Whether ``day`` is a session that closes early, with a session on each side in the calendar."""
    try:
        previous_session(day), next_session(day)
        return session(day).early
    except NotASession:
        return False
