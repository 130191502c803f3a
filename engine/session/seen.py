"""What a session that was cut off had seen of its market, from the inputs it recorded."""

from __future__ import annotations

from pathlib import Path

from engine.events import AnyEvent, ChainBatch, DailyClose, FeedStatus, Listing, Restore
from engine.journal import JournalReader
from engine.session.ledger import recording_path
from engine.tape import StoreError
from engine.tape.recording import read_recording

_MARKET = (ChainBatch, DailyClose, FeedStatus, Listing)


def seen_before(journal: Path, session: int) -> tuple[AnyEvent, ...]:
    """The market's events in the order in which they came, of the newest run whose recording has all of the day.

    Each run records what it caught up with, too; one cut off in the middle of that has less than the run before.
    """
    with JournalReader(journal) as reader:
        name, runs = reader.session(session).name, reader.runs(session)
    for run in reversed(runs):
        try:
            events = list(read_recording(recording_path(journal, name, run.epoch)))
        except StoreError:
            continue
        if run.epoch == 0 or any(isinstance(event, Restore) for event in events):
            return tuple(event for event in events if isinstance(event, _MARKET))
    return ()
