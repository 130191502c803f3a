"""The composition root: which parts make up a session of each mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from engine.calendar import session
from engine.config import Config, config_hash, journal_path, research_path, trading_text
from engine.core import Engine
from engine.events import Restore, Tick
from engine.journal import JournalError, JournalReader, JournalWriter, SessionInfo, SessionRow, SessionSummary
from engine.market import Chains
from engine.session.alert_watch import AlertWatch
from engine.session.bookmarks import Bookmarks
from engine.session.brought import Sources, brought_along
from engine.session.courier import Courier
from engine.session.exchange import connect
from engine.session.ledger import PRACTICE, Ledger
from engine.session.past import Past
from engine.session.playing import Resumption
from engine.session.runner import Runner
from engine.session.source import DemoSource, Source, demo_source, meanings
from engine.strategy import Planned, Registry, plan_strategies

DEMO_ACCOUNT = "demo"
Holds = Literal["here", "in the journal", "at the broker", "with the session"]


@cache
def code_version() -> str:
    """The program's version, for every session's record."""
    try:
        return version("zdte-tui")
    except PackageNotFoundError:
        return "unknown"


def make_engine(
    config: Config,
    registry: Registry,
    source: Source,
    account: str,
    *,
    planned: Sequence[Planned] | None = None,
    chains: Chains | None = None,
    price_marks: bool = True,
    outside: bool = False,
) -> Engine:
    """A new engine for a source's day; see ``Engine``. Raises ``ConfigError`` for settings a strategy refuses.

    ``planned``: its strategies as ``plan_strategies`` gives them, from who makes many engines of one configuration.
    """
    if planned is None:
        planned = plan_strategies(config.strategies, registry, source.roots)
    strategies = [each.make() for each in planned]
    day, known = session(source.day), meanings(source)
    return Engine(config, day, account, source.roots, known, strategies, chains, price_marks, outside)


def session_info(config: Config, registry: Registry, source: Source, account: str, seed: int | None) -> SessionInfo:
    """What the journal is to know of a session before it begins."""
    versions = " ".join(f"{name}={kind.version}" for name, kind in sorted(registry.items()))
    return SessionInfo(
        account=account,
        day=source.day,
        roots=source.roots,
        provenance=(*source.provenance, *source.close_provenance),
        config_text=trading_text(config),
        config_hash=config_hash(config),
        code_version=f"{code_version()} {versions}".strip(),
        seed=seed,
    )


@dataclass
class Composed:
    """A session ready to run, and what must be closed after it.

    Attributes:
        greeting: what a person should know.
        for_account: whether it trades for an account, and can be reached from other terminals; a replay does not.
        summary: what it came to, once it is closed; ``None`` where that could not be read.
        ends: what is hung up first when it is closed. after: what is done last; it says what it did, in lines, which
            are kept in ``aftermath``.
        holds: where what it holds is once it has ended: here, in a market that only it plays; in the journal alone; at
            the broker; or gone with the session.
        banner: the mode, whose money and whose data, of a session on a real market or what speaks like one; else empty.
    """

    runner: Runner
    writer: JournalWriter
    name: str
    info: SessionInfo
    greeting: str
    for_account: bool = False
    summary: SessionSummary | None = None
    ends: tuple[Callable[[], None], ...] = ()
    after: Callable[[], list[str]] | None = None
    aftermath: tuple[str, ...] = ()
    banner: str = ""
    holds: Holds = "here"

    @property
    def label(self) -> str:
        """Whose data it plays, in words; SIMULATED where no market showed it."""
        return ", ".join(dict.fromkeys(label.label for label in self.info.provenance))

    def close(self) -> None:
        """Hang up, and close the journal after a last look at what the session came to."""
        for end in self.ends:
            end()
        with suppress(JournalError), JournalReader(self.writer.path) as reader:
            row = reader.session(self.runner.session)  # a branch of the one that was begun, where there is one
            self.name, self.summary = row.name, reader.summary(row.session)
        self.writer.close()
        if self.after is not None:
            self.aftermath = tuple(self.after())


def compose_demo(
    config: Config,
    registry: Registry,
    *,
    speed: float,
    stay: bool,
    fresh: bool = False,
    on_tick: Callable[[Tick], None] | None = None,
    limit_sources: Sources | None = None,
) -> Composed:
    """A demo session: goes on with the one that was cut off, unless ``fresh`` or the configuration has changed.

    ``limit_sources`` tells where limits were set, for the log where they are not those of the account's last session.
    Raises ``BrokerDown`` where its exchange is to be in another process and does not answer.
    """
    source = demo_source(config)
    outside = config.broker.kind == "socket"
    info = session_info(config, registry, source, DEMO_ACCOUNT, config.demo.seed)
    make_engine(config, registry, source, DEMO_ACCOUNT)  # a refused setting must not leave an empty session behind
    writer = JournalWriter(journal_path(config, DEMO_ACCOUNT), synchronous="FULL")
    try:
        brought = brought_along(writer.path, info, config.risk, anew=fresh, sources=limit_sources)
        resumption, resume, greeting = unfinished(writer, info, fresh)
        courier = None
        if outside:
            broker = connect(config, source, DEMO_ACCOUNT, goes_on=resumption is not None)
            courier = Courier(broker)
            if resumption is not None:  # the market has gone on meanwhile, and so has the exchange
                resumption = resumption.at_least(broker.now)
        ledger = Ledger(writer, info, mode="demo", speed=speed, for_account=True, resume=resume)
        runner = Runner(
            source,
            lambda: make_engine(config, registry, source, DEMO_ACCOUNT, outside=outside),
            ledger,
            banner=f"SIMULATED {config.demo.scenario}".rstrip(),
            speed=speed,
            stay=stay,
            on_tick=on_tick,
            resumption=resumption,
            courier=courier,
            alerts=AlertWatch(config.alerts.settings),
            bookmarks=bookmarks_of(source, writer.path),
        )
    except BaseException:
        writer.close()
        raise
    for request in () if resume is not None else brought:
        runner.send(request)
    name = ledger.name
    greeting = named_greeting(greeting, resume is not None, f"demo session {name}, journal {writer.path}")
    return Composed(runner, writer, name, info, f"{greeting}{_told(config, source)}", for_account=True)


def named_greeting(greeting: str, goes_on: bool, begun: str) -> str:
    """What a person is told first: of a session that was cut off, and which one has begun in its place."""
    return greeting if goes_on else "; ".join(part for part in (greeting, begun) if part)


def _told(config: Config, source: DemoSource) -> str:
    """The scenario in words, and the day it is played on where that is not the one asked for."""
    if not config.demo.scenario:
        return ""
    moved = "" if source.day == config.demo.date else f", on {source.day}, the half-day nearest {config.demo.date}"
    return f"; SIMULATED {config.demo.scenario}: {source.days[0].kind.story}{moved}"


def unfinished(writer: JournalWriter, info: SessionInfo, fresh: bool) -> tuple[Resumption | None, int | None, str]:
    """What is left of a session that was cut off, if it is to be continued."""
    with JournalReader(writer.path) as reader:
        cut_off = reader.open_session(info.account)
        if cut_off is None:
            return None, None, ""
        progress = reader.progress(cut_off.session)
        mode = reader.runs(cut_off.session)[-1].mode
        why = "a new one was asked for" if fresh else "a person practised in it" if mode == PRACTICE else ""
        why = why or _differs(cut_off, info)
        # Without a record, nothing but the closes of the evening before has come: the day itself has not begun.
        records = () if why else tuple(reader.records(cut_off.session))
        if progress is None or not records:
            writer.resume(cut_off.session, mode=mode)
            writer.end_session("abandoned")
            return (
                None,
                None,
                f"{cut_off.name} was not played to its end and is not continued: {why or 'nothing had happened yet'}",
            )
    restore = Restore(ts_known=progress.ts, ts_event=progress.ts, records=records)
    greeting = (
        f"continuing {cut_off.name}, which was not played to its end (--fresh starts a new one); journal {writer.path}"
    )
    return Resumption(progress.ts, restore), cut_off.session, greeting


def _differs(row: SessionRow, info: SessionInfo) -> str:
    """Why a session cannot be continued under the present settings, or empty."""
    if (row.info.day, row.info.roots, row.info.seed) != (info.day, info.roots, info.seed):
        return "the day, the roots or the seed have changed"
    if row.info.config_hash != info.config_hash:
        return "the configuration has changed"
    if row.info.provenance != info.provenance:
        return "the simulator or its scenario has changed"
    return ""


def bookmarks_of(source: Source, journal: Path) -> Bookmarks:
    """The bookmarks of a source's day, beside the journal: in the state directory, where no other place is set."""
    return Bookmarks(journal.parent / "bookmarks", source.roots[0], source.day)


def compose_replay(
    config: Config,
    registry: Registry,
    source: Source,
    *,
    speed: float,
    stay: bool,
    on_tick: Callable[[Tick], None] | None = None,
    past: Past | None = None,
) -> Composed:
    """A recorded day, into the research journal; with ``past``, a session of it played again as it went."""
    account = config.account.name if past is None else past.row.info.account
    info = session_info(config, registry, source, account, None)
    make_engine(config, registry, source, account)
    label = source.provenance[0].label
    writer = JournalWriter(research_path(config), synchronous="NORMAL")
    try:
        ledger = Ledger(writer, info, mode="replay", speed=speed, for_account=False)
        runner = Runner(
            source,
            lambda: make_engine(config, registry, source, account),
            ledger,
            banner=f"REPLAY {label}" if past is None else f"REPLAY of {past.row.name} {label}",
            speed=speed,
            stay=stay,
            on_tick=on_tick,
            alerts=AlertWatch(config.alerts.settings),
            bookmarks=bookmarks_of(source, writer.path),
            again=() if past is None else past.given,
            marks=() if past is None else past.marks,
            practises=True,
        )
    except BaseException:
        writer.close()
        raise
    name = ledger.name
    return Composed(runner, writer, name, info, f"replay session {name}, journal {writer.path}")
