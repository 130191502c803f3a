"""What an update of Textual's compositor repaints, as pieces of text at their places, and not a cell more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip


class Piece(NamedTuple):
    """A text of one style that begins in a cell of the screen. Cells are counted from 0."""

    y: int
    x: int
    text: str
    style: Style | None


def pieces(update: CompositorUpdate) -> Iterator[Piece] | None:
    """The pieces of ``update``, line by line from left to right; None for a kind of update that has none.

    Textual sends a changed span together with all that lies left of it in its widget. Here whole segments are taken, so
    that no wide character is cut in two, but only those that touch a changed span.
    """
    if isinstance(update, LayoutUpdate):
        return _whole(update)
    return _spans(update) if isinstance(update, ChopsUpdate) else None


def _whole(update: LayoutUpdate) -> Iterator[Piece]:
    strips: Iterable[Strip]
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            for text, style, control in strip:
                if text and not control:
                    yield Piece(y, x, text, style)
                    x += len(text) if text.isascii() else cell_len(text)


def _spans(update: ChopsUpdate) -> Iterator[Piece]:
    line, done = -1, 0
    for y, x1, x2 in update.spans:
        if y != line:
            line, done = y, 0
        start = max(x1, done)
        for end, (left, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            x = left
            if strip is None or x >= x2 or end <= start:
                continue
            for text, style, control in strip:
                if x >= x2:
                    break
                if not text or control:
                    continue
                after = x + (len(text) if text.isascii() else cell_len(text))
                if after > start:
                    yield Piece(y, x, text, style)
                    done = max(done, after)
                x = after
