"""``bars-csv``: trade bars of options come in a minute after their stamp, with their volume of the day so far."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_days import bring

from engine.calendar import clock_text, from_new_york
from engine.clock import HOUR
from engine.tape import ImportRefused, Store, inspect_day
from engine.tape.columns import problem
from engine.tape.dayfile import DayTable
from engine.tape.importers import IMPORTERS, ImportOptions, LeftOut, Refused, sniff
from engine.types import parse_symbol

IMPORTER = IMPORTERS["bars-csv"]
HEADER = "ts_et,expiration,right,strike,open,high,low,close,volume,vw,n"
ROWS = [
    "2023-01-03 09:29,2023-01-03,P,3700.0,0.05,0.07,0.05,0.07,99,0.0501,22",
    "2023-01-03 09:30,2023-01-03,P,3700.0,0.05,0.07,0.05,0.06,298,0.0501,22",
    "2023-01-03 09:30,2023-01-03,C,3900.0,2.75,2.75,2.28,2.45,530,2.6307,120",
    "2023-01-03 09:31,2023-01-03,P,3700.0,0.05,0.05,0.05,0.05,97,0.05,15",
    "2023-01-03 15:59,2023-01-03,C,3900.0,0.05,0.05,0.05,0.05,3,0.05,15",
    "2023-01-03 16:00,2023-01-03,C,3900.0,0.05,0.05,0.05,0.05,8,0.05,15",
    "2023-01-04 10:00,2023-01-04,C,3850,12.5,12.75,12.25,12.5,1,12.5,1",
]
CONTRACT = "O_SPY250902C00625000_1min_20250829.csv"
CONTRACT_HEADER = "timestamp,open,high,low,close,volume,vwap,transactions"


def table(folder: Path, rows: list[str] = ROWS, name: str = "spxw_bars.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def contract(folder: Path, rows: list[str], name: str = CONTRACT) -> Path:
    return table(folder, rows, name, CONTRACT_HEADER)


def read(path: Path, **options: object) -> list:
    return list(IMPORTER.read(path, ImportOptions(**options)))


def changed(row: int, text: str) -> list[str]:
    return [*ROWS[:row], text, *ROWS[row + 1 :]]


def test_a_bar_is_known_at_its_end_and_volume_adds_up_from_the_open(tmp_path: Path) -> None:
    first, second = read(table(tmp_path))
    columns = first.columns
    assert (first.root, first.day, second.day) == ("SPXW", dt.date(2023, 1, 3), dt.date(2023, 1, 4))
    assert columns.symbols == ("SPXW230103P03700000", "SPXW230103C03900000")
    rows = zip(columns.ts_known.tolist(), columns.code.tolist(), columns.values["volume"].tolist(), strict=True)
    assert [(clock_text(known), code, volume) for known, code, volume in rows] == [
        ("09:31:00", 0, 298),
        ("09:31:00", 1, 530),
        ("09:32:00", 0, 298 + 97),
        ("16:00:00", 1, 533),
    ]
    assert columns.ts_event.tolist() == columns.ts_known.tolist()
    values = {name: int(column[1]) for name, column in columns.values.items()}
    assert values == {"price": 24_500, "open": 27_500, "high": 27_500, "low": 22_800, "volume": 530}
    assert (first.counts["before_open"], first.counts["after_close"]) == (1, 1)
    assert (first.flags, second.flags) == (("after_close", "no_underlying"), ("truncated:10:01", "no_underlying"))
    assert (first.provenance.source, first.provenance.meaning) == ("bars-1m", "trade_bar")


def test_a_day_is_handed_out_before_the_next_is_read(tmp_path: Path) -> None:
    days = IMPORTER.read(table(tmp_path, [*ROWS, "2023-01-04 10:01,nonsense"]), ImportOptions())
    assert next(days).day == dt.date(2023, 1, 3)
    with pytest.raises(ImportRefused, match="row 9: 2 fields where the header has 11"):
        next(days)


def test_what_is_suspicious_is_counted(tmp_path: Path) -> None:
    rows = [
        ROWS[1],
        ROWS[1],
        "2023-01-03 09:30,2023-01-03,P,3705,0.01000,0.01001,0.01,0.01,0,0.05,1",
    ]
    (day,) = read(table(tmp_path, rows))
    assert day.counts == {
        "repeated": 1, "rounded": 1, "zero_volume": 1, "average_outside_range": 1,
    }  # fmt: skip
    dear = "2023-01-03 09:30,2023-01-03,P,3695,1.00,1.00,1.00,1.00,1,1.00,1"
    (day,) = read(table(tmp_path, [ROWS[1], dear]))
    assert day.counts["monotonicity_breaks"] == 1


def test_days_that_are_done_are_passed_over(tmp_path: Path) -> None:
    done = frozenset({("SPXW", dt.date(2023, 1, 3))})
    assert [day.day for day in read(table(tmp_path), done=done)] == [dt.date(2023, 1, 4)]


def test_the_root_is_told_by_the_name_or_the_person_and_never_guessed(tmp_path: Path) -> None:
    unnamed = table(tmp_path, name="bars_2023.csv")
    with pytest.raises(ImportRefused, match="--symbol is needed: whose options are these"):
        read(unnamed)
    assert read(unnamed, symbol="xsp")[0].root == "XSP"
    with pytest.raises(ImportRefused, match="--symbol SPX is not a known root"):
        read(unnamed, symbol="SPX")
    with pytest.raises(ImportRefused, match="its name tells SPY and XSP"):
        read(table(tmp_path, name="spy_and_xsp.csv"))
    with pytest.raises(ImportRefused, match="--zone has no meaning"):
        read(table(tmp_path), zone="UTC")


BAD = [
    (changed(1, "2023-01-03 09:30,2023-01-03,P,3700.0,0.05,0.07,0.06,0.06,298,0.06,2"), "row 3: its open or close"),
    (changed(1, "2023-01-03 09:30,2023-01-03,P,3700.0,0.05,0.07,0.05,0.08,298,0.06,2"), "row 3: its open or close"),
    (changed(1, "2023-01-03 09:30,2023-01-03,X,3700.0,0.05,0.07,0.05,0.06,298,0.06,2"), "row 3: right is neither"),
    (
        changed(1, "2023-01-03 09:30,2023-01-02,P,3700.0,0.05,0.07,0.05,0.06,298,0.06,2"),
        "row 3: SPXW230102P03700000 ex",
    ),
    (changed(1, "2023-01-03 09:30,2023-02-30,P,3700.0,0.05,0.07,0.05,0.06,298,0.06,2"), "row 3: not a date"),
    (changed(1, "2023-01-03 09:30,2023-01-03,P,3700.0,0.05,0.07,0.05,0.06,2.5,0.06,2"), "row 3: not a volume"),
    (changed(1, "2023-01-03 09:30,2023-01-03,P,3700.0,0.05,0.07,nan,0.06,298,0.06,2"), "row 3: not a price as its low"),
    (
        changed(1, "2023-01-03 09:30,2023-01-03,P,3700.0,0.05,0.07,-0.05,0.06,298,0.06,2"),
        "row 3: not a price as its low",
    ),
    (
        changed(1, "2023-01-03 09:30,2023-01-03,P,3700.0,0,0.07,0,0.06,298,0.06,2"),
        "row 3: not a price above 0 as its open",
    ),
    (changed(1, "2023-01-03 09:30,2023-01-03,P,0,0.05,0.07,0.05,0.06,298,0.06,2"), "row 3: not a strike"),
    (changed(1, "2023-01-03 9:30,2023-01-03,P,3700,0.05,0.07,0.05,0.06,298,0.06,2"), "row 3: not a whole minute"),
    (changed(1, "2023-01-03 09:30:10,2023-01-03,P,3700,0.05,0.07,0.05,0.06,298,0.06,2"), "row 3: not a whole minute"),
    (changed(1, "2023-01-03 09:30Z,2023-01-03,P,3700,0.05,0.07,0.05,0.06,298,0.06,2"), "row 3: ts_et has an offset"),
    (changed(2, ROWS[1].replace("0.06", "0.07")), "row 4: SPXW230103P03700000 has two different bars"),
    ([*ROWS, ROWS[3]], "row 9: 2023-01-03 comes back after another day"),
    ([ROWS[0].replace("2023-01-03 ", "2023-01-02 ")], "row 2: 2023-01-02 is an exchange holiday"),
    ([ROWS[0]], "no price of 2023-01-03 was known between its open and its close"),
    ([], "there are no rows in it"),
]


@pytest.mark.parametrize(("rows", "says"), BAD)
def test_one_bad_row_refuses_the_table_in_one_line(tmp_path: Path, rows: list[str], says: str) -> None:
    path = table(tmp_path, rows)
    with pytest.raises(ImportRefused) as caught:
        read(path)
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).isprintable()


def test_other_delimiters_encodings_and_cut_archives_are_refused(tmp_path: Path) -> None:
    semicolons = table(tmp_path, header=HEADER.replace(",", ";"))
    with pytest.raises(ImportRefused, match="row 1: no column ts_et"):
        read(semicolons)
    wide = tmp_path / "spxw_wide.csv"
    wide.write_bytes("\n".join([HEADER, *ROWS]).encode("utf-16"))
    with pytest.raises(ImportRefused, match="not text in UTF-8"):
        read(wide)
    packed = tmp_path / "spxw_bars.csv.gz"
    packed.write_bytes(gzip.compress(table(tmp_path).read_bytes())[:-20])
    with pytest.raises(ImportRefused, match="cannot be unpacked"):
        read(packed)


# A folder of contracts


def test_a_folder_of_contracts_gives_one_day_and_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    contract(tmp_path, ["2025-08-29 09:48:00,21.49,21.50,21.4,21.45,1,21.49,1"])
    contract(tmp_path, ["2025-08-29 16:14:00,0.05,0.05,0.05,0.05,70,0.05,1"], CONTRACT.replace("C00625", "P00600"))
    beside = table(tmp_path, [], "spy_1min_20250829.csv", CONTRACT_HEADER)
    assert sniff(tmp_path) is sniff(tmp_path / CONTRACT) is IMPORTER
    assert IMPORTER.covers(tmp_path, tmp_path / CONTRACT)
    assert not IMPORTER.covers(tmp_path, beside)
    (day,) = read(tmp_path)
    assert (day.root, day.day) == ("SPY", dt.date(2025, 8, 29))
    assert day.columns.symbols == ("SPY250902C00625000", "SPY250902P00600000")
    assert [clock_text(known) for known in day.columns.ts_known.tolist()] == ["09:49:00", "16:15:00"]
    (alone,) = read(tmp_path / CONTRACT)
    assert alone.columns.symbols == ("SPY250902C00625000",)


def test_times_with_an_offset_or_a_zone_told_are_read_in_it(tmp_path: Path) -> None:
    (plain,) = read(contract(tmp_path, ["2025-08-29 10:00:00,1,1,1,1,1,1,1"]))
    (offset,) = read(contract(tmp_path, ["2025-08-29 14:00:00+00:00,1,1,1,1,1,1,1"]))
    (told,) = read(contract(tmp_path, ["2025-08-29 09:00:00,1,1,1,1,1,1,1"]), zone="America/Chicago")
    assert plain.columns.ts_known.tolist() == offset.columns.ts_known.tolist() == told.columns.ts_known.tolist()
    for zone in ("Mars/Olympus", "../etc", ""):
        with pytest.raises(ImportRefused, match=r"--zone .* is not a time zone"):
            read(tmp_path, zone=zone)


def test_a_bad_file_refuses_its_day_and_no_other(tmp_path: Path, store: Store) -> None:
    contract(tmp_path, ["2025-08-29 10:00:00,1,1,1,1,1,1,1"])
    contract(tmp_path, ["2025-08-28 10:00:00,1,1,1,1,1,1,1"], CONTRACT.replace("C00625", "P00600"))
    contract(tmp_path, ["2025-08-28 10:00:00,1,1,1,1,1,1,1"], CONTRACT.replace("0829", "0828"))
    contract(tmp_path, ["2025-08-28 10:00:00,1,1,1,1,1,1,1"], CONTRACT.replace("O_SPY", "O_TSLA"))
    stored, left_out, refused = bring(store, tmp_path, "bars-csv")
    assert [item.day for item, _ in stored] == [dt.date(2025, 8, 28)]
    assert "1 file of TSLA" in left_out[0].what
    assert "2025-08-28 in New York, but the file is named 2025-08-29" in str(refused[0].error)
    assert "P00600" in str(refused[0].error)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (CONTRACT.replace("250902", "250832"), "250832 is no date"),
        (CONTRACT.replace("00625000", "00000000"), "not an option with a strike"),
        (CONTRACT.replace("250902", "250801"), "expired before 2025-08-29"),
        (CONTRACT.replace("20250829", "20250830"), "2025-08-30 is a Saturday"),
        (CONTRACT.replace("20250829", "20259929"), "not a date"),
    ],
)
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str, says: str) -> None:
    path = contract(tmp_path, ["2025-08-29 10:00:00,1,1,1,1,1,1,1"], name)
    with pytest.raises(ImportRefused, match=says):
        read(path)


def test_the_same_contract_twice_is_refused(tmp_path: Path) -> None:
    for name in (CONTRACT, CONTRACT.replace("_1min", "")):
        contract(tmp_path, ["2025-08-29 10:00:00,1,1,1,1,1,1,1"], name)
    (only,) = read(tmp_path)
    assert isinstance(only, Refused)
    assert "the same contract and day as" in str(only.error)


# Fuzz

junk = st.text(alphabet="0123456789.,-:eE \"'\x00\u0663PCnaN\r\n", max_size=14) | st.text(max_size=8)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=250)
def test_a_mutated_row_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    rows = list(ROWS)
    for _ in range(data.draw(st.integers(1, 2))):
        which = data.draw(st.integers(0, len(rows) - 1))
        fields = rows[which].split(",")
        fields[data.draw(st.integers(0, len(fields) - 1))] = data.draw(junk)
        rows[which] = ",".join(fields)
    path = tmp_path / "spxw_fuzz.csv"
    path.write_bytes("\n".join([HEADER, *rows]).encode("utf-8", "surrogatepass"))
    check_all(tmp_path, path)


@given(cut=st.integers(0, 500), flips=st.lists(st.tuples(st.integers(0, 499), st.integers(0, 255)), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_damaged_bytes_are_read_or_refused(tmp_path: Path, cut: int, flips: list) -> None:
    for name, text in (("spxw_fuzz.csv", "\n".join([HEADER, *ROWS])), (CONTRACT, "\n".join([CONTRACT_HEADER] * 2))):
        for pack in (bytes, gzip.compress):
            data = bytearray(pack(text.encode()))
            for at, value in flips:
                data[at % len(data)] = value
            path = tmp_path / name
            path.write_bytes(bytes(data[: max(1, len(data) - cut)]))
            check_all(tmp_path, path)


def check_all(folder: Path, path: Path) -> None:
    sniff(path)
    try:
        for day in read(path):
            assert isinstance(day, DayTable | LeftOut | Refused)
            if isinstance(day, DayTable):
                assert problem(day.columns) is None
                Store(folder / "store").save_day(day)
    except ImportRefused as error:
        message = str(error)
    else:
        message = "read"
    assert message.isprintable()


# The real files


def test_the_real_year(shared: Path, store: Store) -> None:
    path = shared / "data" / "spxw_0dte_1min" / "spxw_0dte_1min_2023.csv.gz"
    assert sniff(path) is IMPORTER
    told: list[float] = []
    days = read(path, progress=told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert (len(days), sum(len(day.columns) for day in days)) == (238, 158_291)
    assert {key for day in days for key in day.counts} <= {"average_outside_range", "monotonicity_breaks"}
    assert [str(day.day) for day in days if "half_day" in day.flags] == ["2023-07-03"]
    store.save_day(days[0])
    tape = store.open(store.choose("SPXW", days[0].day))
    assert tape.columns.values["volume"][tape.columns.code == 0].tolist()[:2] in ([530, 762], [298, 395])
    assert inspect_day(tape).reasons == ()


def test_the_real_folder_is_in_new_york_time(shared: Path, store: Store) -> None:
    """Calls in the money keep one distance from SPY's own bars of the minute; hours off they scatter by dollars."""
    folder = shared / "data" / "spy_minute" / "raftroch1_20250829"
    assert sniff(folder) is IMPORTER
    stored, _, refused = bring(store, folder, "bars-csv")
    ((day, _),) = stored
    assert (len(day.columns), len(day.columns.symbols), refused) == (917, 10, [])
    (bars,) = IMPORTERS["index-bars"].read(folder / "spy_1min_20250829.csv", ImportOptions())
    spot = dict(zip(bars.columns.ts_known.tolist(), bars.columns.values["price"].tolist(), strict=True))

    def scatter(shift: int) -> float:
        found = []
        rows = zip(day.columns.ts_known, day.columns.code, day.columns.values["price"], strict=True)
        for known, code, price in rows:
            option = parse_symbol(day.columns.symbols[code])
            if option.right == "C" and option.strike <= 6_330_000 and known + shift in spot:
                found.append(int(price) - (spot[known + shift] - option.strike))
        low, high = np.percentile(found, (10, 90))
        return (high - low) / 10_000

    assert scatter(0) < 0.4
    assert min(scatter(hours * HOUR) for hours in (-4, -1, 1, 4)) > 1


def test_a_second_import_changes_nothing(shared: Path, store: Store) -> None:
    folder = shared / "data" / "spy_minute" / "raftroch1_20250829"
    bring(store, folder, "bars-csv")
    stored, _, _ = bring(store, folder, "bars-csv")
    assert [result for _, result in stored] == ["unchanged"]
    assert store.choose("SPY", dt.date(2025, 8, 29)).provenance.meaning == "trade_bar"


def test_the_first_minute_of_a_day_is_the_one_after_the_open(tmp_path: Path) -> None:
    (first, _) = read(table(tmp_path))
    assert first.columns.ts_known[0] == from_new_york(first.day, dt.time(9, 31))


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "spxw_bars.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, *ROWS, "9" * (1 << 22)]).encode()))
    assert sniff(path) is IMPORTER
    with pytest.raises(ImportRefused, match="cannot be read: a line of more than 1048576 characters"):
        read(path)
