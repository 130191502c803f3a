"""No entries around announcements that move the market: which today, and from when to when."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from engine.calendar import EVENT_NAMES, Session, clock_text, coverage, events_on
from engine.strategy import Action, Context, Deadline, Say
from strategies.iron_condor.settings import BlackoutTable, Settings


class Blackout(NamedTuple):
    """One announcement: its names, its instant, and from and up to when nothing is opened; ns UTC."""

    name: str
    word: str
    at: int
    start: int
    end: int

    @property
    def why(self) -> str:
        """Why a window does nothing now."""
        span = f"{clock_text(self.start, seconds=False)} to {clock_text(self.end, seconds=False)}"
        return f"BLACKOUT: {self.name} at {clock_text(self.at, seconds=False)}, no entries from {span}"


@cache
def blackouts(session: Session, table: BlackoutTable) -> tuple[Blackout, ...]:
    """Today's, in order. An announcement that nobody could await beforehand has none."""
    return tuple(
        Blackout(
            event.name,
            event.kind.upper().replace("-", " "),
            event.at,
            event.at - table.before_ns,
            event.at + table.after_ns,
        )
        for event in events_on(session.day)
        if event.kind in table.events and event.status != "unscheduled"
    )


def stands(ctx: Context, settings: Settings) -> Blackout | None:
    """The one that stands now."""
    return next((b for b in blackouts(ctx.session, settings.blackout) if b.start <= ctx.now < b.end), None)


def next_start(ctx: Context, settings: Settings, until: int) -> int:
    """When the next one begins, or ``until`` if that is sooner; ns UTC."""
    ahead = (b.start for b in blackouts(ctx.session, settings.blackout) if b.start > ctx.now)
    return min([until, *ahead])


def announce(ctx: Context, settings: Settings) -> list[Action]:
    """Say what stands in today's calendar, and of what the calendar does not know."""
    actions: list[Action] = [
        Say(kind="blackout", key=b.word, text=b.why.removeprefix("BLACKOUT: "))
        for b in blackouts(ctx.session, settings.blackout)
    ]
    unknown = [kind for kind in settings.blackout.events if ctx.session.day not in coverage(kind)]
    if unknown:
        names = ", ".join(EVENT_NAMES[kind] for kind in unknown)
        text = f"the calendar does not know of this day whether there is one: {names}; entries are not held back"
        actions.append(Say(kind="blackout", key="unknown", text=text))
    return actions


def deadlines(ctx: Context, settings: Settings) -> list[Deadline]:
    """The announcements ahead, to count down to, and the end of a blackout that stands."""
    found: list[Deadline] = []
    for b in blackouts(ctx.session, settings.blackout):
        if ctx.now < b.at:
            found.append(Deadline(b.at, f"{b.word} {clock_text(b.at, seconds=False)}"))
        elif ctx.now < b.end:
            found.append(Deadline(b.end, f"{b.word} blackout ends {clock_text(b.end, seconds=False)}"))
    return found
