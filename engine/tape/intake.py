"""Brings files into the store: each whole or not at all, none twice, and again from where it was cut off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from engine.tape import staging
from engine.tape.bringing import Reading, Watch, read
from engine.tape.errors import ImportRefused, one_line
from engine.tape.importers import Importer, ImportOptions, LeftOut
from engine.tape.ledger import Ledger
from engine.tape.looking import Found
from engine.tape.staging import Staging
from engine.tape.store import Saved, Store
from engine.tape.workers import read_by_many

__all__ = ["Intake", "Outcome", "Watch"]

Result = Literal["imported", "unchanged", "refused", "left out", "not recognised"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one path.

    Attributes:
        why: of a refusal, of what was left out as a whole, or what to do about a file that is not recognised.
        files: relative paths in the store of the days and series it gave.
        saved: how many of them were new, replaced, unchanged.
        left_out: parts that are not imported by design, and why.
        refused: files of a folder that were not trusted, while the others went in.
        resumed: days that an interrupted import had read already.
    """

    found: Found
    result: Result
    why: str = ""
    files: tuple[str, ...] = ()
    saved: Counter[Saved] = field(default_factory=Counter)
    left_out: tuple[LeftOut, ...] = ()
    refused: tuple[ImportRefused, ...] = ()
    resumed: int = 0

    @property
    def failed(self) -> bool:
        """Whether something that a person asked for did not go in."""
        asked = self.result == "not recognised" and self.found.named
        return self.result == "refused" or bool(self.refused) or asked


class Intake:
    """Imports paths into ``store``, whose lock the caller holds.

    Args:
        options: what a person said; ``done`` and ``progress`` are filled in here.
        resume: go on with what an interrupted import left, rather than remove it.
        jobs: processes that read; what they have read moves in one path after the other, so the outcome is the same.

    Attributes:
        cleaned: paths whose half-read days were removed, because nobody asked to resume them.
    """

    def __init__(
        self, store: Store, options: ImportOptions, watch: Watch, *, resume: bool = False, jobs: int = 1
    ) -> None:
        self._store, self._options, self._watch, self._jobs = store, options, watch, jobs
        self._ledger = Ledger(store.path)
        self._given: dict[str, Path] = {}
        staging.recover(store, self._ledger)
        self.cleaned = [] if resume else staging.clean(store)

    def run(self, found: Sequence[Found]) -> Generator[Outcome]:
        """One outcome a path, in order. Raises ``OSError`` where the store cannot be written, ``WorkerLost`` where a
        process has died."""
        ordered = self._readings([(one, one.importer) for one in found if one.importer and not one.problem])
        try:
            with closing(ordered):
                yield from (self._outcome(one, ordered) for one in found)
        finally:
            staging.tidy(self._store)

    def _outcome(self, found: Found, readings: Iterator[Reading]) -> Outcome:
        if found.problem:
            return Outcome(found, "refused", found.problem)
        if found.importer is None and found.left_out:
            return Outcome(found, "left out", found.left_out)
        if found.importer is None:
            return Outcome(found, "not recognised", found.hint)
        outcome = self._settle(found, next(readings))
        self._watch.share(found, 1.0)
        return outcome

    def _readings(self, paths: Sequence[tuple[Found, Importer]]) -> Generator[Reading]:
        if self._jobs > 1 and len(paths) > 1:
            yield from read_by_many(self._store, paths, self._options, self._watch, self._jobs)
            return
        for found, importer in paths:
            yield read(self._store, self._ledger, found, importer, self._options, self._watch)

    def _settle(self, found: Found, reading: Reading) -> Outcome:
        """Move in what waits, unless something speaks against it."""
        if reading.about is None:
            return Outcome(found, "refused", reading.why)
        staged = Staging(self._store, reading.about)
        why = self._taken(found, reading.files) or reading.why
        if why:
            staged.discard()
            return Outcome(found, "refused", why)
        self._given.update(dict.fromkeys(reading.files, found.path))
        if reading.stored:
            told: Counter[Saved] = Counter({"unchanged": len(reading.files)})
            return Outcome(found, "unchanged", files=reading.files, saved=told)
        outcome = Outcome(found, "imported", "", reading.files, left_out=reading.left_out, refused=reading.refused)
        if not reading.files:
            staged.discard()
            if reading.refused:
                return replace(outcome, result="refused", why=str(reading.refused[0]))
            reasons = "; ".join(dict.fromkeys(part.why for part in reading.left_out))
            return replace(outcome, result="left out", why=reasons or "there is nothing in it to store")
        saved = staged.commit(self._ledger, complete=not reading.refused)
        return replace(outcome, saved=saved, resumed=reading.resumed)

    def _taken(self, found: Found, files: Iterable[str]) -> str:
        """Why files of the store cannot come from this path: another one of this run has given them; empty if not."""
        for name in files:
            other = self._given.get(name, found.path)
            if other != found.path:
                told = f"gives {_told(Path(name))}, as {one_line(other.name)} has done"
                return f"{told}: give one of them another name with --source"
        return ""


def _told(path: Path) -> str:
    day, source = path.name.split(".")[:2]
    return (
        f"{day} daily of source {source}" if path.parts[0] == "daily" else f"{path.parts[1]} {day} of source {source}"
    )
