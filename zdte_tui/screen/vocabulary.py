"""The words of the ``:`` line, from the registry of actions: reading them, completing them, the nearest right one."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from itertools import takewhile

from zdte_tui.screen.actions import ACTIONS, Action, action, available
from zdte_tui.screen.keys import elsewhere

ALIASES: dict[str, tuple[str, str]] = {
    # A key toggles; a word says which of the two is meant.
    "play": ("play", "play"),
    "pause": ("play", "pause"),
    "q": ("quit", ""),
    "exit": ("quit", ""),
    "x": ("quit", ""),
    "wq": ("quit", ""),
}
"""Words beside those of the registry: the action's id and what is handed to it."""


@dataclass(frozen=True, slots=True)
class Call:
    """An action that was named, and what followed its name."""

    action: Action
    argument: str = ""


@cache
def names() -> dict[str, Call]:
    """Every word that is understood: an action's own, then its id, then its title in the footer."""
    found = {word: Call(action(name), argument) for word, (name, argument) in ALIASES.items()}
    for each in ACTIONS:
        found.setdefault(each.word, Call(each))
    for each in ACTIONS:
        for spelling in (each.id, each.title):
            if spelling and not each.parameter:
                found.setdefault(_normal(spelling), Call(each))
    return found


def parse(text: str, paced: bool, opened: bool = True) -> Call:
    """What a line asks for; ``ValueError`` says in one line what is wrong with it, with the nearest right word."""
    parts = text.strip().lstrip(":").split()
    if not parts:
        raise ValueError("write a command, such as flatten, go 10:30 or tour; tab completes it")
    for many in range(len(parts), 0, -1):
        call = names().get(_normal(" ".join(parts[:many])))
        if call is None:
            continue
        rest = " ".join(parts[many:])
        if call.action not in available(paced):
            raise ValueError(elsewhere(call.action.word, opened))
        if rest and not call.action.takes:
            raise ValueError(f"{call.action.word} takes nothing after it, and here is {rest!r}")
        return Call(call.action, rest) if rest else call
    near = max(" ".join(parts), parts[0], key=_likeness)
    near = nearest(near)
    hint = f"did you mean {near}?" if near else "tab shows what there is"
    raise ValueError(f"there is no command {' '.join(parts)!r}; {hint}")


def _likeness(text: str) -> float:
    """How much ``text`` is like the word nearest to it, from 0 to 1."""
    found = nearest(text)
    return SequenceMatcher(None, _normal(text), found).ratio() if found else 0.0


def nearest(text: str) -> str:
    """The known word that is most like ``text``, or nothing."""
    found = get_close_matches(_normal(text), names(), n=1)
    return found[0] if found else ""


def choices(text: str, paced: bool) -> tuple[str, ...]:
    """The words that ``text`` may become, sorted: actions' own words, else other spellings of them."""
    start = text.lstrip(": ").lower().replace("_", "-")
    usable = available(paced)
    every = {word for word, call in names().items() if call.action in usable}
    own = ({each.word for each in usable} | set(ALIASES)) & every
    found = [word for word in own if word.startswith(start)] or [word for word in every if word.startswith(start)]
    return tuple(sorted(found))


def complete(text: str, paced: bool) -> str:
    """``text`` as far as there is only one way on; a word that takes something is followed by a space."""
    found = choices(text, paced)
    if not found:
        return text
    if len(found) == 1 and names()[found[0]].action.takes:
        return f"{found[0]} "
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*found, strict=False))
    return "".join(letters[0] for letters in same)


def _normal(text: str) -> str:
    return "-".join(text.lower().replace("_", " ").replace("-", " ").split())
