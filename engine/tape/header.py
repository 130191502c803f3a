"""The label a stored file carries in its metadata: what it is, where it comes from, what was counted."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec
import numpy as np

from engine.types import Provenance

FORMAT_VERSION: Final = 4
"""1: without a seal of the file's bytes. 2: with one for all of them, values packed by zstd. Both are read, no longer
written. 3: what is imported. 4: a recorded day, with what its session heard beside prices."""

PLAIN_VERSION: Final = 3

METADATA_KEY: Final = b"zdte"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What day files and daily series have in common.

    Attributes:
        version: of the file's layout.
        provenance: source, origin, what a price means, hash of the source file.
        importer, importer_version: who wrote it.
        counts: what was counted on the way in (rows, crossed, after_close ...).
        flags: what a reader must know of this day, such as ``half_day``.
        sha256: of this header (without this field) and of all values.
    """

    version: int = PLAIN_VERSION
    provenance: Provenance
    importer: str
    importer_version: int
    counts: dict[str, int]
    flags: tuple[str, ...] = ()
    sha256: str = ""


class DayHeader(Header, frozen=True, kw_only=True, tag="day", tag_field="kind"):
    """The label of one (root, day, source)."""

    root: str
    day: dt.date


class UnderlyingHeader(Header, frozen=True, kw_only=True, tag="underlying", tag_field="kind"):
    """The label of one (symbol, day, source): bars or values of an index or a fund, without options."""

    symbol: str
    day: dt.date


class DailyHeader(Header, frozen=True, kw_only=True, tag="daily", tag_field="kind"):
    """The label of one symbol's daily series from one source."""

    symbol: str
    first: dt.date
    last: dt.date


H = TypeVar("H", bound=Header)


def to_json(header: Header) -> bytes:
    """The header as JSON, the same bytes for the same header."""
    return msgspec.json.encode(header, order="deterministic")


def sealed(header: H, values: Iterable[tuple[str, bytes | np.ndarray[tuple[int], np.dtype[np.integer]]]]) -> H:
    """The header with ``sha256`` over itself and the named values, arrays as little-endian bytes."""
    digest = hashlib.sha256(to_json(msgspec.structs.replace(header, sha256="")))
    for name, value in values:
        data = value if isinstance(value, bytes) else np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"))
        digest.update(f"\n{name}:{len(value)}\n".encode())
        digest.update(data if isinstance(data, bytes) else data.data)
    return msgspec.structs.replace(header, sha256=digest.hexdigest())
