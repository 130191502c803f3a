"""What a person may ask of the engine, and the levels of the kill switch."""

from __future__ import annotations

from typing import Literal

CommandKind = Literal["pause", "cancel", "flatten", "lock", "resume", "close_trade", "note", "alarm", "manual"]
"""The first four are the kill levels, which ``resume`` lifts but for the last. ``note`` is a line for the log, and
``alarm`` one that shouts: what somebody outside the engine noticed. ``manual`` carries an order of
``engine.types.manual``."""

KillLevel = Literal["pause", "cancel", "flatten", "lock"]

KILL_LEVELS: dict[KillLevel, str] = {
    "pause": "no new entries; those that work go on until their window ends",
    "cancel": "no new entries, and those that work are cancelled; exits go on",
    "flatten": "entries are cancelled and every open trade is closed",
    "lock": "flatten, and locked until the exchange's date changes",
}
"""From the mildest to the severest; each does what those before it do."""
