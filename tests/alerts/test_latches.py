"""What is told of once, what is told of again, and what is taken back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.alerts.latches import Latches
from engine.alerts.reading import Reading


def reading(on: bool, off: bool | None = None, **more: Any) -> Reading:
    return Reading("spot", "rule", on, not on if off is None else off, lambda: "words", **more)


def told(latches: Latches, *readings: Reading) -> list[bool]:
    return [latches.judge(each, now, now) for now, each in enumerate(readings, 1)]


def test_what_holds_on_is_told_of_once() -> None:
    assert told(Latches(), reading(True), reading(True), reading(True)) == [True, False, False]


def test_it_is_told_of_again_after_it_was_clearly_false() -> None:
    assert told(Latches(), reading(True), reading(False), reading(True)) == [True, False, True]


def test_between_true_and_clearly_false_nothing_changes() -> None:
    between = reading(False, off=False)
    assert told(Latches(), reading(True), between, reading(True), between) == [True, False, False, False]


def test_once_is_once() -> None:
    on, off = reading(True, once=True), reading(False, once=True)
    assert told(Latches(), on, off, on) == [True, False, False]


def test_what_held_before_it_was_looked_at_is_no_news() -> None:
    on, off = reading(True, quiet_first=True), reading(False, quiet_first=True)
    assert told(Latches(), on, off, on) == [False, False, True]


def test_it_must_hold_for_as_long_as_it_says_without_a_break() -> None:
    on, off = reading(True, hold=2), reading(False, hold=2)
    assert told(Latches(), on, on, off, on, on, on, on) == [False, False, False, False, False, True, False]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_between_two_tellings_it_was_clearly_false(steps: list[tuple[bool, bool]]) -> None:
    readings = [reading(on, not on and off) for on, off in steps]
    tellings = [at for at, was in enumerate(told(Latches(), *readings)) if was]
    for first, second in pairwise(tellings):
        assert any(readings[at].off for at in range(first, second))


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.data())
def test_taken_back_it_tells_the_same_again(steps: list[bool], data: st.DataObject) -> None:
    readings = [reading(on) for on in steps]
    latches = Latches()
    first = told(latches, *readings)
    back_to = data.draw(st.integers(0, len(steps)))
    latches.take_back(back_to, back_to)
    again = [latches.judge(readings[at], at + 1, at + 1) for at in range(back_to, len(steps))]
    assert again == first[back_to:]
