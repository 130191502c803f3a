"""What the keys ask of the Port, without any widget: speeds, expiries, roots, times, commands."""

from __future__ import annotations

import datetime as dt
import logging
import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

from msgspec.structs import replace

from engine.calendar import clock_text, parse_time_of_day
from engine.types import KILL_LEVELS, KillLevel
from engine.view import CommandRequest, Pace, PayoffRequest, Port, ProgressView, TicketRequest, View, ViewRequest
from zdte_tui.screen.timeline import last, speed_text

log = logging.getLogger(__name__)

SPEEDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 0)
"""From slowest to fastest; 0 is as fast as possible."""
STEP_SECONDS = 60
FASTEST = 100_000.0
"""A factor beyond which only ``max`` makes sense."""
OVER = "the day is over; g goes back to a time"
_DIGITS = re.compile(r"^(\d{1,2})(\d{2})$")


class Desk:
    """Turns keys into calls of the Port. Each method returns one line that says what was asked.

    A key pressed again before the next view counts from what was asked, not from what is still shown.
    """

    def __init__(self, port: Port) -> None:
        self.port = port
        self.view: View | None = None
        self._speed: tuple[float, float] | None = None
        self._looking: ViewRequest | None = None
        self._request = ViewRequest()
        self._more: frozenset[str] = frozenset()

    def saw(self, view: View) -> None:
        """A newer view has arrived."""
        if self._speed is not None and view.progress.speed != self._speed[0]:
            self._speed = None
        chain = view.chain
        if (
            self._looking is not None
            and chain is not None
            and self._looking.root == chain.root
            and self._looking.expiry in (None, chain.expiry)
        ):
            self._looking = None
        self.view = view

    @property
    def progress(self) -> ProgressView | None:
        """Where the session is."""
        return None if self.view is None else self.view.progress

    @property
    def paced(self) -> bool:
        """Whether this session's pace is ours."""
        return self.progress is not None and self.progress.can_control

    # --- pace

    @property
    def _over(self) -> bool:
        return self.progress is not None and self.progress.finished

    def play(self, want: str = "") -> str:
        """Pause, or play on; with ``want``, ``play`` or ``pause``, only where that is not so already."""
        if self._over:
            return OVER
        paused = self.progress is not None and self.progress.paused
        if want and paused == (want == "pause"):
            return "paused already; space plays on" if paused else "playing already; space pauses"
        pace = Pace("toggle" if not want else "resume" if want == "play" else "pause")
        return self.pace(pace, "playing on" if paused else "paused")

    def step(self) -> str:
        """One minute."""
        if self._over:
            return OVER
        return self.pace(Pace("step", value=STEP_SECONDS), "one minute on")

    def change_speed(self, by: int) -> str:
        """``by`` steps faster (or slower, negative) through ``SPEEDS``."""
        if self.progress is None:
            return "no session yet"
        shown = self.progress.speed
        asked = next_speed(self._speed[1] if self._speed else shown, by)
        return self._at_speed(asked)

    def set_speed(self, speed: float) -> str:
        """A speed of one's own; 0 is as fast as possible."""
        return "no session yet" if self.progress is None else self._at_speed(speed)

    def _at_speed(self, asked: float) -> str:
        assert self.progress is not None
        self._speed = (self.progress.speed, asked)
        return self.pace(Pace("speed", value=asked), f"speed {speed_text(asked)}")

    def go_to(self, instant: int) -> str:
        """To ``instant``, ns UTC."""
        return self.pace(Pace("goto", instant=instant), f"to {clock_text(instant)}")

    def pace(self, pace: Pace, words: str) -> str:
        """Hand over a change of pace; ``words``, or why it was not sent."""
        try:
            self.port.pace(pace)
        except Exception as error:  # a session that is gone
            return f"not sent: {error}"
        return words

    # --- the chain

    def next_expiry(self) -> str:
        """The next expiry of the chain's root."""
        chain = None if self.view is None else self.view.chain
        if chain is None:
            return "no chain yet"
        if len(chain.expiries) < 2:
            return f"{chain.root} has no other expiry"
        if self._looking is not None and self._looking.root != chain.root:
            return f"waiting for the chain of {self._looking.root}"
        now = self._looking.expiry if self._looking is not None and self._looking.expiry else chain.expiry
        at = chain.expiries.index(now) if now in chain.expiries else -1
        expiry = chain.expiries[(at + 1) % len(chain.expiries)]
        return self._look(ViewRequest(chain.root, expiry))

    def next_root(self) -> str:
        """The nearest expiry of the next root."""
        roots = () if self.view is None else self.view.header.roots
        if not roots:
            return "no chain yet"
        if len(roots) < 2:
            return f"{roots[0]} is the only root"
        shown = self.view.chain.root if self.view is not None and self.view.chain is not None else roots[0]
        now = self._looking.root if self._looking is not None else shown
        at = roots.index(now) if now in roots else -1
        return self._look(ViewRequest(roots[(at + 1) % len(roots)], None))

    def want(self, parts: Iterable[str]) -> None:
        """Ask for these parts of the view, and no others: those that somebody looks at."""
        wanted = tuple(sorted({*parts, *self._more}))
        if wanted != self._request.parts:
            self._request = replace(self._request, parts=wanted)
            self._look_at()

    def want_more(self, parts: Iterable[str]) -> None:
        """Ask for these parts besides those of the panes, until others are asked for."""
        own = set(self._request.parts) - self._more
        self._more = frozenset(parts)
        self.want(own)

    def ask_ticket(self, ticket: TicketRequest | None) -> None:
        """Ask about another package with each view to come, or about none."""
        if ticket != self._request.ticket:
            self._request = replace(self._request, ticket=ticket)
            self._look_at()

    def ask_payoff(self, payoff: PayoffRequest) -> None:
        """Ask for another risk graph."""
        self._request = replace(self._request, payoff=payoff)
        self._look_at()

    def _look(self, request: ViewRequest) -> str:
        self._looking = request
        self._request = replace(self._request, root=request.root, expiry=request.expiry)
        self._look_at()
        return f"chain of {request.root}{f' {request.expiry}' if request.expiry else ''}"

    def _look_at(self) -> None:
        try:
            self.port.look_at(self._request)
        except Exception:  # a session that is gone, which the screen says; what it showed last can still be looked at
            log.info("nobody is there to be asked for another view")

    # --- trading

    def kill(self, level: KillLevel) -> str:
        """Put a kill level in place."""
        self.port.command(CommandRequest(level))
        stands = self.view is not None and self.view.progress.paused and level in ("flatten", "lock")
        after = "; paused: space plays on, and the exits with it" if stands else "; the log tells what comes of it"
        return f"{level} sent{after}"

    def resume_trading(self) -> str:
        """New trades again."""
        self.port.command(CommandRequest("resume"))
        return "resume sent; the log tells what comes of it"


def kill_level(text: str) -> KillLevel:
    """The kill level that ``text`` names; ``ValueError`` names the nearest for another word."""
    word = text.strip().lower()
    for level in KILL_LEVELS:
        if word == level:
            return level
    near = get_close_matches(word, KILL_LEVELS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"{text.strip()!r} is no kill level: {', '.join(KILL_LEVELS)}{hint}")


def next_speed(speed: float, by: int) -> float:
    """The speed ``by`` steps from ``speed``; a speed between two steps moves to the neighbour."""
    order = [each or float("inf") for each in SPEEDS]
    value = speed if speed > 0 else float("inf")
    between = sum(each < value for each in order) + (by - 1 if by > 0 else by)
    at = order.index(value) + by if value in order else between
    return SPEEDS[max(0, min(at, len(SPEEDS) - 1))]


def speed_value(text: str) -> float:
    """The speed that ``text`` names: ``90``, ``90x``, ``0.5`` or ``max``, which is 0; else ``ValueError``."""
    word = text.strip().lower().removesuffix("x")
    if text.strip().lower() == "max":
        return 0.0
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 < value <= FASTEST:
        said = f"{text.strip()!r} is not a speed: write" if text.strip() else "write"
        raise ValueError(f'{said} seconds of market a second, such as 60 or 0.5, or "max"')
    return value


def goto_instant(text: str, day: dt.date, progress: ProgressView) -> int:
    """The instant on ``day`` that ``text`` names, ns UTC; ``ValueError`` says in one line what is wrong with it."""
    if not text.strip():
        raise ValueError('write a time such as "10:30", "1030", "10:30:15" or "close-40m"')
    digits = _DIGITS.match(text.strip())
    instant = parse_time_of_day(f"{digits[1]}:{digits[2]}" if digits else text).on(day, progress.open, progress.close)
    first, end = max(progress.open, progress.earliest), last(progress)
    if progress.open <= instant < first:
        raise ValueError("this session was continued after a restart and cannot go back")
    if not first <= instant <= end:
        where = "before the open" if instant < first else "after the end"
        raise ValueError(
            f"{clock_text(instant)} is {where} of this day, which runs from {clock_text(first)} to {clock_text(end)}"
        )
    return instant
