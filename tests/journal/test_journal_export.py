"""The journal as text: canonical bytes that depend on nothing but what happened, and tables for people."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_samples import at, info, life, progress, signal

from engine.events import NoticeRecord
from engine.journal import Form, JournalError, JournalReader, JournalWriter, export, usd_text
from engine.journal.export import time_text


def text(path: Path, form: Form, selection: str = "last", table: str = "") -> str:
    with JournalReader(path) as reader:
        return b"".join(export(reader, selection, form, table)).decode()


def play(path: Path, *, mode: str = "demo", commit: str = "always", restart_after: int = 0, seed: int = 7) -> Path:
    """Journal one trade's life, perhaps with a restart in its middle."""
    writer = JournalWriter(path, commit=commit)  # type: ignore[arg-type]
    session = writer.begin_session(info(seed=seed), mode=mode, speed=len(mode))
    for number, records in enumerate(life(), 1):
        writer.append(records, progress(number))
        if number == restart_after:
            writer.close()
            writer = JournalWriter(path)
            writer.resume(session, mode=mode)
    writer.end_session("finished")
    writer.close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return play(tmp_path / "main.sqlite")


def test_canonical_text_is_the_same_whatever_the_mode_the_grouping_or_what_else_the_file_holds(tmp_path: Path) -> None:
    wanted = text(play(tmp_path / "a.sqlite"), "canonical")
    assert text(play(tmp_path / "b.sqlite", mode="backtest", commit="flush"), "canonical") == wanted
    assert text(play(tmp_path / "c.sqlite", restart_after=2), "canonical") == wanted
    busy = play(tmp_path / "d.sqlite", seed=8)
    assert text(play(busy), "canonical") == wanted
    assert text(busy, "canonical", "main-2024-08-07-SPXW-2") == wanted
    assert text(busy, "canonical", "all").count("\n") == 2 * wanted.count("\n")


def test_canonical_text_tells_a_different_seed(tmp_path: Path) -> None:
    assert text(play(tmp_path / "a.sqlite"), "canonical") != text(play(tmp_path / "b.sqlite", seed=8), "canonical")


def test_a_canonical_line_is_sorted_tight_and_exact(path: Path) -> None:
    lines = text(path, "canonical").splitlines()
    for line in lines:
        assert json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")) == line
    header = json.loads(lines[0])
    assert sorted(header) == [
        "account",
        "code_version",
        "config",
        "config_hash",
        "day",
        "provenance",
        "record",
        "roots",
        "seed",
    ]
    assert header["config"] == {"risk": {"daily_loss": 500.0}}
    assert header["provenance"][0]["origin"] == "simulated"
    records = [json.loads(line) for line in lines[1:]]
    assert len(records) == sum(len(records) for records in life())
    assert not any({"id", "session"} & set(record) for record in records)
    intent = next(record for record in records if record["record"] == "intent")
    assert intent["limit_e4"] == -23_000
    assert intent["legs"][0] == {
        "symbol": "SPXW240807P05100000",
        "side": "sell",
        "effect": "open",
        "ratio": 1,
    }
    assert next(record for record in records if record["record"] == "decision")["approved"] is True


def test_json_for_people_has_dollars_times_and_the_sessions_name(path: Path) -> None:
    records = [json.loads(line) for line in text(path, "json").splitlines()]
    assert {record["session"] for record in records} == {"main-2024-08-07-SPXW-1"}
    assert records[0]["provenance"][0]["origin"] == "simulated"
    fill = next(record for record in records if record["record"] == "fill" and record["exec_id"] == "x2")
    assert fill["price_usd"] == "1.2025"
    assert fill["fee_usd"] == "1.30"
    assert fill["bid_usd"] is None
    assert fill["time"] == "2024-08-07T14:01:00.000000000Z"
    assert "ts" not in fill
    assert "price_e4" not in fill


@pytest.mark.parametrize("table", ["fills", "trade_summary", "sessions", "runs"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_any_table_can_be_had_alone(path: Path, form: Form, table: str) -> None:
    written = text(path, form, table=table)
    rows = (
        [json.loads(line) for line in written.splitlines()]
        if form == "json"
        else list(csv.DictReader(io.StringIO(written)))
    )
    assert len(rows) == (2 if table == "fills" else 1)
    assert rows[0]["session"] == "main-2024-08-07-SPXW-1"
    if table == "trade_summary":
        assert (rows[0]["realised_usd"], rows[0]["credit_usd"]) == ("-132.60", "2.30")
        assert rows[0]["origin"] == "simulated"
    if table == "runs":
        assert rows[0]["progress_time"].startswith("2024-08-07T14:00:00.")


def test_csv_is_the_trades_unless_a_table_is_named(path: Path) -> None:
    assert text(path, "csv") == text(path, "csv", table="trade_summary")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_text_cannot_become_a_formula(tmp_path: Path, start: str) -> None:
    path = tmp_path / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        evil = f'{start}HYPERLINK("http://x","y"),z'
        writer.append([NoticeRecord(**at(1), level="info", source="a=b", text=evil)], progress(1))
    written = text(path, "csv", table="notices")
    row = next(csv.DictReader(io.StringIO(written, newline="")))
    assert row["text"] == f"'{evil}"
    assert row["source"] == "a=b"


def test_a_negative_amount_in_csv_stays_a_number(path: Path) -> None:
    row = next(csv.DictReader(io.StringIO(text(path, "csv"))))
    assert row["realised_usd"] == "-132.60"


def test_what_is_not_there_is_refused_before_the_first_line(path: Path) -> None:
    with JournalReader(path) as reader:
        with pytest.raises(JournalError, match="no session 'yesterday'"):
            export(reader, "yesterday")
        with pytest.raises(JournalError, match=r"no table 'fill'; there are .*fills"):
            export(reader, "last", "csv", "fill")
        with pytest.raises(JournalError, match="holds every table"):
            export(reader, "last", "canonical", "fills")


def test_an_export_is_of_one_instant(tmp_path: Path) -> None:
    path = tmp_path / "main.sqlite"
    with JournalWriter(path) as writer:
        writer.begin_session(info(), mode="demo")
        writer.append([signal(1), NoticeRecord(**at(1), level="info", source="s", text="t")], progress(1))
        writer.flush()
        with JournalReader(path) as reader:
            lines = export(reader, "last", "canonical")
            header = next(lines)
            writer.append([signal(2), NoticeRecord(**at(2), level="info", source="s", text="t")], progress(2))
            writer.flush()
            assert b'"record":"session"' in header
            assert [json.loads(line)["seq"] for line in lines] == [1, 1]


@given(st.integers(-(2**63), 2**63 - 1))
def test_dollars_as_text_are_exact(units: int) -> None:
    written = usd_text(units)
    whole, _, places = written.partition(".")
    assert len(places) == (2 if units % 100 == 0 else 4)
    assert int(whole + places.ljust(4, "0")) == units
    assert written.startswith("-") == (units < 0)


def test_an_instant_keeps_its_nanoseconds() -> None:
    assert time_text(1_723_039_200_000_000_001) == "2024-08-07T14:00:00.000000001Z"
