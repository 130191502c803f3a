"""Ends the screen of a terminal that is gone. Textual's writer may be stuck in a write that nobody will ever take."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zdte_tui.screen.app import WorkstationApp


class _Nowhere:
    """In place of a driver's writer: whatever is written is thrown away, and nobody waits."""

    def write(self, _text: str) -> None:
        """Throw away."""

    def flush(self) -> None:
        """Nothing waits."""

    def stop(self) -> None:
        """Nothing runs."""


def end(app: WorkstationApp) -> None:
    """Ask the app to end, from another thread; to be asked again until it has.

    Whatever waits to be written is taken away first: the event loop may be blocked until there is room for more, and
    its end would wait for the writer.
    """
    driver: Any = getattr(app, "_driver", None)
    writer = getattr(driver, "_writer_thread", None)
    if writer is not None:
        driver._writer_thread = writer if isinstance(writer, _Nowhere) else _Nowhere()
        queue = getattr(writer, "_queue", None)
        with suppress(Empty):
            while queue is not None:
                queue.get_nowait()
    app.end_soon()
