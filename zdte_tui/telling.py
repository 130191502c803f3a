"""Messages as they are told: one line, whatever stands in it."""

from __future__ import annotations

_LONGEST = 600
_TAIL = 120


def one_line(text: str) -> str:
    """The text in one line: what no terminal should be sent is escaped, and what nobody would read is cut out.

    A word of the command line may hold line breaks, escape sequences or bytes that are no text.
    """
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - _TAIL]} ... {text[-_TAIL:]}"
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
