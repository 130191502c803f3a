"""The one error of the configuration: a line a person can act on."""

from __future__ import annotations

Key = tuple[str, ...]


class ConfigError(ValueError):
    """What is wrong, where, and how to mend it, in one line. ``key`` is the setting it is about, where it is one."""

    def __init__(self, message: str, key: Key = ()) -> None:
        super().__init__(message)
        self.key = key
