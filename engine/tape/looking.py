"""Which importer reads what of the paths a person names: files as they are, folders by looking into them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.tape.errors import ImportRefused
from engine.tape.importers import IMPORTERS, FolderImporter, Importer, sniff
from engine.tape.recording import MAGIC

_BESIDE: Final = re.compile(
    r"(readme|licen[cs]e|copying|notice|authors|changelog|changes|citation|makefile)([._-].*)?"
    r"|.*\.(md|rst|pdf|html?|png|jpe?g|svg|py|ipynb|sh|toml|ya?ml|sha256|md5|log)",
    re.IGNORECASE,
)
_PACKED: Final = {
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7z",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A file, or a folder whose files belong together, and who reads it.

    Attributes:
        importer: ``None`` where nobody recognises it.
        files: the file itself, or all files of the folder that its importer covers, sorted.
        size: of those files, bytes.
        named: whether a person named it, rather than a folder it lies in.
        left_out: why it is not looked at, such as a README, which is no market data.
        problem: why it cannot be looked at.
        hint: what could be done about a file that nobody recognises.
    """

    path: Path
    importer: Importer | None
    files: tuple[Path, ...]
    size: int
    named: bool
    left_out: str = ""
    problem: str = ""
    hint: str = ""


def look(paths: Sequence[Path], store: Path, name: str | None = None) -> list[Found]:
    """What there is at ``paths``, in sorted order a path, nothing twice; hidden files and the store itself aside.

    With the ``name`` of a format a file named is of that format, and of a folder only what looks like it is taken.
    Raises ``FileNotFoundError`` where there is nothing, ``ImportRefused`` for an empty folder.
    """
    wanted = [IMPORTERS[name]] if name else list(IMPORTERS.values())
    found: list[Found] = []
    seen: set[str] = set()
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(path)
        if path.is_dir():
            inside = list(_folder(path, wanted, store.resolve()))
            if name and isinstance(wanted[0], FolderImporter) and not any(one.importer for one in inside):
                inside = [_whole(path, wanted[0], sorted(_files(path)), named=True)]  # it says best what is missing
            if not inside:
                raise ImportRefused(path, "there is no file in it")
        else:
            inside = [_file(path, wanted, sure=name is not None, named=True)]
        for one in inside:
            real = {os.path.realpath(file) for file in one.files}  # of a link that leads to itself too
            if not real <= seen:
                seen |= real
                found.append(one)
    return found


def _folder(top: Path, wanted: list[Importer], store: Path) -> Iterator[Found]:
    takers = [importer for importer in wanted if isinstance(importer, FolderImporter)]
    taken: list[tuple[Path, FolderImporter]] = []
    closed: list[OSError] = []
    for folder, names, files in os.walk(top, onerror=closed.append):
        here = Path(folder)
        if here.resolve() == store:
            names.clear()
            continue
        names[:] = sorted(name for name in names if not name.startswith("."))
        inside = [here / name for name in sorted(files) if not name.startswith(".")]
        for link in (here / name for name in names if (here / name).is_symlink()):
            yield Found(link, None, (link,), 0, False, left_out="a link to a folder: name it to have it imported")
        for taker in takers:
            if not any(taker.covers(over, here) for over, taker in taken) and taker.sniff(here):
                covered = sorted(file for file in _files(here) if taker.covers(here, file))
                if covered:
                    taken.append((here, taker))
                    yield _whole(here, taker, covered, named=here == top)
        for file in inside:
            if not any(taker.covers(over, file) for over, taker in taken if file.is_relative_to(over)):
                yield _file(file, wanted, sure=False, named=False)
    for error in closed:
        path = Path(error.filename)
        yield Found(path, None, (path,), 0, False, problem=f"cannot be read: {error.strerror}")


def _whole(folder: Path, taker: FolderImporter, files: Sequence[Path], *, named: bool) -> Found:
    return Found(folder, taker, tuple(files), sum(map(_size, files)), named)


def _files(folder: Path) -> Iterator[Path]:
    for here, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield from (Path(here) / name for name in files if not name.startswith("."))


def _file(path: Path, wanted: list[Importer], *, sure: bool, named: bool) -> Found:
    size = _size(path)
    try:
        if not path.is_file():
            problem = "a link to nothing" if path.is_symlink() else "not a regular file"
            return Found(path, None, (path,), 0, named, problem=problem)
        with path.open("rb"):
            pass
    except OSError as error:
        return Found(path, None, (path,), size, named, problem=f"cannot be read: {error.strerror}")
    if _BESIDE.fullmatch(path.name) and not (named and sure):
        return Found(path, None, (path,), size, named, left_out="not market data")
    importer = wanted[0] if sure else sniff(path, wanted)
    return Found(path, importer, (path,), size, named, hint="" if importer else _packed(path))


def _packed(path: Path) -> str:
    """That a file is packed, or a session's recording, in words; empty for one that is neither."""
    with path.open("rb") as file:
        start = file.read(max(len(MAGIC), *map(len, _PACKED)))
    kind = next((name for magic, name in _PACKED.items() if start.startswith(magic)), "")
    if start.startswith(MAGIC):
        # It says nothing of whose data it holds: the journal does.
        return f"what a session recorded: bring it in with: zdte-tui data tape {path.name.split('.')[0]}"
    return f"packed by {kind}: unpack it first, of packed tables only .gz is read" if kind else ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
