"""Parquet files with a header, written whole or not at all, and read with one clear line for a bad one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from engine.tape.errors import StoreError
from engine.tape.header import FORMAT_VERSION, METADATA_KEY, Header, to_json

H = TypeVar("H", bound=Header)


def to_bytes(table: Any, header: Header) -> bytes:
    """An arrow table and its header as the bytes of a Parquet file, in one row group."""
    table = table.replace_schema_metadata({METADATA_KEY: to_json(header)})
    buffer = BytesIO()
    pq.write_table(
        table,
        buffer,
        row_group_size=max(1, table.num_rows),
        compression="zstd",
        use_dictionary=["symbol"] if "symbol" in table.column_names else False,
        dictionary_pagesize_limit=1 << 26,
        version="2.6",
    )
    return buffer.getvalue()


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
        file = pq.ParquetFile(pa.BufferReader(path.read_bytes()))
        header = _header(file.metadata.metadata, kind, path)
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
    if header.version != FORMAT_VERSION:
        raise StoreError(f"{path}: written in format {header.version}, this program reads {FORMAT_VERSION}")
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
