"""Watches a session for its alerts, beside the engine: nothing of it reaches a decision or the journal.

What is raised depends on the events alone, so that a replay gives the same alerts at any speed. Where a session goes
back, what was raised after that instant is taken back, and raised again as it is played again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Literal

from engine.alerts import (
    MOST_RULES,
    Alert,
    AlertBook,
    AlertRequest,
    AlertsView,
    Raised,
    Rule,
    RuleView,
    Settings,
    format_rule,
    parse_rule,
)
from engine.alerts.conditions import breaker_gone, conditions, feed_reading, silent_text
from engine.alerts.facts import FeedFact
from engine.alerts.latches import Latches
from engine.alerts.moves import Moves
from engine.alerts.news import news
from engine.alerts.reading import Reading
from engine.alerts.watched import rule_reading, time_reading, value_of, value_text
from engine.calendar import parse_time_of_day
from engine.clock import SECOND
from engine.core import Engine
from engine.events import AnyRecord, MarkRecord, Tick
from engine.session.alert_facts import FactFinder

log = logging.getLogger(__name__)

PERIOD = SECOND // 4
"""Prices are looked at once within so many ns of market time; what left a record, at once."""
SLOW = 5 * SECOND
"""The same of stops and the day's loss, which cost more to look at; what the session dealt, at once."""
_LOUD = {"info": logging.INFO, "warning": logging.INFO, "alarm": logging.WARNING}


class AlertWatch:
    """The alerts of one session. On the runner's thread.

    ``told`` hears every occurrence, such as a line to print; once it fails it is told no more.
    """

    def __init__(self, settings: Settings, told: Callable[[Alert], None] | None = None) -> None:
        self.settings = settings
        self.told = told
        self._book = AlertBook()
        self._latches = Latches()
        self._moves = Moves()
        self._rules: dict[int, tuple[Rule, str]] = {}
        self._last_rule = 0
        self._values: dict[int, str] = {}
        self._engine: Engine | None = None
        self._finder: FactFinder | None = None
        self._seq = 0
        self._clock = 0
        self._looked = -1
        self._looked_slowly = -1
        self._last_batch = 0
        self.failed = ""
        self._view: AlertsView | None = None
        for rule in settings.rules:
            self._keep(rule, "config")

    # --- what the runner calls

    def after(self, engine: Engine, tick: Tick) -> bool:
        """An event was processed, and the engine stands as it left it; whether that raised an alert."""
        before = self._book.serial
        self._guarded(lambda: self._after(engine, tick))
        return self._book.serial > before

    def look(self, engine: Engine, now: int) -> None:
        """Nothing happens, and the session's clock shows ``now``, ns UTC: a time may come, a feed fall silent."""
        self._guarded(lambda: self._look(engine, now))

    def remember(self, engine: Engine, records: Iterable[AnyRecord]) -> None:
        """Take up what was before a restart: a person has seen it, or will see that it still stands."""

        def take() -> None:
            self._meet(engine, engine.state.now, engine.state.seq)
            for raised in news(records, self.settings):
                self._book.add(raised, self._clock, self._seq)
            self._book.acknowledge_all()
            self._view = None

        self._guarded(take)

    def request(self, engine: Engine, request: AlertRequest) -> None:
        """Do what a person asks."""
        self._guarded(lambda: self._request(engine, request))

    def view(self) -> AlertsView:
        """All alerts and rules, as they stand."""
        if self._view is None:
            unseen = self._book.open
            self._view = AlertsView(
                alerts=self._book.shown,
                unacknowledged=len(unseen),
                alarms=sum(alert.level == "alarm" for alert in unseen),
                serial=self._book.serial,
                rules=tuple(self._rule_view(number) for number in self._rules),
                manners=self.settings.manners,
            )
        return self._view

    # --- judging

    def _after(self, engine: Engine, tick: Tick) -> None:
        finder = self._meet(engine, tick.now, tick.seq - 1)
        self._seq = tick.seq
        self._judge_gap(finder, tick.now)
        self._clock = max(self._clock, tick.now)
        for raised in news(tick.records, self.settings) if tick.records else ():
            self._raise(raised)
        if tick.records or tick.now // PERIOD > self._looked:
            dealt = not all(isinstance(record, MarkRecord) for record in tick.records)
            self._judge(finder, tick.now, dealt or tick.now // SLOW > self._looked_slowly, dealt)

    def _look(self, engine: Engine, now: int) -> None:
        finder = self._meet(engine, now, engine.state.seq)
        self._clock = max(self._clock, now)
        self._tell(feed_reading(finder.feed(now)), now)
        for number in self._rules:
            self._judge_time(number, now)

    def _meet(self, engine: Engine, instant: int, seq: int) -> FactFinder:
        """Go back with the session where its engine has: to an instant and an event, both included."""
        if engine is not self._engine or self._finder is None or engine.state.seq < self._seq:
            if self._engine is not None:
                self._book.take_back(instant, seq)
                self._latches.take_back(instant, seq)
                self._moves.take_back(instant, seq)
                self._view = None
            self._engine, self._finder = engine, FactFinder(engine, self._moves)
            self._seq, self._clock = seq, instant
            self._looked, self._looked_slowly = instant // PERIOD, instant // SLOW
            self._last_batch = engine.state.market.last_batch_ts
        return self._finder

    def _judge_gap(self, finder: FactFinder, now: int) -> None:
        """A feed that was silent until this very event is told of as one that nobody saw being silent."""
        assert self._engine is not None
        newest, since = self._engine.state.market.last_batch_ts, max(self._last_batch, finder.expected)
        if newest > self._last_batch:
            self._last_batch = newest
            told_at = since + finder.silent_after
            if now > told_at and finder.trading(told_at) and not self._latches.fired("feed"):
                self._tell(feed_reading(FeedFact(False, silent_text(since), told_at)), now)

    def _judge(self, finder: FactFinder, now: int, slow: bool, dealt: bool) -> None:
        """Look at everything; ``slow`` and ``dealt`` as ``FactFinder.read`` takes them."""
        self._looked = now // PERIOD
        if slow:
            self._looked_slowly = now // SLOW
        wanted = {rule.subject for rule, _ in self._rules.values()}
        facts = finder.read(wanted, slow, dealt)
        for reading in conditions(facts, self.settings):
            self._tell(reading, now)
        standing = {breaker.name for breaker in facts.breakers}
        for name in self._latches.standing("breaker "):
            if name not in standing:
                self._tell(breaker_gone(name), now)
        for number, (rule, _) in self._rules.items():
            if rule.subject == "time":
                self._judge_time(number, now)
                continue
            found = rule_reading(number, rule, facts, self.settings)
            value = value_of(rule, facts)
            self._show_value(number, "" if value is None else value_text(rule, value, facts.vix_source))
            if found is not None:
                self._tell(found, now)

    def _judge_time(self, number: int, now: int) -> None:
        rule, _ = self._rules[number]
        if rule.subject != "time" or self._engine is None:
            return
        session = self._engine.state.session
        at = parse_time_of_day(rule.at).on(session.day, session.open, session.close)
        self._tell(time_reading(number, rule, now, at), now)

    def _tell(self, reading: Reading, now: int) -> None:
        if not self._latches.judge(reading, self._clock, self._seq):
            return
        self._view = None
        level = reading.level or self.settings.level(reading.kind)
        if level is None:
            return
        raised = Raised(
            ts=reading.ts if reading.ts is not None else now,
            key=reading.key,
            kind=reading.kind,
            level=level,
            text=reading.words(),
            root=reading.root,
            trade_id=reading.trade_id,
        )
        self._raise(raised)

    def _raise(self, raised: Raised) -> None:
        alert = self._book.add(raised, self._clock, self._seq)
        self._view = None
        log.log(_LOUD[alert.level], "%s %d, %s: %s", alert.level, alert.id, alert.kind, alert.text)
        if self.told is None:
            return
        try:
            self.told(alert)
        except Exception:
            log.exception("who was told of alerts failed and is told no more")
            self.told = None

    # --- what a person asks

    def _request(self, engine: Engine, request: AlertRequest) -> None:
        self._view = None
        match request.action:
            case "acknowledge":
                found = self._book.acknowledge(request.number)
                log.info("alert %d %s", request.number, "acknowledged" if found else "is not there")
            case "acknowledge_all":
                log.info("%d alerts acknowledged", self._book.acknowledge_all())
            case "remove":
                self._rules.pop(request.number, None)
                self._latches.drop(f"rule {request.number}")
                log.info("alert rule %d removed", request.number)
            case "add":
                self._add(engine, request.text)

    def _add(self, engine: Engine, text: str) -> None:
        try:
            rule = parse_rule(text)
            if len(self._rules) >= MOST_RULES:
                raise ValueError(f"there are {MOST_RULES} rules already: remove one first")
        except ValueError as error:  # the screen has said so; somebody else at the socket may not have asked it
            log.warning("alert rule refused: %s", error)
            return
        number = self._keep(rule, "person")
        log.info("alert rule %d: %s", number, format_rule(rule))
        finder = self._meet(engine, engine.state.now, engine.state.seq)
        if rule.subject == "time":
            self._judge_time(number, self._clock)
            return
        facts = finder.read({rule.subject}, slow=False, dealt=False)
        value = value_of(rule, facts)
        self._show_value(number, "" if value is None else value_text(rule, value, facts.vix_source))
        found = rule_reading(number, rule, facts, self.settings)
        if found is not None:
            self._tell(found, self._clock)

    def _keep(self, rule: Rule, by: str) -> int:
        self._last_rule += 1
        self._rules[self._last_rule] = (rule, by)
        return self._last_rule

    def _show_value(self, number: int, text: str) -> None:
        if self._values.get(number) != text:
            self._values[number] = text
            self._view = None

    def _rule_view(self, number: int) -> RuleView:
        rule, by = self._rules[number]
        fired, now = self._latches.fired(f"rule {number}"), self._values.get(number, "")
        state: Literal["armed", "fired", "done", "waiting"] = "armed" if now or rule.subject == "time" else "waiting"
        if fired:
            state = "done" if rule.once else "fired"
        return RuleView(number=number, text=format_rule(rule), by=by, state=state, now=now)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Alerts that fail say so once, and never stop a session."""
        try:
            act()
        except Exception as failure:
            if self.failed:
                return
            log.exception("the alerts failed")
            self.failed = f"the alerts failed, and some are missing: {type(failure).__name__}: {failure}"
            self._raise(Raised(ts=self._clock, key="alerts", kind="engine", level="alarm", text=self.failed))
