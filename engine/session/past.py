"""A session of a journal as something to play again: its own day, configuration, commands and marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.config import Config, ConfigError, with_trading
from engine.events import AnyEvent, BrokerReport, BrokerState, Command, Restore, SessionStart, Timer
from engine.journal import JournalReader, SessionRow, is_written
from engine.session.given import given_path, read_given
from engine.session.ledger import recording_path
from engine.session.playing import Given
from engine.session.source import Source, TapeSource
from engine.types import Provenance
from engine.view import Mark
from engine.view.marks import mark_of

if TYPE_CHECKING:
    from engine.tape import Store


class NotReplayable(ValueError):
    """Why a session cannot be played again, in one line."""


class Past(NamedTuple):
    """A session of a journal: the commands given in it and its marks, known to its end."""

    row: SessionRow
    given: tuple[Given, ...]
    marks: tuple[Mark, ...]


class Reopened(NamedTuple):
    """What a past session is played with."""

    config: Config
    source: Source
    past: Past


@dataclass(frozen=True)
class RecordedSource:
    """The market of a session as it reached the engine then; timers and commands come from who plays it."""

    path: Path
    row: SessionRow

    @property
    def day(self) -> dt.date:
        """The trading day."""
        return self.row.info.day

    @property
    def roots(self) -> tuple[str, ...]:
        """Option roots it brings."""
        return self.row.info.roots

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """One label a root, as the session had them."""
        return self.row.info.provenance[: len(self.roots)]

    @property
    def close_provenance(self) -> tuple[Provenance, ...]:
        """The session's other labels."""
        return self.row.info.provenance[len(self.roots) :]

    @cached_property
    def grace(self) -> int:
        """How long the session's timers waited, ns; 0 where its start does not say. Raises ``StoreError``."""
        start = next((event for event in self.events() if isinstance(event, SessionStart)), None)
        return 0 if start is None else start.grace

    def events(self) -> Iterator[AnyEvent]:
        """The day from the start. Raises ``StoreError`` for a recording that is gone or damaged."""
        from engine.tape.recording import read_recording

        return (event for event in read_recording(self.path) if not isinstance(event, Timer | Command))


def reopen(config: Config, store: Store, journal: Path, row: SessionRow) -> Reopened:
    """A session of ``journal`` with its own source and settings.

    Raises ``NotReplayable`` where it still runs, where its settings or inputs are no more, or have changed.
    """
    if row.status == "open" and is_written(journal):
        raise NotReplayable(f"session {row.name} is still running: watch it there, or replay it once it has ended")
    try:
        traded = with_trading(config, row.info.config_text)
    except ConfigError as error:
        raise NotReplayable(f"the settings of session {row.name} are no longer understood: {error}") from None
    recording = recording_path(journal, row.name, 0)
    with JournalReader(journal) as reader:
        records = reader.records(row.session)
        runs = reader.runs(row.session)
    marks = tuple(mark for record in records if (mark := mark_of(record)) is not None)
    if runs and runs[0].mode in ("replay", "practice", "backtest") and not recording.exists():
        try:
            given = read_given(given_path(journal, row.name))
        except ValueError as error:
            raise NotReplayable(str(error)) from None
        return Reopened(traded, _tape(store, row), Past(row, tuple(given), marks))
    if row.epochs > 1:
        raise NotReplayable(f"session {row.name} was restarted {row.epochs - 1} times: only whole runs can be replayed")
    return Reopened(traded, RecordedSource(recording, row), Past(row, _recorded(recording, row), marks))


def _recorded(path: Path, row: SessionRow) -> tuple[Given, ...]:
    """The commands of a recording, each with its place among the events."""
    from engine.tape import StoreError
    from engine.tape.recording import read_recording

    given: list[Given] = []
    try:
        for seq, event in enumerate(read_recording(path), 1):
            if isinstance(event, Command):
                given.append(Given(seq, event))
            elif isinstance(event, BrokerReport | BrokerState | Restore):
                raise NotReplayable(f"session {row.name} traded at a broker outside: what it said is not played again")
    except StoreError as error:
        raise NotReplayable(f"the inputs of session {row.name} are gone or damaged: {error}") from None
    return tuple(given)


def _tape(store: Store, row: SessionRow) -> TapeSource:
    """The stored day a session was played on, unchanged."""
    from engine.tape import StoreError

    info = row.info
    if not info.provenance:
        raise NotReplayable(f"session {row.name} does not say whose data it was played on")
    label = info.provenance[0]
    source = TapeSource(store, info.roots[0], info.day, label.source)
    try:
        found = source.provenance[0]
    except StoreError as error:
        raise NotReplayable(f"the day of session {row.name} is no longer in the store: {error}") from None
    if found != label:
        was, now = label.sha256[:12] or "without a hash", found.sha256[:12] or "without a hash"
        raise NotReplayable(
            f"the stored day of session {row.name} ({info.roots[0]} {info.day}, {label.source}) has changed since: "
            f"it was {was} and is {now}; replay the day itself with: zdte-tui replay {info.day} --root {info.roots[0]} "
            f"--source {label.source}"
        )
    return source
