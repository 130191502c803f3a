"""``cboe-quotedata``: nine real tables of the Cboe website come in as what they are or are refused by name."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_days import bring

from engine.calendar import clock_text
from engine.tape import DayTable, ImportRefused, Store
from engine.tape.columns import problem
from engine.tape.importers import IMPORTERS, ImportOptions, LeftOut, sniff
from engine.tape.importers.cboe_table import HEADER
from engine.types import Underlying, parse_symbol

IMPORTER = IMPORTERS["cboe-quotedata"]
DATE = '"Date: July 12, 2022, 11:55 AM EDT",Bid: 3855.3701,Ask: 3857.1599,Size: 1*1,Volume: 0'
ROWS = (
    "Tue Jul 12 2022,SPXW220712C03855000,10.5,0,10.6,10.9,7,0.29,0.52,0.0161,1409,3855.00,"
    "SPXW220712P03855000,9,0,8.9,9.2,8,0.29,-0.48,0.0161,358",
    "Tue Jul 12 2022,SPXW220712C03860000,8.1,0,8.1,8.4,5,0.28,0.47,0.0162,1475,3860.00,"
    "SPXW220712P03860000,11,0,11.3,11.6,6,0.29,-0.53,0.0162,453",
    "Fri Jul 15 2022,SPX220715C03860000,51,0,50,52,3,0.25,0.5,0.0048,900,3860.00,"
    "SPX220715P03860000,54,0,53,55,4,0.25,-0.5,0.0048,800",
)


def table(*rows: str, date: str = DATE, last: str = "3856.284", header: str = HEADER) -> str:
    return "\n".join(["", f"S&P 500 INDEX,Last: {last},Change:  1.85", date, header, *(rows or ROWS)]) + "\n"


def write(folder: Path, text: str | bytes, name: str = "quotedata.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, **options: object) -> list:
    return list(IMPORTER.read(path, ImportOptions(**options)))


def values(day: DayTable) -> dict[str, dict[str, int]]:
    columns = day.columns
    return {
        columns.symbols[code]: {name: int(column[row]) for name, column in columns.values.items()}
        for row, code in enumerate(columns.code.tolist())
    }


def test_a_table_is_one_instant_of_spxw_and_its_spx_options_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, table())
    assert sniff(path) is IMPORTER
    day, left_out = read(path)
    assert (day.root, day.day, day.provenance.source, day.provenance.meaning) == (
        "SPXW", dt.date(2022, 7, 12), "quotedata", "quote",
    )  # fmt: skip
    assert {clock_text(ts) for ts in day.columns.ts_event.tolist()} == {"11:40:00"}
    assert {clock_text(ts) for ts in day.columns.ts_known.tolist()} == {"11:55:00"}
    found = values(day)
    assert len(found) == 5
    assert found["SPX"]["price"] == 38_562_800
    call = found["SPXW220712C03860000"]
    assert [call[name] for name in ("bid", "ask", "volume", "open_interest")] == [81_000, 84_000, 5, 1475]
    assert day.counts == {"rounded_to_cent": 1}
    assert day.flags == ("snapshot:11:40", "truncated:11:55")
    assert isinstance(left_out, LeftOut)
    assert left_out.what.endswith("quotedata.csv: SPX")
    assert left_out.why.startswith("2 options: SPX options settle on the morning's opening prices")


def test_a_table_that_went_through_a_spreadsheet_and_gzip_is_the_same_table(tmp_path: Path) -> None:
    plain = read(write(tmp_path, table()))[0]
    lines = table().strip().split("\n")
    lines[:2] = [lines[0] + "," * 19, lines[1] + "," * 17]
    saved = "\r\n".join(lines).replace("3855.00,", "3855,") + "\r\n"
    packed = write(tmp_path, gzip.compress(b"\xef\xbb\xbf" + saved.encode()), "saved.csv.gz")
    assert sniff(packed) is IMPORTER
    assert values(read(packed)[0]) == values(plain)


def test_what_is_only_odd_is_counted_and_stored(tmp_path: Path) -> None:
    crossed = ROWS[0].replace(",10.6,10.9,", ",11,10.9,")
    high = ROWS[1].replace(",8.1,8.4,", ",12,12.4,").replace(",11.3,11.6,", ",0,0,")
    more = ROWS[1].replace("3860", "3865").replace(",8.1,8.4,", ",12.5,12.8,").replace(",11.3,11.6,", ",0,0.05,")
    (day,) = read(write(tmp_path, table(crossed, high, more)))
    assert day.counts["call_monotonicity_breaks"] == 1
    assert day.counts["put_monotonicity_breaks"] == 1
    assert (day.counts["zero_quote"], day.counts["no_bid"]) == (1, 1)
    assert values(day)["SPXW220712P03860000"]["ask"] == 0
    assert values(day)["SPXW220712C03855000"]["bid"] == 110_000


def test_a_day_stored_from_these_bytes_is_not_handed_out_again(tmp_path: Path) -> None:
    items = read(write(tmp_path, table()), done=frozenset({("SPXW", dt.date(2022, 7, 12))}))
    assert [type(item) for item in items] == [LeftOut]


def test_a_spanish_table_of_trading_hours_is_read(tmp_path: Path) -> None:
    date = '"Date: 12 de julio de 2022, 10:55 GMT-5",Bid: 3855.37,Ask: 3857.16,Size: 1*1,Volume: 0'
    assert values(read(write(tmp_path, table(date=date)))[0]) == values(read(write(tmp_path, table()))[0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (table(date="Date: 4 June 4, 3:15 PM EDT,Bid: 1,Ask: 2,Size: 1*6,Volume: 9"), "row 3: not a date with a year"),
        (table(date=DATE.replace("11:55 AM", "9:30 AM")), "row 3: printed at 09:30 New York on 2022-07-12"),
        (table(date="Bid: 1,Ask: 2"), "row 3: no time of the table"),
        (table(date=DATE.replace("12, 2022", "13, 2022")), "row 5: SPXW220712C03855000 expired before 2022-07-13"),
        (table(last="3,856.28"), "row 2: not a value of the underlying: '3,856.28'"),
        (table(last="n/a"), "row 2: not a value of the underlying: 'n/a'"),
        (table(header=HEADER.replace(",", ";")), "not Cboe's quote table"),
        (table(header=HEADER.replace("Bid,Ask", "Ask,Bid")), "not Cboe's quote table"),
        ("", ".csv: not Cboe's quote table"),
        (table(ROWS[0].rsplit(",", 1)[0]), "row 5: 21 fields where 22 belong"),
        (table(ROWS[0] + ",1"), "row 5: 23 fields where 22 belong"),
        (table(ROWS[0], ROWS[0]), "row 6: SPXW220712C03855000 comes twice"),
        (table(ROWS[0].replace(",10.6,", ',"10,6",')), "row 5: not a bid price: '10,6'"),
        (table(ROWS[0].replace(",10.6,", ",-1,")), "row 5: not a bid price: '-1'"),
        (table(ROWS[0].replace(",10.9,", ",nan,")), "row 5: not a ask price: 'nan'"),
        (table(ROWS[0].replace(",7,", ",7.5,")), "row 5: not a volume: '7.5'"),
        (table(ROWS[0].replace("358", "")), "row 5: not a count of open interest: ''"),
        (table(ROWS[0].replace(",3855.00,", ",3860.00,")), "stands in the row of another expiry, strike or right"),
        (table(ROWS[0].replace("Tue Jul 12 2022", "Wed Jul 13 2022")), "row of another expiry"),
        (table(ROWS[0].replace("Tue", "Wed")), "row 5: not an expiration date"),
        (table(ROWS[0].replace("P03855000", "C03855000")), "stands in the row of another"),
        (table(ROWS[0].replace("SPXW220712C03855000", "SPX")), "row 5: not an option symbol: 'SPX'"),
        (table(ROWS[0].replace("SPXW", "SPY"), ROWS[1]), "row 6: options of SPXW and SPY in one table"),
        ("\n".join(table().split("\n")[:4]) + "\n", "there are no options in it"),
        (table().encode("utf-16"), "UTF-8"),
        (gzip.compress(table().encode(), mtime=0)[:-9], "cannot be unpacked"),
    ],
)
def test_one_bad_value_refuses_the_table_in_one_line(
    tmp_path: Path, store: Store, text: str | bytes, says: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ImportRefused) as caught:
        bring(store, path, "cboe-quotedata")
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).isprintable()
    assert not store.path.exists()


def test_a_symbol_is_refused_and_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="--symbol has no meaning"):
        read(write(tmp_path, table()), symbol="SPX")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "absent.csv")


mutations = st.one_of(
    st.tuples(st.just("replace"), st.integers(0, 900), st.binary(min_size=1, max_size=4)),
    st.tuples(st.just("insert"), st.integers(0, 900), st.sampled_from([b",", b"\n", b'"', b"-", b"9", b"\xff", b"\0"])),
    st.tuples(st.just("cut"), st.integers(0, 900), st.just(b"")),
)


@given(st.lists(mutations, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_a_mutated_table_is_read_whole_or_refused(tmp_path: Path, changes: list[tuple[str, int, bytes]]) -> None:
    data = table().encode()
    for kind, position, what in changes:
        keep = position + len(what) if kind == "replace" else position
        data = data[:position] + what + (b"" if kind == "cut" else data[keep:])
    path = write(tmp_path, data)
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


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_bytes_of_anything_are_refused(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, data)
    assert not IMPORTER.sniff(path)
    with pytest.raises(ImportRefused):
        read(path)


# The real files

REAL = {
    "qqq_2023-09-24_weekend": ("QQQ", "2023-09-22", 6340, 0, "16:15", "17:15"),
    "spx_2022-02-05_2009ET_weekend": ("SPXW", "2022-02-04", 12978, 7536, "17:00", "17:15"),
    "spx_2022-07-12_1155ET": ("SPXW", "2022-07-12", 12194, 7184, "11:40", "11:55"),
    "spx_2023-09-14_1631ET": ("SPXW", "2023-09-14", 13634, 6286, "16:16", "16:31"),
    "spx_2023-12-09_ru_locale": ("SPXW", "2023-12-08", 5420, 810, "17:00", "17:15"),
    "spy_2023-09-14_1631ET": ("SPY", "2023-09-14", 7292, 0, "16:15", "16:31"),
    "xsp_2023-09-14_1630ET": ("XSP", "2023-09-14", 10882, 0, "16:15", "16:30"),
}


@pytest.mark.parametrize("name", REAL)
def test_every_real_table_with_a_believable_time_is_stored(name: str, shared: Path, store: Store) -> None:
    root, day, options, spx, quotes, known = REAL[name]
    path = shared / "data" / "cboe_quotedata" / f"{name}.csv.gz"
    assert sniff(path) is IMPORTER
    stored, left_out, refused = bring(store, path, "cboe-quotedata")
    ((item, saved),) = stored
    assert (item.root, str(item.day), saved, refused) == (root, day, "new", [])
    assert [note.why.split(" ", 1)[0] for note in left_out] == ([str(spx)] if spx else [])
    columns = item.columns
    assert len(columns) == options + 1
    assert {clock_text(ts, seconds=False) for ts in columns.ts_known.tolist()} == {known}
    assert clock_text(int(columns.ts_event.max()), seconds=False) == quotes
    expired = [
        clock_text(int(ts), seconds=False)
        for ts, code in zip(columns.ts_event, columns.code, strict=True)
        if getattr(parse_symbol(columns.symbols[code]), "expiry", None) == item.day
    ]
    assert set(expired) <= {"16:00" if root in ("SPXW", "XSP") and known > "16:00" else quotes}
    assert Underlying(columns.symbols[0]).symbol == ("SPX" if root == "SPXW" else root)
    assert item.counts.get("call_monotonicity_breaks", 0) == item.counts.get("put_monotonicity_breaks", 0) == 0
    assert bring(store, path, "cboe-quotedata")[0][0][1] == "unchanged"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "spx_2024-11-11_es_locale",
            "row 3: printed at 08:02 New York on 2024-11-11, its quotes are of the night session",
        ),
        ("spy_2023-06-04_weekend_baddate", "row 3: not a date with a year, a time and a zone"),
    ],
)
def test_a_table_of_the_night_and_one_without_a_year_are_refused(
    name: str, says: str, shared: Path, store: Store
) -> None:
    with pytest.raises(ImportRefused, match=says):
        bring(store, shared / "data" / "cboe_quotedata" / f"{name}.csv.gz", "cboe-quotedata")
    assert not store.path.exists()
