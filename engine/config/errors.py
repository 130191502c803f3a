"""The one error of the configuration: a line a person can act on."""

from __future__ import annotations


class ConfigError(ValueError):
    """What is wrong, where, and how to mend it, in one line."""
