"""``mid-json``: 290 real days, each price known a minute after its stamp; a malformed file comes in not at all."""

from __future__ import annotations

import copy
import datetime as dt
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_days import bring

from engine.calendar import clock_text, session
from engine.events import ChainBatch
from engine.tape import ImportRefused, Store, inspect_day
from engine.tape.importers import IMPORTERS, ImportOptions, sniff
from engine.types import Contract, Underlying

IMPORTER = IMPORTERS["mid-json"]
GOOD = {
    "2024-08-07": {
        "10:00": {"spx": 5300.1, "atm": 5300, "strikes": {"5300": {"C": 12.345, "P": 11.8}, "5305": {"C": 12.5}}},
        "15:59": {"spx": 5301, "strikes": {"5300": {"P": 0.05}}},
        "16:00": {"spx": 5302, "strikes": {"5300": {"P": 0.05}}},
    }
}


def write(folder: Path, days: object, name: str = "days.json.gz") -> Path:
    path = folder / name
    text = days if isinstance(days, str) else json.dumps(days)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


def read(path: Path, **options: str) -> list:
    return list(IMPORTER.read(path, ImportOptions(**options)))


def test_a_price_is_true_and_known_a_minute_after_the_start_of_its_bar(tmp_path: Path) -> None:
    (day,) = read(write(tmp_path, GOOD))
    columns = day.columns
    assert [clock_text(ts) for ts in sorted(set(columns.ts_known.tolist()))] == ["10:01:00", "16:00:00"]
    assert columns.ts_event.tolist() == columns.ts_known.tolist()
    assert list(columns.values) == ["price"]
    assert columns.symbols[:2] == ("SPX", "SPXW240807C05300000")
    assert columns.values["price"].tolist()[:2] == [53_001_000, 123_450]
    assert (day.provenance.meaning, day.provenance.origin) == ("mid", "vendor")


def test_what_is_known_after_the_close_is_dropped_and_counted(tmp_path: Path) -> None:
    (day,) = read(write(tmp_path, GOOD))
    assert day.counts["after_close"] == 2
    assert day.flags == ("after_close",)
    assert day.counts["call_monotonicity_breaks"] == 1
    assert day.counts["put_monotonicity_breaks"] == 0
    assert day.counts["missing"] == 3


def test_plain_json_is_read_too_and_both_are_recognised(tmp_path: Path) -> None:
    packed, plain = write(tmp_path, GOOD), write(tmp_path, GOOD, "days.json")
    assert sniff(packed) is sniff(plain) is IMPORTER
    assert read(packed)[0].columns.symbols == read(plain)[0].columns.symbols
    assert sniff(write(tmp_path, {"a": 1}, "other.json")) is None


def test_the_source_can_be_named(tmp_path: Path) -> None:
    assert read(write(tmp_path, GOOD), source="theta")[0].provenance.source == "theta"


def change(days: dict, *path: str, to: object) -> dict:
    days = copy.deepcopy(days)
    inner = days
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return days


DAY = "2024-08-07"
STRIKES = (DAY, "10:00", "strikes")


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (change(GOOD, *STRIKES, "5300", "C", to=-1), "2024-08-07 10:00 5300C: not a price: -1"),
        (change(GOOD, *STRIKES, "5300", "C", to=0), "5300C: not a price"),
        (change(GOOD, *STRIKES, "5300", "C", to="12"), "5300C: not a price: 12"),
        (change(GOOD, *STRIKES, "5300", "C", to=True), "5300C: not a price"),
        (change(GOOD, *STRIKES, "5300", "C", to=1e300), "5300C: not a price"),
        (change(GOOD, *STRIKES, "5300", "C", to=1e-300), "5300C: not a price"),
        (change(GOOD, *STRIKES, "5300", "C", to=float("nan")), "NaN is not a number"),
        (change(GOOD, *STRIKES, "5300", to=[1]), 'strike 5300: expected an object with "C" and "P"'),
        (change(GOOD, *STRIKES, "1e9999999", to={}), "strike 1e9999999: not a strike"),
        (change(GOOD, *STRIKES, "5300.0", to={"C": 1.0}), "strike 5300.0: the strike comes twice"),
        (change(GOOD, DAY, "10:00", "spx", to="x"), "10:00 spx: not a price"),
        (change(GOOD, DAY, "25:00", to={"strikes": {}}), "25:00: not a time"),
        (change(GOOD, DAY, "11:00", to=3), "11:00: expected an object"),
        (change(GOOD, DAY, to={}), "expected an object of times"),
        (change(GOOD, "2024-08-04", to=GOOD[DAY]), "2024-08-04: 2024-08-04 is a Sunday"),
        (change(GOOD, "yesterday", to=GOOD[DAY]), "yesterday: not a date"),
        ({}, "no days"),
        ([1], "expected an object of days"),
        ('{"a": {}, "a": {}}', "'a' comes twice"),
        ('{"2024-08-07": ', "not JSON"),
        ("9" * 5000, "not JSON"),
    ],
)
def test_one_bad_value_refuses_the_whole_file_in_one_line(
    tmp_path: Path, store: Store, days: object, says: str
) -> None:
    if isinstance(days, dict) and days:
        days = {"2024-08-06": GOOD[DAY], **days}
    path = write(tmp_path, days)
    with pytest.raises(ImportRefused) as caught:
        bring(store, path, "mid-json")
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert not store.path.exists()


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(ImportRefused, match="cannot be unpacked"):
        read(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(
    value=json_values,
    where=st.sampled_from([(DAY,), (DAY, "10:00"), (DAY, "10:00", "spx"), STRIKES, (*STRIKES, "5300", "P")]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_whatever_stands_in_the_file_it_is_read_or_refused(tmp_path: Path, value: object, where: tuple) -> None:
    path = write(tmp_path, change(GOOD, *where, to=value), "days.json")
    try:
        (day,) = read(path)
    except ImportRefused as error:
        message = str(error)
    else:
        message = f"read {(day.columns.values['price'] > 0).sum()} prices"
    assert len(message.splitlines()) == 1
    assert message.isprintable()
    assert message != "read 0 prices"


# The real file


def test_all_290_real_days_are_stored_and_verify(real: Store) -> None:
    days = real.days("SPXW", source="midpoints")
    assert len(days) == 290
    assert sum(entry.header.counts["underlying"] for entry in days) == 2592 - 4
    suspect = {str(entry.day): report.reasons for entry in days if (report := inspect_day(real.open(entry))).reasons}
    assert suspect == {
        "2024-05-30": ("gap 11:00",),
        "2024-08-05": ("15 of 189 neighbouring strikes contradict each other",),
        "2024-08-22": ("truncated 11:01",),
    }


def test_half_days_end_at_their_close(real: Store) -> None:
    early = [entry for entry in real.days("SPXW", source="midpoints") if "half_day" in entry.header.flags]
    assert [str(entry.day) for entry in early] == ["2023-11-24", "2024-07-03", "2024-11-29", "2024-12-24"]
    for entry in early:
        assert entry.header.counts["after_close"] > 0
        assert real.open(entry).columns.ts_known[-1] <= session(entry.day).close


def test_every_price_of_a_real_day_is_exact(real: Store, shared: Path) -> None:
    day = "2024-08-07"
    path = next((shared / "data" / "spxw_0dte_mid").glob("*.json.gz"))
    raw = json.loads(gzip.decompress(path.read_bytes()))[day]
    tape = real.open(real.choose("SPXW", dt.date.fromisoformat(day)))
    known, found = [], {}
    for event in tape.events():
        if isinstance(event, ChainBatch):
            stamp = clock_text(event.ts_known, seconds=False)
            found |= {(stamp, known[i]): p for i, p in zip(event.idx.tolist(), event.price.tolist(), strict=True)}
        else:
            known += event.instruments
    expected = {}
    for stamp, row in raw.items():
        later = f"{stamp[:3]}{int(stamp[3:]) + 1:02d}"
        expected[later, Underlying("SPX")] = round(row["spx"] * 10_000)
        for strike, sides in row["strikes"].items():
            for right, price in sides.items():
                expected[later, Contract("SPXW", tape.day, int(strike) * 10_000, right)] = round(price * 10_000)
    assert found == expected


def test_a_day_written_in_another_way_is_not_a_second_day(tmp_path: Path) -> None:
    days = {**GOOD, "20240807": {"10:00": {"spx": 1.0, "strikes": {"5300": {"C": 1}}}}}
    with pytest.raises(ImportRefused, match="20240807: not a date like 2024-08-07"):
        read(write(tmp_path, days))


def test_a_small_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.tape.importers.mid_json._LARGEST", 1 << 20)
    path = write(tmp_path, json.dumps(GOOD) + " " * (1 << 22))
    assert path.stat().st_size < 1 << 13
    with pytest.raises(ImportRefused, match="more than 1 MiB unpacked"):
        read(path)
