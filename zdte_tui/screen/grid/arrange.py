"""Rows in another order, and only those that hold a word. A row and what belongs to it stay together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from zdte_tui.screen.grid.column import Row

MISSING = frozenset({"", "-", "n/a"})
_TIMES = {"k": 1e3, "M": 1e6, "h": 3600.0, "m": 60.0, "s": 1.0}
_NUMBER = re.compile(r"^[>±]?([+-]?)\$?([0-9][0-9,]*\.?[0-9]*|\.[0-9]+)\s*([kM%]?)(?![0-9:.A-Za-z-])")
_SPAN = re.compile(r"^(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9.]+)s)?$")


class Sort(NamedTuple):
    """By which column, and whether the greatest comes first."""

    column: int
    falling: bool


def arrange(rows: tuple[Row, ...], sort: Sort | None, words: str) -> tuple[Row, ...]:
    """``rows``, or those of them in which every one of ``words`` stands, sorted.

    Numbers are compared as numbers where all of a column are; what is missing comes last either way. Rows that tell the
    same keep their order.
    """
    if sort is None and not words.strip():
        return rows
    groups = _groups(rows)
    wanted = words.casefold().split()
    if wanted:
        groups = [group for group in groups if _holds(group, wanted)]
    if sort is not None:
        groups = _sorted(groups, sort)
    return tuple(row for group in groups for row in group)


def _groups(rows: Iterable[Row]) -> list[list[Row]]:
    groups: list[list[Row]] = []
    keys: set[str] = set()
    for row in rows:
        if row.parent and row.parent in keys:
            groups[-1].append(row)
            keys.add(row.key)
        else:
            groups.append([row])
            keys = {row.key}
    return groups


def _holds(group: list[Row], words: list[str]) -> bool:
    text = " ".join(text for row in group for text, _ in row.cells).casefold()
    return all(word in text for word in words)


def _sorted(groups: list[list[Row]], sort: Sort) -> list[list[Row]]:
    told: list[tuple[str, list[Row]]] = []
    silent: list[tuple[str, list[Row]]] = []
    for group in groups:
        head = group[0]
        text = "" if head.span or sort.column >= len(head.cells) else head.cells[sort.column][0].strip()
        (silent if text in MISSING else told).append((text, group))
    numbers = [number_in(text) for text, _ in told]
    if all(number is not None for number in numbers):
        keyed: list[tuple[float | str, list[Row]]] = [
            (number or 0.0, group) for number, (_, group) in zip(numbers, told, strict=True)
        ]
    else:
        keyed = [(text.casefold(), group) for text, group in told]
    keyed.sort(key=lambda each: each[0], reverse=sort.falling)  # stable, also in reverse
    return [group for _, group in keyed] + [group for _, group in silent]


def number_in(text: str) -> float | None:
    """The number that a cell begins with, such as ``+$1,640.00``, ``2.35 e``, ``1,234k``, ``24%`` or ``3m05s``; None
    where it begins with none, and for a time of the day."""
    span = _SPAN.match(text)
    if span is not None and text and text[-1] in "hms":
        hours, minutes, seconds = (float(each or 0) for each in span.groups())
        return hours * 3600 + minutes * 60 + seconds
    found = _NUMBER.match(text)
    if found is None:
        return None
    value = float(found[2].replace(",", "")) * _TIMES.get(found[3], 1.0)
    return -value if found[1] == "-" else value
