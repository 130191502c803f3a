"""Where a session's records and inputs go: the journal, and the recording for audit replay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from engine.events import AnyEvent, Tick
from engine.journal import JournalError, JournalReader, JournalWriter, Progress, SessionInfo
from engine.session.given import given_path, write_given
from engine.session.playing import Given, Step
from engine.tape.recording import Recorder

log = logging.getLogger(__name__)


def recording_path(journal: Path, session: str, epoch: int) -> Path:
    """Where the inputs of one run of a session are recorded, beside the journal."""
    return journal.with_suffix(".inputs") / f"{session}.e{epoch}.events"


PRACTICE = "practice"
"""The mode of a session in which a person trades a day that is played, in the strategies' place or beside them."""


class Ledger:
    """Writes one session. After a jump back, what was written already is not written again.

    For an account (not for research) inputs are recorded for audit, and a session that was not played to its end stays
    open, to be continued; a practice session does not, for what comes next is another day of the account.

    Attributes:
        session: its number in the journal.
        order_epoch: goes into client order ids: how many runs the account has had that day, or what ``epoch_of`` makes
            of that number. 0 in research, where the same day is played many times and must give the same ids.
        written: number of the last event that was journalled.
    """

    def __init__(
        self,
        writer: JournalWriter,
        info: SessionInfo,
        *,
        mode: str,
        speed: float,
        for_account: bool,
        resume: int | None = None,
        epoch_of: Callable[[int], int] | None = None,
    ) -> None:
        self._epoch_of = epoch_of
        self._writer = writer
        self._info = info
        self._mode = mode
        self._speed = speed
        self._for_account = for_account
        self._recorder: Recorder | None = None
        self._recording_problem = ""
        self.written = 0
        self.order_epoch = 0
        self.next_epoch()
        self._run_epoch = 0
        if resume is None:
            self.session = writer.begin_session(info, mode=mode, speed=speed)
        else:
            self.session = resume
            self._run_epoch = writer.resume(resume, mode=mode, speed=speed)
        self._open_recording()

    def next_epoch(self) -> None:
        """Take the epoch of the account's next run of the day."""
        if self._for_account:
            with JournalReader(self._writer.path) as reader:
                runs = reader.runs_of_day(self._info.account, self._info.day)
            self.order_epoch = runs if self._epoch_of is None else self._epoch_of(runs)

    @property
    def name(self) -> str:
        """The session's name in the journal."""
        with JournalReader(self._writer.path) as reader:
            return reader.session(self.session).name

    def _open_recording(self) -> None:
        self.written = 0
        if not self._for_account:
            return
        path = recording_path(self._writer.path, self.name, self._run_epoch)
        if path.exists():  # of a journal that was deleted: kept, under another name
            path.rename(path.with_suffix(f".orphan-{path.stat().st_mtime_ns}"))
        try:
            self._recorder = Recorder(path)
        except OSError as error:
            self._stop_recording(error)

    def record_input(self, seq: int, event: AnyEvent) -> None:
        """Record an event before the engine sees it."""
        if self._recorder is None or seq <= self.written:
            return
        try:
            self._recorder.write(event)
        except OSError as error:
            self._stop_recording(error)

    def _stop_recording(self, error: OSError) -> None:
        self._recording_problem = f"the session's inputs are recorded no more, it cannot be audited: {error.strerror}"
        log.error("%s", self._recording_problem)
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None

    def append(self, tick: Tick) -> bool:
        """Journal what an event led to; whether it is certain to be on disk.

        Nobody waits for the disk but an order that is to be sent: its intent must be there before it leaves.
        """
        if tick.seq <= self.written:
            return True
        self.written = tick.seq
        self._writer.append(tick.records, Progress(ts=tick.now, seq=tick.seq))
        if any(request.action == "submit" for request in tick.outbox):
            self.flush()
        return self._writer.failure is None

    @property
    def problem(self) -> str:
        """What cannot be written now, or empty. What waits for the journal is written once it can be again."""
        return self._recording_problem if self._writer.failure is None else str(self._writer.failure)

    def flush(self) -> None:
        """Return once everything is on disk, or known not to be."""
        with suppress(JournalError):
            self._writer.flush()

    @property
    def mode(self) -> str:
        """Of the session that is written now."""
        return self._mode

    def keep_given(self, given: Sequence[Given]) -> None:
        """Keep the commands of a session whose inputs are not recorded, so that it can be played again with them."""
        if not self._for_account:
            write_given(given_path(self._writer.path, self.name), given)

    def branch(self, past: Sequence[Step], mode: str | None = None) -> None:
        """Go on as a new session with the same past, that says which one it branches off; in another mode, if given."""
        self._writer.end_session("rewound" if mode in (None, self._mode) else f"left for {mode}")
        self._mode = mode or self._mode
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None
        self._info = msgspec.structs.replace(self._info, branch_of=self.session)
        self.session = self._writer.begin_session(self._info, mode=self._mode, speed=self._speed)
        self._run_epoch = 0
        self._open_recording()
        for step in past:
            self.record_input(step.tick.seq, step.event)
        for step in past:
            self._writer.append(step.tick.records, Progress(ts=step.tick.now, seq=step.tick.seq))
            self.written = step.tick.seq
        self.flush()

    def finish(self, outcome: str, day_is_over: bool) -> None:
        """The run has ended; how, in a word. Raises ``JournalError`` where that cannot be written."""
        if self._recorder is not None:
            self._recorder.close()
        if self._for_account and not day_is_over and self._mode != PRACTICE:
            self._writer.stop(outcome)
        else:
            self._writer.end_session(outcome)
