"""Days played one after the other, or by several processes at once; what comes of them always in the order of days."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from engine.processes import end_with_parent, interrupts_held

R_co = TypeVar("R_co", covariant=True)


class Player(Protocol[R_co]):
    """Plays a stored day. It must be picklable, and give the same in every process."""

    def play(self, *day: Any) -> R_co:
        """What came of the day."""
        ...


def in_order(player: Player[R_co], days: Sequence[tuple[Any, ...]], jobs: int) -> Iterator[R_co]:
    """Play every day, given as the arguments of ``play``. With several jobs, each process has its own copy of the
    player and keeps it from day to day."""
    if jobs <= 1 or len(days) <= 1:
        for day in days:
            with _no_collecting():
                played = player.play(*day)
            yield played
        return
    jobs = min(jobs, len(days))
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (player,)) as pool:
        try:
            with interrupts_held():  # the processes are started here
                results = pool.map(_play, days, chunksize=max(1, min(4, len(days) // (4 * jobs))))
            yield from results
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_players: list[Player[Any]] = []  # of this process: one


def _begin(player: Player[Any]) -> None:
    _players.append(player)
    end_with_parent()


def _play(day: tuple[Any, ...]) -> Any:
    with _no_collecting():
        return _players[0].play(*day)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A day's thousands of records are no rubbish, and looking through them for some is a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
