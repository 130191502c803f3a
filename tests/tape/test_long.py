"""The ``long`` importer: columns by name or by mapping, exact values, times and zones, what it refuses and where."""

from __future__ import annotations

import datetime as dt
import gzip
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import from_new_york
from engine.clock import MINUTE, SECOND
from engine.tape import DayTable, ImportRefused, Store
from engine.tape.columns import problem
from engine.tape.importers import IMPORTERS, ImportOptions, Item, LeftOut, sniff
from engine.tape.importers.long_times import parse_plain_times, parse_time
from engine.types import MISSING

DAY = dt.date(2024, 8, 7)
HEADER = "time,root,expiry,strike,right,bid,ask"
ROWS = [
    "2024-08-07 10:00,SPXW,2024-08-07,5300,C,12.30,12.60",
    "2024-08-07 10:00,SPXW,2024-08-07,5300,P,11.80,12.10",
    "2024-08-07 10:01,SPXW,2024-08-07,5300,C,12.35,12.65",
]


def read(path: Path, **options: object) -> list[Item]:
    return list(IMPORTERS["long"].read(path, ImportOptions(**options)))  # type: ignore[arg-type]


def table(tmp_path: Path, *lines: str, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n")
    return path


def one_day(tmp_path: Path, *lines: str, **options: object) -> DayTable:
    (item,) = read(table(tmp_path, *lines), **options)
    assert isinstance(item, DayTable)
    assert problem(item.columns) is None
    return item


def refusal(tmp_path: Path, *lines: str, **options: object) -> str:
    path = table(tmp_path, *lines)
    with pytest.raises(ImportRefused) as caught:
        read(path, **options)
    return str(caught.value).removeprefix(f"{path}: ")


def at(hour: int, minute: int = 0) -> int:
    return from_new_york(DAY, dt.time(hour, minute))


def test_quotes_are_true_and_known_at_their_time_in_new_york(tmp_path: Path) -> None:
    item = one_day(tmp_path, HEADER, *ROWS)
    assert (item.root, item.day, item.provenance.meaning, item.provenance.source) == ("SPXW", DAY, "quote", "long")
    assert item.columns.symbols == ("SPXW240807C05300000", "SPXW240807P05300000")
    assert item.columns.ts_known.tolist() == [at(10), at(10), at(10, 1)]
    assert item.columns.ts_event.tolist() == item.columns.ts_known.tolist()
    assert item.columns.values["bid"].tolist() == [123_000, 118_000, 123_500]
    assert item.flags == ("truncated:10:01",)


def test_the_real_long_file_holds_the_quotes_of_leans_own(shared: Path) -> None:
    path = shared / "data/lean_spxw_nbbo/spxw_quotes_long.csv.gz"
    days = {item.day: item for item in read(path, symbol="SPXW", known_after=60) if isinstance(item, DayTable)}
    assert [str(day) for day in days] == [*(f"2021-01-0{n}" for n in range(4, 9)), "2023-06-26"]
    lean = IMPORTERS["lean"].read(shared / "data/lean_spxw_nbbo/Data", ImportOptions())
    for item in lean:
        if isinstance(item, DayTable) and item.root == "SPXW":
            ours, theirs = quotes(days[item.day]), quotes(item)
            assert ours == {key: theirs[key] for key in ours}
            assert len(ours) == len(theirs)


def quotes(item: DayTable) -> dict[tuple[int, str], tuple[int, ...]]:
    columns = item.columns
    rows = columns.has("bid", "ask")
    names = ("bid", "ask", "bid_size", "ask_size")
    values = zip(*(columns.values[name][rows].tolist() for name in names), strict=True)
    keys = zip(columns.ts_known[rows].tolist(), [columns.symbols[code] for code in columns.code[rows]], strict=True)
    return dict(zip(keys, values, strict=True))


def test_bars_must_say_when_they_are_known(tmp_path: Path) -> None:
    lines = ["ts,symbol,price,open,high,low,volume", "2024-08-07 10:00,SPXW240807C05300000,5,4,6,4,10"]
    assert "its rows are bars (column open): say how long after its time a row is known, such as --known-after 60" in (
        refusal(tmp_path, *lines)
    )
    item = one_day(tmp_path, *lines, known_after=60)
    assert item.columns.ts_known.tolist() == [at(10, 1)]
    assert item.columns.ts_event.tolist() == [at(10)]
    assert item.provenance.meaning == "trade_bar"


def test_volumes_of_bars_add_up_contract_by_contract_since_the_open(tmp_path: Path) -> None:
    rows = ["2024-08-07 09:2{},{},1,1,1,1,99".format(n, "SPXW240807C05300000") for n in (0, 1)]
    rows += [
        f"2024-08-07 10:0{n},SPXW240807{right}05300000,1,1,1,1,{volume}"
        for n, right, volume in [(0, "C", 10), (0, "P", 7), (1, "C", ""), (2, "C", 5), (3, "P", 1)]
    ]
    item = one_day(tmp_path, "ts,symbol,price,open,high,low,volume", *rows, known_after=60)
    assert item.columns.values["volume"].tolist() == [10, 7, MISSING, 15, 8]
    assert item.counts["before_open"] == 2


def test_a_mapping_names_the_columns(tmp_path: Path) -> None:
    lines = ["When;What;B;A;Spot", "1723039200;SPXW  240807C05300000;12.3;12.6;5310.126"]
    told = {"time": "when", "symbol": "What", "bid": "B", "ask": "A"}
    item = one_day(tmp_path, *lines, columns=told)
    assert item.columns.ts_known.tolist() == [at(10), at(10)]
    assert item.columns.symbols == ("SPX", "SPXW240807C05300000")
    assert item.columns.values["price"].tolist() == [53_101_300, MISSING]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2024-08-07T14:00:00Z", None),
        ("2024-08-07 10:00:00.000000000-04:00", None),
        ("2024-08-07 09:00", "America/Chicago"),
        ("2024-08-07 14:00:00", "UTC"),
        ("1723039200", None),
        ("1723039200000", None),
        ("1723039200000000", None),
        ("1723039200000000000", None),
    ],
)
def test_a_time_may_be_written_in_many_ways(tmp_path: Path, text: str, zone: str | None) -> None:
    item = one_day(tmp_path, HEADER, ROWS[0].replace("2024-08-07 10:00", text), zone=zone)
    assert item.columns.ts_known.tolist() == [at(10)]


def test_parquet_with_real_types_gives_the_same_columns(tmp_path: Path) -> None:
    expected = one_day(tmp_path, HEADER, *ROWS)
    frame = pd.read_csv(tmp_path / "table.csv")
    frame["time"] = pd.to_datetime(frame["time"]).dt.tz_localize("America/New_York")
    frame["expiry"] = pd.to_datetime(frame["expiry"])
    frame["right"] = frame["right"].astype("category")
    frame.to_parquet(tmp_path / "table.parquet")
    (item,) = read(tmp_path / "table.parquet")
    assert isinstance(item, DayTable)
    assert item.columns.symbols == expected.columns.symbols
    assert np.array_equal(item.columns.ts_known, expected.columns.ts_known)
    assert np.array_equal(item.columns.values["ask"], expected.columns.values["ask"])
    naive = frame.assign(time=frame["time"].dt.tz_localize(None))
    naive.to_parquet(tmp_path / "naive.parquet")
    (item,) = read(tmp_path / "naive.parquet")
    assert np.array_equal(item.columns.ts_known, expected.columns.ts_known)  # type: ignore[union-attr]


def test_gzip_is_unpacked_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(gzip.compress("\n".join([HEADER, *ROWS]).encode()))
    (item,) = read(path)
    assert isinstance(item, DayTable)
    assert len(item.columns) == 3


def test_days_and_roots_come_out_one_by_one_in_order(tmp_path: Path) -> None:
    later = [row.replace("2024-08-07", "2024-08-08") for row in ROWS]
    fund = [row.replace("SPXW", "SPY").replace("5300", "530") for row in ROWS]
    items = read(table(tmp_path, HEADER, *ROWS, *fund, *later))
    assert [(item.root, item.day.day) for item in items if isinstance(item, DayTable)] == [
        ("SPXW", 7), ("SPY", 7), ("SPXW", 8),
    ]  # fmt: skip
    skipped = read(table(tmp_path, HEADER, *ROWS, *later), done=frozenset({("SPXW", DAY)}))
    assert [item.day.day for item in skipped if isinstance(item, DayTable)] == [8]


def test_rows_of_other_roots_are_left_out_by_name(tmp_path: Path) -> None:
    items = read(table(tmp_path, HEADER, *ROWS, ROWS[0].replace("SPXW", "NDXP")))
    assert isinstance(items[-1], LeftOut)
    assert items[-1].why.startswith("1 rows of NDXP: not known here")
    assert refusal(tmp_path, HEADER, ROWS[0].replace("SPXW", "NDXP")).startswith("only 1 rows of NDXP")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("12.30", "abc"), "row 2: not a number: 'abc'"),
        (("12.30", "-1"), "row 2: bid: not a price: -1"),
        (("12.30", "inf"), "row 2: bid: not a price: inf"),
        (("12.30", "300000"), "row 2: bid: not a price: 300000"),
        (("5300,C", "5300,X"), "row 2: right: not call or put: 'X'"),
        (("5300,C", ",C"), "row 2: the strike is missing or is not in whole thousandths of a dollar"),
        (("5300,C", "0,C"), "row 2: strike: not a price: 0"),
        (("SPXW,", "sp xw,"), "row 2: root: not an option root: 'sp xw'"),
        (("SPXW,2024-08-07", "SPXW,2024-8-7"), "row 2: expiry: not a date like 2024-08-07: '2024-8-7'"),
        (("SPXW,2024-08-07", "SPXW,2024-08-06"), "row 2: expired 2024-08-06, before 2024-08-07"),
        (("2024-08-07 10:00", "2024-08-03 10:00"), "row 2: 2024-08-03 is a Saturday"),
        (("2024-08-07 10:00", "07.08.2024 10:00"), "row 2: time: not a time like 2024-08-07 10:00:00"),
        (("2024-08-07 10:00", ""), "row 2: time is empty"),
        (("2024-08-07 10:00", "2024-08-07 04:00"), "row 2: no row of SPXW on 2024-08-07 was known between 09:30:00"),
    ],
)
def test_a_row_that_cannot_be_trusted_refuses_the_file_by_its_number(
    tmp_path: Path, change: tuple[str, str], line: str
) -> None:
    assert line.lower() in refusal(tmp_path, HEADER, ROWS[0].replace(*change, 1)).lower()


def test_two_rows_of_one_contract_at_one_instant_are_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, HEADER, *ROWS, ROWS[0])
    assert said == "row 5: SPXW240807C05300000 comes twice at one instant (first in row 2)"


def test_a_day_that_comes_back_is_refused(tmp_path: Path) -> None:
    later = ROWS[0].replace("2024-08-07", "2024-08-08")
    said = refusal(tmp_path, HEADER, later, ROWS[0])
    assert said == "row 3: a row of 2024-08-07 after rows of 2024-08-08: sort the table by time"


@pytest.mark.parametrize(
    ("header", "options", "said"),
    [
        ("a,b,c", {}, "row 1: no column of times: name it with --map time=COLUMN; there are: a, b, c"),
        ("time,bid,ask", {}, "row 1: no contract: --map symbol=COLUMN (OCC) or expiry=COLUMN, strike=COLUMN"),
        ("time,symbol,bid", {}, "row 1: no price: --map bid=COLUMN and ask=COLUMN"),
        (HEADER, {"columns": {"bidd": "bid"}}, "--map bidd=bid: no field 'bidd'; did you mean bid?"),
        (HEADER, {"columns": {"bid": "bidd"}}, "--map bid=bidd: no column 'bidd'; did you mean bid?"),
        (HEADER + ",bid", {}, "row 1: the column bid comes twice"),
        (HEADER, {"zone": "Mars"}, "--zone Mars: no such time zone; write one like America/New_York or UTC"),
        (HEADER.replace(",root", ""), {}, "which root the options are of is not said: give --symbol, such as SPXW"),
    ],
)
def test_what_is_missing_from_the_table_is_said_with_how_to_name_it(
    tmp_path: Path, header: str, options: dict[str, object], said: str
) -> None:
    row = ROWS[0] if "root" in header or "a,b" in header else ROWS[0].replace("SPXW,", "")
    assert said in refusal(tmp_path, header, ",".join(row.split(",") + ["1"] * 3)[: 2 * len(row)], **options) or (
        said in refusal(tmp_path, header, ",".join(row.split(",")[: header.count(",") + 1]), **options)
    )


def test_it_is_recognised_by_its_columns(tmp_path: Path) -> None:
    assert sniff(table(tmp_path, HEADER, *ROWS)) is IMPORTERS["long"]
    assert sniff(table(tmp_path, "time,open,high,low,close", "09:30,1,1,1,1", name="bars.csv")) is not IMPORTERS["long"]
    assert not IMPORTERS["long"].sniff(tmp_path)


@settings(max_examples=300)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.booleans())
def test_damaged_tables_are_refused_or_whole_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, cuts: int, packed: bool
) -> None:
    data = bytearray("\n".join([HEADER, *ROWS, *ROWS[:0]]).encode())
    for _ in range(cuts):
        position = chance.randrange(len(data))
        data[position : position + chance.randrange(3)] = bytes(chance.choices(b'0123456789,;"\n\0\xffCPx.- :', k=2))
    raw = gzip.compress(bytes(data)) if packed else bytes(data)
    if packed and chance.random() < 0.5:
        raw = raw[: chance.randrange(len(raw))]
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / "table.csv"
    path.write_bytes(raw)
    try:
        items = read(path)
    except ImportRefused as error:
        said = str(error)
        items = []
    else:
        said = ""
    assert "\n" not in said
    for item in items:
        if isinstance(item, DayTable):
            assert problem(item.columns) is None
            Store(folder / "store").save_day(item)


def test_a_million_rows_stream_by_the_day(tmp_path: Path) -> None:
    """Not a timing: that a day is handed out before the next is read, and nothing is lost."""
    days = [dt.date(2024, 8, 5) + dt.timedelta(days=n) for n in range(4)]
    stamps = [f"{day} 10:{minute:02d}:{second:02d}" for day in days for minute in range(10) for second in range(60)]
    frame = pd.DataFrame({"time": np.repeat(stamps, 40)})
    frame["expiry"] = "2024-08-09"
    frame["strike"] = np.tile(5000 + 5 * np.arange(40), len(stamps))
    frame["right"], frame["bid"], frame["ask"] = "C", 1.0, 1.1
    path = tmp_path / "big.csv"
    frame.to_csv(path, index=False)
    seen: list[float] = []
    reader = IMPORTERS["long"].read(path, ImportOptions(symbol="SPXW", progress=seen.append))
    sizes = []
    for item in reader:
        assert isinstance(item, DayTable)
        sizes.append((item.day, len(item.columns)))
    assert sizes == [(day, 600 * 40) for day in days]
    assert seen[-1] == 1.0
    assert (np.diff(item.columns.starts()) == 40).all()
    assert item.columns.ts_known[-1] - item.columns.ts_known[0] == 10 * MINUTE - SECOND


def naive(text: str, count: int = 2) -> pa.Array:
    return pa.array(np.full(count, np.datetime64(text, "us")))


def parquet(tmp_path: Path, **columns: object) -> Path:
    base = {
        "time": naive("2024-08-07T10:00"),
        "root": ["SPXW"] * 2, "expiry": [DAY] * 2, "strike": [5300.0] * 2, "right": ["C", "P"],
        "bid": [12.3, 11.8], "ask": [12.6, 12.1],
    }  # fmt: skip
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({**base, **columns}), path)
    return path


def test_prices_in_float32_are_their_shortest_decimals(tmp_path: Path) -> None:
    """Taken for what they are in binary, most prices above 1024 dollars come out a unit or two off."""
    cents = np.arange(102_405, 1_600_000, 7)
    contracts = {"strike": np.arange(1, len(cents) + 1), "right": ["C"] * len(cents), "root": ["SPXW"] * len(cents)}
    path = tmp_path / "table.parquet"
    prices = pa.array((cents / 100).astype(np.float32))
    times, expiries = naive("2024-08-07T10:00", len(cents)), [DAY] * len(cents)
    pq.write_table(pa.table({"time": times, "expiry": expiries, **contracts, "bid": prices, "ask": prices}), path)
    (day,) = read(path)
    assert day.columns.values["bid"].tolist() == (cents * 100).tolist()


@pytest.mark.parametrize(
    ("field", "column", "reason"),
    [
        ("time", naive("2024-03-10T02:30"), "rows 1 to 2: Timestamp doesn't"),
        ("time", naive("3024-03-10T09:00"), "rows 1 to 2: .*out of bounds"),
        ("root", pa.array([b"\xff", b"SPXW"]), "rows 1 to 2: Invalid UTF8"),
        ("root", pa.array([{"x": "a"}, {"x": "b"}]), "rows 1 to 2: Unsupported cast from struct"),
        ("bid", pa.array([{"x": 1.0}, {"x": 2.0}]), "bid: its column is of struct"),
        ("bid", pa.array([True, False]), "bid: its column is of bool"),
    ],
)
def test_a_parquet_column_of_another_kind_is_refused_in_one_line(
    tmp_path: Path, field: str, column: pa.Array, reason: str
) -> None:
    with pytest.raises(ImportRefused, match=reason) as caught:
        read(parquet(tmp_path, **{field: column}))
    assert "\n" not in str(caught.value)


def test_a_time_that_64_bits_do_not_hold_is_out_of_range(tmp_path: Path) -> None:
    reason = refusal(tmp_path, HEADER, ROWS[0].replace("2024-08-07 10", "3024-08-07 10"))
    assert reason == "row 2: time: out of range: '3024-08-07 10:00'"


def test_a_header_of_ten_thousand_names_is_read_to_its_end(tmp_path: Path) -> None:
    more = ",".join(f"column{number}" for number in range(10_000))
    path = table(tmp_path, f"{more},{HEADER}", *(f"{'1,' * 10_000}{row}" for row in ROWS))
    assert sniff(path) is IMPORTERS["long"]
    (day,) = read(path)
    assert len(day.columns) == 3


def test_what_buyers_started_adds_up_as_the_volume_does(tmp_path: Path) -> None:
    rows = [
        "2024-08-07 10:00,SPXW,2024-08-07,5300,C,12.3,10,4",
        "2024-08-07 10:01,SPXW,2024-08-07,5300,C,12.4,5,5",
    ]
    head = "time,root,expiry,strike,right,last"
    bars = one_day(tmp_path, f"{head},volume,buy_volume", *rows, known_after=60).columns.values
    assert (bars["volume"].tolist(), bars["buy_volume"].tolist()) == ([10, 15], [4, 9])
    so_far = one_day(tmp_path, f"{head},cum_volume,buy_volume", *rows).columns.values
    assert (so_far["volume"].tolist(), so_far["buy_volume"].tolist()) == ([10, 5], [4, 5])


@pytest.mark.parametrize("zone", ["America/New_York", "America/Chicago", "UTC", "Europe/Paris", "Australia/Lord_Howe"])
@given(seconds=st.lists(st.integers(0, 1_890_000_000), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_times_read_together_are_what_each_is_read_alone(zone: str, seconds: list[int]) -> None:
    there = ZoneInfo(zone)
    texts = [f"{dt.datetime.fromtimestamp(value, dt.UTC):%Y-%m-%d %H:%M:%S}" for value in seconds]
    together = parse_plain_times(texts, there)
    try:
        alone = [parse_time(text, there) for text in texts]
    except ValueError:  # an hour that the clocks leave out
        assert together is None
    else:
        assert together is not None
        assert together.tolist() == alone


@pytest.mark.parametrize("text", ["2024-03-10 02:30:00", "2024-13-01 10:00:00", "2024-08-07 24:00:00", "2024-08-07"])
def test_times_that_are_none_or_of_another_form_are_left_to_whoever_names_them(text: str) -> None:
    assert parse_plain_times(["2024-08-07 10:00:00", text], ZoneInfo("America/New_York")) is None
