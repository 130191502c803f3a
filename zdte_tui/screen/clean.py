"""Text from markets, brokers and files, made harmless for a terminal. The one place where that happens."""

from __future__ import annotations

import unicodedata

_SPACES = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def clean(text: str) -> str:
    """``text`` without anything that could steer a terminal or turn its line around.

    Line breaks and tabs become spaces, other controls (C0, C1) and lone surrogates become ``?``, and invisible
    formatting (the bidirectional controls, zero-width joiners, tag characters) is dropped. Cleaning twice changes
    nothing more.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_clean_one, text))


def _clean_one(char: str) -> str:
    if char in _SPACES:
        return " "
    category = unicodedata.category(char)
    if category in ("Cc", "Cs"):
        return "?"
    return "" if category == "Cf" else char
