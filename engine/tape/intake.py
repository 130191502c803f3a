"""Brings files into the store: each whole or not at all, none twice, and again from where it was cut off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from engine.tape import staging
from engine.tape.errors import ImportRefused, StoreError, in_utf8, one_line
from engine.tape.importers import Importer, ImportOptions, Item, LeftOut, Refused
from engine.tape.importers.base import ReadsBeside, joint_sha256, sha256_of
from engine.tape.ledger import Imported, Ledger, import_key
from engine.tape.looking import Found
from engine.tape.staging import Staging
from engine.tape.store import Saved, Store, Table, sound_hash

_TAKES_ZONE: Final = ("bars-csv", "index-bars", "long")
"""Formats whose times may come without a zone."""

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


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how it goes: of the share of the path read so far (0 to 1), and of each day or series read."""

    share: Callable[[Found, float], None]
    table: Callable[[Table], None]


class Intake:
    """Imports paths into ``store``, whose lock the caller holds.

    Args:
        options: what a person said; ``done`` and ``progress`` are filled in here.
        resume: go on with what an interrupted import left, rather than remove it.

    Attributes:
        cleaned: paths whose half-read days were removed, because nobody asked to resume them.
    """

    def __init__(self, store: Store, options: ImportOptions, watch: Watch, *, resume: bool = False) -> None:
        self._store, self._options, self._watch, self._resume = store, options, watch, resume
        self._ledger = Ledger(store.path)
        self._given: dict[str, Path] = {}
        staging.recover(store, self._ledger)
        self.cleaned = [] if resume else staging.clean(store)

    def run(self, found: Sequence[Found]) -> Iterator[Outcome]:
        """One outcome a path, in order. Raises ``OSError`` where the store cannot be written."""
        for one in found:
            if one.problem:
                yield Outcome(one, "refused", one.problem)
            elif one.importer is None:
                yield (
                    Outcome(one, "left out", one.left_out) if one.left_out else Outcome(one, "not recognised", one.hint)
                )
            else:
                yield self._bring(one, one.importer)

    def _bring(self, found: Found, importer: Importer) -> Outcome:
        if self._options.zone is not None and importer.name not in _TAKES_ZONE:
            return Outcome(found, "refused", f"--zone has no meaning for the format {importer.name}")
        try:
            key = import_key(_sha256(found, importer), found.path, importer, self._options)
        except OSError as error:
            return Outcome(found, "refused", f"cannot be read: {error.strerror}")
        before = self._ledger.get(key)
        if before is not None and self._is_stored(before):
            taken = self._claim(found, before.files)
            self._watch.share(found, 1.0)
            if taken is not None:
                return Outcome(found, "refused", taken)
            told: Counter[Saved] = Counter({"unchanged": len(before.files)})
            return Outcome(found, "unchanged", files=tuple(before.files), saved=told)
        about = Imported(
            key=key,
            path=in_utf8(str(found.path.absolute())),
            importer=importer.name,
            importer_version=importer.version,
            files={},
        )
        return self._read(found, importer, Staging(self._store, about))

    def _is_stored(self, entry: Imported) -> bool:
        """Whether all that a finished import gave is in the store as it was, and sound."""
        return all(sound_hash(self._store.path / path) == sha256 for path, sha256 in entry.files.items())

    def _read(self, found: Found, importer: Importer, staged: Staging) -> Outcome:
        left_out: list[LeftOut] = []
        refused: list[ImportRefused] = []
        done = staged.done()
        options = replace(self._options, done=done, progress=lambda share: self._watch.share(found, share))
        try:
            for item in _guarded(found.path, importer.read(found.path, options)):
                if isinstance(item, LeftOut):
                    left_out.append(item)
                elif isinstance(item, Refused):
                    refused.append(item.error)
                else:
                    staged.begin()
                    path = staged.save(item)
                    self._watch.table(item)
                    if self._taken(found, path):
                        raise ImportRefused(found.path, self._taken(found, path))
            files = [path.as_posix() for path in staged.files()]
            taken = self._claim(found, files)
            if taken is not None:
                raise ImportRefused(found.path, taken)
        except (ImportRefused, StoreError) as error:
            staged.discard()
            return Outcome(found, "refused", _without_path(error, found.path))
        except Exception:  # not ctrl+c, which may be resumed; a full disk is given its room back
            staged.discard()
            raise
        self._watch.share(found, 1.0)
        if not files:
            staged.discard()
            if refused:
                return Outcome(found, "refused", str(refused[0]), left_out=tuple(left_out), refused=tuple(refused))
            why = "; ".join(dict.fromkeys(part.why for part in left_out)) or "there is nothing in it to store"
            return Outcome(found, "left out", why, left_out=tuple(left_out))
        saved = staged.commit(self._ledger, complete=not refused)
        return Outcome(found, "imported", "", tuple(files), saved, tuple(left_out), tuple(refused), len(done))

    def _taken(self, found: Found, path: Path) -> str:
        """Why a file of the store cannot come from this path: another one of this run has given it; empty if it can."""
        other = self._given.get(path.as_posix(), found.path)
        if other == found.path:
            return ""
        return f"gives {_told(path)}, as {one_line(other.name)} has done: give one of them another name with --source"

    def _claim(self, found: Found, files: Iterable[str]) -> str | None:
        for name in files:
            why = self._taken(found, Path(name))
            if why:
                return why
        self._given.update(dict.fromkeys(files, found.path))
        return None


def _guarded(path: Path, items: Iterator[Item]) -> Iterator[Item]:
    """What the importer hands out; an error in reading is a refusal, and no error of the store's."""
    while True:
        try:
            item = next(items)
        except StopIteration:
            return
        except FileNotFoundError as error:
            raise ImportRefused(path, f"{error.filename or error}: is gone") from None
        except OSError as error:
            raise ImportRefused(path, f"cannot be read: {error.strerror or error}") from None
        yield item


def _sha256(found: Found, importer: Importer) -> str:
    """Hash of everything that decides what the path gives."""
    if found.files == (found.path,):
        beside = importer.beside(found.path) if isinstance(importer, ReadsBeside) else ()
        if not beside:
            return sha256_of(found.path)
        return joint_sha256({file.name: sha256_of(file) for file in (found.path, *beside)})
    return joint_sha256({file.relative_to(found.path).as_posix(): sha256_of(file) for file in found.files})


def _without_path(error: Exception, path: Path) -> str:
    """The path is in a column of its own."""
    return str(error).removeprefix(f"{one_line(str(path))}: ")


def _told(path: Path) -> str:
    day, source = path.name.split(".")[:2]
    return (
        f"{day} daily of source {source}" if path.parts[0] == "daily" else f"{path.parts[1]} {day} of source {source}"
    )
