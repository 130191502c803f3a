"""The header counts down to what happens next, within the hour before it."""

from __future__ import annotations

import pytest
import views
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.screen import header

AT = views.at("14:00:00")


def second(width: int, now: str, **changes: object) -> str:
    head = views.header(now=views.at(now), next_deadline="FOMC 14:00", next_deadline_ts=AT, **changes)
    return "".join(text for text, _ in header.lines(head, width)[1])


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("12:59:59", "next: FOMC 14:00   "),
        ("13:00:00", "next: FOMC 14:00 in 60:00"),
        ("13:47:29", "next: FOMC 14:00 in 12:31"),
        ("13:59:59", "next: FOMC 14:00 in 0:01"),
        ("14:00:00", "next: FOMC 14:00   "),
    ],
)
def test_it_counts_down_in_minutes_and_seconds(now: str, said: str) -> None:
    assert said in second(160, now)


@given(st.integers(58, 240))
def test_the_countdown_gives_way_before_the_words_do(width: int) -> None:
    line = second(width, "13:47:29")
    assert len(line) <= width
    assert "in 12:31" not in line or "FOMC 14:00" in line
    assert "+$186.00" in line
