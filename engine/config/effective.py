"""Which values hold, and where each was set."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config.errors import Key
from engine.config.layers import read_layers
from engine.config.load import load
from engine.config.model import Config

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that holds. ``source`` is ``default``, a file or ``--set``; ``line`` is the file's, from 1."""

    key: Key
    value: Any
    source: str
    line: int | None
    changed: bool

    @property
    def name(self) -> str:
        """The key as ``--set`` takes it."""
        return ".".join(self.key)

    @property
    def place(self) -> str:
        """``default``, ``FILE:LINE`` or ``--set``."""
        return self.source if self.line is None else f"{self.source}:{self.line}"

    @property
    def toml(self) -> str:
        """``key = value``, as it may stand at the top of a file."""
        return f"{'.'.join(map(_key_text, self.key))} = {toml_value(self.value)}"


def effective(files: Iterable[Path] = (), settings: Sequence[str] = ()) -> list[Setting]:
    """Every setting in the order of the default; raises ``ConfigError`` as ``load`` does."""
    files = list(files)
    values = load(files, settings)
    layers = read_layers(files, settings)[0]
    defaults = dict(_leaves(_tree(load())))
    found = []
    for key, value in _leaves(_tree(values)):
        layer = next((layer for layer in reversed(layers) if layer.holds(key)), None)
        source = "default" if layer is None else layer.name if layer.text else "--set"
        line = None if layer is None else layer.line(key)
        found.append(Setting(key, value, source, line, defaults.get(key, _MISSING) != value))
    return found


def toml_value(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key_text(key)} = {toml_value(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return repr(value)


def _tree(config: Config) -> dict[str, Any]:
    return config.model_dump(by_alias=True)


def _leaves(tree: dict[str, Any], path: Key = ()) -> Iterator[tuple[Key, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _key_text(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml_value(key)
