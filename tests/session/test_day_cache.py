"""The cache of played days: what it keeps, what it never mixes up, and what it does with a file it cannot use."""

from __future__ import annotations

import datetime as dt
import logging
import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_days import SIM_DAY, store_simulated_day

from engine.config import load
from engine.session.cache import DayCache, config_key, day_key
from engine.session.code import code_digest
from engine.session.day import DayFigures
from engine.session.source import TapeSource
from engine.tape import DailyRow, DailyTable, Store
from engine.types import Provenance
from strategies.registry import REGISTRY

ROOM = 10_000_000


def figures(pnl: int = 1, reason: str = "no fresh quote") -> DayFigures:
    return DayFigures(
        day=dt.date(2024, 8, 7),
        root="SPXW",
        trades=1,
        wins=1,
        pnl=pnl,
        fees=5,
        max_drawdown=7,
        provenance="vendor lean quote",
        origin="vendor",
        provisional=False,
        skipped=(("10:00", reason),),
        tallies={"stops": 2},
    )


def keys(count: int, day: bytes = b"day") -> list[tuple[bytes, bytes]]:
    return [(n.to_bytes(4, "big"), day) for n in range(count)]


def keep(cache: DayCache, of: list[tuple[bytes, bytes]], pnl: int = 1) -> None:
    cache.keep([(config, day, figures(pnl)) for config, day in of])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made for it" / "days.sqlite"


# What it keeps


def test_what_is_kept_is_found_by_the_next_run(path: Path) -> None:
    with DayCache(path, ROOM) as cache:
        assert cache.find(keys(2)) == [None, None]
        keep(cache, keys(1), pnl=-3)
    with DayCache(path, ROOM) as cache:
        assert cache.find(keys(2)) == [figures(-3), None]


@pytest.mark.parametrize("most", [0, ROOM])
def test_nothing_is_kept_where_nothing_may_be(path: Path, most: int) -> None:
    with DayCache(None if most else path, most) as cache:
        keep(cache, keys(1))
        assert cache.find(keys(1)) == [None]
        assert not cache.keeps
    assert not path.parent.exists()


def test_it_stays_within_its_bound_while_it_is_filled_and_after(path: Path) -> None:
    most = 400_000
    with DayCache(path, most) as cache:
        for day in range(40):
            keep(cache, keys(100, bytes([day])))
            size = sum(file.stat().st_size for file in path.parent.iterdir())
            assert size < most + 5_000_000, "the write-ahead log is SQLite's, some megabytes at most"
        assert cache.find(keys(100, bytes([39]))) == [figures()] * 100, "the newest stays"
    assert path.stat().st_size <= most * 1.1
    assert [file.name for file in path.parent.iterdir()] == ["days.sqlite"]


def test_what_was_not_used_for_longest_goes_first(path: Path) -> None:
    for day in range(6):
        with DayCache(path, ROOM) as cache:
            keep(cache, keys(100, bytes([day])), pnl=day)
    with DayCache(path, ROOM) as cache:
        assert None not in cache.find(keys(100, bytes([0]))), "read, and so used again"
    with DayCache(path, path.stat().st_size // 2):
        pass
    with DayCache(path, ROOM) as cache:
        left = [sum(found is not None for found in cache.find(keys(100, bytes([day])))) for day in range(6)]
    assert left[0] == left[5] == 100
    assert left[1] == left[2] == 0
    assert left == [left[0], *sorted(left[1:])]


# What it never mixes up


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "store")
    store_simulated_day(found)
    return found


def test_a_setting_that_decides_trading_or_other_code_makes_another_key() -> None:
    code = code_digest(REGISTRY)
    base = config_key(code, load())
    assert base == config_key(code, load())
    for setting in (
        "strategies.iron_condor.strikes.short=0.11",
        "strategies.iron_condor.by_root.SPY.quantity=9",
        "fills.latency_ms=1",
        "fees.per_contract=0.01",
        "risk.daily_loss=801",
        "exits.step_seconds=6",
        "account.equity=50001",
    ):
        assert config_key(code, load(settings=[setting])) != base, setting
    for setting in ("ui.refresh_hz=3", "cache.max_mb=1", "data.dir=/elsewhere", "demo.seed=8", "session.roots=['XSP']"):
        assert config_key(code, load(settings=[setting])) == base, setting
    assert config_key(code[::-1], load()) != base


def test_another_value_close_or_label_of_the_day_makes_another_key(store: Store) -> None:
    def key(of: Store) -> bytes:
        return day_key(TapeSource(Store(of.path), "SPXW", SIM_DAY, "demo"))

    base = key(store)
    assert base == key(store)
    label = store.open(store.choose("SPXW", SIM_DAY)).header.provenance
    rows = (DailyRow(SIM_DAY, 69_000_000),)
    store.save_daily(DailyTable("SPX", label, "test", 1, rows))
    closed = key(store)
    assert closed != base, "another close"
    other = Provenance(label.source, label.origin, label.meaning, "f" * 64, label.note)
    store.save_daily(DailyTable("SPX", other, "test", 1, rows))
    assert key(store) != closed, "the same close from elsewhere"


def test_another_value_on_the_tape_makes_another_key(store: Store, tmp_path: Path) -> None:
    second = Store(tmp_path / "second")
    store_simulated_day(second, dt.date(2026, 1, 16))
    days = [day_key(TapeSource(s, "SPXW", d, "demo")) for s, d in ((store, SIM_DAY), (second, dt.date(2026, 1, 16)))]
    assert days[0] != days[1]
    (file,) = (store.path / "days/SPXW").iterdir()
    tape = TapeSource(store, "SPXW", SIM_DAY, "demo")
    assert tape.entry.header is not None
    assert tape.content[0] == tape.entry.header.sha256, f"the hash of the values of {file.name} is part of it"


# Files it cannot use


def unusable(path: Path, caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Nothing is found, nothing is kept, nobody is troubled, and the log says why."""
    with caplog.at_level(logging.WARNING), DayCache(path, ROOM) as cache:
        assert not cache.keeps
        assert cache.find(keys(1)) == [None]
        keep(cache, keys(1))
    assert words in caplog.text


def test_another_programs_database_is_left_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE days (key INTEGER, figures TEXT)")
    connection.close()
    before = path.read_bytes()
    unusable(path, caplog, "no cache of zdte-tui")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"my notes\n", b"SQLite format 3\0", bytes(4096), b"SQLite format 3\0" + bytes(200)]
)
def test_a_file_that_is_no_cache_is_left_alone(path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    unusable(path, caplog, "no cache of zdte-tui")
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_cache(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with DayCache(path, ROOM) as cache:
        keep(cache, keys(1))
        assert cache.find(keys(1)) == [figures()]


def test_a_folder_or_a_file_in_the_way(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.mkdir(parents=True)
    unusable(path, caplog, "directory")
    caplog.clear()
    unusable(Path("/dev/null") / "days.sqlite", caplog, "/dev/null")


def test_a_file_that_cannot_be_written(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with DayCache(path, ROOM) as cache:
        keep(cache, keys(1))
    caplog.clear()
    with caplog.at_level(logging.WARNING), DayCache(path, ROOM) as cache:
        assert cache._connection is not None
        cache._connection.execute("PRAGMA query_only=ON")  # as on a file system that has become read-only
        assert cache.find(keys(1)) == [None]
        assert not cache.keeps
    assert "readonly" in caplog.text


def test_a_full_disk(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), DayCache(path, ROOM) as cache:
        assert cache._connection is not None
        pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
        cache._connection.execute(f"PRAGMA max_page_count = {pages}")
        keep(cache, keys(1000))
        assert not cache.keeps
    assert "full" in caplog.text
    with DayCache(path, ROOM) as cache:
        assert cache.find(keys(1)) == [None]
        keep(cache, keys(1))
        assert cache.find(keys(1)) == [figures()]


def test_one_that_another_process_writes(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with DayCache(path, ROOM) as cache:
        keep(cache, keys(1))
    other = sqlite3.connect(path)
    other.execute("BEGIN EXCLUSIVE")
    unusable(path, caplog, "locked")
    other.rollback()
    other.close()
    with DayCache(path, ROOM) as cache:
        assert cache.find(keys(1)) == [figures()]


def _fill(path: Path, name: bytes) -> None:
    with DayCache(path, ROOM) as cache:
        for day in range(20):
            keep(cache, keys(20, name + bytes([day])))
            assert cache.keeps


def test_two_processes_may_use_it_at_once(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_fill, args=(path, name)) for name in (b"a", b"b")]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
        assert other.exitcode == 0
    with DayCache(path, ROOM) as cache:
        for name in (b"a", b"b"):
            for day in range(20):
                assert None not in cache.find(keys(20, name + bytes([day])))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a cache of 60 days, a pnl of 1 each."""
    path = tmp_path_factory.mktemp("whole") / "days.sqlite"
    with DayCache(path, ROOM) as cache:
        keep(cache, keys(60))
    return path.read_bytes()


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_file_never_gives_wrong_figures(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "days.sqlite"
    content = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=30)):
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content[: data.draw(st.sampled_from([len(whole), len(whole) // 2, 5000]))])
    with DayCache(path, ROOM) as cache:
        assert all(found in (None, figures()) for found in cache.find(keys(60)))
        keep(cache, keys(60))
    with DayCache(path, ROOM) as cache:
        assert all(found in (None, figures()) for found in cache.find(keys(60)))


def test_a_damaged_file_is_made_anew(path: Path, whole: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(whole[:4096] + bytes(b ^ 0x5A for b in whole[4096:]))
    with DayCache(path, ROOM) as cache:
        cache.find(keys(1))
    with DayCache(path, ROOM) as cache:
        keep(cache, keys(1))
        assert cache.find(keys(1)) == [figures()]
