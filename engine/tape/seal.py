"""What tells that a stored file is as it was written: a digest of each column, and one of all else.

The seal stands in the file's own footer, under a key whose place is known, and is taken as zeros where the footer is
hashed. Since every column has its own, whoever reads two columns checks those two and the footer, and nothing else.
A file of format 2 has a single digest, of all its bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

SEAL_KEY: Final = b"zdte-seal"
_DIGEST: Final = 64  # letters of SHA-256 in hex
_MARK: Final = SEAL_KEY + b"\x18"
_MAGIC: Final = b"PAR1"


class Layout(NamedTuple):
    """Where the bytes of a file are: ``chunks`` of each column, first and behind the last, and where the ``footer``
    begins, which reaches to the end."""

    chunks: tuple[tuple[int, int], ...]
    footer: int


def layout(metadata: Any, size: int, footer: int) -> Layout | None:
    """The layout of a file of ``size`` bytes as its Parquet ``metadata`` tells it; ``None`` where columns and footer
    are not all there is, once each."""
    if metadata.num_row_groups != 1:
        return None
    group, chunks, at = metadata.row_group(0), [], len(_MAGIC)
    for number in range(metadata.num_columns):
        column = group.column(number)
        start = column.dictionary_page_offset or column.data_page_offset
        if start != at:
            return None
        at = start + column.total_compressed_size
        chunks.append((start, at))
    return Layout(tuple(chunks), footer) if at == footer <= size else None


def blank(columns: int) -> bytes:
    """What stands in the place of a seal until the file is written."""
    return b"0" * (_DIGEST * (columns + 1))


def seal(data: bytes, of: Layout) -> bytes:
    """The file with its seal in the place of a blank one."""
    place = _place(data, of.footer)
    assert place is not None
    at = place[0]
    columns = "".join(hashlib.sha256(data[start:end]).hexdigest() for start, end in of.chunks).encode()
    data = data[: at + _DIGEST] + columns + data[at + _DIGEST + len(columns) :]
    return data[:at] + _rest(memoryview(data), of.footer, at) + data[at + _DIGEST :]


def is_sealed_by_column(data: bytearray, footer: int) -> bool | None:
    """Whether the footer, which begins there, is as it was sealed; ``None`` where it has no seal, or that of format 2.

    To be asked before the footer is read: what reads it may fall over one that is damaged.
    """
    place = _place(data, footer)
    if place is None or place[1] == 1:
        return None
    at = place[0]
    return data[: len(_MAGIC)] == _MAGIC and data[at : at + _DIGEST] == _rest(memoryview(data), footer, at)


def columns_hold(data: bytearray, of: Layout, columns: list[int]) -> bool:
    """Whether those columns are as they were sealed, by their numbers; others need not be in ``data``."""
    place = _place(data, of.footer)
    if place is None or place[1] != len(of.chunks) + 1:
        return False
    view = memoryview(data)
    for column in columns:
        start, end = of.chunks[column]
        told = place[0] + _DIGEST * (column + 1)
        if hashlib.sha256(view[start:end]).hexdigest().encode() != view[told : told + _DIGEST]:
            return False
    return True


def whole_holds(data: bytearray, footer: int) -> bool:
    """The same for a file of format 2, with its one digest of all bytes."""
    place = _place(data, footer)
    return place is not None and data[place[0] : place[0] + _DIGEST] == _rest(memoryview(data), 0, place[0])


def _place(data: bytes | bytearray, footer: int) -> tuple[int, int] | None:
    """Where the seal is, and how many digests it has; ``None`` where there is none."""
    # Thrift's compact protocol: the key, the kind of the next field, its length in groups of seven bits, its text.
    at = data.rfind(_MARK, footer) + len(_MARK)
    if at < len(_MARK):
        return None
    length = shift = 0
    while at < len(data) and shift < 28:
        length |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return (at, length // _DIGEST) if length and not length % _DIGEST else None
    return None


def _rest(data: memoryview, start: int, at: int) -> bytes:
    """Digest of the bytes from ``start`` to the end; what it will itself be, at ``at``, is taken as zeros."""
    digest = hashlib.sha256(data[start:at])
    digest.update(b"0" * _DIGEST)
    digest.update(data[at + _DIGEST :])
    return digest.hexdigest().encode()
