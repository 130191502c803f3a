"""Days played one after the other, or by several processes at once; what comes of them always in the order of days."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context
from typing import Any, Protocol, TypeVar

from engine.processes import end_with_parent, interrupts_held
from engine.processes.collecting import no_collecting

R_co = TypeVar("R_co", covariant=True)


class Player(Protocol[R_co]):
    """Plays a stored day. It must be picklable, and give the same in every process."""

    def play(self, *day: Any) -> R_co:
        """What came of the day."""
        ...


def in_order(
    player: Player[R_co], days: Sequence[tuple[Any, ...]], jobs: int, at_a_time: int = 4
) -> Generator[R_co, None, None]:
    """Play every day, given as the arguments of ``play``. With several jobs, each process has its own copy of the
    player and keeps it from day to day, and takes up to ``at_a_time`` days at once. Closed before its end, or
    interrupted, it ends them at once, whatever they play."""
    if jobs <= 1 or len(days) <= 1:
        for day in days:
            with no_collecting():
                played = player.play(*day)
            yield played
        return
    jobs = min(jobs, len(days))
    others = set(active_children())
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (player,)) as pool:
        try:
            some = max(1, min(at_a_time, len(days) // (4 * jobs)))
            with interrupts_held():  # the processes are started here
                results = [pool.submit(_play, days[n : n + some]) for n in range(0, len(days), some)]
            results.reverse()
            while results:
                yield from results.pop().result()
        except BaseException:
            # Nothing is cancelled first: the executor of Python 3.11 stumbles over that when its processes are gone.
            for process in set(active_children()) - others:
                process.terminate()
            raise


_players: list[Player[Any]] = []  # of this process: one


def _begin(player: Player[Any]) -> None:
    _players.append(player)
    end_with_parent()


def _play(days: Sequence[tuple[Any, ...]]) -> list[Any]:
    with no_collecting():
        return [_players[0].play(*day) for day in days]
