"""A pair of Alpaca keys, which no print, log or traceback shows."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """The id of a key and its secret; neither is in its ``repr``.

    Attributes:
        source: where they were found, in words, such as ``~/.config/zdte-tui/keys.toml``.
    """

    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    source: str = ""
