"""``databento``: consolidated quotes of OPRA, true and known at the end of their interval."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from dbn_files import (
    CALL,
    DAY,
    HIGHER,
    PUT,
    UNDEFINED,
    at,
    definition,
    metadata,
    quote,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_days import bring

from engine.calendar import clock_text
from engine.clock import MINUTE, SECOND
from engine.tape import ImportRefused, Store
from engine.tape.columns import problem
from engine.tape.dayfile import DayTable
from engine.tape.importers import IMPORTERS, ImportOptions, LeftOut, sniff
from engine.tape.intake import Intake, Outcome, Watch
from engine.tape.lock import StoreLock
from engine.tape.looking import look
from engine.types import MISSING, to_units

IMPORTER = IMPORTERS["databento"]
IDS = {CALL: 5, PUT: 6}
HEAD = metadata(IDS)
GOOD = [
    quote(5, "09:31", 12.30, 12.50, trade=(at("09:30") + 5 * SECOND, 12.40)),
    quote(6, "09:31", 11.80, 12.00),
    quote(5, "09:32", 12.40, 12.60, trade=(at("09:30") + 5 * SECOND, 12.40)),
    quote(6, "16:00", 0.05, None),
]


def read(path: Path, **options: object) -> list:
    return list(IMPORTER.read(path, ImportOptions(**options)))


def values(day: DayTable, name: str) -> list[int | None]:
    return [None if value == MISSING else value for value in day.columns.values[name].tolist()]


@pytest.mark.parametrize("name", ["quotes.dbn", "quotes.dbn.zst"])
def test_a_quote_is_true_and_known_at_the_end_of_its_minute(tmp_path: Path, name: str, store: Store) -> None:
    path = write(tmp_path / name, HEAD, GOOD)
    assert sniff(path) is IMPORTER
    (day,) = read(path)
    assert (day.root, day.day, day.columns.symbols) == ("SPXW", DAY, ("SPXW240807C05200000", "SPXW240807P05200000"))
    known = [clock_text(ts) for ts in day.columns.ts_known.tolist()]
    assert known == ["09:31:00", "09:31:00", "09:32:00", "16:00:00"]
    assert day.columns.ts_event.tolist() == day.columns.ts_known.tolist()
    assert values(day, "bid") == [123_000, 118_000, 124_000, 500]
    assert values(day, "ask") == [125_000, 120_000, 126_000, None]
    assert values(day, "ask_size") == [20, 20, 20, 0]
    assert (day.provenance.source, day.provenance.meaning) == ("databento-1m", "quote")
    assert day.flags == ("no_underlying",)
    for expected in ("new", "unchanged"):
        stored, _, _ = bring(store, path, "databento")
        assert [result for _, result in stored] == [expected]
    assert store.open(store.choose("SPXW", DAY)).columns.symbols == day.columns.symbols


def test_the_last_trade_is_a_price_in_its_own_minute_only(tmp_path: Path) -> None:
    ahead = quote(6, "09:33", 11.8, 12.0, trade=(at("09:33") + 1, 11.9))
    edge = quote(6, "09:34", 11.8, 12.0, trade=(at("09:34"), 11.9))
    before = quote(6, "09:35", 11.8, 12.0, trade=(at("09:34"), 11.9))
    (day,) = read(write(tmp_path / "q.dbn", HEAD, [*GOOD[:3], ahead, edge, before]))
    assert values(day, "price") == [124_000, None, None, None, 119_000, None]
    assert day.counts["trades_ahead_of_time"] == 1


def test_hours_are_new_yorks_and_the_rest_is_counted(tmp_path: Path) -> None:
    times = ["08:00", "09:30", "09:31", "16:00", "16:01"]
    (day,) = read(write(tmp_path / "q.dbn", HEAD, [quote(5, time, 1, 2) for time in times]))
    assert [clock_text(ts) for ts in day.columns.ts_known.tolist()] == ["09:31:00", "16:00:00"]
    assert day.counts == {"before_open": 2, "after_close": 1}
    (left_out,) = read(write(tmp_path / "q.dbn", HEAD, [quote(5, "08:00", 1, 2)]))
    assert left_out.why == "no record of regular hours, 1 of others"


def test_what_is_suspicious_is_counted_and_flagged(tmp_path: Path) -> None:
    records = [
        quote(5, "09:31", 2, 1),
        quote(6, "09:31", 0, 0),
        quote(6, "09:31", 0, 0),
        quote(6, "09:32", None, None, flags=194 | 4),
        quote(5, "09:33", 1.00005, 1.00015),
        quote(5, "09:34", 1, 1.10),
        quote(7, "09:34", 1.20, 1.30),
    ]
    (day,) = read(write(tmp_path / "q.dbn", metadata({**IDS, HIGHER: 7}), records))
    assert day.counts == {"zero_quote": 1, "repeated": 1, "maybe_bad_book": 1, "rounded": 2, "monotonicity_breaks": 1}
    assert "maybe_bad_book" in day.flags
    assert "truncated:09:34" in day.flags
    assert values(day, "bid") == [20_000, 0, None, 10_000, 10_000, 12_000]
    assert values(day, "ask")[3] == 10_002


def test_one_file_may_hold_days_roots_and_seconds(tmp_path: Path) -> None:
    symbols = {CALL: 5, "SPY   240807P00520000": 8, "SPX   240816C05200000": 9, "AAPL1 240816C00200000": 10}
    records = [quote(number, "09:30:01", 1, 2, schema="cbbo-1s") for number in symbols.values()]
    path = write(tmp_path / "q.dbn.zst", metadata(symbols, schema="cbbo-1s"), records)
    spxw, spy, adjusted, morning = read(path)
    assert (spxw.root, spy.root, spxw.provenance.source) == ("SPXW", "SPY", "databento-1s")
    assert "1 records of root AAPL1" in adjusted.what
    assert "morning" in morning.why
    assert [item.root for item in read(path, done=frozenset({("SPXW", DAY)})) if isinstance(item, DayTable)] == ["SPY"]


def test_a_day_is_handed_out_before_the_next_and_never_comes_back(tmp_path: Path) -> None:
    later = "SPXW  240809C05200000"
    next_day = at("10:00", dt.date(2024, 8, 8))
    definitions = [definition(later, 9, day) for day in (DAY, dt.date(2024, 8, 8))]
    write(tmp_path / "defs.dbn", metadata({}, schema="definition"), definitions)
    path = write(tmp_path / "q.dbn", HEAD, [*GOOD, quote(9, next_day, 1, 2), quote(9, "10:00", 1, 2)])
    days = IMPORTER.read(path, ImportOptions())
    assert next(days).day == DAY
    with pytest.raises(ImportRefused, match="record 6: 2024-08-07 comes after 2024-08-08"):
        next(days)
    whole = write(tmp_path / "q.dbn", HEAD, [*GOOD, quote(9, next_day, 1, 2)])
    assert [day.day for day in read(whole)] == [DAY, dt.date(2024, 8, 8)]


def test_a_holiday_is_left_out_with_the_reason(tmp_path: Path) -> None:
    day = dt.date(2024, 7, 4)
    (left_out,) = read(write(tmp_path / "q.dbn", HEAD, [quote(5, at("10:00", day), 1, 2)]))
    assert isinstance(left_out, LeftOut)
    assert left_out.why.startswith("2024-07-04 is an exchange holiday")


# Symbols


def test_definitions_beside_the_quotes_tell_what_the_file_does_not(tmp_path: Path) -> None:
    path = write(tmp_path / "q.dbn", metadata({}), GOOD)
    with pytest.raises(ImportRefused, match="record 1: instrument 5 has no symbol on 2024-08-07"):
        read(path)
    records = [definition(symbol, number) for symbol, number in IDS.items()]
    beside = write(tmp_path / "d.dbn.zst", metadata(IDS, schema="definition"), records)
    (day,) = read(path)
    assert day.columns.symbols == ("SPXW240807C05200000", "SPXW240807P05200000")
    (left_out,) = read(beside)
    assert "definitions, 2 of SPXW, no prices" in left_out.why
    beside.rename(tmp_path.parent / "away.dbn.zst")
    with pytest.raises(ImportRefused, match="put the definition file of that day there"):
        read(path)


def test_corrected_definitions_are_not_what_was_imported_before(tmp_path: Path, store: Store) -> None:
    (tmp_path / "in").mkdir()
    path = write(tmp_path / "in" / "q.dbn", metadata({}), GOOD)
    write_definitions(path.parent, IDS)
    assert [outcome.result for outcome in through_intake(store, path)] == ["imported"]
    assert [outcome.result for outcome in through_intake(store, path)] == ["unchanged"]
    write_definitions(path.parent, {HIGHER: 5, PUT: 6})
    assert [outcome.result for outcome in through_intake(store, path)] == ["imported"]
    assert "SPXW240807C05210000" in store.open(store.choose("SPXW", DAY)).columns.symbols


def write_definitions(folder: Path, ids: dict[str, int]) -> None:
    records = [definition(symbol, number) for symbol, number in ids.items()]
    write(folder / "d.dbn", metadata({}, schema="definition"), records)


def through_intake(store: Store, path: Path) -> list[Outcome]:
    quiet = Watch(lambda found, share: None, lambda name, rows: None)
    with StoreLock(store.path):
        return list(Intake(store, ImportOptions(), quiet).run(look([path], store.path)))


def test_a_number_means_one_contract_within_its_day_only(tmp_path: Path) -> None:
    path = write(tmp_path / "q.dbn", metadata(IDS, dt.date(2024, 8, 6)), GOOD)
    with pytest.raises(ImportRefused, match="instrument 5 has no symbol on 2024-08-07"):
        read(path)
    write(tmp_path / "d.dbn", metadata({}, schema="definition"), [definition(HIGHER, 5), definition(PUT, 6)])
    with pytest.raises(ImportRefused, match=r"instrument 5 is .*C05200000 and .*C05210000"):
        read(write(tmp_path / "q.dbn", HEAD, GOOD))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (definition(CALL, 5, multiplier=10), "record 1: SPXW240807C05200000 is of 10 shares, not of 100"),
        (definition(CALL, 5, strike=1), "record 1: SPXW240807C05200000 has another strike or expiry"),
    ],
)
def test_a_definition_that_contradicts_is_refused(tmp_path: Path, record: bytes, says: str) -> None:
    write(tmp_path / "d.dbn", metadata({}, schema="definition"), [record])
    with pytest.raises(ImportRefused, match=says):
        read(write(tmp_path / "q.dbn", HEAD, GOOD))


# Refusals


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (quote(99, "09:32", 1, 2), "record 5: instrument 99 has no symbol"),
        (quote(5, "09:31", 1, 2), "record 5: SPXW240807C05200000 has two different quotes at one instant"),
        (quote(5, at("09:33") + 1, 1, 2), "record 5: its ts_recv does not end an interval of cbbo-1m"),
        (quote(5, 2**64 - 1, 1, 2), "record 5: its ts_recv does not end an interval"),
        (quote(5, "09:33", -1, 2), "record 5: not a price as its bid: -1000000000 of 1e-9"),
        (quote(5, "09:33", 1, 999_999), "record 5: not a price as its ask"),
        (quote(5, "09:33", 1, 2, sizes=(2**31, 1)), "record 5: not a count as its bid size"),
        (quote(5, "09:33", 1, 2, schema="cbbo-1s"), "record 5: not a record of cbbo-1m"),
        (definition(CALL, 5), "record 5: not a record of cbbo-1m"),
        (quote(5, "09:33", 1, 2)[:-3], "record 5: cut short: it ends within a record"),
    ],
)
def test_one_bad_record_refuses_the_file_in_one_line(tmp_path: Path, record: bytes, says: str) -> None:
    path = write(tmp_path / "q.dbn", HEAD, [*GOOD, record])
    with pytest.raises(ImportRefused) as caught:
        read(path)
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    def refused(head: bytes, records: list[bytes], says: str, name: str = "q.dbn") -> None:
        with pytest.raises(ImportRefused, match=says):
            read(write(tmp_path / name, head, records))

    refused(metadata(IDS, dataset="GLBX.MDP3"), GOOD, "data set GLBX.MDP3: only OPRA.PILLAR")
    refused(metadata(IDS, schema="trades"), GOOD, "schema trades is not read: cbbo-1m and cbbo-1s")
    refused(metadata(IDS, schema=None), GOOD, "schema of a live stream is not read")
    refused(b"DBZ\x03" + HEAD[4:], GOOD, "does not begin with DBN")
    refused(b"DBN\x09" + HEAD[4:], GOOD, "its metadata cannot be read")
    refused(HEAD[:100], [], "cut short or damaged: it ends within its metadata")
    refused(b"DBN", [], "cut short or damaged")
    refused(HEAD, [], "there are no records in it")
    refused(metadata({"SPXW  240807C00000000": 5, PUT: 6}), GOOD, "not an option with a strike")
    refused(metadata({"SPXW  240806C05200000": 5, PUT: 6}), GOOD, "expired before 2024-08-07")
    refused(metadata({"SPXW": 5, PUT: 6}), GOOD, "record 1: not an option's symbol: 'SPXW'")
    path = write(tmp_path / "q.dbn.zst", HEAD, GOOD)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ImportRefused, match="cannot be unpacked"):
        read(path)
    with pytest.raises(ImportRefused, match="--symbol has no meaning"):
        read(path, symbol="SPX")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.dbn")


@given(
    cut=st.integers(0, 400) | st.just(0),
    flips=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=4),
    name=st.sampled_from(["q.dbn", "q.dbn.zst", "d.dbn"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
def test_damaged_bytes_are_read_or_refused(tmp_path: Path, cut: int, flips: list, name: str) -> None:
    for old in tmp_path.glob("*.dbn*"):
        old.unlink()
    if name == "d.dbn":
        head, records = metadata({}, schema="definition"), [definition(CALL, 5), definition(PUT, 6)]
        write(tmp_path / "q.dbn", metadata({}), GOOD)
    else:
        head, records = HEAD, GOOD
    path = write(tmp_path / name, head, records)
    data = bytearray(path.read_bytes())
    for where, value in flips:
        data[where % len(data)] = value
    path.write_bytes(bytes(data[: len(data) - cut]))
    IMPORTER.sniff(path)
    for each in sorted(tmp_path.glob("*.dbn*")):
        try:
            for item in read(each):
                if isinstance(item, DayTable):
                    assert problem(item.columns) is None
                    Store(tmp_path / "store").save(item)
            message = "read"
        except ImportRefused as error:
            message = str(error)
        assert message.isprintable()


@given(
    bid=st.integers(0, 2**31 - 1) | st.integers(0, 10**14) | st.just(UNDEFINED),
    minute=st.integers(1, 390),
    size=st.integers(0, 2**31 - 1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_prices_are_exact_to_a_ten_thousandth(tmp_path: Path, bid: int, minute: int, size: int) -> None:
    record = quote(5, at("09:30") + minute * MINUTE, 0, None, sizes=(size, 0))
    record = record[:48] + bid.to_bytes(8, "little") + record[56:]
    (day,) = read(write(tmp_path / "q.dbn", HEAD, [record]))
    if bid == UNDEFINED:
        assert "bid" not in day.columns.values
    else:
        assert values(day, "bid") == [to_units(Decimal(bid).scaleb(-9))]
    assert day.columns.ts_known.tolist() == [at("09:30") + minute * MINUTE]


# The real samples and the product


def test_every_real_sample_is_left_out_or_refused_by_name(shared: Path) -> None:
    told = {}
    for path in sorted((shared / "data" / "databento_opra").glob("*.dbn.zst")):
        assert sniff(path) is IMPORTER
        schema = path.name.split(".")[1]
        try:
            (only,) = read(path)
            told[schema] = f"{only.what.rpartition(': ')[2]}: {only.why}"
        except ImportRefused as error:
            told[schema] = error.reason
    assert told.pop("cbbo-1m").startswith("4 records of root AAPL: options of AAPL are not known")
    assert told.pop("cbbo-1s").startswith("4 records of root AAPL: options of AAPL are not known")
    assert "definitions, 1 of AAPL" in told.pop("definition")
    assert len(told) == 8
    assert all(reason.startswith(f"schema {schema} is not read") for schema, reason in told.items())


def test_the_library_is_not_loaded_before_a_file_is_read() -> None:
    code = "import sys, engine.tape.importers; sys.exit('databento_dbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_of_a_real_interval_is_lost(shared: Path, tmp_path: Path) -> None:
    """The real sample, its number mapped to an SPXW contract: prices, sizes and trades as they are there."""
    import pyarrow as pa

    path = shared / "data" / "databento_opra" / "test_data.cbbo-1m.dbn.zst"
    data = pa.input_stream(str(path), compression="zstd").read()
    head = metadata({"SPXW  250221C05250000": 16_783_963}, dt.date(2025, 2, 20))
    (day,) = read(write(tmp_path / "q.dbn", head, [data[-320:]]))
    assert [clock_text(ts) for ts in day.columns.ts_known.tolist()] == ["09:31:00", "09:32:00", "09:33:00"]
    assert day.counts == {"before_open": 1}
    assert values(day, "bid") == [3200, 4300, 3400]
    assert values(day, "ask") == [3400, 4500, 3600]
    assert values(day, "bid_size") == [104, 1, 62]
    assert values(day, "price") == [3400, 4500, 3400]


def test_a_definition_shorter_than_its_kind_is_refused_and_no_panic(tmp_path: Path) -> None:
    write(tmp_path / "q.dbn", metadata({}), GOOD)
    whole = definition(CALL, 5)
    write(tmp_path / "d.dbn", metadata({}, schema="definition"), [bytes([18]) + whole[1:72]])
    with pytest.raises(ImportRefused, match="not a definition: Malformed"):
        read(tmp_path / "q.dbn")
