"""What a person types of an order: prices, quantities, times, tags. ``ValueError`` says in one line what is wrong."""

from __future__ import annotations

import re

from engine.calendar import parse_time_of_day
from engine.types import Price, to_units
from engine.view import ProgressView

NONE = ("none", "off", "-")
_PRICE = re.compile(r"^\$?(\d{1,6}(?:\.\d{1,4})?|\.\d{1,4})$")
_MULTIPLE = re.compile(r"^(\d{1,3}(?:\.\d{1,4})?)x$")
_TAG = re.compile(r"^#?([A-Za-z0-9][A-Za-z0-9_-]{0,23})$")
LONGEST_NOTE = 200
MOST_TAGS = 8


def positive(text: str, tick: Price, what: str) -> Price:
    """A price on its tick, such as ``2.60``."""
    found = _PRICE.match(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no {what}: write a price such as 2.60")
    units = to_units(found[1])
    if tick and units % tick:
        low = units // tick * tick
        raise ValueError(f"{what} {_shown(units)} is not on the tick of {_shown(tick)}: {_shown(low)} or "
                         f"{_shown(low + tick)} is")  # fmt: skip
    return units


def level(text: str, tick: Price, credit: Price | None, what: str) -> Price | None:
    """A closing cost: ``2.60``, ``2x`` for twice the credit (rounded to the tick), ``none`` for none."""
    word = text.strip().lower()
    if word in (*NONE, ""):
        return None
    multiple = _MULTIPLE.match(word)
    if multiple is None:
        return positive(word, tick, what)
    if credit is None or credit <= 0:
        raise ValueError(f"{what} {word}: there is no credit to take a multiple of; write a price")
    return round(float(multiple[1]) * credit / (tick or 1)) * (tick or 1)


def net(text: str, tick: Price, sign: int) -> Price:
    """A signed net price, a debit positive: ``2.30`` has the ``sign`` of the package, ``2.30 debit`` says its own."""
    word, _, kind = text.strip().lower().partition(" ")
    kind = kind.strip()
    if kind and not ("credit".startswith(kind) or "debit".startswith(kind)):
        raise ValueError(f"{kind!r} after a limit: write credit or debit, or nothing")
    own = sign if not kind else (-1 if "credit".startswith(kind) else 1)
    return own * positive(word, tick, "limit")


def shifted(text: str, now: Price | None, tick: Price, credit: Price | None, what: str) -> Price | None:
    """The same, or so much more or less than now: ``+0.10``, ``-0.25``."""
    word = text.strip()
    if word[:1] in ("+", "-") and len(word) > 1:
        if now is None:
            raise ValueError(f"{what} {word}: there is none to move by that; write a price")
        moved = now + (1 if word[0] == "+" else -1) * positive(word[1:], tick, what)
        if moved <= 0:
            raise ValueError(f"{what} {word} would be at {_shown(moved)}: write a price above 0, or none")
        return moved
    return level(word, tick, credit, what)


def quantity(text: str) -> int:
    """A number of packages; ``risk``, which is 0, is as many as the limits allow."""
    word = text.strip().lower()
    if word in ("risk", "r", "max"):
        return 0
    if not word.isdecimal() or not 0 < int(word) <= 9999:
        raise ValueError(f"{text.strip()!r} is no quantity: write a number from 1, or risk")
    return int(word)


def until(text: str, progress: ProgressView) -> int:
    """An instant of the day, ns UTC; 0 for nothing: the end of trading."""
    if text.strip().lower() in (*NONE, ""):
        return 0
    from engine.calendar import clock_text, date_of

    at = parse_time_of_day(text).on(date_of(progress.open), progress.open, progress.close)
    if not progress.now < at <= progress.end:
        when = "is over" if at <= progress.now else "is after the end of trading"
        raise ValueError(f"{clock_text(at)} {when}")
    return at


def note_and_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """A note, and the words in it that begin with ``#`` as tags."""
    words = text.split()
    note = " ".join(word for word in words if not word.startswith("#"))
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"the note is longer than {LONGEST_NOTE} characters")
    return note, tags(" ".join(word for word in words if word.startswith("#")))


def tags(text: str) -> tuple[str, ...]:
    """Tags, with or without ``#``, apart by spaces or commas."""
    found = []
    for word in text.replace(",", " ").split():
        match = _TAG.match(word)
        if match is None:
            raise ValueError(f"{word!r} is no tag: letters, digits, - and _, 24 at the most")
        found.append(match[1].lower())
    if len(found) > MOST_TAGS:
        raise ValueError(f"{MOST_TAGS} tags at the most")
    return tuple(dict.fromkeys(found))


def _shown(units: Price) -> str:
    text = f"{units / 10_000:,.4f}".rstrip("0")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"
