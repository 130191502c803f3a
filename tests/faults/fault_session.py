"""A whole session against all that goes wrong: the real runner, journal, ledger and engine, killed and restarted."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from fault_checks import Checks
from fault_hands import order_by_hand
from fault_market import SeenMarket
from fault_plan import Kill, Plan
from faulty_broker import FaultyBroker, Killed
from faulty_disk import FaultyDisk, die

from engine.calendar import session, to_new_york
from engine.core import Engine
from engine.events import (
    BreakerRecord,
    CommandRecord,
    DecisionRecord,
    ExitRecord,
    IntentRecord,
    NoticeRecord,
    OrderEventRecord,
    OrderRecord,
    OrderRequest,
    SignalRecord,
    Tick,
    TradeRecord,
)
from engine.journal import JournalReader, JournalWriter
from engine.journal.verify import verify
from engine.session.audit import audit
from engine.session.compose import make_engine, session_info, unfinished
from engine.session.courier import Courier
from engine.session.ledger import Ledger
from engine.session.runner import Runner
from engine.session.source import meanings
from engine.view import CommandRequest
from strategies.registry import REGISTRY

ACCOUNT = "demo"


class Outcome(NamedTuple):
    """What a session came to.

    Attributes:
        violations: what did not hold. found: how often each fault happened. story: what happened, a line each.
        trades, orders: how many there were, so that a quiet session is seen to be one. runs: 1 and one a restart.
    """

    plan: Plan
    violations: list[str]
    found: dict[str, int]
    trades: int
    orders: int
    runs: int
    story: list[str]


class _Failures(logging.Handler):
    """Keeps tracebacks that somebody logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0] is not None:
            self.texts.append(logging.Formatter().formatException(record.exc_info))


class FaultSession:
    """Plays one plan to the end of its day.

    Args:
        folder: for the journal; nothing else may write there.
        talk: whether to write a story; it takes time.
    """

    def __init__(self, plan: Plan, folder: Path, talk: bool = False) -> None:
        self.plan = plan
        self.disk = FaultyDisk(folder / "demo.sqlite")
        self._talk = talk
        self.story: list[str] = []
        self.checks = Checks(plan, self._tell)
        self._source = SeenMarket(plan)
        self._day = session(plan.market.day)
        self._broker = FaultyBroker(
            plan, self._day, meanings(self._source), self._source.undisturbed(), self._tell, self._requested
        )
        self._rng = Random(f"session {plan.seed}")
        self._commands = list(plan.commands)
        self._hands = list(plan.hands)
        self._hand = Random(f"hand {plan.seed}")
        self._journal: JournalWriter | None = None
        self._reader: sqlite3.Connection | None = None
        self._engine: Engine | None = None
        self._runner: Runner | None = None
        self._runs = 0
        self._down = 0
        self._unaudited = False

    def play(self) -> Outcome:
        """Run by run until the day is over, and look at what is left."""
        failures = _Failures()
        logging.getLogger().addHandler(failures)
        try:
            while not self._run():
                if self._runs > 20:
                    self.checks.violated("restarts", "the day does not end")
                    break
        finally:
            logging.getLogger().removeHandler(failures)
            self.disk.mend(None)
        if failures.texts:
            lines = failures.texts[0].strip().splitlines()
            self.checks.violated("traceback", f"{lines[-1]} ({lines[-3].strip() if len(lines) > 2 else ''})")
            self.story += [line for text in failures.texts for line in text.splitlines()]
        self._look_at_the_end()
        state = self._engine.state if self._engine is not None else None
        return Outcome(
            self.plan,
            self.checks.violations,
            dict(sorted(self._broker.found.items())),
            sum(1 for trade in state.portfolio if trade.filled) if state else 0,
            len(state.orders) if state else 0,
            self._runs,
            self.story,
        )

    def _run(self) -> bool:
        """One process from its start to its death or the day's end; whether the day is over."""
        self._runs += 1
        plan = self.plan
        self._journal = journal = self.disk.open_writer()
        self._reader = sqlite3.connect(journal.path, isolation_level=None)
        info = session_info(plan.config, REGISTRY, self._source, ACCOUNT, plan.seed)
        resumption, resume, greeting = unfinished(journal, info, False)
        if resumption is not None:
            resumption = resumption.at_least(self._broker.now + self._down)
            self._tell(resumption.ts, greeting)
            self.checks.restarted(self._latched_on_disk(resume))
        ledger = Ledger(journal, info, mode="demo", speed=0, for_account=True, resume=resume)
        self._runner = Runner(
            self._source,
            self._make_engine,
            ledger,
            banner="SIMULATED faults",
            speed=0,
            stay=False,
            on_tick=self._happened,
            resumption=resumption,
            courier=Courier(self._broker),
        )
        try:
            outcome = self._runner.run()
        except Killed as killed:
            self._died(killed.args[0], ledger, journal)
            return False
        self.disk.mend(journal)
        if outcome != "completed":
            self.checks.violated("outcome", f"the session {outcome}: {self._runner.error}")
        with suppress(Exception):
            self._reader.close()
        journal.close()
        return True

    def _died(self, kill: Kill, ledger: Ledger, journal: JournalWriter) -> None:
        self._tell(self._broker.now, f"the session dies {kill.where}, and comes back {kill.down / 1e9:g} s later")
        self._down = kill.down
        self.disk.mend(journal)
        die(journal, kill.flushed)
        if ledger._recorder is not None:
            ledger._recorder.close()
        if self._reader is not None:
            self._reader.close()
        self._broker.hang_up()

    def _make_engine(self) -> Engine:
        self._engine = make_engine(self.plan.config, REGISTRY, self._source, ACCOUNT, outside=True)
        return self._engine

    def _latched_on_disk(self, number: int | None) -> set[str]:
        assert self._journal is not None
        assert number is not None
        standing = {}
        with JournalReader(self._journal.path) as reader:
            for record in reader.records(number, [BreakerRecord]):
                assert isinstance(record, BreakerRecord)
                standing[record.name] = record
        return {name for name, record in standing.items() if record.latched and record.state != "ACTIVE"}

    # What the runner tells

    def _requested(self, request: OrderRequest, now: int) -> None:
        if self._talk:
            legs = request.package.legs if request.package is not None else ()
            what = " ".join(f"{leg.side} {leg.ratio}x{leg.contract.short_name}" for leg in legs)
            limit = "" if request.action not in ("submit", "replace") else f" x{request.quantity} at {request.limit}"
            if request.action != "snapshot":
                self._tell(now, f"-> {request.action} {request.client_order_id} {what}{limit}")
        self.checks.requested(request, now, self._broker, self._journalled)

    def _journalled(self, own: str) -> bool:
        assert self._reader is not None
        return self._reader.execute("SELECT 1 FROM orders WHERE client_order_id = ?", (own,)).fetchone() is not None

    def _happened(self, tick: Tick) -> None:
        try:
            self._after(tick)
        except Exception as error:
            self.checks.violated("harness", f"{type(error).__name__}: {error}")
            logging.getLogger(__name__).exception("the harness failed")

    def _after(self, tick: Tick) -> None:
        assert self._engine is not None
        assert self._runner is not None
        assert self._journal is not None
        if self._talk:
            self._narrate(tick)
        if tick.seq > 1 and self._engine.state.orders is not None:
            self.checks.happened(tick, self._engine, self._broker)
        self._move_disk(tick.now)
        while self._commands and self._commands[0].at <= tick.now:
            order = self._commands.pop(0)
            kind = order.kind
            trade = self._rng.randint(1, max(self._engine.state.last_trade, 1)) if kind == "close_trade" else 0
            self._broker.found["command"] += 1
            self._runner.send(CommandRequest(kind, trade_id=trade, text="a seed said so"))  # type: ignore[arg-type]
        while self._hands and self._hands[0] <= tick.now:
            self._hands.pop(0)
            self._broker.found["by hand"] += 1
            self._runner.send(CommandRequest("manual", manual=order_by_hand(self._engine, self._hand)))
        if self.plan.flush and self._rng.random() < self.plan.flush:
            with suppress(Exception):
                self._journal.flush()
        self._broker.die("between events", tick.now)

    def _move_disk(self, now: int) -> None:
        assert self._journal is not None
        busy, full = self.plan.window("journal_busy", now), self.plan.window("disk_full", now)
        if busy is None and full is None:
            self.disk.mend(self._journal)
            return
        if busy is not None:
            self._broker.found["journal_busy"] += 1
            self.disk.lock()
        if full is not None:
            self._broker.found["disk_full"] += 1
            self.disk.fill(self._journal, full.hard)

    # The end

    def _look_at_the_end(self) -> None:
        path, checks = self.disk.path, self.checks
        verdict = verify(path)
        if not verdict.sound:
            checks.violated("hash chain", verdict.problems[0])
        with JournalReader(path) as reader:
            row = reader.select("last")[0]
            records = reader.records(row.session)
        if self._engine is not None:
            checks.ended(self._engine, self._broker, records)
        if not self.plan.windows.get("disk_full"):
            found = audit(
                path, row, lambda: make_engine(self.plan.config, REGISTRY, self._source, ACCOUNT, outside=True)
            )
            if found.difference:
                checks.violated("audit", found.difference[:600])

    # The story

    def _tell(self, ts: int, text: str) -> None:
        if self._talk:
            self.story.append(f"{to_new_york(ts):%H:%M:%S} {text}" if ts else text)

    def _narrate(self, tick: Tick) -> None:
        for record in tick.records:
            text = _in_words(record)
            if text:
                self._tell(tick.now, f"   {text}")


def _in_words(record: object) -> str:
    match record:
        case NoticeRecord():
            return f"{record.level}: {record.text}"
        case BreakerRecord():
            return f"breaker {record.name} {record.state}: {record.text}"
        case ExitRecord():
            return f"exit #{record.trade_id} {record.trigger} {record.scope} {record.symbols}"
        case OrderEventRecord():
            return f"{record.client_order_id} {record.status} filled {record.filled} {record.text}"
        case OrderRecord():
            return f"{record.client_order_id} #{record.trade_id} {record.kind} x{record.quantity} at {record.limit}"
        case IntentRecord():
            return f"intent {record.intent_id}: {record.reason}"
        case DecisionRecord() if not record.approved:
            return f"denied: {record.text}"
        case TradeRecord():
            return f"#{record.trade_id} {record.status} {record.quantity} {record.text}"
        case CommandRecord():
            return f"command {record.kind} {record.trade_id or ''}: {record.outcome}"
        case SignalRecord() if record.kind not in ("scheduled",):
            return f"signal {record.kind}: {record.text}"
        case _:
            return ""


def canonical(path: Path) -> str:
    """The journal as it is the same at every play of one seed."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


Play = Callable[[Plan], Outcome]
