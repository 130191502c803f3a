"""What the engine's records tell: fills, rejects, denials, stops, trades that are over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from engine.alerts.model import Kind, Raised
from engine.alerts.settings import Settings
from engine.events import (
    AnyRecord,
    CommandRecord,
    DecisionRecord,
    ExitRecord,
    FillRecord,
    IntentRecord,
    NoticeRecord,
    OrderEventRecord,
    TradeRecord,
)
from engine.types import Contract, dollars_text, parse_symbol, product

_OF_OTHERS = frozenset({"risk", "feed"})
"""Whose alarms are told as breakers and as the feed's state."""
_OVER = frozenset({"closed", "settled", "settled_provisional"})
_STOPS = frozenset({"stop", "double stop"})
_REFUSED = "refused: "
"""How the outcome of a command begins that did nothing."""


def news(records: Iterable[AnyRecord], settings: Settings) -> Iterator[Raised]:
    """What the records of one event, or of several in their order, are to be told; fills of an event are one."""
    for _, of_event in groupby(records, key=lambda record: record.seq):
        yield from _event(tuple(of_event), settings)


def _event(records: tuple[AnyRecord, ...], settings: Settings) -> Iterator[Raised]:
    by_hand = {each.intent_id for each in records if isinstance(each, IntentRecord) and each.actor == "person"}
    fills: dict[int, list[FillRecord]] = {}
    for fill in records:
        if isinstance(fill, FillRecord):
            fills.setdefault(fill.trade_id, []).append(fill)
    for trade_id, of_trade in fills.items():
        last = of_trade[-1]
        yield from _raised(settings, last, "fill", _filled(trade_id, of_trade), last.client_order_id, trade_id)
    for record in records:
        match record:
            case OrderEventRecord() if record.status == "rejected":
                why = record.text or "no reason was given"
                yield from _raised(settings, record, "rejected", f"order {record.client_order_id} rejected: {why}", why)
            case DecisionRecord() if not record.approved and record.intent_id in by_hand:
                text = f"your order was denied, {record.code}: {record.text}"
                yield from _raised(settings, record, "denied", text, record.code)
            case CommandRecord() if record.actor == "person" and record.outcome.startswith(_REFUSED):
                why, of = record.outcome.removeprefix(_REFUSED), f" of #{record.trade_id}" if record.trade_id else ""
                text = f"your {record.kind.replace('_', ' ')}{of} was refused: {why}"
                yield from _raised(settings, record, "denied", text, f"{record.kind} {why}", record.trade_id)
            case ExitRecord() if record.trigger in _STOPS:
                text = f"#{record.trade_id} stop fired, {record.scope}: {record.text}"
                yield from _raised(settings, record, "stop_fired", text, record.scope, record.trade_id)
            case TradeRecord() if record.realised is not None and record.status in _OVER:
                status = record.status.replace("settled_provisional", "settled, PROVISIONAL")
                result = dollars_text(record.realised, sign=True)
                text = f"#{record.trade_id} {record.label} {status}: {result} net"
                yield from _raised(settings, record, "closed", text, record.status, record.trade_id, record.root)
            case NoticeRecord() if record.level == "alarm" and record.source not in _OF_OTHERS:
                yield from _raised(settings, record, "engine", f"{record.source}: {record.text}", record.text)


def _filled(trade_id: int, fills: list[FillRecord]) -> str:
    """What an event's fills of a trade came to: contracts of each leg, and the net cash before fees."""
    legs: dict[str, int] = {}
    cash = 0
    for fill in fills:
        legs[fill.symbol] = legs.get(fill.symbol, 0) + fill.quantity
        instrument = parse_symbol(fill.symbol)
        multiplier = product(instrument.root).multiplier if isinstance(instrument, Contract) else 1
        cash -= fill.quantity * fill.price * multiplier
    parts = [f"{'bought' if many > 0 else 'sold'} {abs(many)} {_short(symbol)}" for symbol, many in legs.items()]
    return f"#{trade_id} filled: {', '.join(parts)}; {'received' if cash >= 0 else 'paid'} ${dollars_text(abs(cash))}"


def _short(symbol: str) -> str:
    instrument = parse_symbol(symbol)
    return instrument.short_name if isinstance(instrument, Contract) else symbol


def _raised(
    settings: Settings, record: AnyRecord, kind: Kind, text: str, about: str, trade_id: int = 0, root: str = ""
) -> Iterator[Raised]:
    level = settings.level(kind)
    if level is not None:
        key = f"{kind} {trade_id} {about}"
        yield Raised(ts=record.ts, key=key, kind=kind, level=level, text=text, root=root, trade_id=trade_id)
