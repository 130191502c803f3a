"""The expected moves that alerts go by: one a minute of market time, the same again after going back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from engine.alerts.moves import Moves
from engine.clock import MINUTE, SECOND

TODAY, LATER = dt.date(2026, 1, 15), dt.date(2026, 1, 16)


def _giving(move: int | None) -> Callable[[], int | None]:
    return lambda: move


def _at(moves: Moves, now: int, seq: int, move: int | None, expiry: dt.date = TODAY) -> int | None:
    return moves.of("SPXW", expiry, now, seq, _giving(move))


def test_the_first_move_of_a_minute_holds_until_the_next() -> None:
    moves = Moves()
    assert _at(moves, 5 * MINUTE, 1, 400) == 400
    assert _at(moves, 5 * MINUTE + 59 * SECOND, 60, 300) == 400
    assert _at(moves, 6 * MINUTE, 61, 300) == 300


def test_a_move_that_is_not_known_is_asked_for_again() -> None:
    moves = Moves()
    assert _at(moves, 5 * MINUTE, 1, None) is None
    assert _at(moves, 5 * MINUTE + SECOND, 2, 400) == 400


def test_roots_and_expiries_have_their_own() -> None:
    moves = Moves()
    assert _at(moves, 5 * MINUTE, 1, 400) == 400
    assert _at(moves, 5 * MINUTE + SECOND, 2, 900, LATER) == 900
    assert moves.of("XSP", TODAY, 5 * MINUTE + SECOND, 2, _giving(40)) == 40


def test_going_back_into_a_minute_keeps_what_it_began_with_and_forgets_what_came_after() -> None:
    moves = Moves()
    _at(moves, 5 * MINUTE + SECOND, 10, 400)
    _at(moves, 6 * MINUTE, 20, 300)
    moves.take_back(5 * MINUTE + 30 * SECOND, 15)
    assert _at(moves, 5 * MINUTE + 40 * SECOND, 16, 350) == 400
    assert _at(moves, 6 * MINUTE, 20, 310) == 310


def test_going_back_to_before_the_event_a_move_was_read_at_forgets_it() -> None:
    moves = Moves()
    _at(moves, 5 * MINUTE, 10, 400)
    moves.take_back(5 * MINUTE, 9)
    assert _at(moves, 5 * MINUTE, 10, 410) == 410
