"""How a day lies on disk: a column is read alone, every byte is sealed, older files are read, and nothing is loaded for
it that takes longer than the reading."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tape_days import DAY, small_day

from engine.tape import DailyRow, DailyTable, DayTape, Store, StoreError
from engine.tape.dayfile import _to_arrow, _values
from engine.tape.files import to_bytes
from engine.tape.header import METADATA_KEY, sealed, to_json
from engine.tape.seal import SEAL_KEY
from engine.types import MISSING, Provenance


def spans(path: Path) -> dict[str, tuple[int, int]]:
    """Where each column lies in a file, and the footer."""
    metadata = pq.read_metadata(path)
    group = metadata.row_group(0)
    found = {}
    for number, name in enumerate(metadata.schema.names):
        column = group.column(number)
        start = column.dictionary_page_offset or column.data_page_offset
        found[name] = (start, start + column.total_compressed_size)
    return {**found, "footer": (max(end for _, end in found.values()), path.stat().st_size)}


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


def test_a_column_is_read_and_checked_alone(store: Store) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    whole = store.open(entry).columns
    narrow = store.open(entry, ("bid", "volume")).columns
    assert narrow.values.keys() == {"bid"}, "the file has no volume"
    assert np.array_equal(narrow.values["bid"], whole.values["bid"])
    assert (narrow.symbols, narrow.code.tolist()) == (whole.symbols, whole.code.tolist())
    flip(entry.path, spans(entry.path)["ask"][0] + 3)
    assert np.array_equal(store.open(entry, ("bid",)).columns.values["bid"], whole.values["bid"])
    for fields in (("ask",), None):
        with pytest.raises(StoreError, match="does not match its hash"):
            store.open(entry, fields)


@pytest.mark.parametrize("part", ["ts_known", "symbol", "bid", "footer"])
def test_what_is_read_is_refused_if_a_bit_of_it_has_changed(store: Store, part: str) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    sound = entry.path.read_bytes()
    start, end = spans(entry.path)[part]
    for at in range(start, end, max(1, (end - start) // 60)):
        flip(entry.path, at)
        with pytest.raises(StoreError):
            store.open(store.days()[0], ("bid",))
        entry.path.write_bytes(sound)


def test_only_the_bytes_of_the_wanted_columns_are_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    table, size = small_day(), 150_000
    noise = np.random.default_rng(1)
    known = np.repeat(table.columns.ts_known[0] + np.arange(size // 2), 2)
    columns = replace(
        table.columns,
        ts_known=known,
        ts_event=known,
        code=np.tile(np.arange(2, dtype=np.int32), size // 2),
        symbols=table.columns.symbols[:2],
        values={name: noise.integers(1, 10**6, size, dtype=np.int32) for name in table.columns.values},
    )
    store.save_day(replace(table, columns=columns))
    entry, asked, real = store.choose("SPXW", DAY), [], os.preadv

    def preadv(file: int, buffers: list[memoryview], at: int) -> int:
        asked.append((at, at + len(buffers[0])))
        return real(file, buffers, at)

    monkeypatch.setattr(os, "preadv", preadv)
    assert np.array_equal(store.open(entry, ("bid",)).columns.values["bid"], columns.values["bid"])
    where = spans(entry.path)
    tail = entry.path.stat().st_size - 65_536  # read at once for the footer, whatever else is in it
    for name in columns.values.keys() - {"bid"}:
        start, end = where[name]
        assert sum(max(0, min(end, to, tail) - max(start, first)) for first, to in asked) == 0, name


def format_2(tape: DayTape) -> bytes:
    """The file as format 2 had it: values packed by zstd, one seal for all bytes."""
    header = sealed(msgspec.structs.replace(tape.header, version=2), _values(tape.columns))
    table = _to_arrow(tape.columns).replace_schema_metadata({METADATA_KEY: to_json(header)})
    buffer = BytesIO()
    with pq.ParquetWriter(buffer, table.schema, compression="zstd", use_dictionary=["symbol"], version="2.6") as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({SEAL_KEY: b"0" * 64})
    data = buffer.getvalue()
    at = data.rindex(SEAL_KEY + b"\x18\x40") + len(SEAL_KEY) + 2
    return data[:at] + hashlib.sha256(data).hexdigest().encode() + data[at + 64 :]


def test_a_file_of_format_2_is_read_and_no_bit_of_it_can_change_unseen(store: Store) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    tape = store.open(entry)
    old = format_2(tape)
    entry.path.write_bytes(old)
    again = store.open(store.choose("SPXW", DAY))
    assert again.header.version == 2
    assert again.columns.symbols == tape.columns.symbols
    for name, column in tape.columns.values.items():
        assert np.array_equal(again.columns.values[name], column)
    assert store.open(entry, ("bid",)).columns.values.keys() == {"bid"}
    for at in range(8, len(old), 23):
        flip(entry.path, at)
        with pytest.raises(StoreError):
            store.open(store.days()[0])
        entry.path.write_bytes(old)
    assert store.save_day(small_day()) == "replaced", "what is stored anew is of the newest format"
    assert store.open(store.choose("SPXW", DAY)).header.version == 3


def test_a_column_says_whether_it_has_holes_and_is_of_a_kind_that_others_read(store: Store) -> None:
    store.save_day(small_day())
    path = store.choose("SPXW", DAY).path
    schema, group = pq.read_schema(path), pq.read_metadata(path).row_group(0)
    nullable = {field.name for field in schema if field.nullable}
    table = pq.read_table(path)
    assert nullable == {name for name in table.column_names if table.column(name).null_count}
    assert {group.column(number).compression for number in range(group.num_columns)} == {"LZ4"}
    encodings = {encoding for number in range(group.num_columns) for encoding in group.column(number).encodings}
    assert encodings == {"PLAIN", "RLE", "RLE_DICTIONARY"}, "what every reader of Parquet knows"
    assert table.column("bid").to_pylist()[:3] == [None, 10_000, None]


def test_a_days_arrays_cannot_be_written_to(store: Store) -> None:
    store.save_day(small_day())
    columns = store.open(store.choose("SPXW", DAY)).columns
    for array in (columns.ts_known, columns.ts_event, columns.code, *columns.values.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = MISSING


def test_reading_a_day_loads_no_pandas(store: Store) -> None:
    """pyarrow would, wherever it is installed, and that takes as long as reading a hundred days."""
    store.save_day(small_day())
    label = Provenance("a", "vendor", "trade_bar")
    store.save_daily(DailyTable("VIX", label, "test", 1, (DailyRow(DAY, 277_100),)))
    code = (
        "import sys; from pathlib import Path; from engine.tape import Store; "
        f"store = Store(Path({str(store.path)!r})); list(store.open(store.days()[0]).events()); "
        "assert store.open_daily(store.daily_series()[0]).closes; "
        "print('pandas' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "False"


def test_a_file_whose_columns_are_not_ours_is_refused_under_a_good_seal(store: Store) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    header = store.open(entry).header
    table = _to_arrow(store.open(entry).columns)
    number = table.schema.get_field_index("bid")
    entry.path.write_bytes(to_bytes(table.set_column(number, "bid", table.column("bid").cast(pa.int64())), header))
    with pytest.raises(StoreError, match="not those of the day store"):
        store.open(store.days()[0])
