"""What is looked at before the open: facts in, a line each out. Pure; ``checklist_facts`` gathers the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.alpaca.parse import Account, Held
from engine.alpaca.snapshot import Snapshot
from engine.calendar import Session, TimeOfDay, clock_text, date_of, events_on, special_day, unknown_on
from engine.clock import MINUTE, SECOND
from engine.config import Config
from engine.exchange import NEVER, RootCutoffs, cutoffs_of
from engine.session.rules import as_at_alpaca, as_in_shadow
from engine.session.strangers import ALONE, IDS, OTHERS, named, strangers
from engine.strategy.needs import Needs
from engine.types import dollars_text, product

State = Literal["ok", "note", "warn", "fail"]
STATES: tuple[State, ...] = ("ok", "note", "warn", "fail")
Mode = Literal["demo", "rehearse", "paper", "shadow", "live"]

FAIL_BYTES = 200_000_000
WARN_BYTES = 2_000_000_000
NEAR_CUTOFF = 5 * MINUTE
"""An exit so shortly before the broker acts is worth a word."""


class Line(NamedTuple):
    """One line. ``note``: nothing to mend, such as what does not apply. ``mend``: how, where there is something."""

    state: State
    subject: str
    text: str
    mend: str = ""


class Planned(NamedTuple):
    """A strategy that is switched on, on a root; ``needs`` is ``None`` where it does not say."""

    strategy: str
    root: str
    needs: Needs | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was found out. What is ``None`` or empty could not be, or does not apply.

    Attributes:
        mode: of the session. now: ns UTC, by the session's clock. session: the day it would trade; ``no_day`` says why
            there is none.
        refused: why such a session would not begin, a sentence each (``engine.session.rules``).
        keys: where they lie, in words. no_keys: why there are none. unread: why the account could not be read.
        journal: whose room is looked at, in words. room: bytes free where it lies. not_written: why nobody can write
            there. unclosed: sessions of the account that were not played to their end: name and day.
        name, installation: what its order ids at Alpaca begin with; the latter is empty before there is one.
        told: who hears of it: addresses of messages, in words; empty for nobody, ``None`` where
            that was not looked at. not_told: why they cannot be used.
    """

    mode: Mode
    now: int
    session: Session | None
    no_day: str = ""
    planned: tuple[Planned, ...] = ()
    refused: tuple[str, ...] = ()
    keys: str = ""
    no_keys: str = ""
    account: Account | None = None
    snapshot: Snapshot | None = None
    unread: str = ""
    journal: str = ""
    room: int | None = None
    not_written: str = ""
    unclosed: tuple[tuple[str, dt.date], ...] = ()
    told: str | None = None
    not_told: str = ""
    name: str = ""
    installation: str = ""

    @property
    def asks_alpaca(self) -> bool:
        """Whether such a session needs an account."""
        return self.mode not in ("demo", "rehearse")


def checklist(config: Config, facts: Facts) -> tuple[Line, ...]:
    """Every line, in the order in which a person reads them.

    ``config`` is judged as a session at Alpaca goes by it, where it is to be one.
    """
    if facts.mode in ("paper", "live"):
        config = as_at_alpaca(config)
    elif facts.mode == "shadow":
        config = as_in_shadow(config)
    parts: tuple[Callable[[Config, Facts], Iterator[Line]], ...] = (
        _keys,
        _account,
        _money,
        _feed,
        _clock,
        _day,
        _cutoffs,
        _events,
        _held,
        _sessions,
        _journal,
        _messages,
        _start,
    )
    return tuple(line for part in parts for line in part(config, facts))


def worst(lines: tuple[Line, ...]) -> State:
    """The gravest state of all; ok where there is no line."""
    return max((line.state for line in lines), key=STATES.index, default="ok")


def _keys(_config: Config, facts: Facts) -> Iterator[Line]:
    if not facts.asks_alpaca:
        where = "the demo market" if facts.mode == "demo" else "the local exchange"
        yield Line("note", "keys and account", f"do not apply: {where} is SIMULATED and needs neither")
        return
    kind = "live" if facts.mode == "live" else "paper"
    if facts.no_keys:
        option = " --live" if kind == "live" else ""
        yield Line("fail", "keys", facts.no_keys, f"zdte-tui login{option}")
    else:
        real = "LIVE keys, REAL MONEY" if kind == "live" else "paper keys"
        yield Line("ok", "keys", f"{real}{f', in {facts.keys}' if facts.keys else ''}")


def _account(_config: Config, facts: Facts) -> Iterator[Line]:
    if not facts.asks_alpaca or facts.no_keys:
        return
    if facts.account is None and facts.mode == "shadow" and not facts.unread:
        yield Line("note", "account", "not asked: no order leaves, and fills are SIMULATED here")
        return
    if facts.account is None:
        yield Line("fail", "account", facts.unread or "it was not read", "zdte-tui account")
        return
    account = facts.account
    active = account.status.lower() == "active"
    blocked = "; ".join(account.blocks)
    text = f"{account.number}, status {account.status}{f': {blocked}' if blocked else ''}"
    well = active and not blocked
    yield Line("ok" if well else "fail", "account", text, "" if well else "ask Alpaca: no order is taken like this")
    wanted = max((each.needs.level for each in facts.planned if each.needs is not None), default=0)
    level = account.level
    if level is None:
        yield Line("warn", "options level", "n/a: Alpaca did not say", "zdte-tui account")
    else:
        names = ", ".join(dict.fromkeys(each.strategy for each in facts.planned)) or "no strategy is switched on"
        state: State = "ok" if level >= wanted else "fail"
        yield Line(
            state,
            "options level",
            f"{level} of {wanted} that is needed ({names})",
            "" if state == "ok" else f"apply for options level {wanted} at Alpaca, or switch these strategies off",
        )


def _money(_config: Config, facts: Facts) -> Iterator[Line]:
    if not facts.planned:
        mend = "set strategies.NAME.enabled = true, or trade by hand"
        yield Line("warn", "strategies", "none is switched on: the session opens nothing by itself", mend)
    if not facts.asks_alpaca or facts.account is None or facts.mode == "shadow":
        return
    power = facts.account.options_buying_power
    if power is None:
        yield Line("warn", "buying power", "n/a: Alpaca did not say", "zdte-tui account")
        return
    have = f"${dollars_text(power)}"
    for each in facts.planned:
        subject = f"buying power, {each.strategy} {each.root}"
        if each.needs is None:
            yield Line("note", subject, f"{have}; the strategy does not say what a package needs")
            continue
        one = each.needs.width * product(each.root).multiplier
        text = f"{have} for options; one package takes about ${dollars_text(one)}"
        short = power < one
        yield Line("fail" if short else "ok", subject, text, "add money, or narrow its wings" if short else "")


def _feed(config: Config, facts: Facts) -> Iterator[Line]:
    if not facts.asks_alpaca:
        return
    option, stock = config.alpaca.option_feed, config.alpaca.stock_feed
    if option == "opra":
        yield Line("ok", "option quotes", "opra: every exchange's, as they come")
    elif facts.mode == "live":
        yield Line(
            "fail",
            "option quotes",
            "indicative: modified quotes, and trades 15 minutes late, are no ground for real orders",
            'set alpaca.option_feed = "opra" (Algo Trader Plus), or trade paper',
        )
    else:
        text = "indicative: quotes are modified and stops on them unreliable; at most 200 contracts"
        yield Line("warn", "option quotes", text, 'alpaca.option_feed = "opra" where your plan has it')
    what = "sip: every exchange's" if stock == "sip" else "iex: of one exchange alone"
    yield Line("ok" if stock == "sip" else "note", "share prices", what)


def _clock(config: Config, facts: Facts) -> Iterator[Line]:
    if not facts.asks_alpaca or facts.snapshot is None:
        return
    skew, most = facts.snapshot.skew, config.risk.max_clock_skew_ms
    if skew is None:
        yield Line("warn", "clock", "n/a: Alpaca told no time", "zdte-tui doctor --online")
    else:
        way = "ahead of" if skew > 0 else "behind"
        text = f"Alpaca's is {abs(skew) / SECOND:,.3f} s {way} this machine's; {most / 1000:g} s are the most"
        state: State = "fail" if abs(skew) > most * 1_000_000 else "warn" if abs(skew) > most * 500_000 else "ok"
        yield Line(state, "clock", text, "" if state == "ok" else "let NTP set the clock: timedatectl set-ntp true")
    clock = facts.snapshot.clock
    if facts.session is None or clock.next_close is None:
        return
    ours, theirs = facts.session, clock.next_close
    if date_of(theirs) == ours.day and theirs != ours.close:
        text = f"Alpaca closes {clock_text(theirs, False)}, the calendar here says {clock_text(ours.close, False)}"
        yield Line("fail", "hours", text, "do not trade until they agree: zdte-tui calendar")
    elif facts.now < ours.close and date_of(theirs) > ours.day:
        text = f"Alpaca's market does not open on {ours.day}, a trading day in the calendar here"
        yield Line("fail", "hours", text, "look for a special closure")


def _day(_config: Config, facts: Facts) -> Iterator[Line]:
    session = facts.session
    if session is None:
        yield Line("fail", "day", facts.no_day or "no trading day", "zdte-tui calendar")
        return
    hours = f"{session.day:%A} {session.day}, {clock_text(session.open, False)} to {clock_text(session.close, False)}"
    if not session.early:
        yield Line("ok", "day", hours)
        return
    special = special_day(session.day)
    name = f" ({special.name})" if special is not None else ""
    yield Line("warn", "day", f"HALF-DAY{name}: {hours}; a time written as 15:20 comes after its close")


def _cutoffs(config: Config, facts: Facts) -> Iterator[Line]:
    session = facts.session
    if session is None:
        return
    for cutoffs in cutoffs_of(config, session):
        root, subject = cutoffs.root, f"cutoffs, {cutoffs.root}"
        text = _cutoff_words(cutoffs)
        found = [line for each in facts.planned if each.root == root for line in _late(each, cutoffs, session, subject)]
        yield Line("note" if not facts.asks_alpaca else "ok", subject, text)
        yield from found


def _cutoff_words(cutoffs: RootCutoffs) -> str:
    opens, closes, takes = cutoffs.cutoff
    words = [
        (opens, "no opening from"),
        (closes, "no closing from"),
        (takes, "the broker liquidates from"),
        (cutoffs.flat_by, "all is closed by"),
    ]
    told = [f"{text} {clock_text(at, False)}" for at, text in words if at != NEVER]
    return "; ".join(told) or "none known"


def _late(each: Planned, cutoffs: RootCutoffs, session: Session, subject: str) -> Iterator[Line]:
    """Where a strategy's times come too late for the broker's."""
    if each.needs is None:
        return
    name, (opens, closes, takes) = each.strategy, cutoffs.cutoff
    acts = min(closes, takes)
    if each.needs.exit is None:
        if acts != NEVER:
            text = f"{name} holds to settlement, and the broker acts at {clock_text(acts, False)}"
            yield Line("fail", subject, text, f"set strategies.{name}.hold_to_settlement = false")
    else:
        leaves = _at(each.needs.exit, session)
        mend = f'set strategies.{name}.exit_time earlier, such as "close-40m"'
        if leaves >= min(acts, session.product_close(each.root)):
            end = clock_text(min(acts, session.product_close(each.root)), False)
            yield Line("fail", subject, f"{name} leaves at {clock_text(leaves, False)}: not before {end}", mend)
        elif cutoffs.flat_by <= leaves:
            text = f"{name} would leave at {clock_text(leaves, False)}, and all is closed before"
            yield Line("note", subject, text)
        elif acts - leaves < NEAR_CUTOFF:
            text = (
                f"{name} leaves at {clock_text(leaves, False)}, {(acts - leaves) // MINUTE} min before the broker acts"
            )
            yield Line("warn", subject, text, mend)
    late = [clock_text(_at(entry, session), False) for entry in each.needs.entries if _at(entry, session) >= opens]
    if late:
        text = f"{name} does not open at {', '.join(late)}: the broker takes none from {clock_text(opens, False)}"
        yield Line("warn", subject, text, f"shorten strategies.{name}.entries")


def _at(time: TimeOfDay, session: Session) -> int:
    return time.on(session.day, session.open, session.close)


def _events(_config: Config, facts: Facts) -> Iterator[Line]:
    if facts.session is None:
        return
    day = facts.session.day
    for event in events_on(day):
        yield Line(
            "note", "event", f"{clock_text(event.at, False)} {event.name}{f': {event.note}' if event.note else ''}"
        )
    if unknown := unknown_on(day):
        text = f"{', '.join(unknown)} of {day} are not in the calendar: there may be one"
        yield Line("warn", "events", text, "look them up; zdte-tui calendar says how far it is known")
    elif not events_on(day):
        yield Line("ok", "events", "none known today")


def _held(_config: Config, facts: Facts) -> Iterator[Line]:
    if facts.snapshot is None or facts.session is None or not facts.asks_alpaca:
        return
    held, day = facts.snapshot.positions, facts.session.day
    expiring = [each for each in held if each.contract is not None and each.contract.expiry <= day]
    others = [each for each in held if each not in expiring]
    if expiring:
        text = f"expiring {day} and held already: {_names(expiring)}"
        yield Line("warn", "positions", text, "a session that did not open them adopts them: see [broker] outside")
    if others:
        yield Line("note", "positions", f"held besides: {_names(others)}")
    if not held:
        yield Line("ok", "positions", "none held")
    working = sum(order.working for order in facts.snapshot.orders)
    if working:
        yield Line("warn", "orders", f"{working} work at the account already", "zdte-tui account lists them")
    if not facts.snapshot.settled:
        text = "something traded while the account was read: positions may not agree with orders"
        yield Line("warn", "account", text, "run this again")
    for told in facts.snapshot.told:
        yield Line("warn", "account", f"not understood: {told}")


def _names(held: list[Held]) -> str:
    shown = [f"{'n/a' if each.quantity is None else f'{each.quantity:+d}'} {each.symbol}" for each in held[:8]]
    return ", ".join([*shown, *([f"and {len(held) - 8} more"] if len(held) > 8 else [])])


def _sessions(_config: Config, facts: Facts) -> Iterator[Line]:
    if facts.mode not in ("paper", "live"):
        return
    yield Line("ok", IDS, named(facts.name, facts.installation))
    others = "" if facts.snapshot is None else strangers(facts.snapshot.orders, facts.name, facts.installation)
    if others:
        yield Line("warn", OTHERS, others, ALONE)


def _journal(_config: Config, facts: Facts) -> Iterator[Line]:
    if facts.not_written:
        yield Line("fail", "journal", facts.not_written, "journal.path names another place")
    elif facts.room is None:
        yield Line("warn", "journal", f"{facts.journal}: how much room there is, is not known")
    else:
        state: State = "fail" if facts.room < FAIL_BYTES else "warn" if facts.room < WARN_BYTES else "ok"
        text = f"{facts.journal}: {facts.room / 1e9:,.1f} GB free"
        yield Line(
            state,
            "journal",
            text,
            "" if state == "ok" else "make room, such as with `zdte-tui data prune`: without a journal no order leaves",
        )
    today = None if facts.session is None else facts.session.day
    for name, day in facts.unclosed:
        if facts.mode == "rehearse":
            yield Line("note", "unclosed session", f"{name} was not played to its end: each rehearsal begins anew")
        elif day == today:
            yield Line("note", "unclosed session", f"{name} was cut off: the next session goes on with it")
        else:
            text = f"{name} of {day} was not played to its end, and what it held is not settled in the journal"
            yield Line("warn", "unclosed session", text, "compare with `zdte-tui account`")


def _messages(config: Config, facts: Facts) -> Iterator[Line]:
    if facts.told is None:
        return
    if facts.not_told:
        yield Line("fail", "messages", facts.not_told)
    elif facts.mode not in config.push.modes:
        yield Line("note", "messages", f"none are sent of {facts.mode} sessions: see [push] modes")
    elif facts.told:
        yield Line("ok", "messages", facts.told)
    else:
        text = "nobody is told of what cannot wait: no address is kept"
        yield Line("warn", "messages", text, "docs/operations.md says where addresses are kept")


def _start(_config: Config, facts: Facts) -> Iterator[Line]:
    for text in facts.refused:
        yield Line("fail", "start", f"a session would not begin: {text}")


def lines_text(lines: tuple[Line, ...]) -> list[str]:
    """Lines for a terminal or a log."""
    width = max((len(line.subject) for line in lines), default=0)
    return [
        f"{line.state:<4}  {line.subject:<{width}}  {line.text}{f'  -> {line.mend}' if line.mend else ''}"
        for line in lines
    ]
