"""Which keys do what: the registry's own, a preset over them, and the user's keymap file over both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from textual.keys import _character_to_key, format_key

from zdte_tui.screen.actions.catalogue import ACTIONS
from zdte_tui.screen.actions.model import Action

Keys = tuple[str, ...]

PRESETS: dict[str, dict[str, Keys]] = {
    "default": {},
    "vim": {
        "first_row": ("home", "g"),
        "last_row": ("end", "G"),
        "page_up": ("pageup", "ctrl+b"),
        "page_down": ("pagedown", "ctrl+f"),
        "next_pane": ("tab", "ctrl+w"),
        "go_to": ("at",),
        "move_target": ("E",),
    },
}
"""By name: what each does otherwise than the registry says."""

NOTHING = "none"
"""The key of what is to have none: no terminal sends it."""
_NAMES = frozenset(
    {"enter", "escape", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown", "up"}
    | {"down", "left", "right", *(f"f{n}" for n in range(1, 25))}
)
_STRONG = re.compile(r"(ctrl|alt)\+|f[0-9]+$")
"""What moves money may have besides capitals."""
_FORBIDDEN = frozenset({"enter", "y", "escape", "tab", "space"})


class KeymapError(ValueError):
    """A keymap that cannot be used; the message says what is wrong, where, and how to mend it."""


@dataclass(frozen=True)
class Keymap:
    """The keys in force.

    Attributes:
        preset: its name. changed: by an action's ``key_id``, where they differ from the registry's.
    """

    preset: str = "default"
    changed: Mapping[str, Keys] = field(default_factory=dict)

    def of(self, each: Action) -> Keys:
        """Textual's names of the keys of an action."""
        return self.changed.get(each.key_id, each.keys)

    def shown(self, each: Action) -> str:
        """Its keys as a person reads them; where it has none, its word."""
        if each.key_id not in self.changed:
            return each.shown
        return " ".join(key_name(key) for key in self.of(each)) or f":{each.word}"

    def hint(self, each: Action) -> str:
        """The same for the footer."""
        return self.shown(each) if each.key_id in self.changed else each.hint or each.shown

    def by_key(self, key: str) -> Action | None:
        """The first action that has this key."""
        return next((each for each in ACTIONS if key in self.of(each)), None)

    @property
    def for_textual(self) -> dict[str, str]:
        """As ``App.set_keymap`` takes it."""
        return {name: ",".join(keys) or NOTHING for name, keys in self.changed.items()}


DEFAULT = Keymap()


def key_name(key: str) -> str:
    """Textual's name of a key as a person knows it: ``enter``, ``ctrl+t``, ``%``."""
    return key if key.isalnum() else format_key(key)


def textual_key(text: str) -> str:
    """Textual's name of a key that a person wrote: ``F``, ``?``, ``ctrl+t``, ``f5``; ``ValueError`` for none."""
    *modifiers, key = text.strip().split("+") if text.strip() != "+" else ["+"]
    if any(modifier not in ("ctrl", "shift", "alt") for modifier in modifiers):
        raise ValueError(f"{text!r} is no key: ctrl+, shift+ and alt+ may stand before one")
    name = _character_to_key(key) if len(key) == 1 else key
    if len(key) != 1 and name not in _NAMES and name not in _written():
        raise ValueError(f"{text!r} is no key: write a letter, a sign, or one of {', '.join(sorted(_NAMES)[:6])} ...")
    return "+".join((*modifiers, name))


def _written() -> frozenset[str]:
    """Names that the registry uses itself, such as ``full_stop``."""
    return frozenset(key.rpartition("+")[2] for each in ACTIONS for key in each.keys)


def keymap_file() -> Path:
    """Where the user's keymap lies."""
    import platformdirs

    return Path(platformdirs.user_config_dir("zdte-tui")) / "keymap.toml"


def load_keymap(path: Path | None = None) -> Keymap:
    """The user's keymap; the default one where there is no file. Raises ``KeymapError``."""
    import tomllib

    path = path or keymap_file()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return DEFAULT
    except (OSError, ValueError) as error:
        raise KeymapError(f"{path}: {error}") from error
    try:
        return read_keymap(table)
    except KeymapError as error:
        raise KeymapError(f"{path}: {error}") from error


def read_keymap(table: Mapping[str, Any]) -> Keymap:
    """A keymap from its table: ``preset``, and under ``keys`` an action's keys by its name.

    Raises ``KeymapError`` for names, keys and clashes that make no sense.
    """
    for word in table:
        if word not in ("preset", "keys"):
            raise KeymapError(f"unknown key {word!r}; known: preset, keys")
    preset = table.get("preset", "default")
    if preset not in PRESETS:
        raise KeymapError(f"preset: no preset {preset!r}{_near(str(preset), PRESETS)}; known: {', '.join(PRESETS)}")
    keys = table.get("keys", {})
    if not isinstance(keys, Mapping):
        raise KeymapError("keys must be a table: an action's name and its keys a line")
    by_name = {each.key_id: each for each in ACTIONS}
    changed = {name: given for name, given in PRESETS[preset].items() if name in by_name}
    for name, given in keys.items():
        each = by_name.get(name) or _by_word(name)
        if each is None:
            raise KeymapError(f"keys.{name}: no such action{_near(name, by_name)}; `zdte-tui keys` lists them")
        changed[each.key_id] = _keys(each, given)
    keymap = Keymap(str(preset), changed)
    found = clashes(keymap)
    if found:
        raise KeymapError(found[0])
    return keymap


def _by_word(name: str) -> Action | None:
    return next((each for each in ACTIONS if each.word == name), None)


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _keys(each: Action, given: object) -> Keys:
    """What a file gives for an action: a key, several, or none."""
    many = [given] if isinstance(given, str) else given
    if not isinstance(many, list) or not all(isinstance(key, str) and key for key in many):
        raise KeymapError(f'keys.{each.key_id}: write a key such as "F", several such as ["F", "f8"], or [] for none')
    found = []
    for text in many:
        try:
            key = textual_key(text)
        except ValueError as error:
            raise KeymapError(f"keys.{each.key_id}: {error}") from None
        if each.confirm and (key in _FORBIDDEN or not (key.isupper() or _STRONG.match(key))):
            raise KeymapError(
                f"keys.{each.key_id}: {text} is too easily pressed for what moves money: use a capital, ctrl+, alt+ or"
                " a function key"
            )
        if each.anywhere and key == "y":
            raise KeymapError(f"keys.{each.key_id}: y answers questions, and this action would take it from them")
        found.append(key)
    return tuple(found)


def clashes(keymap: Keymap) -> list[str]:
    """Where two actions have one key in one place, in words. A pane's own keys may cover those of all panes."""
    found: list[str] = []
    for n, one in enumerate(ACTIONS):
        for other in ACTIONS[n + 1 :]:
            if not _meet(one, other):
                continue
            found += [
                f"keys: {key_name(key)} would be both {one.key_id} ({one.help}) and {other.key_id} ({other.help}):"
                " give one of them another key"
                for key in dict.fromkeys(keymap.of(one))
                if key in keymap.of(other)
            ]
    return found


def _meet(one: Action, other: Action) -> bool:
    """Whether both could be meant by one key: in the same modes, and where neither covers the other."""
    if not one.modes & other.modes or one.key_id == other.key_id:
        return False
    if "app" in (one.scope, other.scope):
        return True
    return one.where == other.where
