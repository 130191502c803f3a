"""A layout as a tree: places side by side or one above the other, and how the room is shared between them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

STEP = 1.25
"""What a place's share grows by with one step."""
MOST_STEPS = 6
LEAST_LINES = 5
"""Borders, titles and two rows: no place is made lower than this while there is room."""


class Box(NamedTuple):
    """A rectangle inside the body, in cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Place:
    """Room for one pane at a time.

    Attributes:
        of: slots by number and panes by name that may be here; the first of them is, until another is gone to.
        weight: share of the room; focused: that while the focus is here, 0 for the same.
        lines: height in cells in place of a share, unless the focus is here and ``focused`` is set.
        rest: all panes that no other place names may be here too.
    """

    of: tuple[int | str, ...]
    weight: int = 1
    focused: int = 0
    lines: int = 0
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """Places that share a room: ``across`` side by side, else one above the other."""

    parts: tuple[Node, ...]
    across: bool
    weight: int = 1


Node: TypeAlias = Place | Split
Path = tuple[int, ...]
"""Where in the tree a node is: the indices that lead to it."""


def columns(*parts: Node, weight: int = 1) -> Split:
    """Side by side, from the left."""
    return Split(parts, across=True, weight=weight)


def rows(*parts: Node, weight: int = 1) -> Split:
    """One above the other, from the top."""
    return Split(parts, across=False, weight=weight)


class Seat(NamedTuple):
    """A place with what may be in it: never empty."""

    path: Path
    place: Place
    panes: tuple[str, ...]


def seats(plan: Node, slots: Sequence[Sequence[str]]) -> tuple[Seat, ...]:
    """The places of ``plan`` with the panes of ``slots``, each pane in one of them at most.

    A place that names a pane has it before one that names its number, and of several the first in the plan. Places left
    without a pane are not among them.
    """
    places = list(_places(plan))
    every = [name for slot in slots for name in slot]
    taken = {each for _, place in places for each in place.of if isinstance(each, str)}
    held: dict[Path, list[str]] = {}
    for path, place in places:
        mine = held.setdefault(path, [])
        for each in place.of:
            if isinstance(each, str):
                if each in every and all(each not in names for names in held.values()):
                    mine.append(each)
            elif each <= len(slots):
                mine += [name for name in slots[each - 1] if name not in taken]
                taken.update(mine)
    for path, place in places:
        if place.rest:
            held[path] += [name for name in every if all(name not in names for names in held.values())]
    return tuple(Seat(path, place, tuple(held[path])) for path, place in places if held[path])


def _places(node: Node, path: Path = ()) -> Iterator[tuple[Path, Place]]:
    if isinstance(node, Place):
        yield path, node
        return
    for index, part in enumerate(node.parts):
        yield from _places(part, (*path, index))


@dataclass(frozen=True, slots=True)
class Room:
    """What decides about sizes beside the plan.

    Attributes:
        shown: the pane in each place that is not empty.
        focused: the pane with the focus.
        steps: by path, how often a node was grown (or shrunk, negative).
        needs: the cells of width a pane needs, borders included.
    """

    shown: Mapping[Path, str]
    focused: str
    steps: Mapping[Path, int]
    needs: Callable[[str], int]


def boxes(plan: Node, width: int, height: int, room: Room) -> dict[str, Box]:
    """The box of every pane that is shown; together they fill ``width`` x ``height`` cells."""
    found: dict[str, Box] = {}
    _fill(plan, (), Box(0, 0, width, height), room, found)
    return found


def _fill(node: Node, path: Path, box: Box, room: Room, found: dict[str, Box]) -> None:
    if isinstance(node, Place):
        found[room.shown[path]] = box
        return
    parts = [(part, (*path, n)) for n, part in enumerate(node.parts) if _alive((*path, n), room)]
    total = box.width if node.across else box.height
    wants = [_want(part, at, node.across, room) for part, at in parts]
    begin = 0
    for (part, at), size in zip(parts, share(total, wants), strict=True):
        mine = (
            Box(box.x + begin, box.y, size, box.height) if node.across else Box(box.x, box.y + begin, box.width, size)
        )
        begin += size
        _fill(part, at, mine, room, found)


def _alive(path: Path, room: Room) -> bool:
    return any(each[: len(path)] == path for each in room.shown)


class Want(NamedTuple):
    """What one part asks of a length: a share by ``weight``, or ``fixed`` cells, and never less than ``least``."""

    weight: float
    least: int
    fixed: int = 0


def _want(node: Node, path: Path, across: bool, room: Room) -> Want:
    least = _least(node, path, across, room)
    grown = STEP ** room.steps.get(path, 0)
    if isinstance(node, Split):
        return Want(node.weight * grown, least)
    here = room.shown[path] == room.focused and node.focused > 0
    if node.lines and not across and not here:
        return Want(0, least, max(least, round(node.lines * grown)))
    return Want((node.focused if here else node.weight) * grown, least)


def _least(node: Node, path: Path, across: bool, room: Room) -> int:
    if isinstance(node, Place):
        return room.needs(room.shown[path]) if across else LEAST_LINES
    parts = [_least(part, (*path, n), across, room) for n, part in enumerate(node.parts) if _alive((*path, n), room)]
    return sum(parts) if node.across == across else max(parts)


def share(total: int, wants: Sequence[Want]) -> list[int]:
    """``total`` cells in whole parts. Where even the least of all is too much, each gets its part of that."""
    least = [want.least for want in wants]
    if sum(least) >= total:
        return _rounded(total, [float(each) for each in least])
    sizes: list[float] = [float(max(want.fixed, want.least) if want.fixed else 0) for want in wants]
    if all(want.fixed for want in wants):
        return _rounded(total, sizes)
    given = [n for n, want in enumerate(wants) if want.fixed]
    if sum(sizes) + sum(each for n, each in enumerate(least) if n not in given) > total:
        given, sizes = [], [0.0] * len(wants)  # no room for what is fixed: by shares, then
    free = [n for n in range(len(wants)) if n not in given]
    while True:
        rest = total - sum(sizes[n] for n in range(len(wants)) if n not in free)
        weight = sum(max(wants[n].weight, 1e-6) for n in free)
        small = [n for n in free if rest * max(wants[n].weight, 1e-6) / weight < least[n]]
        if not small:
            break
        for n in small:
            sizes[n] = float(least[n])
            free.remove(n)
    for n in free:
        sizes[n] = rest * max(wants[n].weight, 1e-6) / weight
    return _rounded(total, sizes)


def _rounded(total: int, sizes: Sequence[float]) -> list[int]:
    """Whole numbers near ``sizes`` that add up to ``total``."""
    whole = sum(sizes) or 1.0
    ends, so_far = [0], 0.0
    for size in sizes:
        so_far += size
        ends.append(round(so_far * total / whole))
    return [after - before for before, after in pairwise(ends)]


def growing(plan: Node, seat: Path, across: bool, shown: Mapping[Path, str]) -> Path | None:
    """The node whose share decides the width (``across``) or height of the place at ``seat``; None where it has no
    neighbour in that direction."""
    for depth in range(len(seat), 0, -1):
        above = _at(plan, seat[: depth - 1])
        if not isinstance(above, Split) or above.across != across:
            continue
        beside = [(*seat[: depth - 1], n) for n in range(len(above.parts))]
        if sum(any(each[:depth] == path for each in shown) for path in beside) > 1:
            return seat[:depth]
    return None


def _at(plan: Node, path: Path) -> Node:
    for index in path:
        assert isinstance(plan, Split)
        plan = plan.parts[index]
    return plan
