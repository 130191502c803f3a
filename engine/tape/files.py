"""Parquet files with a header, written whole or not at all, and read with one clear line for a bad one."""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.tape.errors import StoreError
from engine.tape.header import FORMAT_VERSION, METADATA_KEY, Header, to_json
from engine.tape.seal import SEAL_KEY, Layout, blank, columns_hold, is_sealed_by_column, layout, seal, whole_holds
from engine.types import MISSING

H = TypeVar("H", bound=Header)
Table = Any

_NULL: Final = pa.Array.from_buffers(pa.int32(), 1, [None, pa.py_buffer(np.int32(MISSING).tobytes())])[0]
_MANY_VALUES: Final = ("volume", "buy_volume")
_TAIL: Final = 1 << 16
"""Bytes read at once from the end of a file, in the hope that all of the footer is among them."""
_LENGTH: Final = struct.Struct("<I4s")  # the footer's, and the mark that ends a Parquet file


def to_bytes(table: Table, header: Header, beside: Mapping[bytes, bytes] | None = None) -> bytes:
    """An arrow table and its header as the bytes of a Parquet file, in one row group, sealed; ``beside`` the header
    other metadata.

    Columns of few different values, which are all but the volumes, are words of a dictionary; a column without nulls
    says so, and is read faster for it. Measured in docs/data.md.
    """
    fields = [field.with_nullable(table.column(field.name).null_count > 0) for field in table.schema]
    table = table.cast(pa.schema(fields))
    words = [field.name for field in fields if field.name not in _MANY_VALUES and _is_of_words(table, field)]
    buffer = BytesIO()
    with pq.ParquetWriter(
        buffer,
        table.schema,
        compression="lz4",
        use_dictionary=words,
        dictionary_pagesize_limit=1 << 26,
        version="2.6",
    ) as writer:
        writer.write_table(table, row_group_size=max(1, table.num_rows))
        metadata = {METADATA_KEY: to_json(header), **(beside or {}), SEAL_KEY: blank(table.num_columns)}
        writer.add_key_value_metadata(metadata)
    data = buffer.getvalue()
    footer = len(data) - _LENGTH.size - _LENGTH.unpack_from(data, len(data) - _LENGTH.size)[0]
    where = layout(pq.read_metadata(pa.BufferReader(data)), len(data), footer)
    assert where is not None
    return seal(data, where)


def _is_of_words(table: Table, field: Any) -> bool:
    """Whether a column has few different values; of one of times, whether they come in runs of four rows or more."""
    if not pa.types.is_timestamp(field.type):
        return True
    values = table.column(field.name).cast(pa.int64()).to_numpy()
    return int(np.count_nonzero(np.diff(values))) < int(table.num_rows) // 4


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put ``data`` at ``path``: to a temporary name, flushed to disk, renamed. A kill leaves the old file or the new;
    so does a failing of the power, if it is ``durable``.

    Raises ``OSError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    if durable:
        sync(path.parent)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on disk. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_header(path: Path, kind: type[H]) -> H:
    """The header alone, which nobody has changed; raises ``StoreError``."""
    with readable(path), path.open("rb", buffering=0) as file:
        return _Image(path, file, kind).header


def read_beside(path: Path, kind: type[H], key: bytes) -> bytes | None:
    """The metadata of a key beside the header, which nobody has changed; ``None`` where there is none.

    Raises ``StoreError``.
    """
    with readable(path), path.open("rb", buffering=0) as file:
        return _Image(path, file, kind).beside(key)


def read_sealed_header(path: Path, kind: type[H]) -> H | None:
    """The header of a file of which no byte has changed; ``None`` for one of format 1, which must be decoded to know.

    Raises ``StoreError`` for any other.
    """
    with readable(path), path.open("rb", buffering=0) as file:
        image = _Image(path, file, kind)
        image.fill(list(range(len(image.names))))
        return image.header if image.header.version > 1 else None


def read_table(
    path: Path, kind: type[H], schema: Any, needed: int | None = None, columns: Collection[str] | None = None
) -> tuple[H, Table]:
    """Header and arrow table, as they were written; raises ``StoreError``.

    The table has the columns of ``schema`` in their order; of those after the first ``needed`` some may be absent. With
    ``columns`` it has those alone, as far as they are there, and no other is read from disk; but of a file of format 1,
    whose hash is of all its values, it always has all.
    """
    with readable(path), path.open("rb", buffering=0) as file:
        image = _Image(path, file, kind)
        if image.header.version == 1:
            columns = None
        first = len(schema) if needed is None else needed
        names = image.names
        expected = [field for number, field in enumerate(schema) if number < first or field.name in names]
        if names != [field.name for field in expected]:
            raise broken(path, "its columns are not those of the day store")
        wanted = [name for name in names if columns is None or name in columns]
        image.fill([names.index(name) for name in wanted])
        table = image.file.read(columns=wanted, use_threads=False)
        if image.header.version == 1:
            table.validate(full=True)
        types = [field.type for field in expected if field.name in wanted]
        if table.schema.types != types or table.num_rows == 0:
            raise broken(path, "its columns are not those of the day store")
        return image.header, table


def view(array: Any, kind: Any) -> Any:
    """An arrow array without nulls as NumPy's, of the same bytes, not to be written to. (``to_numpy`` loads pandas
    wherever that is installed, which takes longer than reading a hundred days.)"""
    at = array.offset * np.dtype(kind).itemsize
    found = np.frombuffer(array.buffers()[1], kind, count=len(array), offset=at)
    found.flags.writeable = False
    return found


def filled(array: Any) -> Any:
    """The same for 32-bit numbers, nulls as ``MISSING``."""
    return view(pc.fill_null(array, _NULL) if array.null_count else array, np.int32)


class _Image(Generic[H]):
    """A file's bytes in memory at their places: the footer at first, columns when they are wanted.

    What is not wanted is neither read nor taken memory for.
    """

    def __init__(self, path: Path, file: FileIO, kind: type[H]) -> None:
        self._path, self._from = path, file
        size = os.fstat(file.fileno()).st_size
        self._data = bytearray(size)
        at = max(0, size - _TAIL)
        self._read(at, size)
        self._footer = self._find_footer()
        self._read(self._footer, at)
        self._read(0, min(4, at))
        sound = is_sealed_by_column(self._data, self._footer)
        if sound is False:
            raise broken(path, "the file does not match its hash")
        self.file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(self._data)))
        metadata = self.file.metadata
        self.names = list(metadata.schema.names)
        self.header = _header(metadata.metadata, kind, path)
        self._layout: Layout | None = None
        if self.header.version > 2:
            self._layout = layout(metadata, size, self._footer) if sound else None
            if self._layout is None:
                raise broken(path, "the file does not match its hash")

    def fill(self, columns: list[int]) -> None:
        """Read columns, by their numbers, and check that they are as they were sealed."""
        if self._layout is None:  # an older file is checked as a whole or, in format 1, by its values alone
            self._read(0, len(self._data))
            sound = self.header.version < 2 or whole_holds(self._data, self._footer)
        else:
            spans: list[list[int]] = []
            for start, end in (self._layout.chunks[column] for column in columns):
                if spans and spans[-1][1] == start:
                    spans[-1][1] = end
                else:
                    spans.append([start, end])
            for start, end in spans:
                self._read(start, end)
            sound = columns_hold(self._data, self._layout, columns)
        if not sound:
            raise broken(self._path, "the file does not match its hash")

    def beside(self, key: bytes) -> bytes | None:
        """Metadata beside the header."""
        found: bytes | None = (self.file.metadata.metadata or {}).get(key)
        return found

    def _find_footer(self) -> int:
        """Where the footer begins."""
        end = len(self._data) - _LENGTH.size
        length, mark = _LENGTH.unpack_from(self._data, end) if end > 0 else (0, b"")
        if mark != b"PAR1" or length > end:
            raise broken(self._path, "it does not end as a Parquet file does")
        return end - int(length)

    def _read(self, start: int, end: int) -> None:
        view = memoryview(self._data)
        while start < end:
            count = os.preadv(self._from.fileno(), [view[start:end]], start)
            if not count:
                raise broken(self._path, "it has become shorter")
            start += count


def _header(metadata: dict[bytes, bytes] | None, kind: type[H], path: Path) -> H:
    text = (metadata or {}).get(METADATA_KEY)
    if text is None:
        raise StoreError(f"{path}: a Parquet file, but not one of the day store; only `data import` writes them")
    header = msgspec.json.decode(text, type=kind)
    if not 1 <= header.version <= FORMAT_VERSION:
        raise StoreError(f"{path}: written in format {header.version}, this program reads up to {FORMAT_VERSION}")
    return header


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Whatever goes wrong while a file is read becomes a ``StoreError`` of one line."""
    try:
        yield
    except StoreError:
        raise
    except FileNotFoundError:
        raise StoreError(f"{path}: no such file") from None
    except (pa.ArrowException, OSError, ValueError, msgspec.MsgspecError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise broken(path, reason) from None


def broken(path: Path, reason: str) -> StoreError:
    """The one line for a file that cannot be trusted."""
    return StoreError(f"{path}: damaged or cut short ({reason}); delete it and import its day again")
