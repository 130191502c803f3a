"""``cboe-datashop``: quotes of 15:45 stand at 15:45, and what only the evening knows does not."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_days import bring

from engine.calendar import clock_text
from engine.tape import DayTable, ImportRefused, Store, inspect_day
from engine.tape.columns import problem
from engine.tape.importers import IMPORTERS, ImportOptions, LeftOut, sniff
from engine.types import MISSING

IMPORTER = IMPORTERS["cboe-datashop"]
SAMPLE = (
    "quote_date,expiration,strike,option_type,bid_size_1545,bid_1545,ask_size_1545,ask_1545,"
    "underlying_bid_1545,underlying_ask_1545,trade_volume,open_interest"
)
CALL = "2019-06-26,2019-06-26,2915,C,78,4.1,79,4.4,2917.8,2918.42,1530,24"
PUT = "2019-06-26,2019-06-26,2915,P,11,1.2,12,1.35,2917.8,2918.42,900,25"
LATER = "2019-06-26,2019-06-28,2915.000,P,11,12.2,12,12.4,2917.8,2918.42,0,26"
FULL = (
    "underlying_symbol,quote_date,root,expiration,strike,option_type,open,high,low,close,trade_volume,"
    "bid_size_1545,bid_1545,ask_size_1545,ask_1545,underlying_bid_1545,underlying_ask_1545,"
    "bid_size_eod,bid_eod,ask_size_eod,ask_eod,underlying_bid_eod,underlying_ask_eod,vwap,open_interest"
)


def full(root: str = "SPXW", day: str = "2019-06-26", expiry: str = "2019-06-26", right: str = "C") -> str:
    quotes = "78,4.1,79,4.4,2917.8,2918.42,5,0.05,6,0.1,2913.7,2913.9"
    return f"^SPX,{day},{root},{expiry},2915.000,{right},3,5,0.05,0.1,1530,{quotes},2.5,24"


def write(folder: Path, *lines: str, name: str = "spxw20190626.csv") -> Path:
    path = folder / name
    text = "\ufeff" + "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


def read(path: Path, **options: object) -> list:
    return list(IMPORTER.read(path, ImportOptions(**options)))


def rows(day: DayTable) -> dict[tuple[str, str], dict[str, int]]:
    columns = day.columns
    return {
        (clock_text(int(columns.ts_known[row]), seconds=False), columns.symbols[code]): {
            name: int(column[row]) for name, column in columns.values.items() if column[row] != MISSING
        }
        for row, code in enumerate(columns.code.tolist())
    }


def test_the_sample_is_one_instant_and_the_days_volume_is_not_known_then(tmp_path: Path) -> None:
    path = write(tmp_path, SAMPLE, CALL, PUT, LATER, name="spxw20190626.csv.gz")
    assert sniff(path) is IMPORTER
    (day,) = read(path)
    assert (day.root, day.day, day.provenance.source) == ("SPXW", dt.date(2019, 6, 26), "datashop")
    found = rows(day)
    assert {instant for instant, _ in found} == {"15:45"}
    assert found["15:45", "SPX"] == {"price": 29_181_100}
    assert found["15:45", "SPXW190626C02915000"] == {
        "bid": 41_000, "ask": 44_000, "bid_size": 78, "ask_size": 79, "open_interest": 24,
    }  # fmt: skip
    assert day.columns.ts_event.tolist() == day.columns.ts_known.tolist()
    assert day.flags == ("truncated:15:45",)


def test_quotes_of_the_close_and_the_days_volume_come_when_trading_ended(tmp_path: Path) -> None:
    path = write(tmp_path, FULL, full(), full(expiry="2019-06-28"), full("SPX", expiry="2019-07-19"), name="any.csv")
    day, left_out = read(path)
    found = rows(day)
    assert found["16:00", "SPXW190626C02915000"] == {
        "bid": 500, "ask": 1_000, "bid_size": 5, "ask_size": 6, "volume": 1530,
    }  # fmt: skip
    assert "volume" not in found["15:45", "SPXW190626C02915000"]
    assert found["16:15", "SPXW190628C02915000"]["volume"] == 1530
    assert found["16:00", "SPX"] == {"price": 29_138_000}
    assert (day.counts["after_close"], day.flags) == (1, ("after_close",))
    assert isinstance(left_out, LeftOut)
    assert left_out.why.startswith("1 rows: SPX options settle on the morning's opening prices")


def test_days_are_handed_out_as_they_end_and_none_may_come_back(tmp_path: Path) -> None:
    two = [full(), full("XSP"), full(day="2019-06-27", expiry="2019-06-28")]
    items = read(write(tmp_path, FULL, *two))
    assert [(item.root, str(item.day)) for item in items] == [
        ("SPXW", "2019-06-26"), ("XSP", "2019-06-26"), ("SPXW", "2019-06-27"),
    ]  # fmt: skip
    reader = IMPORTER.read(write(tmp_path, FULL, *two, full(right="P")), ImportOptions())
    assert next(reader).root == "SPXW"
    with pytest.raises(ImportRefused, match="row 5: SPXW 2019-06-26 comes back after another day"):
        list(reader)
    done = frozenset({("SPXW", dt.date(2019, 6, 26)), ("XSP", dt.date(2019, 6, 26))})
    assert [str(item.day) for item in read(write(tmp_path, FULL, *two), done=done)] == ["2019-06-27"]


def test_the_root_is_asked_for_where_nothing_says_it(tmp_path: Path) -> None:
    path = write(tmp_path, SAMPLE, CALL, name="20190626.csv")
    with pytest.raises(ImportRefused, match="which root is this"):
        read(path)
    assert read(path, symbol="spxw")[0].root == "SPXW"
    with pytest.raises(ImportRefused, match="--symbol 12 is no option root"):
        read(path, symbol="12")
    named = write(tmp_path, SAMPLE.replace("quote_date", "underlying_symbol,quote_date"), "SPY," + CALL, name="x.csv")
    assert read(named)[0].root == "SPY"


def test_a_half_day_ends_early_and_its_snapshot_is_of_a_quarter_to(tmp_path: Path) -> None:
    early = CALL.replace("2019-06-26", "2023-11-24")
    (day,) = read(write(tmp_path, SAMPLE, early))
    assert {instant for instant, _ in rows(day)} == {"12:45"}
    assert "half_day" in day.flags
    with pytest.raises(ImportRefused, match="2019-11-29 is a half-day before 2020-02-05"):
        read(write(tmp_path, SAMPLE, CALL.replace("2019-06-26", "2019-11-29")))


@pytest.mark.parametrize("sides", ["0,0", "2918.42,2917.8", "100,2917.8"])
def test_an_underlying_that_is_not_sane_is_missing(tmp_path: Path, sides: str) -> None:
    (day,) = read(write(tmp_path, SAMPLE, CALL.replace("2917.8,2918.42", sides)))
    assert ("15:45", "SPX") not in rows(day)
    assert day.counts["no_underlying"] == 1
    assert "no_underlying" in day.flags


def test_the_same_row_twice_is_counted_once(tmp_path: Path) -> None:
    (day,) = read(write(tmp_path, SAMPLE, CALL, CALL))
    assert (len(day.columns), day.counts["duplicates"]) == (2, 1)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([SAMPLE], "there are no rows"),
        (["a,b", "1,2"], "row 1: no column quote_date"),
        ([SAMPLE.replace(",bid_1545", ",bid"), CALL], "row 1: no column bid_1545"),
        ([SAMPLE.replace("strike", "expiration"), CALL], "no column strike"),
        ([SAMPLE, CALL + ",1"], "row 2: 13 fields where the header has 12"),
        ([SAMPLE, CALL, CALL.replace("4.1", "4.2")], "row 3: SPXW190626C02915000 comes twice on 2019-06-26"),
        ([SAMPLE, CALL, PUT.replace("2917.8", "2917.9")], "row 3: the underlying has two values at 1545"),
        ([SAMPLE, CALL.replace("2019-06-26,2019", "2019-06-29,2019")], "row 2: expired on 2019-06-26"),
        ([SAMPLE, CALL.replace("2019-06-26", "2019-06-29")], "row 2: 2019-06-29 is a Saturday"),
        ([SAMPLE, CALL.replace("2019-06-26", "2019-02-30")], "row 2: there is no such date"),
        ([SAMPLE, CALL.replace("2019-06-26", "26.06.2019")], "row 2: not a date like"),
        ([SAMPLE, CALL.replace(",C,", ",X,")], "row 2: neither call nor put: 'X'"),
        ([SAMPLE, CALL.replace("2915", "0")], "row 2: not a strike"),
        ([SAMPLE, CALL.replace("4.1", "-4.1")], "row 2: not a bid_1545: '-4.1'"),
        ([SAMPLE, CALL.replace("78", "7.5")], "row 2: not a bid_size_1545: '7.5'"),
        ([SAMPLE, CALL.replace("1530", "nan")], "row 2: not a volume: 'nan'"),
        ([SAMPLE.replace(",", ";"), CALL.replace(",", ";")], "no column quote_date"),
        ([FULL.replace("ask_eod,", "asked,"), full()], "no column ask_eod"),
        ([FULL, full(root="?")], "row 2: not an option root: '?'"),
    ],
)
def test_one_bad_value_refuses_the_file_in_one_line(tmp_path: Path, store: Store, lines: list[str], says: str) -> None:
    path = write(tmp_path, *lines)
    with pytest.raises(ImportRefused) as caught:
        bring(store, path, "cboe-datashop")
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).isprintable()
    assert not store.path.exists()


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, SAMPLE, CALL, PUT, name="spxw.csv.gz")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ImportRefused, match="cannot be unpacked"):
        read(path)


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 5), st.binary(max_size=4)), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_a_mutated_file_is_read_whole_or_refused(tmp_path: Path, changes: list[tuple[int, int, bytes]]) -> None:
    data = "\n".join([FULL, full(), full(right="P"), full(expiry="2019-06-28")]).encode()
    for position, width, what in changes:
        data = data[:position] + what + data[position + width :]
    path = tmp_path / "spxw.csv"
    path.write_bytes(data)
    try:
        items = read(path)
    except ImportRefused as error:
        message, items = str(error), []
    else:
        message = ""
    assert "\n" not in message
    for item in items:
        if isinstance(item, DayTable):
            assert problem(item.columns) is None
            assert Store(tmp_path / "fuzzed").save_day(item) in {"new", "replaced", "unchanged"}


def test_the_real_sample_is_stored_whole_and_agrees_with_its_spot(shared: Path, store: Store) -> None:
    path = shared / "data" / "cboe_datashop" / "spxw20190626.csv.gz"
    assert sniff(path) is IMPORTER
    ((item, saved),), left_out, refused = bring(store, path, "cboe-datashop")
    assert (saved, left_out, refused) == ("new", [], [])
    assert len(item.columns) == 10_384 + 1
    symbols = [symbol for symbol in item.columns.symbols if symbol.startswith("SPXW190626")]
    assert len(symbols) == 322
    tape = store.open(store.choose("SPXW", dt.date(2019, 6, 26)))
    assert tape.header.counts["expiries"] == 30
    assert tape.header.counts["crossed"] == 0
    report = inspect_day(tape)
    assert report.parity == pytest.approx(0.065, abs=0.01)
    assert "truncated 15:45" in report.reasons
    assert bring(store, path, "cboe-datashop")[0][0][1] == "unchanged"
