"""DBN files as Databento writes them: their metadata through its library, their records as arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self

import numpy as np
import pyarrow as pa

from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC: Final = b"DBN"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_PRELUDE: Final = 8
_LARGEST: Final = 256 * 2**20
_CHUNK: Final = 1 << 16
_WORD: Final = 4
RTYPES: Final = {"cbbo-1s": 192, "cbbo-1m": 193}

Mappings = dict[str, list[tuple[dt.date, dt.date, str]]]
"""Symbol to (first day, the day after the last, its number as text)."""


def is_dbn(path: Path) -> bool:
    """Whether a file begins as DBN, also inside Zstandard. Raises nothing."""
    try:
        with path.open("rb") as raw, _opened(raw) as data:
            return bytes(data.read(len(_MAGIC))) == _MAGIC
    except OSError:
        return False


class DbnFile:
    """A DBN file, opened: its metadata read, its records not yet. A context manager.

    Attributes:
        dataset: such as ``OPRA.PILLAR``.
        schema: such as ``cbbo-1m``; empty for a recording of a live stream.
        mappings: see ``Mappings``.
        prelude: the bytes of the metadata.
    """

    def __init__(self, path: Path, options: ImportOptions) -> None:
        """Raises ``FileNotFoundError``, and ``ImportRefused`` for a file that is none."""
        self.path = path
        self._options = options
        try:
            self._raw = path.open("rb")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ImportRefused(path, f"cannot be read: {error.strerror or error}") from None
        try:
            self._size = max(path.stat().st_size, 1)
            self._data = _opened(self._raw)
            self.prelude = self._read_prelude()
            self._read_metadata()
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._data.close()
        self._raw.close()

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end. Raises ``ImportRefused``."""
        try:
            data = self._data.read(size)
        except OSError as error:
            raise ImportRefused(self.path, f"cannot be unpacked: {error}") from None
        self._options.progress(min(1.0, self._raw.tell() / self._size))
        return bytes(data)

    def records(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """Records of a ``cbbo`` schema, chunk by chunk: the number of the first, counted from 1, and the array.

        Raises ``ImportRefused`` for a record of another kind and for a file that ends within one.
        """
        from databento_dbn import CBBOMsg

        layout = [*CBBOMsg._dtypes, *([("ts_out", "u8")] if self._ts_out else [])]
        kind = np.dtype([(name, f"<{code}" if code[0] in "ui" else code) for name, code in layout])
        number = 1
        while data := self.read(kind.itemsize * _CHUNK):
            whole = len(data) // kind.itemsize
            records = np.frombuffer(data, kind, whole)
            odd = (records["length"] != kind.itemsize // _WORD) | (records["rtype"] != RTYPES[self.schema])
            if odd.any():
                at = int(np.argmax(odd))
                reason = f"not a record of {self.schema} (its type is {records['rtype'][at]})"
                raise ImportRefused(self.path, reason, f"record {number + at}")
            if len(data) % kind.itemsize:
                raise ImportRefused(self.path, "cut short: it ends within a record", f"record {number + whole}")
            yield number, records
            number += whole

    def _read_prelude(self) -> bytes:
        start = self.read(_PRELUDE)
        if start[:3] != _MAGIC:
            raise ImportRefused(self.path, "not a DBN file: it does not begin with DBN")
        size = int.from_bytes(start[4:], "little")
        rest = self.read(size) if size <= _LARGEST else b""
        if len(start) < _PRELUDE or len(rest) != size:
            raise ImportRefused(self.path, "cut short or damaged: it ends within its metadata")
        return start + rest

    def _read_metadata(self) -> None:
        from databento_dbn import DBNError, Metadata

        try:
            metadata = Metadata.decode(self.prelude)
            self.dataset = str(metadata.dataset)
            self.schema = str(metadata.schema or "")
            self._ts_out = bool(metadata.ts_out)
            self.mappings: Mappings = {
                str(symbol): [(span["start_date"], span["end_date"], str(span["symbol"])) for span in spans]
                for symbol, spans in metadata.mappings.items()
            }
        except (DBNError, ValueError, KeyError, TypeError) as error:
            raise ImportRefused(self.path, f"its metadata cannot be read: {error}") from None


def _opened(raw: IO[bytes]) -> Any:
    """The bytes of a DBN file, unpacked where they are in Zstandard. Raises ``OSError``, later too."""
    packed = raw.read(len(_ZSTD)) == _ZSTD
    raw.seek(0)
    return pa.CompressedInputStream(raw, "zstd") if packed else raw
