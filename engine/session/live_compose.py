"""A session on a market that streams: at Alpaca, or at what speaks its protocols."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from engine.alpaca.failures import AlpacaError
from engine.alpaca.key_places import find_keys
from engine.alpaca.keys import Keys
from engine.alpaca.parse import Account, read_account
from engine.alpaca.patience import patiently
from engine.alpaca.rest import Rest
from engine.alpaca.venue_clock import read_venue_clock
from engine.calendar import NotASession, Session, clock_text, date_of, next_session, session
from engine.clock import Clock, ForwardClock, ScaledClock
from engine.config import Config, ConfigError, journal_path
from engine.events import Tick
from engine.feed.alpaca.labels import is_local, provenance
from engine.journal import JournalReader, JournalWriter
from engine.session.aftermath import put_on_tape
from engine.session.alert_watch import AlertWatch
from engine.session.arming import armed
from engine.session.brought import Sources, brought_along
from engine.session.checklist import Mode as CheckMode
from engine.session.checklist import checklist
from engine.session.checklist_facts import gather
from engine.session.compose import Composed, bookmarks_of, make_engine, named_greeting, session_info, unfinished
from engine.session.courier import Courier
from engine.session.epochs import LOST, above, next_epoch, orders_of
from engine.session.installation import made_installation
from engine.session.ledger import Ledger
from engine.session.live import AFTER_CLOSE, LiveSource
from engine.session.rehearsal import ACCOUNT as REHEARSAL
from engine.session.rules import as_at_alpaca, as_in_shadow, refusals, warnings
from engine.session.runner import Runner
from engine.session.seen import seen_before
from engine.session.strangers import IDS, OTHERS, lines_of_ids
from engine.session.whose import another, remember, sent_as
from engine.strategy import Registry, plan_strategies
from engine.types import SCALE
from engine.view import CommandRequest

LiveMode = Literal["paper", "live", "shadow"]
"""paper: Alpaca's paper account. live: real money. shadow: Alpaca's market, fills simulated here."""


class NoMarket(Exception):
    """There is no trading day to take part in now; the line says when there is."""


class NotArmed(Exception):
    """Real money is not traded; the line says why, and how to mend it."""


class Gateway(NamedTuple):
    """How a session reaches Alpaca: keys, the trading API's address, requests to it, its market's clock.

    Attributes:
        silent: whether nothing answers at an address of this machine; what is there may keep another time.
    """

    keys: Keys
    url: str
    rest: Rest
    clock: Clock
    speed: float
    silent: bool = False


class Wanted(NamedTuple):
    """A session that is to be put together, all that was asked before it.

    Attributes:
        name: of its account in the journal and in order ids. marked: whether its order ids name the installation, as
            others may trade the same account. account: as Alpaca told it; None where no order leaves.
        stay, fresh, on_tick, limit_sources: see ``compose_live``.
    """

    config: Config
    registry: Registry
    name: str
    marked: bool
    mode: LiveMode
    way: Gateway
    today: Session
    account: Account | None
    stay: bool
    fresh: bool
    on_tick: Callable[[Tick], None] | None
    limit_sources: Sources | None


def gateway(config: Config, mode: LiveMode, keys: Keys | None = None) -> Gateway:
    """The way of a mode to Alpaca; nothing is asked of it yet but a local exchange's clock. Raises ``KeysError``."""
    keys = keys or find_keys("live" if mode == "live" else "paper")
    url = config.alpaca.live_url if mode == "live" else config.alpaca.trading_url
    told, silent = None, False
    try:
        told = read_venue_clock(url)
    except OSError:
        silent = True
    clock: Clock = ForwardClock() if told is None else ScaledClock(told.start, told.since, told.speed)
    return Gateway(keys, url, Rest(keys, url, config.alpaca), clock, 1.0 if told is None else told.speed, silent)


def account_name(config: Config, mode: LiveMode) -> str:
    """Whose journal and order ids: money of different kinds is never in one book."""
    return config.account.name if mode == "live" else f"{config.account.name}_{mode}"


def day_of(now: int, roots: tuple[str, ...]) -> Session:
    """The trading day at ``now`` (ns UTC), which may not have begun. Raises ``NoMarket``."""
    day = date_of(now)
    try:
        found = session(day)
    except NotASession:
        found = None
    if found is not None and now < max(found.product_close(root) for root in roots) + AFTER_CLOSE:
        return found
    coming = next_session(day)
    why = f"{day} is no trading day" if found is None else f"the trading day {day} is over"
    raise NoMarket(f"{why}; the next is {coming.day:%A} {coming.day}, open at {clock_text(coming.open, False)}")


def compose_live(
    config: Config,
    registry: Registry,
    mode: LiveMode,
    *,
    stay: bool,
    fresh: bool = False,
    on_tick: Callable[[Tick], None] | None = None,
    limit_sources: Sources | None = None,
    keys: Keys | None = None,
    account_called: str = "",
    typed: str | None = None,
) -> Composed:
    """A session of today; goes on with the one that was cut off, unless ``fresh`` or the configuration has changed.

    Args:
        keys: instead of those that are found. account_called: the account's name in the journal, instead of one made
            of the configuration's and the mode.
        typed: the last characters of a live account's number, where a person was asked for them.

    Raises ``KeysError``, ``AlpacaError`` where the account cannot be read, ``NoMarket``, ``NotArmed``, ``ConfigError``.
    """
    if mode == "live" and keys is not None:
        raise NotArmed("real money is traded with the live keys that are found, and with no others")
    way = gateway(config, mode, keys)
    if way.silent:  # another day than the exchange's would be traded on it, once it answers
        way.rest.close()
        raise AlpacaError("unreachable", "no connection: nothing answers there, or there is no network")
    name = account_called or account_name(config, mode)
    roots = tuple(config.session.roots)
    try:
        today = day_of(way.clock.now(), roots)
        raw = {} if mode == "shadow" else patiently(way.rest.account)
        account = None if mode == "shadow" else read_account(raw, [])
        if mode == "live":
            why = armed(config, str(raw.get("account_number") or ""), today.day, typed=typed)
            if why:
                raise NotArmed(why)
        marked = mode != "shadow" and not account_called  # nobody else is at an exchange made for one session
        return _composed(
            Wanted(
                config=config,
                registry=registry,
                name=name,
                marked=marked,
                mode=mode,
                way=way,
                today=today,
                account=account,
                stay=stay,
                fresh=fresh,
                on_tick=on_tick,
                limit_sources=limit_sources,
            )
        )
    except BaseException:
        way.rest.close()
        raise


def _composed(wanted: Wanted) -> Composed:
    from engine.alpaca.trade_stream import TradeStream
    from engine.broker.alpaca.broker import IN_DOUBT, LATEST, AlpacaBroker
    from engine.feed.alpaca.feed import AlpacaFeed

    registry, name, mode, way, today = wanted.registry, wanted.name, wanted.mode, wanted.way, wanted.today
    account, fresh = wanted.account, wanted.fresh
    config = wanted.config
    roots = tuple(config.session.roots)
    path = journal_path(config, name)
    config = _as_traded(config, mode, account, None if fresh else _equity_before(path, name, today.day))
    config = at_speed(config, way.speed)
    feed = AlpacaFeed(way.keys, config.alpaca, roots, today, way.clock, speed=way.speed, trading_url=way.url)
    labels = tuple(provenance(config.alpaca, root) for root in roots)
    source = LiveSource(today, roots, labels, feed, way.clock, way.clock.now(), way.speed)
    outside = mode != "shadow"
    banner = banner_text(mode, labels[0].label, account, way.url)
    info = session_info(config, registry, source, name, None)
    make_engine(config, registry, source, name)  # a refused setting must not leave an empty session behind
    planned = plan_strategies(config.strategies, registry, roots)
    if refused := refusals(config, mode, planned, today, account):
        raise ConfigError("\n".join(refused))
    asked: CheckMode = "rehearse" if name == REHEARSAL else mode
    rest = None if mode == "shadow" else lambda: way.rest
    checked = checklist(
        config, gather(config, registry, asked, name, way.clock, rest=rest, keys=way.keys.source, day=today)
    )
    there = patiently(lambda: orders_of(way.rest, today.day)) if outside else []
    writer = JournalWriter(path, synchronous="FULL")
    broker = None
    try:
        paced = PACED if way.speed != 1 else frozenset[str]()
        brought = brought_along(writer.path, info, config.risk, anew=fresh, sources=wanted.limit_sources, paced=paced)
        resumption, resume, greeting = unfinished(writer, info, fresh)
        number = "" if account is None else account.number
        if resume is not None and number and (why := another(writer.path, name, number)):
            raise ConfigError(why)
        installation = _installation(wanted, writer.path, goes_on=resume is not None)
        source = replace(source, installation=installation)
        if resumption is not None and resume is not None:  # the market has gone on meanwhile
            source = replace(source, past=seen_before(writer.path, resume))
            resumption = resumption.at_least(source.opened)
        with JournalReader(writer.path) as reader:
            runs = reader.runs_of_day(name, today.day)
        used = above(name, installation, today.day, (order.client_order_id for order in there))
        if outside:
            listen = partial(TradeStream, way.keys, way.url)
            speed = max(1.0, way.speed)
            broker = AlpacaBroker(
                way.rest, way.clock, listen=listen, in_doubt=IN_DOUBT / speed, latest=round(LATEST * speed)
            )
        runner = Runner(
            source,
            lambda: make_engine(config, registry, source, name, outside=outside),
            Ledger(
                writer,
                info,
                mode=mode,
                speed=way.speed,
                for_account=True,
                resume=resume,
                epoch_of=lambda runs: next_epoch(runs, used, way.clock.now()),
            ),
            banner=banner,
            speed=way.speed,
            stay=wanted.stay,
            on_tick=wanted.on_tick,
            resumption=resumption,
            courier=None if broker is None else Courier(broker),
            alerts=AlertWatch(config.alerts.settings),
            bookmarks=bookmarks_of(source, writer.path),
        )
        if broker is not None:
            broker.woken_by(runner.wake)
        if number:
            remember(writer.path, name, number, installation)
    except BaseException:
        if broker is not None:
            broker.close()
        writer.close()
        raise
    if used > runs:
        runner.send(CommandRequest("note", text=LOST), actor="engine")
    for text in lines_of_ids(there, name, installation):
        runner.send(CommandRequest("note", text=text), actor="engine")
    for request in () if resume is not None else brought:
        runner.send(request)
    for text in () if resume is not None else warnings(config, mode, today):
        runner.send(CommandRequest("note", text=text), actor="engine")
    for line in (each for each in checked if resume is None and each.subject not in (IDS, OTHERS)):
        mend = f": {line.mend}" if line.mend else ""
        runner.send(
            CommandRequest("note", text=f"check {line.state}: {line.subject}: {line.text}{mend}"), actor="engine"
        )
    with JournalReader(writer.path) as reader:
        named = reader.session(runner.session).name
    greeting = named_greeting(greeting, resume is not None, f"{mode} session {named}, journal {writer.path}")
    composed = Composed(runner, writer, named, info, greeting, for_account=True)
    composed.banner = banner
    composed.holds = "at the broker" if outside else "in the journal"
    composed.ends = () if broker is None else (broker.close,)

    def unfinished_day(day: dt.date) -> bool:
        return day == today.day and way.clock.now() < source.until

    composed.after = partial(put_on_tape, config, path, name, unfinished_day)
    return composed


def _installation(wanted: Wanted, journal: Path, goes_on: bool) -> str:
    """What its order ids name; a session that goes on keeps what it began with. Raises ``ConfigError``."""
    if not wanted.marked:
        return ""
    kept = sent_as(journal, wanted.name) if goes_on else None
    return made_installation(journal) if kept is None else kept


def banner_text(mode: LiveMode, label: str, account: Account | None, url: str = "") -> str:
    """What the first words on the screen are: the mode, whose money, whose data. ``url``: where the money is; what is
    on this machine is simulated, also in the mode of real money."""
    whose = "" if account is None or not account.number else f" *{account.number.lstrip('*')}"
    if mode == "live" and url and is_local(url):
        return f"SIMULATED live-mode{whose}{'' if label == 'SIMULATED' else f' {label}'}"
    fills = " SIMULATED-fills" if mode == "shadow" else ""
    return f"{mode.upper()}{whose}{fills} {label}"


def _as_traded(config: Config, mode: LiveMode, account: Account | None, before: float | None) -> Config:
    """The configuration with what the account says of itself; an account that trades has no more than it has."""
    equity = before
    if equity is None and account is not None and account.equity is not None:
        equity = account.equity / SCALE
    config = as_in_shadow(config) if mode == "shadow" else as_at_alpaca(config)
    if equity is None:
        return config
    return config.model_copy(update={"account": config.account.model_copy(update={"equity": equity})})


PACED = frozenset({"stale_seconds", "max_clock_skew_ms"})
"""Limits that ``at_speed`` changes."""


def at_speed(config: Config, speed: float) -> Config:
    """What waits for this machine and its network gets as much more market time as the market is faster than both."""
    if speed <= 1:
        return config
    broker, risk = config.broker, config.risk
    waits = {
        "answer_seconds": max(broker.answer_seconds, speed),
        "reconcile_seconds": max(broker.reconcile_seconds, 5 * speed),
    }
    limits = {
        "stale_seconds": max(risk.stale_seconds, speed),
        "max_clock_skew_ms": max(risk.max_clock_skew_ms, round(500 * speed)),
    }
    update = {"broker": broker.model_copy(update=waits), "risk": risk.model_copy(update=limits)}
    return config.model_copy(update=update)


def _equity_before(journal: Path, account: str, day: dt.date) -> float | None:
    """The equity that an unfinished session of the day began with: a restart must not see another."""
    if not journal.exists():
        return None
    with JournalReader(journal) as reader:
        row = reader.open_session(account)
    if row is None or row.info.day != day:
        return None
    found = json.loads(row.info.config_text).get("account", {}).get("equity")
    return float(found) if found is not None else None
