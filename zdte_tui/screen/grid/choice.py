"""Which columns of a table a person wants to see, in which order, and where that is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Choice:
    """Columns by their keys.

    Attributes:
        hidden: those that are switched off.
        order: those that were moved, and all before them, from the left; what is not named keeps its place after them.
    """

    hidden: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()


AS_MADE = Choice()


class ColumnChoice(Protocol):
    """Remembers a choice for each table and size of the terminal (columns, lines)."""

    def read(self, table: str, size: tuple[int, int]) -> Choice:
        """What was chosen; ``AS_MADE`` where nothing was."""
        ...

    def keep(self, table: str, size: tuple[int, int], choice: Choice) -> None:
        """From now on ``choice``."""
        ...


class UntilTheEnd:
    """A ``ColumnChoice`` that is forgotten with the program; one choice a table, whatever the size."""

    def __init__(self) -> None:
        self._kept: dict[str, Choice] = {}

    def read(self, table: str, size: tuple[int, int]) -> Choice:  # noqa: ARG002 - the protocol's
        """See ``ColumnChoice``."""
        return self._kept.get(table, AS_MADE)

    def keep(self, table: str, size: tuple[int, int], choice: Choice) -> None:  # noqa: ARG002 - the protocol's
        """See ``ColumnChoice``."""
        self._kept[table] = choice
