"""Reads one path into its waiting place in the store: the part of an import that needs no other path's outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from engine.tape.daily import DailyTable
from engine.tape.dayfile import DayTable
from engine.tape.errors import ImportRefused, StoreError, in_utf8, one_line
from engine.tape.importers import Importer, ImportOptions, Item, LeftOut, Refused
from engine.tape.importers.base import ReadsBeside, joint_sha256, sha256_of
from engine.tape.ledger import Imported, Ledger, import_key
from engine.tape.looking import Found
from engine.tape.staging import Staging
from engine.tape.store import Store, Table, sound_hash

_TAKES_ZONE: Final = ("bars-csv", "index-bars", "long")
"""Formats whose times may come without a zone."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how it goes: of the share of the path read so far (0 to 1), and of each day or series read, by its
    name and how many rows it has."""

    share: Callable[[Found, float], None]
    table: Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one path.

    Attributes:
        about: what the ledger will say of it, its ``files`` still empty; ``None`` where it was not even read.
        stored: all of it has been in the store before; nothing of it waits.
        files: relative paths in the store of what waits, or of what is there, sorted.
        left_out, refused: parts of it.
        why: reason not to trust the path as a whole; empty if there is none.
        resumed: days that an interrupted import had read already.
    """

    about: Imported | None
    stored: bool = False
    files: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    refused: tuple[ImportRefused, ...] = ()
    why: str = ""
    resumed: int = 0


def read(
    store: Store, ledger: Ledger, found: Found, importer: Importer, options: ImportOptions, watch: Watch
) -> Reading:
    """Let everything in the path wait for its place in the store. Raises ``OSError`` where the store cannot be
    written; nothing of the path waits then."""
    if options.zone is not None and importer.name not in _TAKES_ZONE:
        return Reading(None, why=f"--zone has no meaning for the format {importer.name}")
    try:
        key = import_key(_sha256(found, importer), found.path, importer, options)
    except OSError as error:
        return Reading(None, why=f"cannot be read: {error.strerror}")
    about = Imported(
        key=key,
        path=in_utf8(str(found.path.absolute())),
        importer=importer.name,
        importer_version=importer.version,
        files={},
    )
    before = ledger.get(key)
    if before is not None and _is_stored(store, before):
        return Reading(about, stored=True, files=tuple(before.files))
    return _stage(Staging(store, about), about, found, importer, options, watch)


def _stage(
    staged: Staging, about: Imported, found: Found, importer: Importer, options: ImportOptions, watch: Watch
) -> Reading:
    left_out: list[LeftOut] = []
    refused: list[ImportRefused] = []
    why = ""
    done = staged.done()
    options = replace(options, done=done, progress=lambda share: watch.share(found, share))
    try:
        for item in _guarded(found.path, importer.read(found.path, options)):
            if isinstance(item, LeftOut):
                left_out.append(item)
            elif isinstance(item, Refused):
                refused.append(item.error)
            else:
                staged.begin()
                staged.save(item)
                watch.table(*_told(item))
    except (ImportRefused, StoreError) as error:
        why = str(error).removeprefix(f"{one_line(str(found.path))}: ")  # the path is in a column of its own
    except Exception:  # not ctrl+c, which may be resumed; a full disk is given its room back
        staged.discard()
        raise
    files = tuple(path.as_posix() for path in staged.files())
    return Reading(about, False, files, tuple(left_out), tuple(refused), why, len(done))


def _told(table: Table) -> tuple[str, int]:
    """Name and rows."""
    if isinstance(table, DailyTable):
        return f"{table.symbol} daily", len(table.rows)
    return f"{table.root if isinstance(table, DayTable) else table.symbol} {table.day}", len(table.columns)


def _is_stored(store: Store, entry: Imported) -> bool:
    """Whether all that a finished import gave is in the store as it was, and sound."""
    return all(sound_hash(store.path / path) == sha256 for path, sha256 in entry.files.items())


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
