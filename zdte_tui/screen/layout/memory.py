"""What is remembered of the screen from one session to the next: layout, panes and columns, for each size class.

A small JSON file in the state directory. It is read once; every change is written at once, whole, and in its place.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from zdte_tui.screen.grid.choice import AS_MADE, Choice
from zdte_tui.screen.layout.plan import MOST_STEPS
from zdte_tui.screen.layout.presets import PRESETS, size_class
from zdte_tui.screen.slots import PANE_NAMES

VERSION = 1
MOST_BYTES = 200_000
"""A larger file is not ours."""


class Columns(msgspec.Struct, omit_defaults=True):
    """Of one table: see ``grid.choice.Choice``."""

    hidden: list[str] = []
    order: list[str] = []


class Kept(msgspec.Struct, omit_defaults=True):
    """Of one size class.

    Attributes:
        preset: the layout's name.
        recent: panes, the one that had the focus last first.
        steps: by layout, and by path in its plan (``0.1``), how often a part was grown; negative for shrunk.
        columns: by table.
    """

    preset: str = PRESETS[0].name
    recent: list[str] = []
    steps: dict[str, dict[str, int]] = {}
    columns: dict[str, Columns] = {}


class _File(msgspec.Struct):
    version: int = VERSION
    sizes: dict[str, Kept] = {}


class Memory:
    """Remembers a ``Kept`` a size class, in a file where there is one.

    Args:
        path: of the file; None remembers only as long as the program runs.

    Attributes:
        problem: in one line, what is wrong with the file: it is left alone until something is changed; empty for
            nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._sizes: dict[str, Kept] = {}
        self.problem = ""
        if path is not None:
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
            if len(raw) > MOST_BYTES:
                raise ValueError("it is too large")
            found = msgspec.json.decode(raw, type=_File)
            if found.version != VERSION:
                raise ValueError(f"it is of version {found.version}, this program writes {VERSION}")
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            self.problem = f"the remembered layout is not used: {path}: {why}; :layout reset makes a new one"
            return
        self._sizes = {key: _sound(kept) for key, kept in found.sizes.items()}

    def complaint(self) -> str:
        """The problem, once; empty for none, and for one that was told."""
        told, self.problem = self.problem, ""
        return told

    def kept(self, key: str) -> Kept | None:
        """What is remembered of a size class; None for nothing."""
        return self._sizes.get(key)

    def keep(self, key: str, kept: Kept) -> None:
        """Remember this of a size class from now on. The columns stay as they are."""
        old = self._sizes.get(key)
        if old is not None:
            kept.columns = old.columns
        if kept != (old or Kept()):
            self._sizes[key] = kept
            self._write()

    def forget(self) -> None:
        """Remember nothing any more, of any size."""
        self._sizes = {}
        self._write()

    def columns(self, table: str, size: tuple[int, int]) -> Choice:
        """What was chosen for a table on a terminal of ``size``; ``AS_MADE`` where nothing was."""
        kept = self._sizes.get(size_class(*size))
        found = kept.columns.get(table) if kept is not None else None
        return AS_MADE if found is None else Choice(frozenset(found.hidden), tuple(found.order))

    def keep_columns(self, table: str, size: tuple[int, int], choice: Choice) -> None:
        """From now on ``choice``."""
        kept = self._sizes.setdefault(size_class(*size), Kept())
        if choice == AS_MADE:
            kept.columns.pop(table, None)
        else:
            kept.columns[table] = Columns(sorted(choice.hidden), list(choice.order))
        self._write()

    def _write(self) -> None:
        """Never a reason to fail: what cannot be written is remembered until the program ends."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            text = msgspec.json.format(msgspec.json.encode(_File(sizes=self._sizes)))
            with open(beside, "wb", opener=_private) as file:
                file.write(text + b"\n")
            beside.replace(self._path)
            self.problem = ""
        except OSError as error:
            self.problem = f"the layout is not remembered: {self._path}: {error.strerror or error}"
            self._path = None


class ColumnsIn:
    """The columns of a ``Memory``, as ``grid.choice.ColumnChoice`` has it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def read(self, table: str, size: tuple[int, int]) -> Choice:
        """See ``ColumnChoice``."""
        return self._memory.columns(table, size)

    def keep(self, table: str, size: tuple[int, int], choice: Choice) -> None:
        """See ``ColumnChoice``."""
        self._memory.keep_columns(table, size, choice)


def _sound(kept: Kept) -> Kept:
    """Without what this program does not know (any more)."""
    if all(each.name != kept.preset for each in PRESETS):
        kept.preset = PRESETS[0].name
    kept.recent = [name for name in dict.fromkeys(kept.recent) if name in PANE_NAMES]
    kept.steps = {
        name: {path: max(-MOST_STEPS, min(MOST_STEPS, many)) for path, many in steps.items() if _is_path(path)}
        for name, steps in kept.steps.items()
    }
    return kept


def _is_path(text: str) -> bool:
    return all(part.isascii() and part.isdigit() and len(part) < 4 for part in text.split("."))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def memory_file() -> Path:
    """Where it lies."""
    import platformdirs

    return Path(platformdirs.user_state_dir("zdte-tui")) / "layout.json"
