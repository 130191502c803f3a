"""On which line of a TOML file each key stands, which ``tomllib`` does not say."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from engine.config.errors import Key


def key_lines(text: str) -> dict[Key, int]:
    """Every key and table of a valid TOML text, and the line (from 1) on which it is set.

    A key of an inline table stands on the line of its statement; rows of ``[[table]]`` are numbered from 0.
    """
    found: dict[Key, int] = {}
    table: Key = ()
    rows: dict[Key, int] = {}
    for line, statement, tree in _statements(text):
        if statement.startswith("["):
            table = next(iter(_paths(tree)))
            for length in range(1, len(table)):
                found.setdefault(table[:length], line)
            if statement.startswith("[["):
                rows[table] = rows.get(table, -1) + 1
                found.setdefault(table, line)
                table = (*table, str(rows[table]))
            found.setdefault(table, line)
        else:
            for path in _paths(tree):
                for length in range(1, len(path) + 1):
                    found.setdefault((*table, *path[:length]), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each header and ``key = value``: its first line, its text and what it says alone. Both are TOML by themselves."""
    start, lines = 0, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if not lines:
            start = number
        lines.append(line)
        statement = "\n".join(lines).strip()
        try:
            tree = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # a value that goes on over several lines
        lines = []
        if tree:
            yield start, statement, tree


def _paths(tree: dict[str, Any], path: Key = ()) -> Iterator[Key]:
    """The path of every value that is no table with content."""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _paths(value, (*path, key))
        else:
            yield (*path, key)
