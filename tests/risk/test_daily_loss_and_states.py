"""The day's loss must hold for three seconds; what has latched stays for the day."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from risk_builders import limits

from engine.clock import SECOND
from engine.market import VixReading
from engine.risk import HOLD, DailyLoss, TradingStates, fits, vix_scale
from engine.types import to_units

LIMIT = to_units(500)


@pytest.mark.parametrize(("loss", "fires"), [(LIMIT - 1, False), (LIMIT, True), (LIMIT + 1, True)])
def test_a_loss_counts_from_the_limit_on_once_it_has_held(loss: int, fires: bool) -> None:
    watch = DailyLoss(LIMIT)
    assert watch.judge(0, 0, -loss, 0) is False
    assert watch.wake_at == (HOLD if fires else None)
    assert watch.judge(HOLD - 1, 0, -loss, 1) is False
    assert watch.judge(HOLD, 0, -loss, 1) is fires
    assert HOLD == 3 * SECOND


def test_three_seconds_of_silence_confirm_nothing() -> None:
    watch = DailyLoss(LIMIT)
    watch.judge(0, 0, -LIMIT, 0)
    assert not watch.judge(30 * SECOND, 0, -LIMIT, 0)
    assert watch.judge(31 * SECOND, 0, -LIMIT, 31 * SECOND)


def test_realised_and_unrealised_count_together() -> None:
    watch = DailyLoss(LIMIT)
    watch.judge(0, -LIMIT // 2, -LIMIT // 2, 0)
    assert watch.judge(HOLD, -LIMIT // 2, -LIMIT // 2, 1)
    saved = DailyLoss(LIMIT)
    saved.judge(0, -2 * LIMIT, LIMIT + 1, 0)
    assert not saved.judge(HOLD, -2 * LIMIT, LIMIT + 1, 1)


@pytest.mark.parametrize("relief", [-LIMIT + 1, 0, None])
def test_one_better_or_unknown_mark_starts_the_count_anew(relief: int | None) -> None:
    watch = DailyLoss(LIMIT)
    watch.judge(0, 0, -LIMIT, 0)
    assert not watch.judge(2 * SECOND, 0, relief, 2)
    assert watch.wake_at is None
    assert not watch.judge(3 * SECOND, 0, -LIMIT, 3)
    assert not watch.judge(6 * SECOND - 1, 0, -LIMIT, 4)
    assert watch.judge(6 * SECOND, 0, -LIMIT, 5)


@pytest.mark.parametrize(("unrealised", "fires"), [(0, True), (None, True), (-1, True), (1, False)])
def test_a_realised_loss_needs_no_confirmation_unless_open_trades_make_up_for_it(
    unrealised: int | None, fires: bool
) -> None:
    assert DailyLoss(LIMIT).judge(0, -LIMIT, unrealised, 0) is fires


@given(st.lists(st.tuples(st.integers(0, 2 * SECOND), st.integers(-2 * LIMIT, LIMIT) | st.none()), max_size=20))
@settings(deadline=None)
def test_it_fires_exactly_when_every_mark_of_three_seconds_was_a_loss(steps: list[tuple[int, int | None]]) -> None:
    watch, now, since = DailyLoss(LIMIT), 0, None
    for pause, unrealised in steps:
        now += pause
        if unrealised is None or unrealised > -LIMIT:
            since = None
        elif since is None:
            since = now
        fired = watch.judge(now, 0, unrealised, now)
        assert fired == (since is not None and now - since >= 3 * SECOND)


def test_the_severest_breaker_decides_in_whatever_order_they_came() -> None:
    named = [("PAUSED", "REDUCING"), ("DAILY_LOSS", "HALTED"), ("CALM", "ACTIVE")]
    for order in permutations(named):
        states = TradingStates()
        for name, state in order:
            assert states.trip(name, state, False, "why")  # type: ignore[arg-type]
        assert states.state == "HALTED"
        states.lift("DAILY_LOSS")
        assert states.state == "REDUCING"
        states.lift("PAUSED")
        assert states.state == "ACTIVE"


def test_a_latched_breaker_cannot_be_lifted_or_replaced_by_a_milder_one() -> None:
    states = TradingStates()
    assert states.trip("DAILY_LOSS", "HALTED", True, "day -500")
    assert states.lift("DAILY_LOSS") is False
    assert states.trip("DAILY_LOSS", "ACTIVE", False, "never mind") is False
    assert states.lift("DAILY_LOSS") is False
    assert (states.state, states.text) == ("HALTED", "DAILY_LOSS: day -500")


def test_a_breaker_that_a_person_set_can_be_lifted_once() -> None:
    states = TradingStates()
    states.trip("PAUSED", "REDUCING", False, "a person paused entries")
    assert states.text == "PAUSED: a person paused entries"
    assert [states.lift("PAUSED"), states.lift("PAUSED"), states.lift("NEVER")] == [True, False, False]
    assert (states.state, states.text) == ("ACTIVE", "")


@given(st.integers(-(10**6), 10**6), st.integers(-5, 10**5), st.integers(0, 50))
@settings(deadline=None)
def test_as_many_packages_as_fit_and_never_one_more(room: int, loss_each: int, wanted: int) -> None:
    found = fits(room, loss_each, wanted)
    assert 0 <= found <= wanted
    if loss_each <= 0:
        assert found == wanted
    else:
        assert found * loss_each <= max(room, 0)
        assert found == wanted or (found + 1) * loss_each > room


@pytest.mark.parametrize("value", [10.0, 25.0, 25.000001, 35.0, 35.000001, None])
def test_scaling_turned_off_is_one_at_any_vix(value: float | None) -> None:
    assert vix_scale(VixReading(value, "x"), limits(vix_scale=False)) == 1.0
    assert vix_scale(VixReading(value, "x"), limits()) == {10.0: 1, 25.0: 1, 35.000001: 0}.get(value or 0, 0.5)


@pytest.mark.parametrize(("value", "scale"), [(20.0, 1), (20.01, 0.5), (22.0, 0.5), (22.01, 0)])
def test_where_the_size_changes_is_configured(value: float, scale: float) -> None:
    assert vix_scale(VixReading(value, "x"), limits(vix_half_above=20, vix_none_above=22)) == scale
