"""So many requests a minute, and the last of them only for what lessens risk."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alpaca.bucket import HOLD, MINUTE, TokenBucket

SECOND = 1_000_000_000
ASKS = st.lists(st.tuples(st.integers(0, 40 * SECOND), st.booleans()), max_size=60)


@settings(max_examples=200)
@given(st.integers(1, 12), st.integers(0, 14), ASKS)
def test_no_minute_sees_more_than_allowed_and_who_waits_as_told_gets_a_token(
    size: int, reserve: int, asks: list[tuple[int, bool]]
) -> None:
    now = [0]
    bucket = TokenBucket(size, reserve, lambda: now[0])
    taken: list[tuple[int, bool]] = []
    for pause, urgent in asks:
        now[0] += pause
        wait = bucket.take(urgent)
        assert 0 <= wait <= MINUTE
        if wait:
            now[0] += wait - 1
            assert bucket.take(urgent) == 1  # not a nanosecond sooner
            now[0] += 1
            assert bucket.take(urgent) == 0
        taken.append((now[0], urgent))
    for at, _ in taken:
        within = [urgent for then, urgent in taken if at <= then < at + MINUTE]
        assert len(within) <= size
    ordinary = max(1, size - reserve)
    for number, (at, urgent) in enumerate(taken):
        if not urgent:
            assert sum(1 for then, _ in taken[: number + 1] if at - MINUTE < then) <= ordinary


@given(st.integers(2, 50), st.integers(1, 49))
def test_the_reserve_is_there_when_everything_else_is_used_up(size: int, reserve: int) -> None:
    reserve = min(reserve, size - 1)
    bucket = TokenBucket(size, reserve, lambda: 0)
    while bucket.take() == 0:
        pass
    assert [bucket.take(urgent=True) for _ in range(reserve)] == [0] * reserve
    assert bucket.take(urgent=True) == MINUTE


def test_after_too_many_only_urgent_requests_leave_for_some_seconds() -> None:
    now = [0]
    bucket = TokenBucket(5, 2, lambda: now[0])
    bucket.hold()
    assert bucket.take() == HOLD
    assert bucket.take(urgent=True) == 0
    now[0] = HOLD
    assert bucket.take() == 0
