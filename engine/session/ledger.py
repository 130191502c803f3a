"""Where a session's records and inputs go: the journal, and the recording for audit replay. Or nowhere."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from engine.events import AnyEvent, Tick
from engine.journal import JournalError, JournalReader, JournalWriter, Progress, SessionInfo
from engine.tape.recording import Recorder


def recording_path(journal: Path, session: str, epoch: int) -> Path:
    """Where the inputs of one epoch of a session are recorded, beside the journal."""
    return journal.with_suffix(".inputs") / f"{session}.e{epoch}.events"


class Ledger:
    """Writes one session. After a jump back, what was written already is not written again.

    For an account (not for research) inputs are recorded for audit, and ``append`` returns only once the records are on
    disk: nobody is shown what a kill could still undo.
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
    ) -> None:
        self._writer = writer
        self._info = info
        self._mode = mode
        self._speed = speed
        self._for_account = for_account
        self._epoch = 0
        self._recorder: Recorder | None = None
        self._written = 0
        if resume is None:
            self.session = writer.begin_session(info, mode=mode, speed=speed)
        else:
            self.session = resume
            self._epoch = writer.resume(resume, mode=mode, speed=speed)
        self._open_recording()

    @property
    def name(self) -> str:
        """The session's name in the journal."""
        with JournalReader(self._writer.path) as reader:
            return reader.session(self.session).name

    def _open_recording(self) -> None:
        self._written = 0
        if self._for_account:
            self._recorder = Recorder(recording_path(self._writer.path, self.name, self._epoch))

    def record_input(self, seq: int, event: AnyEvent) -> None:
        """Record an event before the engine sees it."""
        if self._recorder is not None and seq > self._written:
            self._recorder.write(event)

    def append(self, tick: Tick) -> None:
        """Journal what an event led to."""
        if tick.seq > self._written:
            self._written = tick.seq
            self._writer.append(tick.records, Progress(ts=tick.now, seq=tick.seq))
            if self._for_account and tick.records and self._writer.failure is None:
                with suppress(JournalError):  # ``problem`` tells, and what waits is tried again
                    self._writer.flush()

    @property
    def problem(self) -> str:
        """Why the journal cannot be written now, or empty. What waits is written once it can be again."""
        return "" if self._writer.failure is None else str(self._writer.failure)

    def flush(self) -> None:
        """Return once everything is on disk."""
        self._writer.flush()

    def branch(self) -> None:
        """Go on as a new session that says which one it branches off."""
        self._writer.end_session("rewound")
        if self._recorder is not None:
            self._recorder.close()
        self._info = msgspec.structs.replace(self._info, branch_of=self.session)
        self.session = self._writer.begin_session(self._info, mode=self._mode, speed=self._speed)
        self._epoch = 0
        self._open_recording()

    def finish(self, outcome: str, day_is_over: bool) -> None:
        """The session has ended: completed or stopped by a person; or it failed or was interrupted, and stays open."""
        if self._recorder is not None:
            self._recorder.close()
        if outcome in ("failed", "interrupted") and not day_is_over:
            self._writer.stop(outcome)
        else:
            self._writer.end_session(outcome)
