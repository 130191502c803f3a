"""Audit replay: the recorded inputs of a session through a new engine must give the records the journal holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine.core import Engine
from engine.events import AnyRecord, IntentRecord, OrderRecord, SignalRecord
from engine.journal import JournalReader, SessionRow
from engine.session.ledger import recording_path
from engine.tape.recording import read_recording


class Audit(NamedTuple):
    """What an audit found. ``difference`` is empty where every record was reproduced."""

    session: str
    epochs: int
    events: int
    records: int
    signals: int
    intents: int
    orders: int
    difference: str


def audit(journal: Path, row: SessionRow, make_engine: Callable[[], Engine]) -> Audit:
    """Replay every epoch of a session up to what was committed, and compare with the journal, record by record."""
    with JournalReader(journal) as reader:
        written = reader.records(row.session)
        runs = reader.runs(row.session)
    again: list[AnyRecord] = []
    events = 0
    for run in runs:
        if run.progress is None:
            continue
        engine = make_engine()
        for event in read_recording(recording_path(journal, row.name, run.epoch)):
            if engine.state.seq >= run.progress.seq:
                break
            again += engine.process(event).records
            events += 1
    kinds = {
        kind: sum(isinstance(record, kind) for record in again) for kind in (SignalRecord, IntentRecord, OrderRecord)
    }
    return Audit(
        row.name,
        len(runs),
        events,
        len(again),
        kinds[SignalRecord],
        kinds[IntentRecord],
        kinds[OrderRecord],
        _difference(written, again),
    )


def _difference(written: list[AnyRecord], again: list[AnyRecord]) -> str:
    for n, (old, new) in enumerate(zip(written, again, strict=False)):
        if old != new:
            return f"record {n + 1}: the journal has {old}, the replay {new}"
    if len(written) != len(again):
        return f"the journal has {len(written)} records, the replay {len(again)}"
    return ""
