"""Runs one session: takes what is due, lets the engine process it, records, journals, shows. On a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import msgspec

from engine.core import Engine
from engine.events import (
    Actor,
    AnyEvent,
    Command,
    Listing,
    Restore,
    SessionStart,
    SignalRecord,
    Tick,
    TradeRecord,
    Warming,
)
from engine.journal import JournalError
from engine.pacing import Pacer, Timeline
from engine.session.ledger import Ledger
from engine.session.source import Source
from engine.view import CommandRequest, Pace, ProgressView, View, ViewRequest
from engine.view.build import ViewBuilder

log = logging.getLogger(__name__)

MAX_WAIT = 0.5


class Resumption(msgspec.Struct, frozen=True):
    """Where a restart goes on: the last committed instant, the new epoch, and what the journal remembers."""

    ts: int
    epoch: int
    restore: Restore


class Runner:
    """One session from its source to its end.

    Args:
        source: the market. make_engine: a new engine in its first state.
        ledger: where records and inputs go.
        pacer_speed: seconds of market a second; 0 is as fast as possible.
        stay: whether to wait for people after the last event (a screen) or to return.
        on_tick: called with every tick, on the runner's thread.
        resumption: what to go on from, after a restart.
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
    ) -> None:
        self._source = source
        self._make_engine = make_engine
        self._ledger = ledger
        self._banner = banner
        self._stay = stay
        self._on_tick = on_tick
        self._resumption = resumption
        self._wall = wall
        self._changed = threading.Condition()
        self._inbox: list[CommandRequest | Pace] = []
        self._wanted = True
        self._stopping = False
        self._interrupted = False
        self._request = ViewRequest()
        self._view: View | None = None
        self._finished = False
        self.error = ""
        self._journal_problem = ""
        self._commands: list[Command] = []
        self.engine = make_engine()
        session = self.engine.state.session
        self._pacer = Pacer(speed, resumption.ts if resumption else session.open, wall())
        self._begin([])

    def _begin(self, commands: list[Command]) -> None:
        """Stand before the first event, with the commands that are to be given again."""
        self._builder = ViewBuilder(self.engine, self._banner)
        events = self._source.events() if self._resumption is None else self._resumed(self._resumption)
        self._timeline = Timeline(merge_commands(events, commands))
        self._finished = False

    def _resumed(self, resumption: Resumption) -> Iterator[AnyEvent]:
        """The day from where it was left: the market is caught up with in silence, then the journal is folded back."""
        events = self._source.events()
        start = SessionStart(ts_known=0, day=self._source.day, epoch=resumption.epoch)
        yield start
        yield Warming(ts_known=0, on=True)
        for event in events:
            if event.ts_known > resumption.ts:
                yield Warming(ts_known=resumption.ts, on=False)
                yield resumption.restore
                yield event
                break
            if not isinstance(event, SessionStart):
                yield event
        else:
            yield Warming(ts_known=resumption.ts, on=False)
            yield resumption.restore
        yield from events

    # What other threads may call

    def view(self) -> View | None:
        """The newest view; asks for a fresher one."""
        with self._changed:
            self._wanted = True
            self._changed.notify()
            return self._view

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        with self._changed:
            self._request = request
            self._wanted = True
            self._changed.notify()

    def send(self, message: CommandRequest | Pace) -> None:
        """Hand over a command or a change of pace; it is taken up before the next event."""
        with self._changed:
            self._inbox.append(message)
            self._changed.notify()

    def stop(self, interrupted: bool = False) -> None:
        """Ask the runner to return after the event at hand; an interrupted session may be continued."""
        with self._changed:
            self._stopping = True
            self._interrupted = interrupted
            self._changed.notify()

    # The runner's own thread

    def run(self) -> str:
        """Play the session; returns how it ended: ``completed``, ``stopped``, ``interrupted`` or ``failed``.

        A bug in the engine is logged with its traceback, shown, and ends the session; with ``stay``, the last view
        stays until ``stop``.
        """
        try:
            outcome = self._loop()
        except Exception as error:
            log.exception("the session failed")
            self.error = f"the engine stopped: {type(error).__name__}: {error}"
            outcome = "failed"
            self._publish_error()
            while self._stay and not self._stopping:
                self._pause(None)
        try:
            self._ledger.finish(outcome, self._finished)
        except JournalError as error:
            log.exception("the journal could not be closed")
            self.error = str(error)
            return "failed"
        return outcome

    def _loop(self) -> str:
        while True:
            self._take_inbox()
            self._watch_journal()
            if self._stopping:
                if self._finished:
                    return "completed"
                return "interrupted" if self._interrupted else "stopped"
            ts = self._timeline.next_ts
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
            if wait is None or wait > 0:
                self._pause(wait)
            else:
                event = self._timeline.take()
                assert event is not None
                self._process(event)
                if self._wanted:
                    self._publish()

    def _pause(self, seconds: float | None) -> None:
        """Show what is asked for, then wait for something to do."""
        if self._wanted:
            self._publish()
        with self._changed:
            if not self._inbox and not self._wanted and not self._stopping:
                self._changed.wait(MAX_WAIT if seconds is None else min(seconds, MAX_WAIT))

    def _process(self, event: AnyEvent) -> None:
        self._ledger.record_input(self.engine.state.seq + 1, event)
        tick = self.engine.process(event)
        self._timeline.wake_at = tick.wake_at
        self._ledger.append(tick)
        if isinstance(event, Restore):
            self._builder.remember(event.records)
        self._builder.absorb(tick)
        if self._on_tick is not None:
            self._on_tick(tick)
        news = any(isinstance(record, SignalRecord | TradeRecord) for record in tick.records)
        if not isinstance(event, SessionStart | Listing | Restore | Warming):
            self._pacer.happened(tick.now, news, self._wall())

    def _watch_journal(self) -> None:
        """A journal that cannot be written stops new risk, and is on the screen for as long as it lasts."""
        problem = self._ledger.problem
        if problem and not self._journal_problem:
            self._journal_problem = problem
            log.error("%s", problem)
            self._command(CommandRequest("pause", text=problem), actor="engine")
        self._journal_problem = problem

    def _take_inbox(self) -> None:
        with self._changed:
            inbox, self._inbox = self._inbox, []
        for message in inbox:
            if isinstance(message, Pace):
                self._apply_pace(message)
            else:
                self._command(message)

    def _apply_pace(self, pace: Pace) -> None:
        behind = pace.action == "goto" and pace.instant < self.engine.state.now
        if behind and self._resumption is None:
            self._rewind(pace.instant)
        elif not behind:
            self._pacer.apply(pace, self._wall())

    def _rewind(self, instant: int) -> None:
        """Start again from the open and play to ``instant``; what was journalled already is not journalled again.

        Commands given after ``instant`` are forgotten, and the day goes on as a branch, a session of its own.
        """
        kept = [command for command in self._commands if command.ts_known <= instant]
        if len(kept) < len(self._commands):
            self._ledger.branch()
        self._commands = kept
        self.engine = self._make_engine()
        self._begin(kept)
        self._pacer.restart(self.engine.state.session.open, self._wall())
        self._pacer.apply(Pace("goto", instant=instant), self._wall())

    def _command(self, request: CommandRequest, actor: Actor = "person") -> None:
        """A person's order happens at the market time the screen shows, and not after what is still to come."""
        now = max(self.engine.state.now, self._pacer.market_now(self._wall()))
        ahead = self._timeline.next_ts
        at = now if ahead is None else max(self.engine.state.now, min(now, ahead))
        command = Command(
            ts_known=at,
            ts_event=at,
            seq=len(self._commands),
            command_id=f"{self.engine.state.epoch}-{len(self._commands) + 1}",
            kind=request.kind,
            actor=actor,
            trade_id=request.trade_id,
            text=request.text,
        )
        self._commands.append(command)
        self._process(command)

    def _publish(self) -> None:
        with self._changed:
            self._wanted = False
            request = self._request
        view = self._builder.build(request, self._progress(), self._journal_problem, self.error)
        with self._changed:
            self._view = view

    def _publish_error(self) -> None:
        """The last good view with the error on it; a view of a broken engine may fail to build."""
        try:
            self._publish()
        except Exception:
            log.exception("no view of the failed engine can be built")
            with self._changed:
                if self._view is not None:
                    self._view = msgspec.structs.replace(self._view, error=self.error)

    def _progress(self) -> ProgressView:
        state = self.engine.state
        end = max(state.session.product_close(root) for root in state.roots)
        now = max(state.now, self._pacer.market_now(self._wall()))
        ahead = self._timeline.next_ts
        return ProgressView(
            open=state.session.open,
            close=state.session.close,
            end=end,
            now=now if ahead is None else max(state.now, min(now, ahead)),
            speed=self._pacer.speed,
            paused=self._pacer.standing,
            finished=self._finished,
            can_control=True,
            marks=self._builder.marks,
            earliest=self._resumption.ts if self._resumption else state.session.open,
        )


def merge_commands(events: Iterator[AnyEvent], commands: list[Command]) -> Iterator[AnyEvent]:
    """A source's events with commands given again, each in its place."""
    return events if not commands else _interleave(events, commands)


def _interleave(events: Iterator[AnyEvent], commands: list[Command]) -> Iterator[AnyEvent]:
    waiting = list(commands)
    for event in events:
        while waiting and waiting[0].order < event.order:
            yield waiting.pop(0)
        yield event
    yield from waiting
