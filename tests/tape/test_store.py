"""The day store: what goes in comes out, what is damaged is refused, and one day has one source at a time."""

from __future__ import annotations

import datetime as dt
import os
import random
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tape_days import DAY, small_day

from engine.calendar import session
from engine.clock import MINUTE
from engine.events import ChainBatch, Listing
from engine.tape import DailyRow, DailyTable, Store, StoreError
from engine.tape.dayfile import _values
from engine.tape.files import to_bytes
from engine.tape.header import FORMAT_VERSION, METADATA_KEY, sealed, to_json
from engine.tape.seal import SEAL_KEY
from engine.types import MISSING, Provenance

NEXT = dt.date(2024, 8, 8)
OPEN = session(DAY).open


def test_a_day_comes_out_as_it_went_in(store: Store) -> None:
    assert store.save_day(small_day()) == "new"
    entry = store.choose("SPXW", DAY)
    assert entry.path == store.path / "days" / "SPXW" / "2024-08-07.lean.parquet"
    tape = store.open(entry)
    assert (tape.root, tape.day, tape.provenance.label) == ("SPXW", DAY, "vendor lean quote")
    first, second, third, fourth = tape.events()
    assert isinstance(first, Listing)
    assert [instrument.symbol for instrument in first.instruments] == ["SPX", "SPXW240807C05200000"]
    assert isinstance(second, ChainBatch)
    assert (second.idx.tolist(), second.bid.tolist()) == ([0, 1], [MISSING, 10_000])
    assert (third.first, [instrument.symbol for instrument in third.instruments]) == (2, ["SPXW240807P05200000"])
    assert (fourth.ask.tolist(), fourth.ask_size.tolist()) == ([MISSING, 10_500, MISSING], [MISSING, 4, 0])
    assert (fourth.volume, fourth.open_interest, fourth.quote_ts) == (None, None, None)
    assert [event.seq for event in (first, second, third, fourth)] == [0, 1, 2, 3]
    assert [event.ts_known - OPEN for event in (first, second, third, fourth)] == [
        MINUTE,
        MINUTE,
        2 * MINUTE,
        2 * MINUTE,
    ]


def test_quotes_of_different_age_keep_their_own_time(store: Store) -> None:
    table = small_day()
    event = table.columns.ts_event.copy()
    event[0] -= 7
    store.save_day(replace(table, columns=replace(table.columns, ts_event=event)))
    batch = next(event for event in store.open(store.choose("SPXW", DAY)).events() if isinstance(event, ChainBatch))
    assert batch.quote_ts.tolist() == [batch.ts_event - 7, batch.ts_event]


def test_the_file_reads_in_pandas_with_real_timestamps_and_nulls(store: Store) -> None:
    store.save_day(small_day())
    frame = pd.read_parquet(store.choose("SPXW", DAY).path)
    assert str(frame.ts_known.dtype) == "datetime64[ns, UTC]"
    assert frame.symbol.tolist()[:2] == ["SPX", "SPXW240807C05200000"]
    assert frame.bid.isna().tolist() == [True, False, True, False, False]
    assert "open_interest" not in frame.columns, "a field that no row has is no column"


def test_storing_the_same_day_again_changes_nothing(store: Store) -> None:
    store.save_day(small_day())
    path = store.choose("SPXW", DAY).path
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
    assert store.save_day(small_day()) == "unchanged"
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert store.save_day(small_day(bid=20_000)) == "replaced"
    assert path.read_bytes() != before[0]
    assert store.save_day(small_day()) == "replaced"
    assert path.read_bytes() == before[0]


def test_a_failed_write_leaves_the_old_file_and_no_rest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save_day(small_day())
    path = store.choose("SPXW", DAY).path
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.save_day(small_day(bid=20_000))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("keep", [0, 3, 100, 0.5, -1])
def test_a_file_cut_short_is_refused_in_one_line(store: Store, keep: float) -> None:
    store.save_day(small_day())
    path = store.choose("SPXW", DAY).path
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    with pytest.raises(StoreError, match="damaged or cut short") as caught:
        store.open(store.days()[0])
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    with pytest.raises(StoreError):
        store.choose("SPXW", DAY)
    assert store.save_day(small_day()) == "replaced"
    assert store.open(store.choose("SPXW", DAY)).day == DAY


def test_no_flipped_byte_changes_a_value_unseen(store: Store) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    sound = entry.path.read_bytes()
    values = store.open(entry).columns.values
    refused = 0
    for position in range(0, len(sound), 7):
        data = bytearray(sound)
        data[position] ^= 0x41
        entry.path.write_bytes(bytes(data))
        try:
            tape = store.open(store.days()[0])
        except StoreError:
            refused += 1
            continue
        assert all((tape.columns.values[name] == column).all() for name, column in values.items())
    assert refused > 0.5 * len(sound) / 7


def test_a_changed_value_under_an_old_hash_is_refused(store: Store) -> None:
    store.save_day(small_day())
    path = store.choose("SPXW", DAY).path
    told = pq.read_metadata(path).metadata
    table = pq.read_table(path).replace_schema_metadata({key: told[key] for key in (METADATA_KEY, SEAL_KEY)})
    column = table.column("price").to_pandas().fillna(0).astype(np.int32)
    table = table.set_column(table.schema.get_field_index("price"), "price", [column.to_numpy()])
    pq.write_table(table, path)
    with pytest.raises(StoreError, match="does not match its hash"):
        store.open(store.choose("SPXW", DAY))


def test_a_renamed_file_does_not_pass_for_another_day(store: Store) -> None:
    store.save_day(small_day())
    path = store.choose("SPXW", DAY).path
    path.rename(path.with_name("2024-08-08.lean.parquet"))
    with pytest.raises(StoreError, match="was it renamed"):
        store.choose("SPXW", NEXT)


def test_a_foreign_parquet_file_is_told_apart(store: Store) -> None:
    folder = store.path / "days" / "SPXW"
    folder.mkdir(parents=True)
    pd.DataFrame({"a": [1]}).to_parquet(folder / "2024-08-07.mine.parquet")
    assert "not one of the day store" in store.days()[0].problem


def test_quotes_come_before_mids_before_trade_bars_and_a_source_can_be_asked_for(store: Store) -> None:
    store.save_day(small_day(source="bars", meaning="trade_bar"))
    assert store.choose("SPXW", DAY).source == "bars"
    store.save_day(small_day(source="mids", meaning="mid"))
    assert store.choose("SPXW", DAY).source == "mids"
    store.save_day(small_day(source="zzz", meaning="quote"))
    assert store.choose("SPXW", DAY).source == "zzz"
    assert store.choose("SPXW", DAY, "bars").source == "bars"
    assert [entry.source for entry in store.days("SPXW")] == ["bars", "mids", "zzz"]
    store.save_day(small_day(NEXT, source="mids", meaning="mid"))
    assert [(entry.day, entry.source) for entry in store.chosen("SPXW")] == [(DAY, "zzz"), (NEXT, "mids")]
    assert [entry.day for entry in store.chosen("SPXW", source="bars")] == [DAY]


def test_a_simulated_day_never_stands_in_for_a_real_one(store: Store) -> None:
    demo = small_day(source="a")
    store.save_day(replace(demo, provenance=Provenance("a", "simulated", "quote")))
    store.save_day(small_day(source="bars", meaning="trade_bar"))
    assert store.choose("SPXW", DAY).source == "bars"


def test_a_missing_day_names_the_nearest_and_an_empty_store_the_command(store: Store) -> None:
    with pytest.raises(StoreError, match="no days of SPXW; bring some in with: zdte-tui data import"):
        store.choose("SPXW", DAY)
    store.save_day(small_day(dt.date(2024, 8, 5)))
    store.save_day(small_day(dt.date(2024, 8, 1)))
    store.save_day(small_day(dt.date(2024, 8, 9)))
    with pytest.raises(StoreError, match="the nearest stored: 2024-08-05 and 2024-08-09"):
        store.choose("SPXW", DAY)
    with pytest.raises(StoreError, match="not stored from demo; it is from: lean"):
        store.choose("SPXW", dt.date(2024, 8, 5), "demo")


@pytest.mark.parametrize("name", ["", "Lean", "a.b", "../x", "a b", "x" * 33])
def test_a_source_name_must_fit_a_file_name(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="cannot name a source"):
        store.save_day(small_day(source=name))
    assert not list(Path(store.path).rglob("*.parquet"))


def series(symbol: str, source: str, **closes: int) -> DailyTable:
    days = {dt.date.fromisoformat(text[1:].replace("_", "-")): close for text, close in closes.items()}
    rows = tuple(DailyRow(day, close) for day, close in days.items())
    return DailyTable(symbol, Provenance(source, "vendor", "trade_bar"), "test", 1, rows)


def test_the_prior_close_is_known_before_the_open_and_is_of_the_session_before(store: Store) -> None:
    store.save_daily(series("VIX", "cboe", d2024_08_02=233_900, d2024_08_05=385_700))
    prior = store.prior_close("VIX", dt.date(2024, 8, 5))
    assert (prior.day, prior.close) == (dt.date(2024, 8, 2), 233_900)
    assert prior.ts_known < session(dt.date(2024, 8, 5)).open
    assert store.prior_close("VIX", DAY) is None
    assert store.prior_close("VIX1D", DAY) is None
    assert store.official_close("VIX", dt.date(2024, 8, 5)).close == 385_700
    assert store.official_close("VIX", DAY) is None


@pytest.mark.parametrize(("symbol", "minutes"), [("SPX", 15), ("SPY", 15), ("VIX", 30), ("VIX1D", 30), ("VIX9D", 30)])
@pytest.mark.parametrize("day", [dt.date(2024, 7, 2), dt.date(2024, 7, 3)])
def test_a_close_is_known_only_after_the_close_also_on_a_half_day(
    store: Store, symbol: str, minutes: int, day: dt.date
) -> None:
    store.save_daily(series(symbol, "x", **{f"d{day.isoformat().replace('-', '_')}": 10_000}))
    close = store.official_close(symbol, day)
    assert close.ts_known - session(day).close == minutes * MINUTE
    assert close.ts_event == session(day).close


def test_closes_lose_their_float_noise_and_two_sources_merge_by_name(store: Store) -> None:
    store.save_daily(series("SPX", "magis", d2024_08_05=43_783_799, d2024_08_06=200))
    store.save_daily(series("SPX", "b", d2024_08_06=100, d2024_08_07=300))
    closes = store.daily_closes("SPX")
    assert [(close.day.day, close.close) for close in closes] == [(5, 43_783_800), (6, 100), (7, 300)]
    assert len(store.daily_closes("SPX", known_by=closes[1].ts_known)) == 2
    assert len(store.daily_closes("SPX", known_by=closes[1].ts_known - 1)) == 1
    assert [close.day.day for close in store.daily_closes("SPX", last=DAY, source="magis")] == [5, 6]


def test_a_damaged_daily_series_is_refused(store: Store) -> None:
    store.save_daily(series("VIX", "x", d2024_08_05=10_000))
    path = store.daily_series()[0].path
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StoreError, match="damaged or cut short"):
        store.official_close("VIX", DAY)


@pytest.mark.parametrize("kind", ["day", "daily"])
def test_no_byte_of_a_stored_file_can_change_unseen(store: Store, kind: str) -> None:
    """Also of what Parquet writes for itself, such as the least and the largest value of a column."""
    if kind == "day":
        store.save_day(small_day())
        path = store.choose("SPXW", DAY).path
    else:
        label = Provenance("a", "vendor", "trade_bar")
        store.save_daily(DailyTable("VIX", label, "test", 1, (DailyRow(DAY, 277_100), DailyRow(NEXT, 237_900))))
        (path,) = (entry.path for entry in store.daily_series())
    sound, chance = path.read_bytes(), random.Random(0)
    for at in chance.sample(range(len(sound)), 200):
        data = bytearray(sound)
        data[at] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        with pytest.raises(StoreError) as caught:
            store.open(store.days()[0]) if kind == "day" else store.open_daily(store.daily_series()[0])
        assert "\n" not in str(caught.value)


def test_a_file_of_format_1_has_no_seal_and_is_read_by_its_hash(store: Store) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    tape, table = store.open(entry), pq.read_table(entry.path)
    header = sealed(msgspec.structs.replace(tape.header, version=1), _values(tape.columns))
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: to_json(header)}), entry.path)
    assert store.open(store.choose("SPXW", DAY)).columns.symbols == tape.columns.symbols
    bid = table.schema.get_field_index("bid")
    changed = table.set_column(bid, "bid", pc.add(table.column("bid"), pa.scalar(1, pa.int32())))
    pq.write_table(changed.replace_schema_metadata({METADATA_KEY: to_json(header)}), entry.path)
    with pytest.raises(StoreError, match="content does not match its hash"):
        store.open(store.choose("SPXW", DAY))


def test_a_file_of_a_later_format_is_told_from_a_damaged_one(store: Store) -> None:
    store.save_day(small_day())
    entry = store.choose("SPXW", DAY)
    header = msgspec.structs.replace(store.open(entry).header, version=FORMAT_VERSION + 1)
    entry.path.write_bytes(to_bytes(pq.read_table(entry.path), header))
    assert (
        f"written in format {FORMAT_VERSION + 1}, this program reads up to {FORMAT_VERSION}" in store.days()[0].problem
    )
