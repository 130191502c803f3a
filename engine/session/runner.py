"""Runs one session: takes what is due, lets the engine process it, journals it, shows it. On a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from engine.alerts import AlertRequest, Settings
from engine.calendar import clock_text
from engine.clock import MINUTE
from engine.core import Engine
from engine.events import (
    Actor,
    AnyEvent,
    ChainBatch,
    CommandKind,
    Listing,
    Restore,
    SessionStart,
    SignalRecord,
    Tick,
    TradeRecord,
    Warming,
)
from engine.feed.port import LiveFeed
from engine.journal import JournalError
from engine.market import NEVER
from engine.pacing import Pacer
from engine.session.alert_watch import AlertWatch
from engine.session.bookmarks import Bookmarks
from engine.session.comparing import Comparing
from engine.session.courier import Courier
from engine.session.course import Course
from engine.session.ledger import Ledger
from engine.session.left_open import LeftOpen, left_open
from engine.session.live import LiveSource, awaited_closes, held_contracts
from engine.session.observers import Observers, Watcher
from engine.session.playing import Given, Playing, Resumption, Step
from engine.session.publisher import Publisher, Reader
from engine.session.rewinder import Rewinder
from engine.session.source import Source
from engine.view import PRACTICES, CommandRequest, Mark, Pace, ProgressView, View, ViewRequest

log = logging.getLogger(__name__)

MAX_WAIT = 0.5

Message = CommandRequest | Pace | AlertRequest
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
        alerts: watches beside the engine; None for one with the usual settings.
        bookmarks: of this day; None for some that last as long as the session.
        again: commands of a past session that is played again. marks: that session's own, known to its end.
        practises: whether a person's first order begins a practice session.
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
        alerts: AlertWatch | None = None,
        bookmarks: Bookmarks | None = None,
        again: Sequence[Given] = (),
        marks: tuple[Mark, ...] = (),
        practises: bool = False,
    ) -> None:
        self.alerts = alerts or AlertWatch(Settings())
        self._courier = courier
        self._ledger = ledger
        self._stay = stay
        self._observers = Observers(on_tick)
        self.turned = time.monotonic()
        self._resumption = resumption
        self._wall = wall
        self._changed = threading.Condition()
        self._publisher = Publisher(self._changed, banner, self.alerts.view)
        self._inbox: list[tuple[Message, Told | None, Actor]] = []
        self._stopping = False
        self._finished = False
        self.error = ""
        self._alarm = ""
        self._broker_gone = False
        self._bookmarks = bookmarks or Bookmarks(None, source.roots[0], source.day)
        self._marks = marks
        self._told = ("", 0)
        rewinder = Rewinder(source, make_engine, self._publisher, resumption, courier)
        self._course = Course(rewinder, ledger, self._publisher, banner, again, practises)
        self._comparing = Comparing(source, make_engine, self._course, self._publisher)
        opens = self._playing.engine.state.session.open
        self._live = source if isinstance(source, LiveSource) else None
        if self._live is not None:
            self._publisher.streamed = self._live.streamed
        self._pacer = Pacer(speed, resumption.ts if resumption else opens, wall())
        if self._live is not None:
            self._pacer = self._live.pacer()
        self._woken = False

    @property
    def _playing(self) -> Playing:
        return self._course.playing

    @property
    def session(self) -> int:
        """The number in the journal of the session that is played now: the one begun, or its newest branch."""
        return self._ledger.session

    @property
    def locked(self) -> str:
        """What keeps the day locked, in words; empty where nothing does. Once the session has ended."""
        breakers = self._playing.engine.state.states.breakers
        return "; ".join(
            f"{name}: {each.text}" for name, each in breakers.items() if each.latched and each.state == "HALTED"
        )

    @property
    def day_is_over(self) -> bool:
        """Whether it was played to its end."""
        return self._finished

    @property
    def left_open(self) -> LeftOpen:
        """What is held or on its way. Once the session has ended."""
        return left_open(self._playing.engine)

    @property
    def mode(self) -> str:
        """Of the session that is played now, as the journal has it."""
        return self._ledger.mode

    @property
    def feed(self) -> LiveFeed | None:
        """Of a market that streams; None where one is played."""
        return None if self._live is None else self._live.feed

    def watch(self, watcher: Watcher) -> None:
        """Tell one more of every tick; before ``run``."""
        self._observers.add(watcher)

    # What other threads may call

    @property
    def waiting(self) -> int:
        """How many messages have not been taken up."""
        return len(self._inbox)

    def view(self) -> View | None:
        """The newest view; asks for a fresher one."""
        return self._publisher.first.newest()

    def look_at(self, request: ViewRequest) -> None:
        """Choose the chain of the views to come."""
        self._publisher.first.look_at(request)

    @property
    def screen(self) -> Reader:
        """The first reader: the session's own screen, and whoever asks without a place of their own."""
        return self._publisher.first

    def reader(self, ready: Callable[[], None]) -> Reader:
        """Views for one more who looks on; ``ready`` is called on the runner's thread when one was made."""
        return self._publisher.reader(ready)

    def let_go(self, reader: Reader) -> None:
        """Make no more views for one who has left."""
        self._publisher.let_go(reader)

    def send(self, message: Message, told: Told | None = None, actor: Actor = "person") -> None:
        """Hand over a command, a change of pace or what is asked of alerts; taken up once the session has started.

        ``actor`` gives a command. ``told`` hears what came of a command; never, where the session ends or fails before.
        """
        with self._changed:
            self._inbox.append((message, told, actor))
            self._changed.notify()

    def wake(self) -> None:
        """The market or the broker has something to say. From any thread; returns at once."""
        with self._changed:
            self._woken = True
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
            if self._live is not None:
                self._live.start(self.wake)
            outcome = self._loop()
        except Exception as error:
            log.exception("the session failed")
            self.error = f"the engine stopped: {type(error).__name__}: {error}"
            outcome = "failed"
            self._publish()
            while self._stay and not self._stopping:
                self._inbox.clear()  # nobody is left to carry it out
                self._pause(None)
        if self._live is not None:
            self._live.feed.close()
        self._comparing.stop()
        try:
            self._ledger.finish(outcome, self._finished)
        except JournalError as error:
            log.error("the session's end could not be journalled: %s", error)
            if outcome != "failed":
                self.error, outcome = str(error), "unwritten"
        return outcome

    def _loop(self) -> str:
        while True:
            self.turned = time.monotonic()
            if self._playing.takes_commands:
                self._take_inbox()
                self._watch_ledger()
                self._watch_broker()
                self._listen()
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
                if event is not None:  # of a market that streams, what was due may have become needless
                    self._process(event)
                if self._publisher.wanted:
                    self._publish()

    def _brings_first_quotes(self, ts: int) -> bool:
        """Whether nothing was quoted yet, and will be within the first minute: there is nothing to be seen before."""
        state = self._playing.engine.state
        return self._live is None and state.market.last_batch_ts == NEVER and ts < state.session.open + MINUTE

    def _listen(self) -> None:
        """Hear at once what a broker says while nothing happens in the market; nothing where the market is played."""
        if self._live is None:
            return
        with self._changed:
            self._woken = False
        self._playing.listen(self._live.clock.now())

    def _pause(self, seconds: float | None) -> None:
        """Show what is asked for, then wait for something to do."""
        if self._playing.ready and not self.error:
            self.alerts.look(self._playing.engine, self._progress().now)
        if self._publisher.wanted:
            self._publish()
        with self._changed:
            if not (self._inbox or self._publisher.wanted or self._stopping or self._woken):
                self._changed.wait(MAX_WAIT if seconds is None else min(seconds, MAX_WAIT))

    def _process(self, event: AnyEvent) -> Tick:
        self._ledger.record_input(self._playing.seq + 1, event)
        late, begun = self._late(event), time.perf_counter()
        tick = self._playing.process(event)
        took = time.perf_counter() - begun
        if not self._playing.warming:  # what a restart catches up with is in the journal
            self._playing.carry(tick, self._ledger.append(tick))
        if isinstance(event, Restore):
            self._publisher.remember(event.records)
            self.alerts.remember(self._playing.engine, event.records)
        if self._live is not None and tick.records:
            self._live.hold(held_contracts(self._playing.engine))
            self._live.await_closes(awaited_closes(self._playing.engine))
        self._publisher.absorb(tick)
        alerted = self._playing.ready and self.alerts.after(self._playing.engine, tick)
        self._observers.tell(tick, took, late)
        self._course.passed(Step(event, tick))
        if not isinstance(event, SessionStart | Listing | Restore | Warming):
            self._pacer.happened(tick.now, self._news(tick, alerted), self._wall())
        return tick

    def _news(self, tick: Tick, alerted: bool) -> set[str]:
        """What an event brought, in the words of ``Pace.text``."""
        news = {"event"} if self._playing.takes_commands else set()
        if alerted:
            news.add("alert")
        for record in tick.records:
            if isinstance(record, SignalRecord):
                news.add("signal")
            elif isinstance(record, TradeRecord):
                news.add("trade")
        return news

    def _late(self, event: AnyEvent) -> int:
        """How long quotes of the day have waited for the engine, ns; 0 of any other event."""
        opens = self._playing.engine.state.session.open
        if not (isinstance(event, ChainBatch) and self._playing.ready and event.ts_known >= opens):
            return 0
        return max(0, self._pacer.market_now(self._wall()) - event.ts_known)

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
        for message, told, actor in inbox:
            if isinstance(message, Pace):
                self._apply_pace(message)
            elif isinstance(message, AlertRequest):
                self.alerts.request(self._playing.engine, message)
            else:
                self._command(message, actor, told)

    def _apply_pace(self, pace: Pace) -> None:
        course = self._course
        match pace.action:
            case "goto" if pace.instant < self._playing.now:
                self._gone_back(course.rewind(pace.instant), pace.instant)
            case "back":
                self._gone_back(course.back())
            case "bookmark":
                at = pace.instant or self._shown
                self._say(self._bookmarks.remove(at) if pace.value < 0 else self._bookmarks.set(at, pace.text))
            case "take_over":
                self._take_over(pace.text)
            case _:
                self._pacer.apply(pace, self._wall())

    def _say(self, text: str) -> None:
        """Tell the person what came of a jump, in the next view."""
        self._told = (text, self._told[1] + 1)

    def _gone_back(self, could: bool, instant: int | None = None) -> None:
        """Stand at what a jump back came to."""
        if told := self._course.problem or self._course.news:
            self._say(told)
        if could:
            self._finished = False
            self._pacer.restart(self._playing.now if instant is None else instant, self._wall())

    def _take_over(self, how: str) -> None:
        """From here on a person trades, in a session of its own."""
        if self._finished:
            self._say("the day is over: go back in it first, and take over from there")
            return
        at = self._shown
        requests = self._course.take_over(how, at)
        if self._course.problem:
            self._say(self._course.problem)
        for request in requests:
            self._command(request)
        if requests:
            self._pacer.restart(at, self._wall())
            gist = PRACTICES[self._course.strategies].partition(";")[0]
            self._say(f"PRACTICE from {clock_text(at)}: {gist}")

    def _command(self, request: CommandRequest, actor: Actor = "person", told: Told | None = None) -> None:
        """A command happens at the market time the screen shows, and is journalled."""
        if self._course.must_practise(request, actor):
            for note in self._course.take_over("with", self._shown):
                self._process(self._course.give(note, actor, self._shown))
        tick = self._process(self._course.give(request, actor, self._shown))
        if told is not None:
            self._ledger.flush()
            told(tick)

    def _publish(self) -> None:
        if not (self._playing.ready or self.error):
            return  # what comes before the session's start is no picture of it
        broker = self._courier.problem if self._courier is not None else ""
        self._publisher.publish(self._progress(), self._alarm or broker, self.error)

    def _progress(self) -> ProgressView:
        state, shown = self._playing.engine.state, self._shown
        return ProgressView(
            open=state.session.open,
            close=state.session.close,
            end=max(state.session.product_close(root) for root in state.roots),
            now=shown,
            speed=self._pacer.speed,
            paused=self._pacer.standing,
            finished=self._finished,
            can_control=self._live is None,
            marks=self._timeline_marks(),
            earliest=shown if self._resumption or self._courier or self._live else state.session.open,
            practice=self._course.practice,
            strategies=self._course.strategies,
            told=self._told[0],
            tellings=self._told[1],
        )

    @property
    def _shown(self) -> int:
        """The market time the screen shows: not after what is still to come."""
        now = max(self._playing.now, self._pacer.market_now(self._wall()))
        ahead = self._playing.next_ts
        return now if ahead is None else max(self._playing.now, min(now, ahead))

    def _timeline_marks(self) -> tuple[Mark, ...]:
        """Signals, trades and commands so far, or of all of a past session; alerts and bookmarks."""
        own = self._marks if self._marks and self._course.original else self._publisher.marks
        alerts = tuple(Mark(each.ts, "alert", each.text) for each in self.alerts.view().alerts)
        return (*own, *alerts, *self._bookmarks.marks)
