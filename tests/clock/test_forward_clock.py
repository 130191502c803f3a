"""The clock of a market day neither stops nor goes back, whatever is done to the machine's."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import MINUTE, SECOND, ForwardClock


class Machine:
    """Its wall clock, which somebody sets, and its steady one."""

    def __init__(self) -> None:
        self.wall = 1_000 * MINUTE
        self.steady = 0

    def passes(self, ns: int) -> None:
        self.wall += ns
        self.steady += ns


def test_it_is_the_machines_clock() -> None:
    clock = ForwardClock()
    before = time.time_ns()
    assert before <= clock.now() <= time.time_ns()


def test_set_back_it_goes_at_half_speed_until_it_is_caught_up_with() -> None:
    machine = Machine()
    clock = ForwardClock(lambda: machine.wall, lambda: machine.steady)
    start = clock.now()
    machine.wall -= 10 * MINUTE
    assert clock.now() == start
    machine.passes(10 * SECOND)
    assert clock.now() == start + 5 * SECOND
    machine.passes(20 * MINUTE)
    assert clock.now() == machine.wall
    machine.passes(SECOND)
    assert clock.now() == machine.wall


def test_a_machine_that_slept_wakes_at_its_wall_clocks_time() -> None:
    machine = Machine()
    clock = ForwardClock(lambda: machine.wall, lambda: machine.steady)
    machine.wall += 10 * MINUTE
    assert clock.now() == machine.wall


@given(st.lists(st.tuples(st.integers(-MINUTE, MINUTE), st.integers(2, MINUTE))))
def test_it_always_goes_on_and_never_behind_the_wall(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    clock = ForwardClock(lambda: machine.wall, lambda: machine.steady)
    before = clock.now()
    for set_by, passed in steps:
        machine.wall += set_by
        machine.passes(passed)
        now = clock.now()
        assert now > before or now == machine.wall
        assert now >= machine.wall
        assert now >= before
        before = now
