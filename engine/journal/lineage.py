"""A journal and the archives that its older sessions were moved to: one chain over several files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from engine.journal.anchors import Anchor
from engine.journal.reader import JournalReader
from engine.journal.verify import Step, Verdict, verify

ARCHIVE_FOLDER = "archive"
"""Beside the journal, unless another one was given."""


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """A journal's verdict, and those of its archives that were looked at, the newest first.

    Attributes:
        absent: names of archives that were not found.
        problems: of the seams between files, and of heads that were to be in the chain.
        proven: heads that were asked for and found.
    """

    journal: Verdict
    archives: tuple[Verdict, ...]
    absent: tuple[str, ...]
    problems: tuple[str, ...]
    proven: int

    @property
    def sound(self) -> bool:
        """Whether nothing speaks against any of it."""
        return not self.problems and all(each.sound for each in (self.journal, *self.archives))


def verify_lineage(
    path: Path,
    anchors: Sequence[Anchor] = (),
    *,
    archives: bool = False,
    folder: Path | None = None,
    step: Step | None = None,
) -> Lineage:
    """Verify a journal; its archives too, where that is asked for or a head lies before what the journal holds.

    Args:
        anchors: heads that were kept; each must be in the chain, at its link.
        folder: where archives lie; ``archive`` beside the journal by default.

    Raises ``JournalError`` where the journal, or an archive that is there, is no journal at all.
    """
    heads = {anchor.head for anchor in anchors}
    journal = verify(path, heads, step)
    seen = dict(journal.seen)
    before = [anchor for anchor in anchors if anchor.head not in seen and _lies_before(anchor, journal)]
    looked_at: list[Verdict] = []
    absent: list[str] = []
    problems: list[str] = []
    if archives or before:
        after = journal
        for name in archive_names(path):
            found = find_archive(path, name, folder)
            if found is None:
                absent.append(name)
                continue
            verdict = verify(found, heads, step)
            looked_at.append(verdict)
            seen |= verdict.seen
            if after.base.links == verdict.head.links and after.base != verdict.head:
                problems.append(f"{verdict.path} ends with another head than {after.path} begins after")
            after = verdict
    problems += _unproven(anchors, seen, absent)
    if archives:
        problems += [f"the archive {name} is not there: say where it lies with --archive-dir" for name in absent]
    proven = sum(anchor.head in seen and anchor.links in (None, seen[anchor.head]) for anchor in anchors)
    return Lineage(
        journal=journal, archives=tuple(looked_at), absent=tuple(absent), problems=tuple(problems), proven=proven
    )


def archive_names(path: Path) -> list[str]:
    """The files that sessions of this journal were moved to, the newest first."""
    with JournalReader(path) as reader:
        return [name for (name,) in reader.raw().execute("SELECT file FROM archives ORDER BY links DESC")]


def find_archive(journal: Path, name: str, folder: Path | None = None) -> Path | None:
    """Where an archive lies, or None. Only its last name counts: a journal leads nowhere else."""
    places = [folder] if folder is not None else [journal.resolve().parent / ARCHIVE_FOLDER, journal.resolve().parent]
    found = (place / Path(name).name for place in places)
    return next((path for path in found if path.is_file()), None)


def _lies_before(anchor: Anchor, journal: Verdict) -> bool:
    return journal.base.links > 0 and (anchor.links is None or anchor.links <= journal.base.links)


def _unproven(anchors: Iterable[Anchor], seen: dict[str, int], absent: Sequence[str]) -> list[str]:
    problems = []
    for anchor in anchors:
        link = seen.get(anchor.head)
        if link is None:
            where = f", nor in an archive; {', '.join(absent)} not looked at" if absent else ""
            why = "rows up to it were changed or removed, or it is of another journal"
            problems.append(f"{anchor}: not in the chain{where}: {why}")
        elif anchor.links is not None and link != anchor.links:
            problems.append(f"{anchor}: it is the head of link {link}, not of link {anchor.links}")
    return problems
