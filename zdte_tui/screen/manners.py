"""How the screen behaves toward its terminal: what it marks, and how sparing it is with the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Profile = Literal["auto", "local", "remote"]

REMOTE_SIGNS = ("SSH_CONNECTION", "SSH_TTY")


@dataclass(frozen=True, slots=True)
class Manners:
    """What ``[ui]`` says of it.

    Attributes:
        flash: a cell that changed is marked for a moment. hover: the row under the mouse is marked.
        remote: the line is slow: only cells that differ are sent, and nothing is marked for a moment.
        ascii: everything is painted in plain ASCII.
    """

    flash: bool = True
    hover: bool = True
    remote: bool = False
    ascii: bool = False

    @property
    def flashes(self) -> bool:
        """Whether changed cells are marked."""
        return self.flash and not self.remote

    @property
    def hovers(self) -> bool:
        """Whether the row under the mouse is marked."""
        return self.hover and not self.remote


def is_remote(profile: str, environment: Mapping[str, str]) -> bool:
    """Whether the remote profile holds: asked for, or left to us in a login over SSH."""
    if profile in ("local", "remote"):
        return profile == "remote"
    return any(environment.get(name) for name in REMOTE_SIGNS)
