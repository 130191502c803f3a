"""Which contracts to subscribe to: those near spot, as far as the day may go and the plan allows, and all that is held.

Pure. Symbols are given up only after their successors are confirmed, in steps where the plan leaves little room.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from engine.types import Contract, Price

LIMITS = {"indicative": 200, "opra": 1000}
"""Symbols of quotes that each feed takes."""

_MOVES = 6
"""Expected moves to each side: further out nothing is worth a tick."""
_LEAST = 15
"""Strikes to each side at least, however quiet the day."""
_ROOM = 0.1
"""Part of the limit that is left free, so that a move can be followed before anything is given up."""
_DRIFT = 0.15
"""Of half the window's width: so far spot goes before the window follows."""


class Window:
    """The wanted contracts of some roots, which share a limit.

    Args:
        limit: symbols at once. Centres stay where they are until spot has gone a good part of the way to an edge.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._centres: dict[str, Price] = {}
        self._moves: dict[str, Price] = {}

    def centre(self, root: str) -> Price | None:
        """Where the window of a root stands."""
        return self._centres.get(root)

    def choose(
        self,
        listed: Mapping[str, Sequence[Contract]],
        spots: Mapping[str, Price],
        moves: Mapping[str, Price],
        held: Collection[Contract],
    ) -> frozenset[Contract]:
        """What should be subscribed.

        Args:
            listed: by root. spots: forwards or values, price units; a root without one stays where it was, at first in
                the middle of its strikes. moves: what is expected of the rest of the day, price units; the largest so
                far counts, as what was near in the morning may be held in the afternoon.
            held: always in it, up to the limit itself.
        """
        kept = sorted(held)[: self.limit]
        usual = max(0, max(1, self.limit - int(self.limit * _ROOM)) - len(kept))
        wanted: set[Contract] = set(kept)
        orders = {}
        for root, contracts in listed.items():
            strikes = sorted({each.strike for each in contracts})
            if strikes:
                self._moves[root] = max(self._moves.get(root, 0), moves.get(root, 0))
                orders[root] = self._nearest(root, contracts, strikes, spots.get(root), usual // len(listed))
        return frozenset(wanted | set(_shared(orders, wanted, usual)))

    def _nearest(
        self, root: str, contracts: Sequence[Contract], strikes: list[Price], spot: Price | None, share: int
    ) -> list[Contract]:
        """The root's contracts from the middle outward, as far as they matter."""
        before = self._centres.get(root)
        half = self._half(root, strikes, share)
        if spot is None:
            centre = before if before is not None else strikes[len(strikes) // 2]
        elif before is None or abs(spot - before) > _DRIFT * half:
            centre = spot
        else:
            centre = before
        if spot is not None or before is not None:
            self._centres[root] = centre
        ranked = sorted(strikes, key=lambda strike: (abs(strike - centre), strike))
        reach = _MOVES * self._moves.get(root, 0)
        near = {
            strike: n for n, strike in enumerate(ranked) if not reach or abs(strike - centre) <= reach or n < 2 * _LEAST
        }
        return sorted(
            (each for each in contracts if each.strike in near), key=lambda each: (near[each.strike], each.right)
        )

    def _half(self, root: str, strikes: list[Price], share: int) -> Price:
        """Half the width the window has."""
        count = max(2, min(len(strikes), share // 2))
        gaps = [after - before for before, after in pairwise(strikes)]
        step = sorted(gaps)[len(gaps) // 2] if gaps else 1
        half = count * step // 2
        reach = _MOVES * self._moves.get(root, 0)
        return max(step, min(half, max(reach, _LEAST * step)) if reach else half)


def _shared(orders: Mapping[str, Sequence[Contract]], taken: Collection[Contract], room: int) -> Iterable[Contract]:
    """Each root in turn, nearest first, until there is no room; what one does not need is the others'."""
    queues = {root: [each for each in order if each not in taken] for root, order in orders.items()}
    given = dict.fromkeys(queues, 0)
    while room > 0 and any(given[root] < len(queue) for root, queue in queues.items()):
        for root, queue in queues.items():
            if room > 0 and given[root] < len(queue):
                yield queue[given[root]]
                given[root] += 1
                room -= 1


def _middles(wanted: frozenset[Contract]) -> dict[str, float]:
    """The mean strike of what is wanted, by root."""
    strikes: dict[str, list[Price]] = {}
    for each in wanted:
        strikes.setdefault(each.root, []).append(each.strike)
    return {root: sum(found) / len(found) for root, found in strikes.items()}


def step(
    now: frozenset[Contract], wanted: frozenset[Contract], held: Collection[Contract], limit: int
) -> frozenset[Contract]:
    """The next set to subscribe to on the way from ``now``, which is confirmed, to ``wanted``.

    Either all of ``now`` and something new, the nearest first, or, once there is nothing new to add or no room for it,
    ``now`` without some of what is no longer wanted. What is held is never among what is given up. Calling it again and
    again with what was confirmed ends at ``wanted``.
    """
    new = wanted - now
    if not new:
        return wanted
    room, middles = limit - len(now), _middles(wanted)

    def far(contract: Contract) -> float:
        middle = middles.get(contract.root, 0.0)
        return abs(contract.strike - middle) / middle if middle else 0.0

    if room > 0:
        first = sorted(new, key=lambda each: (each not in held, far(each), each))
        return now | frozenset(first[:room])
    old = sorted(now - wanted - frozenset(held), key=lambda each: (-far(each), each))
    if not old:
        return now
    return now - frozenset(old[: max(1, min(len(old), len(new)))])
