"""Watches the session's own dealings: a silent feed, rejects in a row, errors, clocks apart, an account that differs.

It learns from events and from the records they leave, and asks for nothing while all is quiet.
"""

from __future__ import annotations

from engine.clock import MINUTE, SECOND
from engine.core.state import SessionState
from engine.events import BreakerRecord, Event, NoticeRecord, OrderEventRecord
from engine.risk import ClockWatch, ErrorRate, Gate, RejectStreak, seconds_text, silence

STALE_FEED = "STALE_FEED"
REJECTS = "REJECTS"
RECONCILE = "RECONCILE"
CLOCK_SKEW = "CLOCK_SKEW"
ERRORS = "ERRORS"


class Supervisor:
    """Trips and lifts the breakers that are nobody else's.

    ``STALE_FEED``, ``CLOCK_SKEW`` and ``RECONCILE`` lift themselves once what tripped them is over. ``REJECTS`` and
    ``ERRORS`` latch for the day. All of them are REDUCING: what is held goes on being managed.
    """

    def __init__(self, state: SessionState, gate: Gate) -> None:
        self._state = state
        self._gate = gate
        self._limits = state.config.risk
        self._market = state.market
        self._stale = self._limits.stale_ns
        self._slowest = max(MINUTE, state.config.fills.max_quote_age_ns)
        self._errors = ErrorRate(self._limits.error_window_ns)
        self._streak = RejectStreak()
        self._clock = ClockWatch()
        self._seq = -1
        self._taken = 0
        self._dealings = -1
        self._held_until = 0

    # What the pane shows

    @property
    def rejects(self) -> int:
        """Orders rejected one after the other."""
        return self._streak.count

    @property
    def errors(self) -> int:
        """Errors within the window."""
        return self._errors.count(self._state.now)

    @property
    def clock_ahead(self) -> int | None:
        """How far the broker's clock is ahead of ours, ns; None where nothing has told."""
        return self._clock.ahead

    def feed_silence(self, now: int) -> int | None:
        """How long data have been overdue at ``now``, ns; None while nothing is held that trades."""
        if now >= self._held_until:
            return None
        return silence(now, self._market.last_batch_ts, self._pace())

    # What the engine asks

    @property
    def awake(self) -> bool:
        """Whether every event must be looked at: the feed was silent, and may be back."""
        return STALE_FEED in self._state.states.breakers

    @property
    def overdue(self) -> bool:
        """Whether the feed has been silent for too long now, while something is held."""
        now = self._state.now
        return now < self._held_until and now >= self._due()

    def wake(self, asked: int | None) -> int | None:
        """The next instant to be woken at: ``asked``, or sooner where the feed would be overdue by then."""
        now, until = self._state.now, self._held_until
        if until <= now:
            return asked
        due = self._due()
        return due if now < due < until and (asked is None or due < asked) else asked

    def hear(self, event: Event) -> None:
        """Take up what an event says of the clocks."""
        self._clock.hear(event)

    def look(self) -> None:
        """Take up what the event at hand has led to so far; trip and lift what follows."""
        state = self._state
        if state.seq != self._seq:
            self._seq, self._taken = state.seq, 0
        if len(state.records) > self._taken:
            self._read()
        if state.dealings != self._dealings:
            self._dealings = state.dealings
            closes = (state.session.product_close(trade.root) for trade in state.portfolio.open_trades)
            self._held_until = max(closes, default=0)
        if self._watches_feed or self.awake:
            self._judge_feed()
        if self._clock.ahead is not None:
            self._judge_clock(self._clock.ahead)

    # What others tell

    def mismatch(self, text: str) -> None:
        """The broker's account is not as the journal has it."""
        self._trip(RECONCILE, text)

    def matched(self) -> None:
        """The broker's account was compared and is as the journal has it."""
        self._lift(RECONCILE, "the broker's account agrees with the journal")

    def _read(self) -> None:
        state, limits = self._state, self._limits
        self._gate.messages.follow(state.seq, state.records)
        for record in state.records[self._taken :]:
            if isinstance(record, OrderEventRecord):
                self._streak.follow(record)
            elif isinstance(record, NoticeRecord):
                self._errors.follow(record)
        self._taken = len(state.records)
        rejects = self.rejects
        if rejects >= limits.max_rejects:
            self._trip(REJECTS, f"{rejects} of {limits.max_rejects} orders in a row were rejected", latched=True)
        errors = self.errors
        if errors >= limits.max_errors:
            text = f"{errors} of {limits.max_errors} errors within {limits.error_seconds:g} s"
            self._trip(ERRORS, text, latched=True)

    @property
    def _watches_feed(self) -> bool:
        return self._state.now < self._held_until

    def _pace(self) -> int:
        return min(max(self._market.gaps), self._slowest)

    def _due(self) -> int:
        """When data are overdue for too long."""
        return self._market.last_batch_ts + self._pace() + self._stale

    def _judge_feed(self) -> None:
        state = self._state
        feed = state.market.feed
        if not self._watches_feed:
            self._lift(STALE_FEED, "nothing is held any more that trades")
        elif feed.state != "ok":
            self._trip(STALE_FEED, f"the feed is {feed.state}{feed.text and ': ' + feed.text}; stops cannot be judged")
        elif self.overdue:
            age = (state.now - state.market.last_batch_ts) // SECOND
            self._trip(STALE_FEED, f"no data for {age} s while something is held; stops cannot be judged")
        else:
            self._lift(STALE_FEED, "the data are fresh again")

    def _judge_clock(self, ahead: int) -> None:
        limit = self._limits.max_clock_skew_ns
        if abs(ahead) > limit:
            way = "ahead of" if ahead > 0 else "behind"
            text = f"the broker's clock is {seconds_text(abs(ahead))} {way} this machine's"
            self._trip(CLOCK_SKEW, f"{text}; {self._limits.max_clock_skew_ms} ms are allowed")
        else:
            self._lift(CLOCK_SKEW, "the clocks agree again")

    def _trip(self, name: str, text: str, latched: bool = False) -> None:
        state = self._state
        if state.states.trip(name, "REDUCING", latched, text):
            state.record(BreakerRecord, name=name, state="REDUCING", latched=latched, text=text)
            state.notice("alarm", "risk", f"{name}: {text}; no new risk")

    def _lift(self, name: str, text: str) -> None:
        state = self._state
        if state.states.lift(name):
            state.record(BreakerRecord, name=name, state="ACTIVE", latched=False, text=text)
            state.notice("info", "risk", f"{name} lifted: {text}")
