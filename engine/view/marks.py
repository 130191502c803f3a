"""Which records are marks on the timeline, and what they say there."""

from __future__ import annotations

from engine.events import AnyRecord, CommandRecord, SignalRecord, TradeRecord
from engine.view.model import Mark

MARKED = {"entering", "stop", "double stop", "skipped"}
"""Signals that are marked; what a strategy says each minute is not."""


def mark_of(record: AnyRecord) -> Mark | None:
    """The mark of a record, or None where it has none."""
    match record:
        case SignalRecord() if record.kind in MARKED:
            return Mark(record.ts, record.kind, f"{record.key} {record.kind}")
        case CommandRecord():
            return Mark(record.ts, "command", record.kind)
        case TradeRecord() if record.status in ("open", "closed", "settled"):
            return Mark(record.ts, "trade", f"#{record.trade_id} {record.label} {record.status}")
    return None
