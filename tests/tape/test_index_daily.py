"""``index-daily``: daily closes as CSV, whatever the case of their columns; no price file, no import."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_days import bring

from engine.tape import ImportRefused, Store
from engine.tape.daily import DailyTable
from engine.tape.importers import IMPORTERS, ImportOptions, sniff
from engine.tape.importers.index_daily import name_parts

IMPORTER = IMPORTERS["index-daily"]


def write(folder: Path, name: str, *rows: str, header: str = "date,open,high,low,close") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def read(path: Path, **options: str) -> DailyTable:
    (table,) = IMPORTER.read(path, ImportOptions(**options))
    return table


@pytest.mark.parametrize("header", ["date,open,high,low,close", "Date,Open,High,Low,Close", "DATE,OPEN,HIGH,LOW,CLOSE"])
def test_columns_are_found_whatever_their_case_and_values_rounded_to_cents(tmp_path: Path, header: str) -> None:
    path = write(tmp_path, "spx_daily_x.csv", "2024-08-05,5151.1401,5250.889,5119.26,5186.3301", header=header)
    assert sniff(path) is IMPORTER
    table = read(path)
    (row,) = table.rows
    assert (table.symbol, table.provenance.source) == ("SPX", "x")
    assert (row.open, row.high, row.low, row.close) == (51_511_400, 52_508_900, 51_192_600, 51_863_300)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("spx_daily_magis.csv", ("SPX", "magis")),
        ("vix_1990_2026_datahub.csv", ("VIX", "datahub")),
        ("vix_2016_2026.csv", ("VIX", "file")),
        ("vix1d_2024-09-30_2025-04-30.csv", ("VIX1D", "file")),
        ("VIX9D.csv", ("VIX9D", "file")),
    ],
)
def test_symbol_and_source_are_in_the_name(name: str, parts: tuple[str, str]) -> None:
    assert name_parts(Path(name)) == parts


def test_options_win_over_the_name(tmp_path: Path) -> None:
    path = write(tmp_path, "history.csv", "2024-08-05,1,1,1,1")
    with pytest.raises(ImportRefused, match="HISTORY is not known; say it with --symbol"):
        read(path)
    table = read(path, symbol="vix", source="cboe")
    assert (table.symbol, table.provenance.source) == ("VIX", "cboe")


def test_days_without_a_session_and_without_a_close_are_dropped_and_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path, "vix.csv", "1990-01-02,1,1,1,1", "2024-07-04,1,1,1,1", "2024-08-05,1,,,", "2024-08-06,,,,2", ""
    )
    table = read(path)
    assert [(row.day, row.open, row.close) for row in table.rows] == [(dt.date(2024, 8, 6), None, 20_000)]
    assert table.counts == {"outside_calendar": 1, "not_a_session": 1, "missing": 1, "odd_range": 0}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2024-08-06,1,1,1,x", "row 3 close: not a price: 'x'"),
        ("2024-08-06,1,1,1,-5", "row 3 close: not a price"),
        ("2024-08-06,1,nan,1,5", "row 3 high: not a price"),
        ("2024-08-06,1,1,1,1e3", "row 3 close: not a price"),
        ("2024-08-06,1,1,1,999999999", "row 3 close: not a price"),
        ("06/08/2024,1,1,1,1", "row 3: not a date like 2024-08-07: '06/08/2024'"),
        ("2024-08-05,1,1,1,1", "row 3: 2024-08-05 comes twice"),
        ("2024-08-06,1,1,1", "row 3: 4 fields where the header has 5"),
    ],
)
def test_a_bad_row_refuses_the_file_in_one_line(tmp_path: Path, store: Store, row: str, says: str) -> None:
    path = write(tmp_path, "vix.csv", "2024-08-05,1,1,1,1", row)
    with pytest.raises(ImportRefused) as caught:
        bring(store, path, "index-daily")
    assert str(caught.value).startswith(f"{path}: {says}")
    assert not store.path.exists()


def test_two_files_of_one_symbol_and_source_are_not_guessed_between(tmp_path: Path) -> None:
    write(tmp_path, "vix_2020.csv", "2020-08-05,1,1,1,1")
    write(tmp_path, "vix_2021.csv", "2021-08-05,1,1,1,1")
    with pytest.raises(ImportRefused, match=r"vix_2020.csv and vix_2021.csv give the same symbol and source"):
        list(IMPORTER.read(tmp_path, ImportOptions()))


@given(st.text(max_size=40), st.text(max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
def test_whatever_stands_in_a_row_it_is_read_or_refused(tmp_path: Path, row: str, close: str) -> None:
    path = tmp_path / "vix.csv"
    path.write_bytes(f"date,close\n2024-08-05,12.5\n{row}\n2024-08-06,{close}\n".encode("utf-8", "surrogatepass"))
    try:
        message = f"{len(read(path).rows)} rows"
    except ImportRefused as error:
        message = str(error)
    assert message.isprintable()
    assert message != "0 rows"


# The real files


def test_the_real_files_come_in_and_their_closes_are_whole_cents(real: Store) -> None:
    names = [(entry.symbol, entry.source, entry.header.counts["rows"]) for entry in real.daily_series()]
    assert names == [
        ("SPX", "magis", 1909),
        ("SPY", "file", 2655),
        ("VIX", "datahub", 4163),
        ("VIX", "file", 2655),
        ("VIX1D", "file", 146),
        ("VIX9D", "file", 2649),
    ]
    for symbol in ("SPX", "SPY", "VIX", "VIX1D", "VIX9D"):
        assert all(close.close % 100 == 0 for close in real.daily_closes(symbol))


def test_the_float_noise_of_the_real_spx_closes_is_gone(real: Store) -> None:
    assert real.official_close("SPX", dt.date(2023, 11, 7)).close == 43_783_800


def test_where_two_sources_contradict_each_other_the_first_by_name_is_taken(real: Store) -> None:
    day = dt.date(2026, 2, 6)
    assert real.official_close("VIX", day).close == 177_600
    assert real.official_close("VIX", day, "file").close == 203_700
    assert {close.day: close.close for close in real.daily_closes("VIX")}[day] == 177_600


def test_meeting_days_are_no_prices(shared: Path, tmp_path: Path) -> None:
    path = shared / "data" / "vix_daily" / "fomc_days_magis.csv"
    assert sniff(path) is None
    with pytest.raises(ImportRefused, match=r"fomc_days_magis.csv: not a price file"):
        read(path)


def test_a_field_without_end_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "vix.csv", f"2024-08-05,{'1' * 200_000}", header="Date,Close")
    with pytest.raises(ImportRefused, match="row 2: not CSV: field larger than field limit"):
        read(path)
