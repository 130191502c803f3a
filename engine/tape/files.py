"""Parquet files with a header, written whole or not at all, and read with one clear line for a bad one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from engine.tape.errors import StoreError
from engine.tape.header import FORMAT_VERSION, METADATA_KEY, SEAL_KEY, Header, to_json

H = TypeVar("H", bound=Header)

_BLANK: Final = b"0" * 64
_SEAL_MARK: Final = SEAL_KEY + b"\x18\x40"
"""How Thrift's compact protocol writes the key, and then that a text of 64 bytes follows."""


def to_bytes(table: Any, header: Header) -> bytes:
    """An arrow table and its header as the bytes of a Parquet file, in one row group, sealed."""
    table = table.replace_schema_metadata({METADATA_KEY: to_json(header)})
    buffer = BytesIO()
    with pq.ParquetWriter(
        buffer,
        table.schema,
        compression="zstd",
        use_dictionary=["symbol"] if "symbol" in table.column_names else False,
        dictionary_pagesize_limit=1 << 26,
        version="2.6",
    ) as writer:
        writer.write_table(table, row_group_size=max(1, table.num_rows))
        writer.add_key_value_metadata({SEAL_KEY: _BLANK})
    return _with_seal(buffer.getvalue(), _seal(buffer.getvalue()))


def write_whole(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``: to a temporary name, flushed to disk, renamed. A kill leaves the old file or the new.

    Raises ``OSError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_header(path: Path, kind: type[H]) -> H:
    """The header alone; raises ``StoreError``."""
    with readable(path):
        return _header(pq.read_metadata(path).metadata, kind, path)


def read_table(path: Path, kind: type[H], schema: Any, needed: int | None = None) -> tuple[H, Any]:
    """Header and arrow table, sound but its hash not yet checked; raises ``StoreError``.

    The table has the columns of ``schema`` in their order; of those after the first ``needed`` some may be absent.
    """
    with readable(path):
        data = path.read_bytes()
        file = pq.ParquetFile(pa.BufferReader(data))
        header = _header(file.metadata.metadata, kind, path)
        if header.version > 1 and not _is_sealed(data):
            raise broken(path, "the file does not match its hash")
        table = file.read(use_threads=False)
        table.validate(full=True)
        first = len(schema) if needed is None else needed
        expected = [field for number, field in enumerate(schema) if number < first or field.name in table.column_names]
        if not table.schema.equals(pa.schema(expected)) or table.num_rows == 0:
            raise broken(path, "its columns are not those of the day store")
        return header, table


def _header(metadata: dict[bytes, bytes] | None, kind: type[H], path: Path) -> H:
    text = (metadata or {}).get(METADATA_KEY)
    if text is None:
        raise StoreError(f"{path}: a Parquet file, but not one of the day store; only `data import` writes them")
    header = msgspec.json.decode(text, type=kind)
    if not 1 <= header.version <= FORMAT_VERSION:
        raise StoreError(f"{path}: written in format {header.version}, this program reads up to {FORMAT_VERSION}")
    return header


def _seal(data: bytes) -> bytes:
    """Hash in hex of a file's bytes, those of its seal blank: Parquet's own bookkeeping is in no other hash."""
    return hashlib.sha256(_with_seal(data, _BLANK)).hexdigest().encode()


def _is_sealed(data: bytes) -> bool:
    return _SEAL_MARK in data and _with_seal(data, _seal(data)) == data


def _with_seal(data: bytes, seal: bytes) -> bytes:
    """The file with another seal in the place of its own."""
    at = data.rindex(_SEAL_MARK) + len(_SEAL_MARK)
    return data[:at] + seal + data[at + len(seal) :]


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
