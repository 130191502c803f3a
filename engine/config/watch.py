"""``[health]`` and ``[push]``: how a session is watched from outside. Addresses of messages are secrets: not here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.alerts import Level
from engine.config.table import Table

Topic = Literal["session", "kill", "locked", "feed", "stop", "problem", "alert"]
"""What a message is about; docs/operations.md says when each is sent."""
SessionMode = Literal["demo", "replay", "rehearse", "paper", "shadow", "live"]


class HealthTable(Table):
    """``[health]``: the port of this machine's own address at which a session tells how it is; 0 is none."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    silent_seconds: Annotated[float, Field(ge=2, le=3600)] = 10


class PushTable(Table):
    """``[push]``: which messages leave, and how often; and the heartbeat.

    Attributes:
        modes: of the sessions that send any.
        levels: of the alerts that are sent.
        quiet: topics that are not.
        repeat_minutes: for how long the same text is not sent again.
        most_an_hour: messages; those of the topics kill, locked and session are not counted.
        heartbeat_seconds: between two calls of the heartbeat's address.
    """

    modes: list[SessionMode]
    levels: list[Level]
    quiet: list[Topic]
    repeat_minutes: Annotated[float, Field(ge=0, le=1440)] = 10
    most_an_hour: Annotated[int, Field(ge=1, le=1000)] = 30
    heartbeat_seconds: Annotated[float, Field(ge=1, le=86_400)] = 60
