"""What a person may ask of the engine."""

from __future__ import annotations

from typing import Literal

CommandKind = Literal["flatten", "close_trade", "pause", "resume", "note"]
"""``note`` is a line for the log; the others act."""
