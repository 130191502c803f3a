"""Which contracts are subscribed to: near spot, within the plan, and without a gap for what is held."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from engine.feed.alpaca.window import Window, step
from engine.types import SCALE, Contract

DAY = dt.date(2026, 1, 15)


def chain(root: str = "SPXW", low: int = 5500, high: int = 6500, every: int = 5) -> list[Contract]:
    return [
        Contract(root, DAY, strike * SCALE, right)  # type: ignore[arg-type]
        for strike in range(low, high + 1, every)
        for right in "CP"
    ]


def strikes(chosen: frozenset[Contract], root: str = "SPXW") -> tuple[int, int]:
    found = [each.strike // SCALE for each in chosen if each.root == root]
    return min(found), max(found)


def test_strikes_nearest_spot_within_the_plan_with_room_to_move() -> None:
    chosen = Window(200).choose({"SPXW": chain()}, {"SPXW": 6001 * SCALE}, {}, ())
    assert len(chosen) == 180
    low, high = strikes(chosen)
    assert abs((6001 - low) - (high - 6001)) <= 5
    assert {each.right for each in chosen} == {"C", "P"}


def test_no_further_than_the_day_may_go() -> None:
    chosen = Window(1000).choose({"SPXW": chain()}, {"SPXW": 6000 * SCALE}, {"SPXW": 30 * SCALE}, ())
    assert strikes(chosen) == (5820, 6180)


def test_a_quiet_day_still_has_some_strikes() -> None:
    chosen = Window(1000).choose({"SPXW": chain()}, {"SPXW": 6000 * SCALE}, {"SPXW": SCALE}, ())
    assert len(chosen) >= 60


def test_the_largest_move_expected_so_far_counts() -> None:
    window = Window(1000)
    window.choose({"SPXW": chain()}, {"SPXW": 6000 * SCALE}, {"SPXW": 30 * SCALE}, ())
    later = window.choose({"SPXW": chain()}, {"SPXW": 6000 * SCALE}, {"SPXW": 2 * SCALE}, ())
    assert strikes(later) == (5820, 6180)


def test_held_legs_are_in_it_however_far() -> None:
    far = Contract("SPXW", DAY, 5500 * SCALE, "P")
    chosen = Window(200).choose({"SPXW": chain()}, {"SPXW": 6400 * SCALE}, {}, (far,))
    assert far in chosen
    assert len(chosen) == 180


def test_without_spot_it_stands_in_the_middle_of_the_strikes_until_there_is_one() -> None:
    window = Window(200)
    assert strikes(window.choose({"SPXW": chain()}, {}, {}, ()))[0] > 5700
    assert window.centre("SPXW") is None
    assert strikes(window.choose({"SPXW": chain()}, {"SPXW": 6300 * SCALE}, {}, ()))[1] == 6500


def test_small_moves_change_nothing_and_large_ones_do() -> None:
    window = Window(200)
    first = window.choose({"SPXW": chain()}, {"SPXW": 6000 * SCALE}, {}, ())
    for spot in (6010, 5990, 6025, 5975):
        assert window.choose({"SPXW": chain()}, {"SPXW": spot * SCALE}, {}, ()) == first
    moved = window.choose({"SPXW": chain()}, {"SPXW": 6100 * SCALE}, {}, ())
    assert moved != first
    # Back where it was, a little: no flapping.
    assert window.choose({"SPXW": chain()}, {"SPXW": 6090 * SCALE}, {}, ()) == moved


def test_roots_share_the_plan_and_what_one_does_not_need_is_the_others() -> None:
    listed = {"SPXW": chain(), "SPY": chain("SPY", 590, 609, 1)}
    chosen = Window(200).choose(listed, {"SPXW": 6000 * SCALE, "SPY": 600 * SCALE}, {}, ())
    assert sum(each.root == "SPY" for each in chosen) == 40
    assert sum(each.root == "SPXW" for each in chosen) == 140


def test_more_held_than_the_plan_takes_is_cut_to_it() -> None:
    chosen = Window(10).choose({"SPXW": chain()}, {"SPXW": 6000 * SCALE}, {}, chain()[:30])
    assert len(chosen) == 10


contracts = st.sampled_from(chain(low=5900, high=6100))
sets = st.frozensets(contracts, max_size=40)


@given(now=sets, wanted=sets, held=st.frozensets(contracts, max_size=8), room=st.integers(0, 10))
def test_steps_end_at_what_is_wanted_and_never_drop_what_is_held(
    now: frozenset[Contract], wanted: frozenset[Contract], held: frozenset[Contract], room: int
) -> None:
    wanted |= held
    limit = max(len(now), len(wanted)) + room
    there = now
    for _ in range(200):
        after = step(there, wanted, held, limit)
        assert len(after) <= limit
        assert held & there <= after, "what is held stays subscribed"
        assert after >= there or after <= there, "either more or less: new ones first, old ones after"
        if after < there and wanted - there:
            assert len(there) == limit, "nothing is given up while there is room for what is new"
        if after == there:
            break
        there = after
    assert there == wanted


@given(
    path=st.lists(st.integers(5600, 6400), min_size=1, max_size=12),
    held=st.frozensets(contracts, max_size=8),
    limit=st.integers(20, 400),
    moves=st.integers(0, 80),
)
def test_a_day_s_window_follows_spot_within_the_limit_and_keeps_what_is_held(
    path: list[int], held: frozenset[Contract], limit: int, moves: int
) -> None:
    window, listed = Window(limit), {"SPXW": chain()}
    there: frozenset[Contract] = frozenset()
    for spot in path:
        wanted = window.choose(listed, {"SPXW": spot * SCALE}, {"SPXW": moves * SCALE}, held)
        assert held <= wanted
        assert len(wanted) <= limit
        low, high = strikes(frozenset(wanted - held) or wanted)
        if len(wanted) > len(held) + 8:
            assert low - 5 <= spot <= high + 5, "spot is inside"
        for _ in range(200):
            after = step(there, wanted, held, limit)
            if after == there:
                break
            assert held & there <= after
            there = after
        assert there == wanted
