"""A ``long`` table in batches of rows, CSV or Parquet, every value checked and exact; the first bad row is named."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.events.market import Int32, Int64
from engine.tape.columns import LARGEST
from engine.tape.errors import ImportRefused
from engine.tape.importers.base import ImportOptions
from engine.tape.importers.long_fields import COUNTS, PRICES, SIDES
from engine.tape.importers.long_times import parse_plain_times, parse_time
from engine.tape.importers.reading import head, open_bytes
from engine.types import MISSING, PRODUCTS, SCALE, Contract, Right, parse_symbol

_NULLS: Final = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
_RIGHTS: Final[dict[str, Right]] = {"c": "C", "call": "C", "calls": "C", "p": "P", "put": "P", "puts": "P"}
_NO_NUMBER: Final = re.compile(r"Row #(?P<row>\d+): CSV conversion error to double: invalid value (?P<value>'.*')")
_ROOT: Final = re.compile(r"[A-Z]{1,6}")
_MIDNIGHT: Final = re.compile(r"(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_DELIMITERS: Final = ",;\t|"
_BLOCK: Final = 1 << 20
"""Bytes that Arrow parses at once. It reads 32 blocks ahead: larger ones take memory and belie the progress."""
_BLOCKS: Final = 8
"""How many of them are looked at together."""
_WIDEST: Final = 1 << 20
_FIRST_ROW: Final = {True: 2, False: 1}  # a CSV's first row is its header

_WORD: Final = pa.dictionary(pa.int32(), pa.string())
"""Texts of few kinds: told apart while they are read, so that each is looked at once."""

Table = Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of the table as arrays of one length.

    ``contract`` is a position in ``contracts``; ``values`` are units or counts by field, ``MISSING`` where empty.
    ``row`` is the number of the first row as a person counts them.
    """

    row: int
    time: Int64
    known: Int64 | None
    contract: Int32
    contracts: tuple[Contract, ...]
    values: dict[str, Int32]


def header_of(path: Path) -> list[str]:
    """The names of the columns, empty for what is no table."""
    if _is_parquet(path):
        try:
            return [str(name) for name in pq.read_schema(path).names]
        except (pa.ArrowException, OSError, ValueError):  # a damaged name of a column is no Unicode
            return []
    first = _names(path)
    try:
        return next(csv.reader(first, delimiter=_delimiter(first[0])), []) if first else []
    except csv.Error:
        return []


def batches(path: Path, options: ImportOptions, chosen: Mapping[str, str], zone: ZoneInfo) -> Iterator[Batch]:
    """The table in the order of its rows. Raises ``ImportRefused`` naming the first row that cannot be trusted."""
    is_csv = not _is_parquet(path)
    row = _FIRST_ROW[is_csv]
    columns = list(dict.fromkeys(chosen.values()))
    for table in _csv_tables(path, options, chosen) if is_csv else _parquet_tables(path, options, columns):
        if table.num_rows:
            with _refusing(path, f"rows {row} to {row + table.num_rows - 1}"):
                batch = _Reader(path, table, row, chosen, zone, options.symbol).batch()
            yield batch
        row += table.num_rows


class _Reader:
    """One batch on its way from text and floats to exact numbers."""

    def __init__(
        self, path: Path, table: Table, row: int, chosen: Mapping[str, str], zone: ZoneInfo, root: str | None
    ) -> None:
        self.path, self.row, self.zone, self.root = path, row, zone, root
        self.columns = {field: table.column(name) for field, name in chosen.items()}

    def batch(self) -> Batch:
        contract, contracts = self._contracts()
        return Batch(
            row=self.row,
            time=self._times("time"),
            known=self._times("known") if "known" in self.columns else None,
            contract=contract,
            contracts=contracts,
            values={
                field: self._numbers(field, SCALE if field in PRICES else 1)
                for field in (*PRICES, *COUNTS)
                if field in self.columns
            },
        )

    def refuse(self, index: int, reason: str) -> NoReturn:
        raise ImportRefused(self.path, reason, f"row {self.row + index}")

    def _times(self, field: str) -> Int64:
        column = self.columns[field]
        if pa.types.is_timestamp(column.type):
            zoned = column.type.tz is not None
            if not zoned and self.zone.key != "UTC":
                column = pc.assume_timezone(column, self.zone.key, ambiguous="earliest", nonexistent="raise")
            column = column.cast(pa.timestamp("ns", tz="UTC")).cast(pa.int64())
            self._complete(field, column)
            return np.asarray(column.to_numpy(), dtype=np.int64)
        codes, texts = self._words(field)
        plain = parse_plain_times(texts, self.zone)
        if plain is not None:
            return plain[codes]
        return self._by_word(field, codes, texts, lambda text: parse_time(text, self.zone))[codes]

    def _contracts(self) -> tuple[Int32, tuple[Contract, ...]]:
        if "symbol" in self.columns:
            codes, texts = self._words("symbol")
            found = self._by_word("symbol", codes, texts, self._contract, kind=object)
            return codes, tuple(found.tolist())
        expiry, expiries = self._parts("expiry", _date)
        right, rights = self._parts("right", _right)
        root, roots = self._parts("root", _root) if self._has_root() else self._one_root(len(expiry))
        strike = self._numbers("strike", SCALE).astype(np.int64)
        bad = np.flatnonzero((strike <= 0) | (strike % 10 != 0))
        if len(bad):
            self.refuse(int(bad[0]), "the strike is missing or is not in whole thousandths of a dollar")
        key = ((root.astype(np.int64) * len(expiries) + expiry) * 2 + right) * (LARGEST + 1) + strike
        found = pc.dictionary_encode(pa.array(key))
        distinct, codes = found.dictionary.to_numpy(), found.indices.to_numpy()
        names, strikes = distinct // (LARGEST + 1), distinct % (LARGEST + 1)
        contracts = [
            Contract(roots[name // 2 // len(expiries)], expiries[name // 2 % len(expiries)], strike_, rights[name % 2])
            for name, strike_ in zip(names.tolist(), strikes.tolist(), strict=True)
        ]
        return np.asarray(codes, dtype=np.int32), tuple(contracts)

    def _has_root(self) -> bool:
        return "root" in self.columns and self.root is None

    def _one_root(self, size: int) -> tuple[Int32, list[str]]:
        if self.root is None:
            raise ImportRefused(self.path, "which root the options are of is not said: give --symbol, such as SPXW")
        if self.root.upper() not in PRODUCTS:
            known = ", ".join(sorted(PRODUCTS))
            raise ImportRefused(self.path, f"--symbol {self.root[:20]}: no such root; known are {known}")
        return np.zeros(size, dtype=np.int32), [self.root.upper()]

    def _contract(self, text: str) -> Contract:
        found = parse_symbol(text.strip().removeprefix("O:"))
        if not isinstance(found, Contract):
            raise ValueError(f"not an OCC symbol such as SPXW240807C05300000: {text[:40]!r}")
        return found

    def _parts(self, field: str, parse: Callable[[str], Any]) -> tuple[Int32, list[Any]]:
        """Codes into the list of the distinct values; ``right`` is always C then P."""
        codes, texts = self._words(field)
        values = self._by_word(field, codes, texts, parse, kind=object)
        listed = ["C", "P"] if field == "right" else sorted(set(values.tolist()))
        position = {value: number for number, value in enumerate(listed)}
        return np.array([position[value] for value in values], dtype=np.int32)[codes], listed

    def _words(self, field: str) -> tuple[Int32, list[str]]:
        """Each row's word as a position in the list of the distinct ones."""
        column = self.columns[field]
        self._complete(field, column)
        if pa.types.is_nested(column.type):
            column = column.cast(pa.string())  # refused with its type
        encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        encoded = encoded.unify_dictionaries().combine_chunks()
        chunk = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
        return np.asarray(chunk.indices.to_numpy(), dtype=np.int32), chunk.dictionary.cast(pa.string()).to_pylist()

    def _by_word(
        self, field: str, codes: Int32, texts: Sequence[str], parse: Callable[[str], Any], kind: Any = np.int64
    ) -> NDArray[Any]:
        values = np.empty(len(texts), dtype=kind)
        for number, text in enumerate(texts):
            try:
                values[number] = parse(text)
            except OverflowError:
                self.refuse(int(np.argmax(codes == number)), f"{field}: out of range: {text[:40]!r}")
            except ValueError as error:
                self.refuse(int(np.argmax(codes == number)), f"{field}: {error}")
        return values

    def _numbers(self, field: str, scale: int) -> Int32:
        column = self.columns[field]
        try:
            if pa.types.is_boolean(column.type):
                raise pa.ArrowInvalid("true is no number")
            if pa.types.is_float32(column.type):  # by its shortest decimal: 1500.05, and not 1500.050049
                column = column.cast(pa.string())
            found = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        except pa.ArrowException:
            raise ImportRefused(self.path, f"{field}: its column is of {column.type}, not of numbers") from None
        missing = np.isnan(found)
        scaled = np.rint(np.where(missing, 0, found) * scale)
        lowest = 0 if field in SIDES or field in COUNTS else 1
        bad = ~missing & ~((scaled >= lowest) & (scaled <= LARGEST) & (found >= 0))
        if scale == 1:
            bad |= ~missing & (scaled != found)
        if bad.any():
            index = int(np.argmax(bad))
            self.refuse(index, f"{field}: not a {'price' if scale > 1 else 'count'}: {found[index]:g}")
        return np.where(missing, MISSING, scaled).astype(np.int32)

    def _complete(self, field: str, column: Any) -> None:
        if column.null_count:
            self.refuse(int(np.argmax(column.is_null().to_numpy())), f"{field} is empty")


def _root(text: str) -> str:
    root = text.strip().upper()
    if not _ROOT.fullmatch(root):
        raise ValueError(f"not an option root: {text[:20]!r}")
    return root


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:10] if _MIDNIGHT.fullmatch(text[10:]) else text)
    except ValueError:
        raise ValueError(f"not a date like 2024-08-07: {text[:40]!r}") from None


def _right(text: str) -> Right:
    try:
        return _RIGHTS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"not call or put: {text[:20]!r}") from None


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False


def _names(path: Path) -> list[str]:
    """The first line of a CSV; none for what is no text."""
    text = head(path)
    return (text if "\n" in text else head(path, _WIDEST)).splitlines()[:1]


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _csv_tables(path: Path, options: ImportOptions, chosen: Mapping[str, str]) -> Iterator[Table]:
    numbers = {name: pa.float64() for field, name in chosen.items() if field in (*PRICES, *COUNTS, "strike")}
    types = {name: numbers.get(name, _WORD) for name in chosen.values()}
    first = _names(path)[0]
    with open_bytes(path, options) as data, _refusing(path):
        reader = pc_csv.open_csv(
            pa.PythonFile(data, mode="r"),
            read_options=pc_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
            parse_options=pc_csv.ParseOptions(delimiter=_delimiter(first)),
            convert_options=pc_csv.ConvertOptions(
                column_types=types, include_columns=list(types), null_values=_NULLS, strings_can_be_null=True
            ),
        )
        while gathered := list(islice(reader, _BLOCKS)):
            yield pa.Table.from_batches(gathered)


def _parquet_tables(path: Path, options: ImportOptions, columns: list[str]) -> Iterator[Table]:
    with _refusing(path):
        schema = pq.read_schema(path)
        words = [name for name in columns if pa.types.is_string(schema.field(name).type)]
        file = pq.ParquetFile(path, read_dictionary=words)
        done, total = 0, max(file.metadata.num_rows, 1)
        for batch in file.iter_batches(batch_size=1 << 17, columns=columns, use_threads=False):
            done += batch.num_rows
            options.progress(done / total)
            yield pa.Table.from_batches([batch])


@contextmanager
def _refusing(path: Path, where: str = "") -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        value = _NO_NUMBER.search(reason)
        if value:  # what pyarrow says, as every other importer says it
            raise ImportRefused(path, f"not a number: {value['value']}", f"row {value['row']}") from None
        raise ImportRefused(path, reason, where) from None
