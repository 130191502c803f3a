"""When silence is a fault of the socket's, and when it is the market's own."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.feed.alpaca.stream_silence import PATIENCE, Silence


def mute_after(clock: Silence, start: float) -> float:
    """How long it takes until it is found mute, looked at every tenth of a second."""
    now = start
    while not clock.is_mute(now, awaited=True):
        now += 0.1
        assert now - start < 1000
    return now - start


def test_a_stream_that_never_said_anything_is_mute_within_ten_seconds() -> None:
    assert mute_after(Silence(), 100.0) < 10


def test_a_busy_stream_that_falls_silent_is_mute_within_ten_seconds() -> None:
    clock = Silence()
    for n in range(1000):
        clock.heard(n * 0.01)
        assert not clock.is_mute(n * 0.01, awaited=True)
    assert mute_after(clock, 10.0) < 10


def test_silence_counts_only_while_data_are_awaited() -> None:
    clock = Silence()
    clock.heard(0)
    assert not clock.is_mute(1000, awaited=False)
    assert not clock.is_mute(1001, awaited=True), "from the open on, not from yesterday"
    assert clock.is_mute(1001 + PATIENCE, awaited=True)


def test_each_time_in_a_row_it_is_twice_as_patient() -> None:
    clock = Silence()
    now = 0.0
    waits = []
    for _ in range(7):
        waits.append(mute_after(clock, now))
        now += waits[-1] + 1
        clock.connected()
    assert all(after > 1.8 * before for before, after in pairwise(waits[:5]))
    assert max(waits) < 130


def test_a_market_that_speaks_every_fifteen_seconds_is_soon_left_alone() -> None:
    clock = Silence()
    mutes = 0
    for n in range(1, 1200):
        now = n * 1.0
        if n % 15 == 0:
            clock.heard(now)
        if clock.is_mute(now, awaited=True):
            mutes += 1
            clock.connected()
    assert mutes <= 2


def test_after_real_faults_it_is_quick_again() -> None:
    clock = Silence()
    mute_after(clock, 0.0)
    clock.connected()
    now = 20.0
    for _ in range(2000):
        now += 0.05
        clock.heard(now)
        clock.is_mute(now, awaited=True)
    assert mute_after(clock, now) < 10


@given(gaps=st.lists(st.floats(0.01, 7), min_size=1, max_size=40))
def test_a_market_with_shorter_silences_is_never_taken_for_mute(gaps: list[float]) -> None:
    clock, now = Silence(), 0.0
    clock.heard(now)
    for gap in gaps:
        assert not clock.is_mute(now + gap * 0.999, awaited=True)
        now += gap
        clock.heard(now)
