"""Turns what the compositor repainted into bytes: the local profile as it is, the remote one cell by cell."""

from __future__ import annotations

from collections.abc import Iterable

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import CompositorUpdate

from zdte_tui.screen.edge.glass import Glass
from zdte_tui.screen.edge.pen import PLAIN, change, pen_of
from zdte_tui.screen.edge.pieces import Piece, pieces


class Edge:
    """Sits before the driver. ``remote``: only cells that differ from what the terminal shows are sent.

    Whoever knows that the terminal may show something else (it was resized, suspended, written to) says ``forget``;
    what is painted after that is sent whole.
    """

    def __init__(self, remote: bool = False) -> None:
        self.remote = remote
        self._glass: Glass | None = None

    def forget(self) -> None:
        """Nothing is known of what the terminal shows."""
        self._glass = None

    def around(self, update: CompositorUpdate, width: int, height: int) -> CompositorUpdate:
        """``update`` as it is to be sent to a terminal of this size, once."""
        found = pieces(update)
        if found is None:  # of a kind we do not know: it is sent as Textual has it
            self.forget()
            return update
        return _Sent(self, found, width, height)

    def write(self, parts: Iterable[Piece], console: Console, width: int, height: int) -> str:
        """The bytes for ``parts``."""
        system = console._color_system or ColorSystem.TRUECOLOR
        if not self.remote:
            return _plainly(parts, system)
        if self._glass is None or (self._glass.width, self._glass.height) != (width, height):
            self._glass = Glass(width, height)
        return self._glass.show(parts, system)


class _Sent(CompositorUpdate):
    """An update that is made into bytes when Textual writes it, and not where it drops it."""

    def __init__(self, edge: Edge, parts: Iterable[Piece], width: int, height: int) -> None:
        self._edge, self._parts, self._size = edge, parts, (width, height)

    def render_segments(self, console: Console) -> str:
        """Textual: the bytes."""
        return self._edge.write(self._parts, console, *self._size)


def _plainly(parts: Iterable[Piece], system: ColorSystem) -> str:
    """Every piece, with a move of the cursor where it does not follow the one before."""
    out: list[str] = []
    line, at, pen = -1, -1, PLAIN
    for y, x, text, style in parts:
        if y != line or x != at:
            out.append(f"\x1b[{y + 1};{x + 1}H")
        wanted = pen_of(style, system)
        if wanted is not pen and wanted != pen:
            out.append(change(pen, wanted))
            pen = wanted
        out.append(text)
        # Terminals differ in how wide they draw what is not plain: the next piece is gone to by its number.
        line, at = (y, x + len(text)) if text.isascii() else (-1, -1)
    if pen != PLAIN:
        out.append(change(pen, PLAIN))
    return "".join(out)
