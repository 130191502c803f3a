"""What is said of a key that does nothing here."""

from __future__ import annotations

from zdte_tui.screen.actions import available
from zdte_tui.screen.actions.keymap import DEFAULT, Keymap
from zdte_tui.screen.actions.keymap import key_name as plain_name
from zdte_tui.screen.clean import clean

WHERE = "? shows the keys, : takes a command"


def key_name(key: str) -> str:
    """Textual's name of a key as a person knows it: ``enter``, ``ctrl+t``, ``%``."""
    return clean(plain_name(key))


def elsewhere(word: str, opened: bool) -> str:
    """What is said of a key or a word of a replay that does nothing now; ``opened``: whether there is a session yet."""
    if not opened:
        return f"{word} works once the session is open"
    return f"{word} works in a replay and in the demo: here the market sets the pace"


def unbound(key: str, paced: bool, opened: bool = True, keymap: Keymap = DEFAULT) -> str:
    """One line about ``key`` (Textual's name), which no binding took: what it would do elsewhere, or its neighbour."""
    shown = key_name(key)
    bound = keymap.by_key(key)
    if bound is not None and bound.group == "Tour":
        return (
            f"{shown} does nothing outside the tour; :tour starts it"
            if paced
            else f"{shown} does nothing here; {WHERE}"
        )
    if bound is not None and bound not in available(paced):
        return elsewhere(shown, opened)
    if bound is not None and bound.where:
        return f"{shown} works in the {bound.where}: {bound.help}"
    other = keymap.by_key(key.swapcase()) if len(key) == 1 else None
    if other is not None and other in available(paced):
        return f"{shown} does nothing here; {keymap.shown(other)} is {other.help}"
    return f"{shown} does nothing here; {WHERE}"
