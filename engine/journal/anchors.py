"""Heads of the chain, kept elsewhere: printed as JSON lines, and read again to be looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from engine.journal.errors import JournalError
from engine.journal.verify import DayHead

_HEAD = re.compile(r"[0-9a-fA-F]{64}")
_MOST = 10_000_000


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """A head that was kept. ``links``: how many there were up to it; ``account`` and ``day`` say of what it was."""

    head: str
    links: int | None = None
    account: str = ""
    day: str = ""

    def __str__(self) -> str:
        of = f" of {self.account} {self.day}".rstrip() if self.account or self.day else ""
        return f"the head {self.head[:12]}...{of}"


_decoder = msgspec.json.Decoder(Anchor)


def anchor_of(text: str) -> Anchor:
    """A bare hash as an anchor; raises ``ValueError`` for anything else."""
    if not _HEAD.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a head: 64 hexadecimal digits, as `zdte-tui journal heads` prints them")
    return Anchor(head=text.lower())


def anchor_lines(days: Iterable[DayHead]) -> Iterator[bytes]:
    """The heads of days as JSON lines, which ``read_anchors`` reads."""
    for day in days:
        yield msgspec.json.encode(day) + b"\n"


def read_anchors(path: Path) -> list[Anchor]:
    """The heads in a file: JSON lines, or bare hashes, one a line. Raises ``JournalError`` naming the line."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST)
    except OSError as error:
        raise JournalError(f"cannot read the heads in {path}: {error.strerror}") from None
    found = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if not text:
            continue
        try:
            found.append(_anchor(text))
        except ValueError as error:
            raise JournalError(f"{path}, line {number}: {error}") from None
    if not found:
        raise JournalError(f"{path} holds no heads: `zdte-tui journal heads` prints them")
    return found


def _anchor(text: str) -> Anchor:
    if not text.startswith("{"):
        return anchor_of(text)
    anchor = _decoder.decode(text)
    return msgspec.structs.replace(anchor, head=anchor_of(anchor.head).head)
