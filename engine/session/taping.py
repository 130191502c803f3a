"""A session's recordings into the day store: the market as it streamed becomes one day a root.

An account's sessions of one day are parts of one day: what the first had before it was killed, and the next after it.
A session on a simulated market stands alone, for each begins that market anew, and its day is labelled simulated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from engine.calendar import NotASession, Session, session
from engine.clock import SECOND
from engine.config import Config, data_dir
from engine.journal import JournalReader, SessionRow
from engine.session.ledger import recording_path
from engine.session.streamed import Day, Streamed
from engine.tape import DayEntry, DayTable, Store, StoreError
from engine.tape.importers.flags import day_flags
from engine.tape.lock import StoreLock
from engine.tape.silence import Silence, silences
from engine.tape.store import relative_path, sound_hash
from engine.tape.trust import INDICATIVE
from engine.types import Provenance, product

IMPORTER: Final = "recorder"
VERSION: Final = 1
SOURCE: Final = "recorded"
_NAMED: Final = 6  # silences that flags name, the longest

Share = Callable[[float], None]
"""Hears which share of the work is done, 0 to 1."""


class Taped(NamedTuple):
    """What became of a root's day.

    Attributes:
        result: ``new``, ``replaced`` and ``unchanged`` as the store says; ``kept``: what another session recorded of
            the day covers more of it, and stays; ``nothing``: no price of the root came.
        rows, instants: how many the day has.
        silences: where it is silent.
        nudged: rows known a nanosecond later than they were.
    """

    root: str
    result: Literal["new", "replaced", "unchanged", "kept", "nothing"]
    path: Path
    rows: int = 0
    instants: int = 0
    silences: tuple[Silence, ...] = ()
    nudged: int = 0


class _Part(NamedTuple):
    """A recording of a session."""

    row: SessionRow
    path: Path


def tape_session(
    config: Config, journal: Path, row: SessionRow, *, source: str = SOURCE, share: Share | None = None
) -> list[Taped]:
    """Put the market that a session of ``journal`` has recorded into the store, one day a root of it.

    Whole or not at all, and the same again changes nothing: call it when a session has ended, and again when it was
    continued. It takes the store's lock.

    Raises ``StoreError`` for recordings that are gone or damaged, and where a simulated day would replace one of the
    market; ``StoreBusy`` while somebody else writes the store, ``OSError`` where it cannot be written.
    """
    parts = _parts(journal, row)
    store = Store(data_dir(config))
    with StoreLock(store.path):
        return _Taping(store, row, parts, source, share).run()


def untaped(config: Config, journal: Path, account: str, *, source: str = SOURCE) -> list[SessionRow]:
    """Sessions of an account on a real market that are not on the tape as far as they are recorded: those that were
    killed. The last one of each day, for ``tape_session`` takes in those before it. Raises ``JournalError``."""
    with JournalReader(journal) as reader:
        rows = [row for row in reader.sessions() if row.info.account == account]
    store, found = Store(data_dir(config)), dict[tuple[object, ...], SessionRow]()
    for row in rows:
        if not row.info.provenance or _is_simulated(row):
            continue
        parts = _parts_of(journal, [other for other in rows if _same_market(other, row)])
        if parts and any(_is_behind(store, row, root, source, parts) for root in row.info.roots):
            found[row.info.day, row.info.roots] = row
    return list(found.values())


def _is_behind(store: Store, row: SessionRow, root: str, source: str, parts: Sequence[_Part]) -> bool:
    entry = next(iter(store.days(root, row.info.day, row.info.day, source)), None)
    if entry is None or entry.header is None or entry.header.provenance.origin == "simulated":
        return True
    told = set(entry.header.provenance.note.partition(";")[0].split())  # see ``_label``
    ours = any(part.row.name in told for part in parts)
    return ours and entry.header.counts.get("recorded_bytes") != _size(parts)


def _is_simulated(row: SessionRow) -> bool:
    return any(label.origin == "simulated" for label in row.info.provenance)


def _same_market(one: SessionRow, other: SessionRow) -> bool:
    """Whether what two sessions recorded are parts of one day."""
    if one.session == other.session:
        return True
    same = (one.info.account, one.info.day) == (other.info.account, other.info.day)
    return same and not _is_simulated(one) and not _is_simulated(other) and bool(one.info.provenance)


def _parts(journal: Path, row: SessionRow) -> list[_Part]:
    with JournalReader(journal) as reader:
        rows = [other for other in reader.sessions() if _same_market(other, row) and other.session <= row.session]
    parts = _parts_of(journal, rows)
    if not any(part.row.session == row.session for part in parts):
        raise StoreError(
            f"session {row.name} has no recording: there is no {recording_path(journal, row.name, 0)}; sessions of an "
            "account record their inputs, replays and backtests do not"
        )
    return parts


def _parts_of(journal: Path, rows: Sequence[SessionRow]) -> list[_Part]:
    """The recordings that are there, in the order in which they were made."""
    ordered = sorted(rows, key=lambda row: row.session)
    every = (
        _Part(row, recording_path(journal, row.name, epoch)) for row in ordered for epoch in range(max(1, row.epochs))
    )
    return [part for part in every if part.path.exists()]


def _size(parts: Sequence[_Part]) -> int:
    return sum(part.path.stat().st_size for part in parts)


class _Taping:
    """One session's recordings on their way."""

    def __init__(self, store: Store, row: SessionRow, parts: Sequence[_Part], source: str, share: Share | None) -> None:
        self._store, self._row, self._parts, self._source = store, row, parts, source
        self._share = share
        try:
            self._of: Session = session(row.info.day)
        except NotASession as error:
            raise StoreError(f"session {row.name}: {error}") from None
        if len(row.info.provenance) < len(row.info.roots):
            raise StoreError(f"session {row.name} does not say whose data it was played on")
        self._sizes = {part.path: part.path.stat().st_size for part in parts}
        self._sha256 = _sha256(parts)

    def run(self) -> list[Taped]:
        labels = dict(zip(self._row.info.roots, self._row.info.provenance, strict=False))
        before = {root: self._before(root, label) for root, label in labels.items()}
        if all(entry is not None and self._is_it(entry) for entry in before.values()):
            return [self._unchanged(root, entry) for root, entry in before.items() if entry is not None]
        streamed = Streamed(self._read)
        for part in self._parts:
            streamed.read(part.path)
        streamed.end(self._of.close)
        return [self._tape(streamed, root, label, before[root]) for root, label in labels.items()]

    def _tape(self, streamed: Streamed, root: str, label: Provenance, before: DayEntry | None) -> Taped:
        others = {product(other).underlying for other in self._row.info.roots} - {product(root).underlying}
        day = streamed.of(root, others, last=root == self._row.info.roots[-1])
        if day is None:
            return Taped(root, "nothing", self._store.path)
        close = self._of.product_close(root)
        table, silent = self._table(root, label, day, streamed, close)
        path = self._store.path / relative_path(table)
        if before is not None and self._silent_for(before, close) < sum(each.end - each.start for each in silent):
            return Taped(root, "kept", path)
        saved = self._store.save_day(table)
        columns = day.framed.columns
        return Taped(root, saved, path, len(columns), len(columns.starts()), tuple(silent), day.framed.counts["nudged"])

    def _table(
        self, root: str, label: Provenance, day: Day, streamed: Streamed, close: int
    ) -> tuple[DayTable, list[Silence]]:
        columns = day.framed.columns
        instants = columns.ts_known[columns.starts()]
        silent = silences(day.heard, instants, self._of, close)
        counts = {
            **streamed.counts,
            **day.framed.counts,
            "before_open": int((columns.ts_known <= self._of.open).sum()),
            "after_close": int((columns.ts_known > close).sum()),
            "silences": len(silent),
            "silent_seconds": round(sum(each.end - each.start for each in silent) / SECOND),
            "recorded_bytes": sum(self._sizes.values()),
        }
        table = DayTable(
            root=root,
            day=self._of.day,
            provenance=self._label(label),
            importer=IMPORTER,
            importer_version=VERSION,
            columns=columns,
            counts={name: count for name, count in counts.items() if count},
            flags=_flags(self._of, silent, int(instants[-1]), close) + _doubts(label),
            heard=day.heard,
        )
        return table, silent

    def _label(self, label: Provenance) -> Provenance:
        names = " ".join(dict.fromkeys(part.row.name for part in self._parts))
        runs = f", {len(self._parts)} runs" if len(self._parts) > 1 else ""
        note = f"as it streamed to {names} {runs and f'({runs[2:]})'}".rstrip()
        return Provenance(
            source=self._source,
            origin="simulated" if label.origin == "simulated" else "recorded",
            meaning=label.meaning,
            sha256=self._sha256,
            note=f"{note}; {label.source}{f': {label.note}' if label.note else ''}",
        )

    # What is there

    def _before(self, root: str, label: Provenance) -> DayEntry | None:
        """The sound day in its place. Raises ``StoreError`` where that is of a market, and this one is simulated."""
        day = self._row.info.day
        entry = next(iter(self._store.days(root, day, day, self._source)), None)
        if entry is None or entry.header is None:
            return None
        was = entry.provenance.origin
        if was != "simulated" and label.origin == "simulated":
            raise StoreError(
                f"{root} {day} {self._source} is of the market, and session {self._row.name} is simulated: give it "
                "another name with --source"
            )
        if (was == "simulated") != (label.origin == "simulated") or sound_hash(entry.path) is None:
            return None
        return entry

    def _is_it(self, entry: DayEntry) -> bool:
        header = entry.header
        assert header is not None
        made = header.importer, header.importer_version
        return header.provenance.sha256 == self._sha256 and made == (IMPORTER, VERSION)

    def _unchanged(self, root: str, entry: DayEntry) -> Taped:
        assert entry.header is not None
        counts = entry.header.counts
        silent = self._silences(entry, self._of.product_close(root))
        return Taped(root, "unchanged", entry.path, counts["rows"], counts["minutes"], tuple(silent))

    def _silent_for(self, entry: DayEntry, close: int) -> int:
        return sum(each.end - each.start for each in self._silences(entry, close))

    def _silences(self, entry: DayEntry, close: int) -> list[Silence]:
        """Those of a stored day; of one that no session recorded the whole day is silent."""
        if self._store.heard(entry) is None:
            return [Silence(self._of.open, close, "not recorded")]
        return self._store.open(entry, ()).silences()

    def _read(self, path: Path, at: int) -> None:
        if self._share is not None:
            paths = [part.path for part in self._parts]
            done = sum(self._sizes[each] for each in paths[: paths.index(path)])
            self._share(min(1.0, (done + at) / max(1, sum(self._sizes.values()))))


def _flags(of: Session, silent: Sequence[Silence], last: int, close: int) -> tuple[str, ...]:
    """``late_start:10:12``, and ``gap:11:02:13-11:05:40`` for the longest silences, in order."""
    flags = list(day_flags(of, last, {}, min(close, of.close)))
    gaps = [each for each in silent if not each.why.startswith(("began late", "ended early"))]
    flags += [f"late_start:{each.span.partition('-')[2]}" for each in silent if each.why.startswith("began late")]
    longest = sorted(gaps, key=lambda each: each.start - each.end)[:_NAMED]
    flags += [f"gap:{each.span}" for each in sorted(longest)]
    flags += [f"gaps:{len(gaps)}"] if len(gaps) > _NAMED else []
    return tuple(flags)


def _doubts(label: Provenance) -> tuple[str, ...]:
    """What speaks against quotes of a source from the start."""
    return (INDICATIVE,) if label.source.endswith(INDICATIVE) else ()


def _sha256(parts: Sequence[_Part]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        try:
            with part.path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise StoreError(f"cannot read the recorded inputs {part.path}: {error.strerror}") from None
    return digest.hexdigest()
