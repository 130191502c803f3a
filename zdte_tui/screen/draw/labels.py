"""Labels beside a drawing, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], size: int) -> tuple[int | None, ...]:
    """For each wanted row one of ``size`` rows of its own, as near to it as it goes; order from top to bottom is kept.

    Rows count from the top, and parts of a row tell apart what wants the same one. ``wanted`` is in the order of
    importance: where there are more labels than rows, the last ones get None.
    """
    kept = range(min(len(wanted), max(0, size)))
    found: list[int | None] = [None] * len(wanted)
    # Groups of neighbours share one stretch of rows, centred on what they wanted; groups that touch become one.
    groups: list[list[int]] = []
    for index in sorted(kept, key=lambda each: (wanted[each], each)):
        groups.append([index])
        while len(groups) > 1 and _start(groups[-2], wanted, size) + len(groups[-2]) > _start(groups[-1], wanted, size):
            last = groups.pop()
            groups[-1] += last
    for group in groups:
        start = _start(group, wanted, size)
        for offset, index in enumerate(group):
            found[index] = start + offset
    return tuple(found)


def _start(group: Sequence[int], wanted: Sequence[float], size: int) -> int:
    middle = sum(wanted[index] - offset for offset, index in enumerate(group)) / len(group)
    return max(0, min(round(middle), size - len(group)))


def spread_along(labels: Sequence[tuple[int, str]], width: int, gap: int = 1) -> tuple[tuple[int, str], ...]:
    """Labels (centre, text) in one line of ``width`` cells as (first cell, text), those dropped that would touch one
    before them in ``labels``, which is in the order of importance. They are moved to stay inside."""
    taken: list[tuple[int, int]] = []
    found = []
    for centre, text in labels:
        if not text or len(text) > width or not 0 <= centre < width:
            continue
        start = max(0, min(centre - len(text) // 2, width - len(text)))
        end = start + len(text)
        if all(end + gap <= other or start >= stop + gap for other, stop in taken):
            taken.append((start, end))
            found.append((start, text))
    return tuple(found)
