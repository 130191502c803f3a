"""How far the terminal is behind. Textual's writer has a bounded queue whose ``put`` would block the event loop."""

from __future__ import annotations

from typing import Any

MOST = 1
"""Frames that may wait for a slow terminal before the screen skips a tick."""


def behind(app: Any) -> bool:
    """Whether more than ``MOST`` writes wait. False where the driver has no queue (headless, a browser)."""
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue is not None and queue.qsize() > MOST
