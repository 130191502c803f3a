"""``lean``: LEAN's minute zips come in with the right clock, and nothing of a day that has a bad row."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tape_days import bring

from engine.calendar import clock_text, session, to_new_york
from engine.clock import HOUR, MINUTE
from engine.events import ChainBatch, Listing
from engine.tape import ImportRefused, Store, inspect_day
from engine.tape.importers import IMPORTERS, sniff
from engine.tape.importers.lean_rows import index_row, interest_row, quote_row, trade_row
from engine.tape.quality import parity_error
from engine.types import MISSING, parse_symbol

MONDAY = dt.date(2021, 1, 4)
OPEN_MS = 34_200_000


def zipped(path: Path, **members: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)


def lean_day(folder: Path, day: str = "20210104", quotes: str | None = None, **more: str) -> Path:
    """A LEAN Data folder with one SPXW day of one contract; ``more`` are the kinds trade, openinterest, index."""
    spxw = folder / "Data" / "indexoption" / "usa" / "minute" / "spxw"
    name = f"{day}_spxw_minute_{{}}_european_call_37000000_{day}"
    quotes = f"{OPEN_MS},1,2,3,650000,48,1,2,3,680000,15\r\n" if quotes is None else quotes
    zipped(spxw / f"{day}_quote_european.zip", **{name.format("quote"): quotes})
    for kind in ("trade", "openinterest"):
        if kind in more:
            zipped(spxw / f"{day}_{kind}_european.zip.zip", **{name.format(kind): more[kind]})
    if "index" in more:
        index = folder / "Data" / "index" / "usa" / "minute" / "spx" / f"{day}_trade.zip"
        zipped(index, **{f"{day}_spx_minute_trade": more["index"]})
    return folder


def test_a_minute_bar_is_known_a_minute_after_its_stamp_and_the_index_is_in_chicago_time(
    tmp_path: Path, store: Store
) -> None:
    lean_day(
        tmp_path,
        trade=f"{OPEN_MS},640000,650000,640000,645000,7",
        openinterest="23400000,1732",
        index="30600000,3764.61,3769.99,3764.61,3766.63,59\r\n55200000,3700.65,3700.65,3700.65,3700.65,2\r\n",
    )
    assert sniff(tmp_path) is sniff(tmp_path / "Data") is IMPORTERS["lean"]
    bring(store, tmp_path, "lean")
    tape = store.open(store.choose("SPXW", MONDAY))
    early, interest, listing, minute = tape.events()
    assert clock_text(interest.ts_known) == "06:30:00"
    assert (interest.open_interest.tolist(), interest.bid, interest.price) == ([1732], None, None)
    assert early.instruments[0].symbol == "SPXW210104C03700000"
    assert listing.instruments[0].symbol == "SPX"
    assert clock_text(minute.ts_known) == "09:31:00"
    assert minute.ts_event == minute.ts_known
    assert minute.idx.tolist() == [0, 1]
    assert minute.price.tolist() == [645_000, 37_666_300]
    assert (minute.bid.tolist(), minute.ask.tolist()) == ([650_000, MISSING], [680_000, MISSING])
    assert (minute.bid_size[0], minute.ask_size[0], minute.volume.tolist()) == (48, 15, [7, MISSING])
    assert minute.open_interest is None
    assert tape.header.counts["after_close"] == 1


def test_a_side_without_a_quote_is_missing_not_zero(tmp_path: Path, store: Store) -> None:
    lean_day(tmp_path, quotes=f"{OPEN_MS},,,,,0,500,500,500,500,5\n")
    bring(store, tmp_path, "lean")
    tape = store.open(store.choose("SPXW", MONDAY))
    batch = list(tape.events())[-1]
    assert (batch.bid, batch.ask.tolist(), batch.bid_size.tolist()) == (None, [500], [0])
    assert (tape.header.counts["missing"], tape.header.counts["one_sided"]) == (1, 1)
    assert tape.header.flags == ("truncated:09:31", "no_underlying")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("34200000,1,1,1,1,1,2,2,2,2", "row 2: 10 fields where 11 belong"),
        ("34260000,1,1,1,1.5,1,2,2,2,2,1", "row 2: not a price in units of 1e-4: '1.5'"),
        ("34260000,1,1,1,-1,1,2,2,2,2,1", "row 2: not a price"),
        ("34260000,,1,1,1,1,2,2,2,2,1", "row 2: not a price"),
        ("34260000,1,1,1,9999999999,1,2,2,2,2,1", "row 2: not a price"),
        ("34200000,1,1,1,1,1,2,2,2,2,1", "row 2: its time is not after the row before"),
        ("86400000,1,1,1,1,1,2,2,2,2,1", "row 2: not milliseconds of a day"),
        ("34260000,1,1,1,1,x,2,2,2,2,1", "row 2: not a whole number"),
    ],
)
def test_one_bad_row_refuses_its_day_and_no_other(tmp_path: Path, store: Store, row: str, says: str) -> None:
    lean_day(tmp_path, "20210104", quotes=f"{OPEN_MS},1,1,1,1,1,2,2,2,2,1\n{row}\n")
    lean_day(tmp_path, "20210105")
    stored, _, refused = bring(store, tmp_path, "lean")
    assert [item.day for item, _ in stored] == [dt.date(2021, 1, 5)]
    (only,) = refused
    assert says in str(only.error)
    assert "20210104_quote_european.zip" in str(only.error)
    assert "call_37000000" in str(only.error)
    assert "\n" not in str(only.error)


def test_a_broken_zip_and_a_strange_member_are_refused(tmp_path: Path, store: Store) -> None:
    minute = tmp_path / "Data" / "indexoption" / "usa" / "minute" / "spxw"
    lean_day(tmp_path, "20210104")
    whole = (minute / "20210104_quote_european.zip").read_bytes()
    (minute / "20210104_quote_european.zip").write_bytes(whole[:-30])
    zipped(minute / "20210105_quote_european.zip", prices="1,2")
    lean_day(tmp_path, "20210109")
    _, _, refused = bring(store, tmp_path, "lean")
    reasons = [item.error.reason for item in refused]
    assert "cannot be unpacked" in reasons[0]
    assert "not the name of an option's minute file" in reasons[1]
    assert "2021-01-09 is a Saturday" in reasons[2]
    assert not store.path.exists()


def test_morning_settled_and_unknown_roots_are_left_out_with_the_reason(tmp_path: Path, store: Store) -> None:
    lean_day(tmp_path)
    for root in ("spx", "ndxp"):
        (tmp_path / "Data" / "indexoption" / "usa" / "minute" / root).mkdir()
    _, left_out, _ = bring(store, tmp_path, "lean")
    assert ["morning" in item.why for item in left_out] == [False, True]
    assert "options of NDXP are not known" in left_out[0].why


def test_an_underlying_without_options_is_a_day_of_its_own(tmp_path: Path, store: Store) -> None:
    lean_day(tmp_path, index="30600000,1,2,1,3766.63,59")
    usa = tmp_path / "Data" / "{}" / "usa" / "minute"
    zipped(
        Path(str(usa).format("index")) / "spx" / "20210105_trade.zip",
        **{"20210105_spx_minute_trade": "30600000,3700,3700,3700,3700.5,1\n54060000,3700,3700,3700,3701.25,1"},
    )
    zipped(Path(str(usa).format("index")) / "ndx" / "20210105_trade.zip", **{"20210105_ndx_minute_trade": "1"})
    spy = Path(str(usa).format("equity")) / "spy"
    for day in ("20210105", "20210109"):
        zipped(
            spy / f"{day}_trade.zip",
            **{f"{day}_spy_minute_trade": f"{OPEN_MS},1,1,1,3700000,100\n{OPEN_MS + 60_000},1,1,1,3710000,50"},
        )
    stored, left_out, refused = bring(store, tmp_path, "lean")
    tables = [item for item, _ in stored]
    assert [getattr(table, "symbol", "options") for table in tables] == ["options", "SPX", "SPY"]
    index, fund = tables[1:]
    assert [clock_text(int(ts)) for ts in index.columns.ts_known] == ["09:31:00"]
    assert index.columns.values["price"].tolist() == [37_005_000]
    assert index.counts == {"after_close": 1}
    assert fund.columns.values["volume"].tolist() == [100, 150]
    assert (fund.day, fund.flags) == (dt.date(2021, 1, 5), ("truncated:09:32",))
    assert "2021-01-09 is a Saturday" in str(refused[0].error)
    (ndx,) = left_out
    assert ndx.what.endswith("ndx: 1 file")


def test_whatever_else_lies_in_the_folder_is_named_with_the_reason(tmp_path: Path, store: Store) -> None:
    lean_day(tmp_path)
    usa = tmp_path / "Data" / "indexoption" / "usa"
    for name in ("daily/spxw_2021_quote_european.zip", "universes/spxw/20210104.csv", "universes/spxw/20210105.csv"):
        (usa / name).parent.mkdir(parents=True, exist_ok=True)
        (usa / name).write_bytes(b"")
    (usa / "minute" / "spxw" / "notes.txt").write_text("")
    _, left_out, _ = bring(store, tmp_path, "lean")
    assert [(item.what.removeprefix(f"{usa}/"), item.why.split(":")[0].split(",")[0]) for item in left_out] == [
        ("daily: 1 file", "daily bars"),
        ("minute/spxw: 1 file", "not named like a zip of minutes"),
        ("universes/spxw: 2 files", "lists of contracts with values of the day before"),
    ]


def test_every_real_file_is_stored_or_named(shared: Path, store: Store) -> None:
    folder = shared / "data" / "lean_spxw_nbbo" / "Data"
    stored, left_out, refused = bring(store, folder, "lean")
    alone = {(item.symbol, str(item.day)): len(item.columns) for item, _ in stored if hasattr(item, "symbol")}
    assert alone == {("SPX", "2021-01-14"): 390, ("SPX", "2023-06-30"): 390, ("SPX", "2023-07-03"): 210}
    named = sum(int(item.what.rpartition(": ")[2].split()[0]) for item in left_out)
    assert (named, refused) == (6 + 3 + 13 + 2 + 8, [])
    read = 14 + 2 + 2 + 5  # SPXW, SPY options, SPY, SPX
    assert named + read == sum(path.is_file() for path in folder.rglob("*"))


def test_a_folder_without_lean_data_is_refused(tmp_path: Path, store: Store) -> None:
    assert sniff(tmp_path) is None
    with pytest.raises(ImportRefused, match="no LEAN Data folder"):
        bring(store, tmp_path, "lean")


whole = st.integers(0, 2**31 - 1)
stamp = st.integers(0, 86_399_999)


@given(
    stamp,
    st.none() | st.lists(whole, min_size=4, max_size=4),
    st.none() | st.lists(whole, min_size=4, max_size=4),
    whole,
)
def test_a_quote_row_reads_back_its_closes(ms: int, bid: list | None, ask: list | None, size: int) -> None:
    fields = [ms, *(bid or [""] * 4), size, *(ask or [""] * 4), size]
    row = quote_row(",".join(map(str, fields)))
    assert row == (ms, bid and bid[3], size, ask and ask[3], size)


@given(st.text(alphabet="0123456789,.-eE \u0663NaN\r", max_size=60) | st.text(max_size=60))
def test_no_row_breaks_a_parser(line: str) -> None:
    for parse in (quote_row, trade_row, interest_row, index_row):
        try:
            row = parse(line)
        except ValueError:
            continue
        assert 0 <= row.ms < 86_400_000
        assert all(value is None or 0 <= value < 2**31 for value in row)


@given(stamp, st.decimals(min_value=1, max_value=100_000, places=2))
def test_index_values_are_exact_to_the_cent(ms: int, value) -> None:
    assert index_row(f"{ms},{value},{value},{value},{value},0") == (ms, int(value * 10_000))


# The real folder


@pytest.mark.parametrize(
    ("day", "rows", "crossed", "expiries"),
    [("2021-01-04", 4875, 0, 3), ("2021-01-06", 6190, 7, 4), ("2021-01-08", 6172, 48, 4), ("2023-06-26", 1674, 0, 2)],
)
def test_the_real_days(real: Store, day: str, rows: int, crossed: int, expiries: int) -> None:
    counts = real.choose("SPXW", dt.date.fromisoformat(day)).header.counts
    assert (counts["rows"], counts["crossed"], counts["expiries"]) == (rows, crossed, expiries)


def test_all_crossed_rows_are_kept_and_counted(real: Store) -> None:
    assert sum(entry.header.counts["crossed"] for entry in real.days("SPXW", source="lean")) == 56


def test_parity_holds_after_an_hour_is_added_and_not_before(real: Store) -> None:
    tape = real.open(real.choose("SPXW", MONDAY))
    assert inspect_day(tape).parity < 0.5
    columns = tape.columns
    instants = np.unique(columns.ts_known)
    prices = columns.values["price"].copy()
    spot = columns.code == columns.symbols.index("SPX")
    later = dict(zip((columns.ts_known[spot] - HOUR).tolist(), prices[spot].tolist(), strict=True))
    prices[spot] = [later.get(ts, MISSING) for ts in columns.ts_known[spot].tolist()]
    shifted = type(columns)(
        columns.ts_known, columns.ts_event, columns.code, columns.symbols, {**columns.values, "price": prices}
    )
    assert len(instants) > 300
    error, limit = parity_error(shifted, MONDAY)
    assert error > 5 > limit


def test_every_quote_of_the_long_table_before_the_close_is_on_the_tape(real: Store, shared: Path) -> None:
    """The vendor's own flat table of the same quotes, in New York time and dollars."""
    tape, known, found = real.open(real.choose("SPXW", MONDAY)), [], {}
    for event in tape.events():
        if isinstance(event, Listing):
            known += event.instruments
        elif isinstance(event, ChainBatch) and event.bid is not None:
            stamp = f"{to_new_york(event.ts_known - MINUTE):%Y-%m-%d %H:%M}"
            quotes = zip(event.idx, event.bid.tolist(), event.ask.tolist(), event.bid_size.tolist(), strict=True)
            for i, bid, ask, size in quotes:
                if size != MISSING:
                    found[stamp, known[i].symbol] = (bid, ask, size)
    expected = {}
    with gzip.open(shared / "data" / "lean_spxw_nbbo" / "spxw_quotes_long.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if row["ts_et"].startswith("2021-01-04") and row["ts_et"][11:] < "16:00":
                expiry = row["expiration"].replace("-", "")[2:]
                symbol = f"SPXW{expiry}{row['right']}{round(float(row['strike']) * 1000):08d}"
                bid, ask = round(float(row["bid"]) * 10_000), round(float(row["ask"]) * 10_000)
                expected[row["ts_et"], symbol] = (bid, ask, int(row["bid_size"]))
    assert len(expected) > 4000
    assert found == expected


def test_spy_comes_with_its_own_share_in_regular_hours(real: Store) -> None:
    tape = real.open(real.choose("SPY", dt.date(2023, 8, 3)))
    of = session(tape.day)
    columns = tape.columns
    spy = columns.ts_known[columns.code == columns.symbols.index("SPY")]
    assert (spy[0], spy[-1], len(spy)) == (of.open + MINUTE, of.close, 390)
    assert columns.ts_known[-1] == of.close + 15 * MINUTE
    assert inspect_day(tape).ok


@pytest.mark.parametrize(("root", "day"), [("SPXW", "2021-01-08"), ("SPXW", "2024-08-05"), ("SPY", "2023-08-03")])
def test_no_instrument_is_known_before_a_row_names_it(real: Store, root: str, day: str) -> None:
    tape = real.open(real.choose(root, dt.date.fromisoformat(day)))
    first = {}
    for ts, code in zip(tape.columns.ts_known.tolist(), tape.columns.code.tolist(), strict=True):
        first.setdefault(parse_symbol(tape.columns.symbols[code]), ts)
    events, listed = list(tape.events()), []
    for before, event in zip([None, *events], events, strict=False):
        if isinstance(event, Listing):
            assert event.first == len(listed)
            assert all(first[instrument] == event.ts_known for instrument in event.instruments)
            listed += event.instruments
        else:
            assert event.idx.max() < len(listed)
            assert (np.diff(event.idx) > 0).all()
        assert before is None or before.order < event.order
        assert before is None or before.seq + 1 == event.seq
    assert len(listed) == len(first)


def test_a_second_import_of_the_real_folder_changes_no_byte(shared: Path, store: Store) -> None:
    folder = shared / "data" / "lean_spxw_nbbo"
    bring(store, folder, "lean")
    before = {path: path.read_bytes() for path in sorted(store.path.rglob("*")) if path.is_file()}
    stored, _, refused = bring(store, folder / "Data", "lean")
    assert ({result for _, result in stored}, refused, len(stored)) == ({"unchanged"}, [], 10)
    other = Store(store.path.parent / "other")
    bring(other, folder, "lean")
    for path, data in before.items():
        assert path.read_bytes() == data
        assert (other.path / path.relative_to(store.path)).read_bytes() == data
