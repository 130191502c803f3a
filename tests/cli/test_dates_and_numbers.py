"""Dates, speeds, counts, names and paths on the command line: what is unambiguous is taken, the rest says how."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.commands import options

ARABIC = "٢٠٢٤-٠٨-٠٧"


def refusal(read: Callable[[str], Any], text: str) -> str:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        read(text)
    return str(refused.value)


@pytest.mark.parametrize("text", ["2024-08-07", "20240807", "2024-8-7", "2024/08/07", "2024/8/7", "2024.8.7"])
def test_a_date_with_the_year_first_is_taken(text: str) -> None:
    assert options.day(text) == dt.date(2024, 8, 7)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("08/07/2024", "write 2024-08-07 or 2024-07-08"),
        ("08/27/2024", "write 2024-08-27"),
        ("27.8.2024", "write 2024-08-27"),
        ("07-07-2024", "write 2024-07-07"),
        ("13/13/2024", "write it like 2024-08-07"),
        ("2024-13-45", "there is no such day; write it like 2024-08-07"),
        ("2023-02-29", "there is no such day"),
        ("20230229", "there is no such day"),
        ("0000-01-01", "there is no such day"),
        ("2024-08/07", "write it like 2024-08-07"),
        ("24-08-07", "write it like 2024-08-07"),
        ("2024-W32-3", "write it like 2024-08-07"),
        (ARABIC, "write it like 2024-08-07"),
        ("2024-08-07\n", "write it like 2024-08-07"),
        ("someday", "write it like 2024-08-07"),
        ("Aug 7", "write it like 2024-08-07"),
        ("", "write it like 2024-08-07"),
        ("9" * 5000, "write it like 2024-08-07"),
    ],
)
def test_any_other_date_says_how_to_write_it(text: str, says: str) -> None:
    said = refusal(options.day, text)
    assert "is not a date" in said
    assert said.endswith(says) or says in said


def test_today_and_yesterday_are_new_yorks(monkeypatch: pytest.MonkeyPatch) -> None:
    half_past_three_utc = dt.datetime(2024, 8, 8, 3, 30, tzinfo=dt.UTC)  # still the evening of the 7th in New York
    monkeypatch.setattr("time.time_ns", lambda: int(half_past_three_utc.timestamp()) * 10**9)
    assert options.day("today") == dt.date(2024, 8, 7)
    assert options.day("yesterday") == dt.date(2024, 8, 6)


@pytest.mark.parametrize(
    ("text", "value"), [("60", 60.0), ("60x", 60.0), ("0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), ("max", 0.0)]
)
def test_a_speed_is_seconds_of_market_a_second(text: str, value: float) -> None:
    assert options.speed(text) == value


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "fast", "nan", "inf", "infinity", "1e9", "1e999", "1_000", "٦٠", "60xx", " 60", "9" * 400]
)
def test_any_other_speed_is_refused(text: str) -> None:
    assert "is not a speed" in refusal(options.speed, text)


@pytest.mark.parametrize("text", ["", "0", "-1", "257", "1.5", "two", "1_0", "٢", " 2", "9" * 5000, "+1"])
def test_a_number_of_processes_is_a_plain_small_number(text: str) -> None:
    assert (options.jobs("1"), options.jobs("256")) == (1, 256)
    assert "is not a number of processes" in refusal(options.jobs, text)


@pytest.mark.parametrize(("text", "near"), [("SPXX", "SPXW"), ("spxv", "SPXW"), ("SPYY", "SPY"), ("QQ", "QQQ")])
def test_a_root_is_taken_in_any_case_and_a_wrong_one_names_the_nearest(text: str, near: str) -> None:
    assert options.root("spxw") == "SPXW"
    assert f"did you mean {near}?" in refusal(options.root, text)


def test_a_root_unlike_any_lists_them_all() -> None:
    for text in ("", "ZZZZZZ", "٣", "S" * 100_000):
        assert "known: QQQ, SPXW, SPY, XSP" in refusal(options.root, text)


@pytest.mark.parametrize("text", ["", "../other", "a b", "a/b", "naïve", "x" * 33, "a\n"])
def test_an_account_can_name_a_file(text: str) -> None:
    assert options.account("main_2") == "main_2"
    assert "cannot name an account" in refusal(options.account, text)


def test_a_file_has_a_name() -> None:
    assert options.file("~/x.toml") == Path.home() / "x.toml"
    for text in ("", "a\0b"):
        assert "is not the name of a file" in refusal(options.file, text)


@given(st.text() | st.from_regex(r"[0-9/.\-]{4,12}"))
def test_any_text_is_read_or_refused_by_every_kind_of_value(text: str) -> None:
    for read in (options.day, options.speed, options.jobs, options.root, options.account, options.file):
        try:
            read(text)  # type: ignore[operator]
        except argparse.ArgumentTypeError:
            continue
