"""``index-bars``: bars of an index or fund alone, known at their end, in the zone in which they trade most."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.calendar import NEW_YORK, clock_text, session
from engine.clock import MINUTE
from engine.tape import ImportRefused
from engine.tape.columns import problem
from engine.tape.dayfile import UnderlyingTable, encode_underlying
from engine.tape.importers import IMPORTERS, ImportOptions, LeftOut, sniff

IMPORTER = IMPORTERS["index-bars"]
FRIDAY, MONDAY = dt.date(2026, 3, 6), dt.date(2026, 3, 9)  # the Sunday between them clocks went forward
HEADER = "timestamp,open,high,low,close,volume"


def stamps(
    day: dt.date, zone: dt.tzinfo, first: str = "08:00", last: str = "17:59", minutes: int = 1, offset: bool = False
) -> list[str]:
    """Times of bars between two times of New York, as a clock in ``zone`` shows them."""
    start, end = (dt.datetime.combine(day, dt.time.fromisoformat(text), NEW_YORK) for text in (first, last))
    count = int((end - start).total_seconds()) // 60 // minutes + 1
    local = [(start + dt.timedelta(minutes=minutes * i)).astimezone(zone) for i in range(count)]
    return [each.isoformat(" ") if offset else f"{each:%Y-%m-%d %H:%M:%S}" for each in local]


def rows(times: list[str], zone: dt.tzinfo, volume: bool = True) -> list[str]:
    """A bar a time: 1000 shares a minute in regular hours, most at both ends of them, and 10 outside."""
    found = []
    for i, text in enumerate(times):
        here = dt.datetime.fromisoformat(text)
        local = (here if here.tzinfo else here.replace(tzinfo=zone)).astimezone(NEW_YORK)
        minute = local.hour * 60 + local.minute
        busy = 570 <= minute < 960
        shares = 5000 if busy and not 600 <= minute < 930 else 1000 if busy else 10
        wide = 0.20 if busy else 0.01
        price = 600 + i % 7
        bar = f"{text},{price},{price + wide:.2f},{price - wide:.2f},{price}"
        found.append(f"{bar},{shares}" if volume else bar)
    return found


def write(folder: Path, lines: list[str], name: str = "spy_bars.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def read(path: Path, **options: object) -> list:
    return list(IMPORTER.read(path, ImportOptions(**options)))


def small(folder: Path, lines: list[str], name: str = "spx_2026-03-06.csv") -> Path:
    return write(folder, lines, name, "time,open,high,low,close")


def test_a_bar_is_known_at_its_end_and_volume_starts_at_the_open(tmp_path: Path) -> None:
    (day,) = read(write(tmp_path, rows(stamps(FRIDAY, NEW_YORK), NEW_YORK)))
    columns = day.columns
    assert (day.symbol, day.day, columns.symbols) == ("SPY", FRIDAY, ("SPY",))
    assert [clock_text(int(columns.ts_known[i])) for i in (0, -1)] == ["09:31:00", "16:00:00"]
    assert columns.ts_event.tolist() == columns.ts_known.tolist()
    assert columns.values["volume"].tolist()[:2] == [5000, 10_000]
    assert day.counts == {"before_open": 90, "after_close": 120}
    assert (day.flags, day.provenance.source, day.provenance.meaning) == ((), "bars-1m", "trade_bar")


def test_the_day_may_be_in_the_name_and_the_length_is_found(tmp_path: Path) -> None:
    lines = ["09:30,10,11,9,10.5", "09:35,10.5,10.6,10.4,10.5", "09:45,10.5,10.6,10.4,10.55"]
    (day,) = read(small(tmp_path, lines))
    assert [clock_text(int(known)) for known in day.columns.ts_known] == ["09:35:00", "09:40:00", "09:50:00"]
    assert day.counts == {"holes": 1}
    assert day.flags == ("truncated:09:50", "gap:09:40")
    assert {name: int(column[0]) for name, column in day.columns.values.items()} == {
        "price": 105_000, "open": 100_000, "high": 110_000, "low": 90_000,
    }  # fmt: skip
    assert day.provenance.source == "bars-5m"


def test_date_and_time_may_be_two_columns(tmp_path: Path) -> None:
    lines = ["2026-03-06,09:30,1,1,1,1", "2026-03-06,09:31,1,1,1,1", "2026-03-09,09:30,1,1,1,1"]
    path = write(tmp_path, lines, "vix.csv", "Date,Time,Open,High,Low,Close")
    assert sniff(path) is IMPORTER
    assert [(day.symbol, day.day) for day in read(path)] == [("VIX", FRIDAY), ("VIX", MONDAY)]


def test_the_symbol_is_told_by_name_folder_or_person_and_never_guessed(tmp_path: Path) -> None:
    lines = ["09:30,1,1,1,1", "09:31,1,1,1,1"]
    folder = tmp_path / "ndx_bars" / "1m"
    folder.mkdir(parents=True)
    assert read(small(folder, lines, "2026-03-06.csv"))[0].symbol == "NDX"
    plain = small(tmp_path, lines, "2026-03-06.csv")
    with pytest.raises(ImportRefused, match="--symbol is needed"):
        read(plain)
    assert read(plain, symbol="rut")[0].symbol == "RUT"
    with pytest.raises(ImportRefused, match="--symbol a b is not a symbol"):
        read(plain, symbol="a b")
    with pytest.raises(ImportRefused, match="names SPX and SPY"):
        read(small(tmp_path, lines, "spx_spy_2026-03-06.csv"))


def test_index_values_are_whole_cents_and_shares_are_not(tmp_path: Path) -> None:
    lines = ["09:30,10,10.0051,9.9901,10.0049", "09:31,10,10,10,10.00"]
    (index,) = read(small(tmp_path, lines))
    (share,) = read(small(tmp_path, lines, "qqq_2026-03-06.csv"))
    assert [table.columns.values["price"][0] for table in (index, share)] == [100_000, 100_049]


# Zones


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "America/Chicago"])
@pytest.mark.parametrize("volume", [True, False])
@pytest.mark.parametrize("last", ["17:59", "15:59"])
def test_the_zone_is_found_by_when_it_trades(tmp_path: Path, zone: str, volume: bool, last: str) -> None:
    first = "08:00" if last == "17:59" else "09:30"
    lines = rows(stamps(FRIDAY, ZoneInfo(zone), first, last), ZoneInfo(zone), volume)
    path = write(tmp_path, lines, header=HEADER if volume else HEADER.removesuffix(",volume"))
    (day,) = read(path)
    assert [clock_text(int(day.columns.ts_known[i])) for i in (0, -1)] == ["09:31:00", "16:00:00"]
    assert zone in day.provenance.note
    assert ("volume" in day.columns.values) is volume


@pytest.mark.parametrize("zone", ["America/New_York", "America/Chicago"])
def test_a_zone_holds_over_a_change_of_dst(tmp_path: Path, zone: str) -> None:
    lines = [line for day in (FRIDAY, MONDAY) for line in rows(stamps(day, ZoneInfo(zone)), ZoneInfo(zone))]
    days = read(write(tmp_path, lines))
    assert [clock_text(int(day.columns.ts_known[0])) for day in days] == ["09:31:00", "09:31:00"]
    assert [len(day.columns) for day in days] == [390, 390]


def test_standard_time_all_year_is_found_out_at_the_change_of_dst(tmp_path: Path) -> None:
    winter = dt.timezone(dt.timedelta(hours=-5))
    lines = [line for day in (FRIDAY, MONDAY) for line in rows(stamps(day, winter), winter)]
    path = write(tmp_path, lines)
    with pytest.raises(
        ImportRefused, match=r"2026-03-09: \d+% of it lies in regular hours if its times are America/New"
    ):
        read(path)
    days = read(path, zone="Etc/GMT+5")
    assert [len(day.columns) for day in days] == [390, 390]
    assert "as told" in days[0].provenance.note


def test_utc_is_utc_on_both_sides_of_a_change_of_dst(tmp_path: Path) -> None:
    lines = [line for day in (FRIDAY, MONDAY) for line in rows(stamps(day, dt.UTC), dt.UTC)]
    assert [len(day.columns) for day in read(write(tmp_path, lines))] == [390, 390]


def test_bars_of_no_regular_hours_need_a_zone(tmp_path: Path) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    path = write(tmp_path, rows(stamps(FRIDAY, tokyo), tokyo))
    with pytest.raises(ImportRefused, match="say the zone of its times with --zone"):
        read(path)
    (day,) = [item for item in read(path, zone="Asia/Tokyo") if isinstance(item, UnderlyingTable)]
    assert (day.day, len(day.columns)) == (FRIDAY, 390)


def test_an_offset_is_believed_and_told_in_the_source(tmp_path: Path) -> None:
    lines = rows(stamps(FRIDAY, dt.UTC, offset=True), dt.UTC)
    (day,) = read(write(tmp_path, lines))
    assert (len(day.columns), day.provenance.source) == (390, "bars-1m-utc")
    mixed = [*lines[:5], *(line.replace("+00:00", "") for line in lines[5:])]
    with pytest.raises(ImportRefused, match="row 7: some times have an offset"):
        read(write(tmp_path, mixed))


# Refusals

GOOD = ["2026-03-06 09:30,10,11,9,10.5,7", "2026-03-06 09:31,10.5,10.6,10.4,10.5,8", "2026-03-06 09:32,10,10,10,10,9"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2026-03-06 09:31,10.5,10.6,10.55,10.5,8", "row 3: its open or close is not between its low and its high"),
        ("2026-03-06 09:31,10.5,10.4,10.4,10.5,8", "row 3: its open or close"),
        ("2026-03-06 09:31,0,10.6,0,10.5,8", "row 3: not a price above 0 as its open"),
        ("2026-03-06 09:31,10.5,10.6,10.4,1e1,8", "row 3: not a price as its close"),
        ("2026-03-06 09:31,10.5,10.6,10.4,10.5,-8", "row 3: not a volume"),
        ("2026-03-06 09:31,10.5,10.6,10.4,10.5", "row 3: 5 fields where the header has 6"),
        ("2026-03-06 09:31:30,10.5,10.6,10.4,10.5,8", "row 3: not a whole minute"),
        ("2026-02-30 09:31,10.5,10.6,10.4,10.5,8", "row 3: not a date"),
        ("09:31,10.5,10.6,10.4,10.5,8", "row 3: which day is this?"),
        ("2026-03-06 09:30,10,11,9,10,7", "2026-03-06: two different bars at 09:30 (row 3)"),
    ],
)
def test_one_bad_row_refuses_the_file_in_one_line(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path, [GOOD[0], line, GOOD[2]])
    with pytest.raises(ImportRefused) as caught:
        read(path)
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["09:30,1,1,1,1"], "length of its bars cannot be found from one bar"),
        (["09:30,1,1,1,1", "11:30,1,1,1,1"], "its bars are 120 min apart"),
        (["09:30,1,1,1,1", "09:35,1,1,1,1", "09:42,1,1,1,1"], "its bars are 5 min apart, and others"),
    ],
)
def test_the_length_of_bars_must_be_sure(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(ImportRefused, match=says):
        read(small(tmp_path, lines))


def test_a_file_without_a_day_or_the_columns_is_refused(tmp_path: Path) -> None:
    lines = ["09:30,1,1,1,1", "09:31,1,1,1,1"]
    for name in ("spx.csv", "spx_2026-03-06_2026-03-09.csv"):
        with pytest.raises(ImportRefused, match="which day is this"):
            read(small(tmp_path, lines, name))
    with pytest.raises(ImportRefused, match="no column high, low"):
        read(write(tmp_path, ["09:30,1,1"], "spx_2026-03-06.csv", "time,open,close"))
    with pytest.raises(ImportRefused, match="no rows"):
        read(small(tmp_path, []))


def test_days_without_a_session_are_left_out_with_the_reason(tmp_path: Path) -> None:
    lines = ["2026-03-06 09:30,1,1,1,1,1", "2026-03-06 09:31,1,1,1,1,1", "2026-03-07 09:30,1,1,1,1,1"]
    day, left_out = read(write(tmp_path, lines))
    assert isinstance(left_out, LeftOut)
    assert (day.day, left_out.why) == (FRIDAY, "2026-03-07 is a Saturday")
    assert "2026-03-07 (rows: 1)" in left_out.what


def test_what_is_done_is_passed_over_and_nothing_comes_back(tmp_path: Path) -> None:
    path = write(tmp_path, [*GOOD, "2026-03-09 09:30,1,1,1,1,1"])
    assert [day.day for day in read(path, done=frozenset({("SPY", FRIDAY)}))] == [MONDAY]
    with pytest.raises(ImportRefused, match="row 6: 2026-03-06 comes back after another day"):
        read(write(tmp_path, [*GOOD, "2026-03-09 09:30,1,1,1,1,1", GOOD[0]]))


def test_tables_of_options_and_daily_values_are_for_others(tmp_path: Path) -> None:
    assert sniff(write(tmp_path, ["2026-03-06,1,1,1,1"], "spx.csv", "Date,Open,High,Low,Close")).name == "index-daily"
    options = write(tmp_path, ["2026-03-06 09:30,5,C,1,1,1,1"], "x.csv", "time,strike,right,open,high,low,close")
    assert not IMPORTER.sniff(options)
    one = write(tmp_path, GOOD, "SPY260306C00600000.csv")
    assert not IMPORTER.sniff(one)
    with pytest.raises(ImportRefused, match="its name is an option's"):
        read(one, symbol="SPY")


# Parquet


def parquet(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def bars_of(path: Path, times: pa.Array) -> Path:
    prices = {name: pa.array([10.1, 10.2]) for name in ("open", "high", "low", "close")}
    return parquet(path, datetime=times, **prices, volume=pa.array([3, 4]))


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    start = dt.datetime(2026, 3, 6, 9, 30)  # noqa: DTZ001
    naive = [start, start + dt.timedelta(minutes=1)]
    (csv,) = read(write(tmp_path, ["2026-03-06 09:30,10.1,10.1,10.1,10.1,3", "2026-03-06 09:31,10.2,10.2,10.2,10.2,4"]))
    kinds = [pa.array(naive, pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")]
    kinds.append(pa.array([at.replace(tzinfo=NEW_YORK) for at in naive], pa.timestamp("us", "America/New_York")))
    kinds.append(pa.array([str(at) for at in naive]))
    for number, times in enumerate(kinds):
        path = bars_of(tmp_path / f"spy_{number}.parquet", times)
        assert sniff(path) is IMPORTER
        (day,) = read(path)
        assert day.columns.ts_known.tolist() == csv.columns.ts_known.tolist()
        assert {name: column.tolist() for name, column in day.columns.values.items()} == {
            name: column.tolist() for name, column in csv.columns.values.items()
        }


def test_missing_values_and_broken_parquet_are_refused(tmp_path: Path) -> None:
    path = bars_of(tmp_path / "spy.parquet", pa.array([None, None], pa.timestamp("us")))
    with pytest.raises(ImportRefused, match="row 1: not a whole minute"):
        read(path)
    path.write_bytes(path.read_bytes()[:-9])
    assert not IMPORTER.sniff(path)
    with pytest.raises(ImportRefused, match="cannot be read as Parquet"):
        read(path)


# Fuzz


def check_all(path: Path) -> None:
    IMPORTER.sniff(path)
    try:
        for item in read(path):
            assert isinstance(item, UnderlyingTable | LeftOut)
            if isinstance(item, UnderlyingTable):
                assert problem(item.columns) is None
                assert encode_underlying(item)[0].symbol == "SPY"
    except ImportRefused as error:
        message = str(error)
    else:
        message = "read"
    assert message.isprintable()


junk = st.text(alphabet="0123456789.,-:eE \"'\x00\u0663Z+naN\r\n", max_size=20) | st.text(max_size=8)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=250)
def test_a_mutated_row_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    lines = list(GOOD)
    for _ in range(data.draw(st.integers(1, 2))):
        which = data.draw(st.integers(0, len(lines) - 1))
        fields = lines[which].split(",")
        fields[data.draw(st.integers(0, len(fields) - 1))] = data.draw(junk)
        lines[which] = ",".join(fields)
    path = tmp_path / "spy_fuzz.csv"
    path.write_bytes("\n".join([HEADER, *lines]).encode("utf-8", "surrogatepass"))
    check_all(path)


@given(cut=st.integers(0, 600), flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_damaged_bytes_are_read_or_refused(tmp_path: Path, cut: int, flips: list) -> None:
    whole = io.BytesIO()
    start = dt.datetime(2026, 3, 6, 9, 30)  # noqa: DTZ001
    prices = {name: [10.1] * 3 for name in ("open", "high", "low", "close")}
    pq.write_table(pa.table({"datetime": [start + dt.timedelta(minutes=i) for i in range(3)], **prices}), whole)
    for name, packed in (("spy.csv", "\n".join([HEADER, *GOOD]).encode()), ("spy.parquet", whole.getvalue())):
        data = bytearray(packed)
        for at, value in flips:
            data[at % len(data)] = value
        path = tmp_path / name
        path.write_bytes(bytes(data[: max(1, len(data) - cut * (name == "spy.csv" or cut % 3 == 0))]))
        check_all(path)


# The real files


def test_the_real_index_bars_are_whole_sessions(shared: Path) -> None:
    found: dict[str, list[UnderlyingTable]] = {"1m": [], "5m": []}
    for length, days in found.items():
        for path in sorted((shared / "data" / "spx_bars" / length).glob("*.csv")):
            assert sniff(path) is IMPORTER
            (day,) = read(path)
            days.append(day)
            assert (day.symbol, str(day.day), day.provenance.source) == ("SPX", path.stem, f"bars-{length}")
            assert (day.flags, day.counts) == ((), {})
            assert len(day.columns) == session(day.day).minutes // int(length[0])
    assert [len(days) for days in found.values()] == [16, 56]
    fine = {day.day: day.columns for day in found["1m"]}
    both = [(fine[day.day], day.columns) for day in found["5m"] if day.day in fine]
    assert len(both) == 16
    for ones, fives in both:
        known = np.isin(ones.ts_known, fives.ts_known)
        assert (ones.values["price"][known] == fives.values["price"]).mean() > 0.95


def test_the_real_spy_month_is_in_new_york_time_over_the_change_of_dst(shared: Path) -> None:
    path = shared / "data" / "spy_minute" / "SPY_1min_2026-02-23_2026-03-09.parquet"
    assert sniff(path) is IMPORTER
    days = read(path)
    assert sum(len(day.columns) for day in days) == 4285
    assert {day.day: (day.counts["holes"], day.flags) for day in days if "holes" in day.counts} == {
        dt.date(2026, 2, 23): (5, ("gap:13:19",))
    }
    assert all("America/New_York, found" in day.provenance.note for day in days)
    assert days[-1].day == MONDAY
    for day in days:
        volume = np.diff(day.columns.values["volume"], prepend=0)
        assert volume[-30:].sum() > 2 * volume[180:210].sum()


def test_two_vendors_in_two_zones_agree_on_a_real_day(shared: Path) -> None:
    """They differ in the first open by a cent and in the volume of the first and last minute, and nowhere else."""
    folder = shared / "data" / "spy_minute" / "raftroch1_20250829"
    (local,), (utc,) = (read(folder / name) for name in ("spy_1min_20250829.csv", "spy_alpaca_1min_20250829.csv"))
    assert (local.provenance.source, utc.provenance.source) == ("bars-1m", "bars-1m-utc")
    assert local.columns.ts_known.tolist() == utc.columns.ts_known.tolist()
    assert len(local.columns) == 390
    differ = {}
    for name, column in local.columns.values.items():
        one, other = (np.diff(x, prepend=0) if name == "volume" else x for x in (column, utc.columns.values[name]))
        differ[name] = np.flatnonzero(one != other).tolist()
    assert differ == {"price": [], "open": [0], "high": [], "low": [], "volume": [0, 389]}
    assert abs(int(local.columns.values["open"][0]) - int(utc.columns.values["open"][0])) == 100
    assert local.columns.ts_known[0] == session(local.day).open + MINUTE
