"""Records as lines for people: what the log pane and the headless output say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from msgspec.structs import replace

from engine.core import A_STOP
from engine.events import (
    AnyRecord,
    BreakerRecord,
    CommandRecord,
    DecisionRecord,
    ExitRecord,
    FillRecord,
    NoticeRecord,
    OrderEventRecord,
    SettlementRecord,
    SignalRecord,
    TradeRecord,
)
from engine.types import Contract, Price, dollars_text, parse_symbol, product
from engine.view.model import Level


class Line(NamedTuple):
    """How loud, from whom, and what."""

    level: Level
    source: str
    text: str


def net_text(price: Price | None) -> str:
    """A signed net price as a trader says it; None is a market order."""
    if price is None:
        return "at market"
    return f"{price_text(abs(price))} {'credit' if price < 0 else 'debit'}"


def price_text(price: Price | None) -> str:
    """A price with two places, or four where it has more than cents."""
    return dollars_text(price, 2 if price is None or price % 100 == 0 else 4)


def short_symbol(symbol: str) -> str:
    """``5300P`` for an option's symbol."""
    instrument = parse_symbol(symbol)
    return instrument.short_name if isinstance(instrument, Contract) else symbol


def _order_words(record: OrderEventRecord) -> str:
    """How an order stands, and its limit; a market order that is over, or a stop, is not "at market"."""
    status = record.status.replace("_", " ")
    if record.limit is None and (record.status in ("cancelled", "expired") or record.text.startswith(A_STOP)):
        return status
    return f"{status} {net_text(record.limit)}"


def _for_shares(record: SettlementRecord) -> str:
    """What the amount was paid for, where it was not cash that settled."""
    contract = parse_symbol(record.symbol)
    physical = isinstance(contract, Contract) and product(contract.root).settlement == "physical"
    return " for shares at the strike" if physical and record.amount else ""


def as_told(records: Iterable[AnyRecord]) -> Iterator[AnyRecord]:
    """``records`` as people are told them: fills of one leg at one instant and price, contract by contract as Alpaca's
    come, are one of their sum."""
    for same, those in groupby(records, _fill_of):
        if same is None:
            yield from those
        else:
            first, *more = (each for each in those if isinstance(each, FillRecord))
            yield replace(
                first,
                quantity=sum((each.quantity for each in more), first.quantity),
                fee=first.fee + sum(each.fee for each in more),
            )


def _fill_of(record: AnyRecord) -> tuple[object, ...] | None:
    """What fills that are told together have in common; None for what is no fill."""
    if not isinstance(record, FillRecord):
        return None
    bought = record.quantity > 0
    return record.seq, record.ts, record.client_order_id, record.symbol, bought, record.price, record.bid, record.ask


def line_of(record: AnyRecord) -> Line | None:
    """The line a record deserves, or None where another record says it already."""
    match record:
        case SignalRecord():
            level: Level = "alarm" if record.kind == "double stop" else "info"
            return Line(level, record.strategy, f"{record.root} {record.key} {record.kind}: {record.text}")
        case DecisionRecord() if not record.approved:
            return Line("warning", "risk", f"denied {record.code}: {record.text}")
        case OrderEventRecord() if record.status in ("cancelled", "rejected", "expired", "sent") or record.text:
            why = f": {record.text}" if record.text else ""
            level = "warning" if record.status == "rejected" else "info"
            return Line(level, "order", f"{record.client_order_id} {_order_words(record)}{why}")
        case FillRecord():
            side = "bought" if record.quantity > 0 else "sold"
            quote = f"{price_text(record.bid)} x {price_text(record.ask)}"
            what = f"{side} {abs(record.quantity)} {short_symbol(record.symbol)} at {price_text(record.price)}"
            return Line("info", "fill", f"#{record.trade_id} {what} (quote {quote})")
        case TradeRecord() if record.realised is not None:
            result = dollars_text(record.realised, sign=True)
            status = record.status.replace("settled_provisional", "settled, PROVISIONAL")
            return Line("info", "trade", f"#{record.trade_id} {record.label} {status}: {result} net")
        case ExitRecord():
            return Line("warning", "exit", f"#{record.trade_id} {record.scope} {record.trigger}: {record.text}")
        case SettlementRecord():
            word = " PROVISIONAL" if record.provisional else ""
            came = f"{dollars_text(record.amount, sign=True)}{_for_shares(record)}{word}"
            return Line("info", "settle", f"#{record.trade_id} {short_symbol(record.symbol)} {came}")
        case CommandRecord() if record.kind != "alarm":  # which is a notice already
            if record.kind == "note" and record.actor == "engine":
                bad = record.text.startswith(("check warn", "check fail"))
                return Line("warning" if bad else "info", record.actor, record.text)
            words = f" ({record.text})" if record.text else ""
            level = "warning" if record.outcome.startswith(("refused", "denied")) else "info"
            return Line(level, record.actor, f"{record.kind}: {record.outcome}{words}")
        case BreakerRecord():
            lifted = record.state == "ACTIVE"
            name = f"{record.name} lifted" if lifted else f"{record.name} {record.state}"
            return Line("info" if lifted else "warning", "risk", f"{name}: {record.text}")
        case NoticeRecord():
            return Line(record.level, record.source, record.text)
    return None
