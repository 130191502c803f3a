"""What the actions of ``zdte-tui data`` share: the store, tables, a progress bar."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zdte_tui.commands.options import load_config
from zdte_tui.exits import CANNOT_CREATE, CommandError

if TYPE_CHECKING:
    from engine.tape import Store


def open_store(args: argparse.Namespace) -> Store:
    """The day store of the configuration. Raises ``CommandError`` where something else is in its place."""
    from engine.config import data_dir
    from engine.tape import Store

    path = data_dir(load_config(args))
    if path.exists() and not path.is_dir():
        raise CommandError(
            f"{path}: the day store is a folder, and this is none; see [data] dir in the configuration", CANNOT_CREATE
        )
    return Store(path)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Aligned columns; a head with ``>`` is of numbers."""
    cells = [tuple(head.lstrip(">") for head in heads), *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        parts = zip(row, widths, heads, strict=True)
        yield "  ".join(f"{cell:{'>' if head[:1] == '>' else '<'}{width}}" for cell, width, head in parts).rstrip()


def out(line: str) -> None:
    """A line of the answer."""
    sys.stdout.write(line + "\n")


def say(line: str) -> None:
    """A line about the answer."""
    sys.stderr.write(line + "\n")


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A function to call after each of ``total`` things: a bar on a terminal's stderr, elsewhere nothing."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


def _nothing() -> None:
    pass


def plural(count: int, noun: str) -> str:
    """``1 day``, ``2 days``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
