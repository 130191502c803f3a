"""The language of rules: ``spot < 590``, ``trade 3 pnl < -100 once``, ``short within 10 as alarm``, ``time 15:30``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import get_args

from engine.alerts.model import LEVELS, Level
from engine.alerts.rule import DISTANCES, OF_ROOT, OF_TRADE, POSITIVE, Rule, Subject
from engine.calendar import parse_time_of_day
from engine.types import PRODUCTS, SCALE, to_units

LONGEST = 100
LARGEST = 1_000_000_000
SUBJECTS: tuple[Subject, ...] = get_args(Subject)

_SUCH = 'such as "spot < 590", "pnl < -300", "short within 10" or "time 15:30"'
_SKIPPED = frozenset({"alert", "me", "when", "if"})
_ALIASES: dict[str, Subject] = {
    "day pnl": "pnl",
    "p&l": "pnl",
    "day p&l": "pnl",
    "open p&l": "open pnl",
    "price": "spot",
    "nearest short": "short",
    "short strike": "short",
    "expected move": "move",
    **{each: each for each in SUBJECTS},
}
_SIDES = {"<": "<", "below": "<", "under": "<", ">": ">", "above": ">", "over": ">", "<=": "<=", ">=": ">="}
_NUMBER = re.compile(r"(-\$?|\$-?)?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,4})?", re.ASCII)
_TAIL = ("once", "rearm", "as")


def parse_rule(text: str) -> Rule:
    """The rule that ``text`` names; ``ValueError`` says in one line what is wrong with it, with the nearest word."""
    if len(text) > LONGEST:
        raise ValueError(f"a rule has at most {LONGEST} characters")
    words = re.sub(r"(<=|>=|<|>|=+)", r" \1 ", text).lower().split()
    while words and words[0] in _SKIPPED:
        words.pop(0)
    if not words:
        raise ValueError(f"write what to watch, {_SUCH}")
    trade_id, root = _whose(words)
    subject = _subject(words)
    _check_whose(subject, trade_id, root)
    if subject == "time":
        rule = Rule(subject=subject, at=_time(words))
    else:
        side, level = _side(words, subject), _number(words, f"after {subject}")
        if subject in POSITIVE and level <= 0:
            raise ValueError(f"{subject} is always above 0: write a level above 0")
        rule = Rule(
            subject=subject,
            above=side.startswith(">"),
            inclusive=side.endswith("="),
            level=level,
            root=root,
            trade_id=trade_id,
        )
    return _ended(rule, words)


def format_rule(rule: Rule) -> str:
    """The rule as it is written: ``parse_rule`` reads it as the same."""
    if rule.subject == "time":
        said = f"time {rule.at}"
    elif rule.subject in DISTANCES and rule.inclusive and not rule.above:
        said = f"{rule.subject} within {number_text(rule.level)}"
    else:
        said = f"{rule.subject} {'>' if rule.above else '<'}{'=' * rule.inclusive} {number_text(rule.level)}"
    parts = [
        f"trade {rule.trade_id}" if rule.trade_id else "",
        rule.root,
        said,
        "once" if rule.once and rule.subject != "time" else "",
        f"rearm {number_text(rule.rearm)}" if rule.rearm is not None else "",
        f"as {rule.severity}" if rule.severity is not None else "",
    ]
    return " ".join(part for part in parts if part)


def number_text(units: int) -> str:
    """Units of 1e-4 as a plain number, without zeros at its end."""
    return f"{(Decimal(units) / SCALE).normalize():f}"


def _whose(words: list[str]) -> tuple[int, str]:
    """Which trade and which root are named first, in any order; 0 and empty for none."""
    trade_id, root = 0, ""
    while words:
        if words[0] == "trade" or words[0].startswith("#"):
            named = words.pop(0).removeprefix("trade") or (words.pop(0) if words else "")
            number = named.removeprefix("#")
            if not (number.isascii() and number.isdigit()) or len(number) > 9 or int(number) == 0:
                raise ValueError('after trade write its number, such as "trade 3 pnl < -100"')
            trade_id = int(number)
        elif words[0].upper() in PRODUCTS:
            root = words.pop(0).upper()
        else:
            break
    return trade_id, root


def _subject(words: list[str]) -> Subject:
    for length in (2, 1):
        found = _ALIASES.get(" ".join(words[:length]))
        if found is not None and len(words) >= length:
            del words[:length]
            return found
    if not words:
        raise ValueError(f"write what to watch: {', '.join(SUBJECTS)}")
    named = [each for each in (*_ALIASES, "trade", *map(str.lower, PRODUCTS)) if " " not in each]
    raise ValueError(f"{words[0]!r} is nothing an alert can watch{_near(words[0], named, SUBJECTS)}")


def _check_whose(subject: Subject, trade_id: int, root: str) -> None:
    if trade_id and subject not in OF_TRADE:
        raise ValueError(f"a trade has {', '.join(sorted(OF_TRADE))}, not {subject}: leave out trade {trade_id}")
    if root and subject not in OF_ROOT:
        raise ValueError(f"{subject} is not of one root: leave out {root}")


def _time(words: list[str]) -> str:
    if words and words[0] in ("at", "is"):
        words.pop(0)
    if not words:
        raise ValueError('after time write a time of day, such as "15:30" or "close-40m"')
    text = words.pop(0)
    parse_time_of_day(text)
    return text


def _side(words: list[str], subject: Subject) -> str:
    if words and words[0] in ("is", "falls", "rises"):
        words.pop(0)
    word = words.pop(0) if words else ""
    if word == "within" and subject in DISTANCES:
        return "<="
    if word in _SIDES:
        return _SIDES[word]
    distance = subject in DISTANCES
    sides = "within, < or >" if distance else "< or >"
    if not word:
        raise ValueError(f"after {subject} write {sides} and a number")
    if word.startswith("="):
        raise ValueError(f"{word} is met by chance only: write {sides}")
    known = [*_SIDES, *(["within"] if distance else [])]
    near = _near(word, known, []) or f": after {subject} write {sides}"
    raise ValueError(f"{word!r} is no comparison{near}")


def _number(words: list[str], after: str) -> int:
    word = words.pop(0) if words else ""
    found = _NUMBER.fullmatch(word)
    if found is None:
        said = f"{word!r} is no number: " if word else ""
        raise ValueError(f"{said}{after} write one like 590, 6000.50 or -300")
    value = Decimal(word.replace("$", "").replace(",", ""))
    if abs(value) > LARGEST:
        raise ValueError(f"{word} is beyond {LARGEST:,}, which nothing here reaches")
    return to_units(value)


def _ended(rule: Rule, words: list[str]) -> Rule:
    """The rule with what follows its number: ``once``, ``rearm 0.5``, ``as alarm``."""
    once, rearm, severity = False, None, None
    seen: set[str] = set()
    while words:
        word = words.pop(0)
        if word not in _TAIL:
            raise ValueError(f"{word!r} is not understood here{_near(word, _TAIL, _TAIL)}")
        if word in seen:
            raise ValueError(f"{word} is said twice")
        seen.add(word)
        if word == "once":
            once = True
        elif word == "rearm":
            rearm = _number(words, "after rearm")
            if rearm < 0:
                raise ValueError("what follows rearm is a distance from the level, and not negative")
        else:
            severity = _level(words)
    if rearm is not None and (once or rule.subject == "time"):
        raise ValueError("rearm is for a rule that fires again: leave it out")
    return Rule(
        subject=rule.subject,
        above=rule.above,
        inclusive=rule.inclusive,
        level=rule.level,
        at=rule.at,
        root=rule.root,
        trade_id=rule.trade_id,
        once=once or rule.subject == "time",
        rearm=rearm,
        severity=severity,
    )


def _level(words: list[str]) -> Level:
    word = words.pop(0) if words else ""
    for level in LEVELS:
        if word == level:
            return level
    if not word:
        raise ValueError("after as write info, warning or alarm")
    raise ValueError(f"{word!r} is no level{_near(word, LEVELS, LEVELS)}")


def _near(word: str, known: Iterable[str], others: Iterable[str]) -> str:
    """The nearest known word, else all that may stand here."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]}?"
    listed = ", ".join(others)
    return f"; known: {listed}" if listed else ""
