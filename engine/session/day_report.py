"""The report of one session: a fold over its journal. Figures only; how they are written down is others' matter."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from engine.events import (
    AnyRecord,
    BreakerRecord,
    CommandRecord,
    DecisionRecord,
    ExitRecord,
    FillRecord,
    MarkRecord,
    NoticeRecord,
    OrderEventRecord,
    OrderRecord,
    SettlementRecord,
    TradeRecord,
)
from engine.journal import JournalReader, RunRow, SessionRow
from engine.session.day import equity_path, max_drawdown
from engine.session.rehearsal import ACCOUNT
from engine.types import Contract, Money, Price, parse_symbol, product

OVER = frozenset({"closed", "settled", "settled_provisional"})
NEVER_HELD = frozenset({"working", "abandoned"})


class Slipped(msgspec.Struct, frozen=True, kw_only=True):
    """What fills cost against the mid of the quote they met.

    Attributes:
        cost: money; positive is worse than the mid. fills: how many could be measured. unknown: that met no quote.
    """

    cost: Money = 0
    fills: int = 0
    unknown: int = 0


class TradeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One trade that was filled. Times ns UTC; ``None`` where it has not happened, or is not known.

    Attributes:
        credit: received a package at entry, price units; negative for a debit.
        gross, net: before and after fees; ``None`` while it is open. deepest: the lowest it was marked at, fees off.
        why: what closed it, in words, in the order in which it happened.
    """

    trade_id: int
    strategy: str
    label: str
    status: str
    quantity: int
    credit: Price
    fees: Money
    gross: Money | None
    net: Money | None
    worst_case: Money
    entered: int | None
    left: int | None
    deepest: Money | None
    why: tuple[str, ...]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stood for a while, ns UTC; ``end`` is ``None`` where it stood to the end."""

    start: int
    end: int | None
    name: str
    text: str


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, ns UTC."""

    ts: int
    text: str


class DayReport(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its journal has it; money is net of fees where it does not say gross.

    Attributes:
        data: whose, in words. simulated: whether no market showed it, or no broker filled it.
        outcome: how its last run ended. runs: how many there were; each after the first is a restart.
        pnl, gross: of trades that are over. drawdown: the deepest fall of the day's P&L, minute marks at mid.
        provisional: whether an official close is still awaited.
        orders: by their last state. rejected, denied: with reasons, and how often.
        entry_slip, exit_slip: of opening and of closing fills. gaps: of the feed. breakers: that stood.
        differences: what was found to be otherwise at the broker. alarms: others. commands: of people.
    """

    session: str
    account: str
    day: dt.date
    roots: tuple[str, ...]
    mode: str
    data: str
    simulated: bool
    outcome: str
    runs: int
    restarts: tuple[str, ...]
    code: str
    config: str
    trades: tuple[TradeLine, ...]
    won: int
    still_open: int
    pnl: Money
    gross: Money
    fees: Money
    drawdown: Money
    provisional: bool
    orders: dict[str, int]
    rejected: dict[str, int]
    denied: dict[str, int]
    entry_slip: Slipped
    exit_slip: Slipped
    gaps: tuple[Span, ...]
    breakers: tuple[Span, ...]
    differences: tuple[Happening, ...]
    alarms: tuple[Happening, ...]
    commands: tuple[Happening, ...]


def read_report(reader: JournalReader, row: SessionRow) -> DayReport:
    """The report of a session of a journal. Raises ``JournalError``."""
    with reader.snapshot():
        return report_of(row, reader.runs(row.session), reader.records(row.session))


def report_of(row: SessionRow, runs: Sequence[RunRow], records: list[AnyRecord]) -> DayReport:
    """The same from what the journal holds of it."""
    trades = _trades(records)
    over = [trade for trade in trades if trade.net is not None]
    mode = runs[-1].mode if runs else ""
    invented = row.info.account == ACCOUNT or any(source.origin == "simulated" for source in row.info.provenance)
    entry, leaving = _slippage(records)
    return DayReport(
        session=row.name,
        account=row.info.account,
        day=row.info.day,
        roots=row.info.roots,
        mode=mode,
        data=", ".join(dict.fromkeys(source.label for source in row.info.provenance)) or "n/a",
        simulated=invented or mode not in ("paper", "live"),
        outcome=runs[-1].outcome if runs else "",
        runs=len(runs),
        restarts=tuple(run.started_at for run in runs[1:]),
        code=row.info.code_version,
        config=row.info.config_hash,
        trades=trades,
        won=sum((trade.net or 0) > 0 for trade in over),
        still_open=len(trades) - len(over),
        pnl=sum(trade.net or 0 for trade in over),
        gross=sum(trade.gross or 0 for trade in over),
        fees=sum(trade.fees for trade in trades),
        drawdown=max_drawdown(equity_path(records)),
        provisional=any(trade.status == "settled_provisional" for trade in trades),
        orders=_orders(records),
        rejected=_rejected(records),
        denied=_denied(records),
        entry_slip=entry,
        exit_slip=leaving,
        gaps=_gaps(records),
        breakers=_breakers(records),
        differences=_notices(records, "broker"),
        alarms=_notices(records, "", level="alarm", but=("broker", "risk", "feed")),
        commands=_commands(records),
    )


def _trades(records: Iterable[AnyRecord]) -> tuple[TradeLine, ...]:
    last: dict[int, TradeRecord] = {}
    fills: dict[int, list[int]] = {}
    settled: dict[int, int] = {}
    lows: dict[int, Money] = {}
    why: dict[int, dict[str, None]] = {}
    for record in records:
        match record:
            case TradeRecord():
                last[record.trade_id] = record
            case FillRecord():
                fills.setdefault(record.trade_id, []).append(record.ts)
            case SettlementRecord():
                settled.setdefault(record.trade_id, record.ts)
                why.setdefault(record.trade_id, {})["settled"] = None
            case MarkRecord() if record.pnl_mid is not None:
                lows[record.trade_id] = min(record.pnl_mid, lows.get(record.trade_id, record.pnl_mid))
            case ExitRecord():
                words = f"{record.scope} {record.trigger.replace('_', ' ')}"
                why.setdefault(record.trade_id, {})[words] = None
    return tuple(
        TradeLine(
            trade_id=trade_id,
            strategy=trade.strategy,
            label=trade.label,
            status=trade.status,
            quantity=trade.quantity,
            credit=trade.credit,
            fees=trade.fees,
            gross=trade.realised + trade.fees if trade.status in OVER and trade.realised is not None else None,
            net=trade.realised if trade.status in OVER else None,
            worst_case=trade.worst_case,
            entered=min(fills.get(trade_id, ()), default=None),
            left=_left(trade, fills.get(trade_id, []), settled.get(trade_id)),
            deepest=lows.get(trade_id),
            why=tuple(why.get(trade_id, ())),
        )
        for trade_id, trade in sorted(last.items())
        if trade.status not in NEVER_HELD
    )


def _left(trade: TradeRecord, fills: list[int], settled: int | None) -> int | None:
    if trade.status not in OVER:
        return None
    return settled if settled is not None else max(fills, default=None)


def _slippage(records: Iterable[AnyRecord]) -> tuple[Slipped, Slipped]:
    """Of opening fills and of closing ones; what no order of ours explains counts as closing."""
    kinds: dict[str, str] = {}
    found: dict[bool, list[Money | None]] = {True: [], False: []}
    for record in records:
        if isinstance(record, OrderRecord):
            kinds[record.client_order_id] = record.kind
        elif isinstance(record, FillRecord):
            found[kinds.get(record.client_order_id) == "open"].append(_slip(record))
    return _summed(found[True]), _summed(found[False])


def _slip(fill: FillRecord) -> Money | None:
    """What a fill cost against the mid it met, money; ``None`` where it met no quote of two sides."""
    if fill.bid is None or fill.ask is None:
        return None
    instrument = parse_symbol(fill.symbol)
    multiplier = product(instrument.root).multiplier if isinstance(instrument, Contract) else 1
    return fill.quantity * (2 * fill.price - fill.bid - fill.ask) * multiplier // 2


def _summed(slips: list[Money | None]) -> Slipped:
    known = [slip for slip in slips if slip is not None]
    return Slipped(cost=sum(known), fills=len(known), unknown=len(slips) - len(known))


def _orders(records: Iterable[AnyRecord]) -> dict[str, int]:
    states: dict[str, str] = {}
    for record in records:
        if isinstance(record, OrderRecord):
            states.setdefault(record.client_order_id, "new")
        elif isinstance(record, OrderEventRecord):
            states[record.client_order_id] = record.status
    return dict(sorted(Counter(states.values()).items()))


def _rejected(records: Iterable[AnyRecord]) -> dict[str, int]:
    words = (
        record.text or "no reason was given"
        for record in records
        if isinstance(record, OrderEventRecord) and record.status == "rejected"
    )
    return dict(Counter(words))


def _denied(records: Iterable[AnyRecord]) -> dict[str, int]:
    codes = (record.code for record in records if isinstance(record, DecisionRecord) and not record.approved)
    return dict(sorted(Counter(codes).items()))


def _gaps(records: Iterable[AnyRecord]) -> tuple[Span, ...]:
    """From when the feed said that it was not well until it said that it was."""
    found: list[Span] = []
    begun: NoticeRecord | None = None
    for record in records:
        if not isinstance(record, NoticeRecord) or record.source != "feed":
            continue
        if record.level != "info":
            begun = begun or record
        elif begun is not None:
            found.append(Span(start=begun.ts, end=record.ts, name="feed", text=begun.text))
            begun = None
    if begun is not None:
        found.append(Span(start=begun.ts, end=None, name="feed", text=begun.text))
    return tuple(found)


def _breakers(records: Iterable[AnyRecord]) -> tuple[Span, ...]:
    found: list[Span] = []
    standing: dict[str, BreakerRecord] = {}
    for record in records:
        if not isinstance(record, BreakerRecord):
            continue
        begun = standing.pop(record.name, None)
        if record.state == "ACTIVE":
            if begun is not None:
                found.append(Span(start=begun.ts, end=record.ts, name=record.name, text=begun.text))
        else:
            standing[record.name] = begun or record
    found += [Span(start=each.ts, end=None, name=name, text=each.text) for name, each in standing.items()]
    return tuple(sorted(found, key=lambda span: span.start))


def _notices(
    records: Iterable[AnyRecord], source: str, level: str = "", but: tuple[str, ...] = ()
) -> tuple[Happening, ...]:
    """Of one source, or of one level and all sources but some."""
    return tuple(
        Happening(ts=record.ts, text=f"{record.source}: {record.text}")
        for record in records
        if isinstance(record, NoticeRecord)
        and (not source or record.source == source)
        and (not level or record.level == level)
        and record.source not in but
    )


def _commands(records: Iterable[AnyRecord]) -> tuple[Happening, ...]:
    return tuple(
        Happening(
            ts=record.ts,
            text=" ".join(
                filter(
                    None,
                    (
                        record.kind.replace("_", " "),
                        f"#{record.trade_id}" if record.trade_id else "",
                        f"({record.text})" if record.text else "",
                        f"-> {record.outcome}" if record.outcome else "",
                    ),
                )
            ),
        )
        for record in records
        if isinstance(record, CommandRecord) and record.actor == "person"
    )
