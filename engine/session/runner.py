"""Runs one session: takes what is due, lets the engine process it, journals it, shows it. On a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from engine.clock import MINUTE
from engine.core import Engine
from engine.events import (
    Actor,
    AnyEvent,
    Command,
    CommandKind,
    Listing,
    Restore,
    SessionStart,
    SignalRecord,
    Tick,
    TradeRecord,
    Warming,
)
from engine.journal import JournalError
from engine.market import NEVER
from engine.pacing import Pacer
from engine.session.courier import Courier
from engine.session.ledger import Ledger
from engine.session.playing import Given, Playing, Resumption
from engine.session.publisher import Publisher
from engine.session.source import Source
from engine.view import CommandRequest, Pace, ProgressView, View, ViewRequest

log = logging.getLogger(__name__)

MAX_WAIT = 0.5

Told = Callable[[Tick], None]
"""Hears what came of a command, on the runner's thread, once it is journalled. It must return at once."""


class Runner:
    """One session from its source to its end.

    Args:
        source: the market. make_engine: a new engine in its first state.
        ledger: where records and inputs go.
        speed: seconds of market a second; 0 is as fast as possible.
        stay: whether to wait for people after the last event (a screen) or to return.
        on_tick: called with every tick, on the runner's thread; once it fails it is not called again.
        resumption: what to go on from, after a restart.
        courier: to the broker outside; None where the simulated exchange is inside the engine.
    """

    def __init__(
        self,
        source: Source,
        make_engine: Callable[[], Engine],
        ledger: Ledger,
        *,
        banner: str,
        speed: float,
        stay: bool,
        on_tick: Callable[[Tick], None] | None = None,
        resumption: Resumption | None = None,
        wall: Callable[[], float] = time.monotonic,
        courier: Courier | None = None,
    ) -> None:
        self._courier = courier
        self._source = source
        self._make_engine = make_engine
        self._ledger = ledger
        self._stay = stay
        self._on_tick = on_tick
        self._resumption = resumption
        self._wall = wall
        self._changed = threading.Condition()
        self._publisher = Publisher(self._changed, banner)
        self._inbox: list[tuple[CommandRequest | Pace, Told | None]] = []
        self._stopping = False
        self._finished = False
        self.error = ""
        self._alarm = ""
        self._broker_gone = False
        self._given: list[Given] = []
        self._playing = self._start_over([])
        opens = self._playing.engine.state.session.open
        self._pacer = Pacer(speed, resumption.ts if resumption else opens, wall())

    def _start_over(self, again: list[Given]) -> Playing:
        """A new engine before the first event, with the commands that are to be given again."""
        self._finished = False
        playing = Playing(
            self._make_engine(), self._source, self._ledger.order_epoch, self._resumption, again, self._courier
        )
        self._publisher.start_over(playing.engine)
        return playing

    @property
    def locked(self) -> str:
        """What keeps the day locked, in words; empty where nothing does. Once the session has ended."""
        breakers = self._playing.engine.state.states.breakers
        return "; ".join(
            f"{name}: {each.text}" for name, each in breakers.items() if each.latched and each.state == "HALTED"
        )

    # What other threads may call

    def view(self) -> View | None:
        """The newest view; asks for a fresher one."""
        return self._publisher.newest()

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        self._publisher.look_at(request)

    def send(self, message: CommandRequest | Pace, told: Told | None = None) -> None:
        """Hand over a command or a change of pace; it is taken up as soon as the session has started.

        ``told`` hears what came of a command; never, where the session ends or fails before.
        """
        with self._changed:
            self._inbox.append((message, told))
            self._changed.notify()

    def stop(self) -> None:
        """Ask the runner to return after the event at hand."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    # The runner's own thread

    def run(self) -> str:
        """Play the session; returns how it ended: ``completed``, ``stopped``, ``failed``, or
        ``unwritten`` where only its end could not be journalled.

        A bug in the engine is logged with its traceback, shown, and ends the session; with ``stay``, the last view
        stays until ``stop``.
        """
        try:
            outcome = self._loop()
        except Exception as error:
            log.exception("the session failed")
            self.error = f"the engine stopped: {type(error).__name__}: {error}"
            outcome = "failed"
            self._publish()
            while self._stay and not self._stopping:
                self._inbox.clear()  # nobody is left to carry it out
                self._pause(None)
        try:
            self._ledger.finish(outcome, self._finished)
        except JournalError as error:
            log.error("the session's end could not be journalled: %s", error)
            if outcome != "failed":
                self.error, outcome = str(error), "unwritten"
        return outcome

    def _loop(self) -> str:
        while True:
            if self._playing.takes_commands:
                self._take_inbox()
                self._watch_ledger()
                self._watch_broker()
            if self._stopping:
                return "completed" if self._finished else "stopped"
            ts = self._playing.next_ts
            if ts is None:
                if not self._finished:
                    self._finished = True
                    self._pacer.finish(self._wall())
                    self._ledger.flush()
                if not self._stay:
                    return "completed"
                self._pause(None)
                continue
            wait = self._pacer.wait(ts, self._wall())
            if wait and self._brings_first_quotes(ts):
                self._pacer.skip_to(ts, self._wall())
            elif wait is None or wait > 0:
                self._pause(wait)
            else:
                event = self._playing.take()
                assert event is not None
                self._process(event)
                if self._publisher.wanted:
                    self._publish()

    def _brings_first_quotes(self, ts: int) -> bool:
        """Whether nothing was quoted yet, and will be within the first minute: there is nothing to be seen before."""
        state = self._playing.engine.state
        return state.market.last_batch_ts == NEVER and ts < state.session.open + MINUTE

    def _pause(self, seconds: float | None) -> None:
        """Show what is asked for, then wait for something to do."""
        if self._publisher.wanted:
            self._publish()
        with self._changed:
            if not self._inbox and not self._publisher.wanted and not self._stopping:
                self._changed.wait(MAX_WAIT if seconds is None else min(seconds, MAX_WAIT))

    def _process(self, event: AnyEvent) -> Tick:
        self._ledger.record_input(self._playing.seq + 1, event)
        tick = self._playing.process(event)
        if not self._playing.warming:  # what a restart catches up with is in the journal
            self._playing.carry(tick, self._ledger.append(tick))
        if isinstance(event, Restore):
            self._publisher.remember(event.records)
        self._publisher.absorb(tick)
        self._tell(tick)
        news = any(isinstance(record, SignalRecord | TradeRecord) for record in tick.records)
        if not isinstance(event, SessionStart | Listing | Restore | Warming):
            self._pacer.happened(tick.now, news, self._wall())
        return tick

    def _tell(self, tick: Tick) -> None:
        """Tell the observer. One that fails, such as a closed pipe, is dropped: it must not stop the trading."""
        if self._on_tick is None:
            return
        try:
            self._on_tick(tick)
        except Exception:
            log.exception("the observer failed and is told no more")
            self._on_tick = None

    def _watch_ledger(self) -> None:
        """A journal that cannot be written stops new risk, and is on the screen for as long as that lasts."""
        problem = self._ledger.problem
        if problem and not self._alarm:
            log.error("%s", problem)
            self._alarm = problem
            self._command(CommandRequest("pause", text=problem), actor="engine")
        elif self._alarm and not problem:
            self._alarm = ""
            self._command(CommandRequest("resume", text="the journal is written again"), actor="engine")

    def _watch_broker(self) -> None:
        """A broker that cannot be reached stops new risk, for as long as that lasts."""
        gone = self._courier.problem if self._courier is not None else ""
        if bool(gone) == self._broker_gone:
            return
        self._broker_gone = bool(gone)
        kind: CommandKind = "pause" if gone else "resume"
        self._command(CommandRequest(kind, text=gone or "the broker answers again"), actor="broker")

    def _take_inbox(self) -> None:
        with self._changed:
            inbox, self._inbox = self._inbox, []
        for message, told in inbox:
            if isinstance(message, Pace):
                self._apply_pace(message)
            else:
                self._command(message, told=told)

    def _apply_pace(self, pace: Pace) -> None:
        if pace.action != "goto" or pace.instant >= self._playing.now:
            self._pacer.apply(pace, self._wall())
        elif self._resumption is None and self._courier is None:  # what a broker has done is not undone
            self._rewind(pace.instant)

    def _rewind(self, instant: int) -> None:
        """Play again from the open to an instant, at once. What is journalled already is not journalled again.

        Commands given after the instant are forgotten, and the day goes on as a branch, a session of its own.
        """
        kept = [given for given in self._given if given.command.ts_known <= instant]
        if len(kept) < len(self._given):
            self._branch(kept, instant=instant)
        else:
            self._playing = self._start_over(kept)
            for step in self._playing.catch_up(instant):
                self._publisher.absorb(step.tick)
        self._pacer.restart(instant, self._wall())

    def _branch(self, kept: list[Given], instant: int | None = None, seq: int | None = None) -> None:
        """Begin another session with the same past, up to an instant or an event."""
        self._ledger.next_epoch()
        self._playing = self._start_over(kept)
        past = self._playing.catch_up(instant, seq)
        for step in past:
            self._publisher.absorb(step.tick)
        self._ledger.branch(past)
        self._given = kept

    def _command(self, request: CommandRequest, actor: Actor = "person", told: Told | None = None) -> None:
        """A command happens at the market time the screen shows, and not after what is still to come.

        Given in a past that is journalled already, it makes another future: a branch.
        """
        if self._playing.seq < self._ledger.written:
            seq = self._playing.seq
            self._branch([given for given in self._given if given.seq <= seq], seq=seq)
        now = max(self._playing.now, self._pacer.market_now(self._wall()))
        ahead = self._playing.next_ts
        at = now if ahead is None else max(self._playing.now, min(now, ahead))
        command = Command(
            ts_known=at,
            ts_event=at,
            seq=len(self._given),
            command_id=f"{self._playing.engine.state.epoch}-{len(self._given) + 1}",
            kind=request.kind,
            actor=actor,
            trade_id=request.trade_id,
            text=request.text,
            manual=request.manual,
        )
        self._given.append(Given(self._playing.seq + 1, command))
        tick = self._process(command)
        if told is not None:
            self._ledger.flush()
            told(tick)

    def _publish(self) -> None:
        if not (self._playing.ready or self.error):
            return  # what comes before the session's start is no picture of it
        broker = self._courier.problem if self._courier is not None else ""
        self._publisher.publish(self._progress(), self._alarm or broker, self.error)

    def _progress(self) -> ProgressView:
        state = self._playing.engine.state
        now = max(state.now, self._pacer.market_now(self._wall()))
        ahead = self._playing.next_ts
        shown = now if ahead is None else max(state.now, min(now, ahead))
        return ProgressView(
            open=state.session.open,
            close=state.session.close,
            end=max(state.session.product_close(root) for root in state.roots),
            now=shown,
            speed=self._pacer.speed,
            paused=self._pacer.standing,
            finished=self._finished,
            can_control=True,
            marks=self._publisher.marks,
            earliest=shown if self._resumption or self._courier else state.session.open,
        )
