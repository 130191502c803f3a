"""What the journal says about sessions and runs, as values."""

from __future__ import annotations

import datetime as dt

import msgspec

from engine.types import Money, Provenance


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is, known when it begins.

    Attributes:
        roots: option roots that are traded, in the configuration's order.
        provenance: one label a source of data.
        config_text: the trading part of the configuration as JSON; ``config_hash`` is its hash.
        code_version: of the program.
        seed: of the market simulator, where there is one; fits 63 bits.
        branch_of: the session (its number in this journal) whose rewinding started this one.
    """

    account: str
    day: dt.date
    roots: tuple[str, ...]
    provenance: tuple[Provenance, ...]
    config_text: str
    config_hash: str
    code_version: str
    seed: int | None = None
    branch_of: int | None = None

    @property
    def stem(self) -> str:
        """The session's name without its ordinal: ``main-2024-08-07-SPXW``."""
        return f"{self.account}-{self.day.isoformat()}-{'+'.join(self.roots)}"


class Progress(msgspec.Struct, frozen=True):
    """How far a run has come: the engine's time (ns UTC) and the number of the last event committed."""

    ts: int
    seq: int


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it stands in the journal.

    Attributes:
        session: its number in this journal; it means nothing elsewhere.
        status: ``open`` until it was ended; an open one may be resumed.
        epochs: how often it was started; the epoch of its latest run is one less.
    """

    session: int
    name: str
    status: str
    epochs: int
    info: SessionInfo


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """One start of the program on a session. Times are the wall clock's, ISO UTC; nothing here is canonical.

    Attributes:
        speed: seconds of market a second; 0 is as fast as possible.
        outcome: ``running``, what ``end_session`` or ``stop`` gave, or ``interrupted`` where a restart found it
            still running.
        progress: None before the first commit.
    """

    run: int
    session: int
    epoch: int
    started_at: str
    ended_at: str | None
    mode: str
    speed: float
    host: str
    pid: int
    python: str
    outcome: str
    progress: Progress | None


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A session's trades in figures; money in units of 1e-4 dollars.

    Attributes:
        trades: that were filled, open ones included; neither working nor abandoned ones.
        wins: trades that are over and ended above zero, fees taken off.
        pnl: realised, net of fees, of the trades that are over.
        fees: of all trades, open ones included.
        worst: the smallest realised result of a trade; None while none is over.
        provisional: whether a result still waits for an official close.
    """

    trades: int = 0
    open: int = 0
    wins: int = 0
    pnl: Money = 0
    fees: Money = 0
    worst: Money | None = None
    provisional: bool = False
