"""A grid of configurations: every combination of some values of some settings."""

from __future__ import annotations

import copy
import itertools
import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from engine.config.errors import ConfigError, Key
from engine.config.layers import value_of
from engine.config.load import config_of, default_text, load
from engine.config.model import Config

MOST = 5000
"""Configurations of one grid: beyond that the best of them says nothing about the market."""

_TRADING = ("fills", "fees", "risk", "exits", "strategies")
_BY_ROOT = "by_root"
_OPENS, _CLOSES, _QUOTES = "[{", "]}", "\"'"


class Axis(NamedTuple):
    """A setting and the values it takes, each as text as it was given and as it is laid on."""

    key: Key
    texts: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The key as ``--set`` takes it."""
        return ".".join(self.key)


class Point(NamedTuple):
    """One combination: its value on each axis, as text, and the whole configuration."""

    texts: tuple[str, ...]
    config: Config


def read_axis(text: str) -> Axis:
    """``KEY=V1,V2,...``: the key in full, or as much of its end as names one setting of the default alone.

    A value is TOML, or bare text; commas inside brackets and quotes part nothing. Where the setting is a list, a lone
    value is a list of one. Raises ``ConfigError``.
    """
    told = f"--grid {text}"
    name, equals, rest = text.partition("=")
    parts = [part.strip() for part in name.split(".")]
    if not equals or not all(parts):
        raise ConfigError(f"config: {told}: write --grid table.key=V1,V2")
    tree = tomllib.loads(default_text())
    key = _key_of(tuple(parts), tree, told)
    texts = _split(rest, told)
    if not texts:
        raise ConfigError(f"config: {told}: it names no value")
    is_list = isinstance(_at(tree, _of_all_roots(key)), list)
    values: list[Any] = []
    for word in texts:
        value = value_of(word, told)
        value = [value] if is_list and not isinstance(value, list) else value
        if value in values:
            first = texts[values.index(value)]
            again = "comes twice" if word == first else f"is the same as {first}"
            raise ConfigError(f"config: {told}: {word} {again}")
        values.append(value)
    return Axis(key, texts, tuple(values))


def on_root(axis: Axis, config: Config, root: str) -> Axis:
    """The axis where ``root`` feels it: a setting of a strategy that ``by_root`` overlays for it is set there.

    Raises ``ConfigError`` for a setting of another root alone.
    """
    kind, name, *rest = axis.key
    if kind != "strategies":
        return axis
    if rest[:1] == [_BY_ROOT]:
        if rest[1] != root:
            raise ConfigError(f"config: --grid {axis.name}: it is of {rest[1]} alone, and {root} is played")
        return axis
    overlaid: Any = config.strategies[name].get(_BY_ROOT, {}).get(root, {})
    for part in rest:
        if not isinstance(overlaid, dict) or part not in overlaid:
            return axis
        overlaid = overlaid[part]
    return axis._replace(key=(kind, name, _BY_ROOT, root, *rest))


def points(files: Iterable[Path], settings: Sequence[str], axes: Sequence[Axis]) -> list[Point]:
    """Every combination over what ``files`` and ``settings`` say, the last axis fastest.

    Raises ``ConfigError`` where any combination is no configuration: before anything of the grid is played. What a
    strategy refuses of one is not seen here.
    """
    if len({axis.key for axis in axes}) < len(axes):
        twice = next(axis.name for axis in axes if sum(other.key == axis.key for other in axes) > 1)
        raise ConfigError(f"config: --grid {twice}: it is an axis already; name all its values at once")
    count = math.prod(len(axis.texts) for axis in axes)
    if count > MOST:
        raise ConfigError(f"config: --grid: {count:,} combinations; at most {MOST:,} are played at once")
    # What is wrong without the grid is not blamed on it.
    base = load(files, settings).model_dump(by_alias=True)
    found = []
    for numbers in itertools.product(*(range(len(axis.texts)) for axis in axes)):
        texts = tuple(axis.texts[n] for axis, n in zip(axes, numbers, strict=True))
        tree = copy.deepcopy(base)
        for axis, n in zip(axes, numbers, strict=True):
            _put(tree, axis.key, axis.values[n])
        try:
            config = config_of(tree)
        except ConfigError as error:
            raise blamed(error, axes, texts) from None
        found.append(Point(texts, config))
    return found


def blamed(error: ConfigError, axes: Sequence[Axis], texts: Sequence[str]) -> ConfigError:
    """The error with the combination that led to it."""
    chosen = ", ".join(f"{axis.name}={text}" for axis, text in zip(axes, texts, strict=True))
    return ConfigError(f"config: --grid {chosen}: {str(error).removeprefix('config: ')}", error.key)


def axes_text(axes: Sequence[Axis], point: Point) -> str:
    """A combination as JSON: the text of each value by its setting's name."""
    return json.dumps({axis.name: text for axis, text in zip(axes, point.texts, strict=True)})


def _key_of(name: Key, tree: dict[str, Any], told: str) -> Key:
    """The whole key of a setting that is named by its end."""
    known = [key for key in _keys(tree) if key[0] in _TRADING or key == ("account", "equity")]
    if _of_all_roots(name) in known:
        return name
    found = [key for key in known if key[-len(name) :] == name]
    if len(found) == 1:
        return found[0]
    text = ".".join(name)
    if not found:
        near = get_close_matches(text, [".".join(key[-len(name) :]) for key in known], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "`zdte-tui config show` lists them all"
        raise ConfigError(f"config: {told}: {text} is no setting that trades are made by; {hint}")
    meant = ", ".join(".".join(key) for key in found)
    raise ConfigError(f"config: {told}: {text} may be any of {meant}; write more of it")


def _keys(tree: dict[str, Any], above: Key = ()) -> Iterator[Key]:
    """The settings of a tree; what only overlays another for one root is not offered by its end."""
    for name, value in tree.items():
        key = (*above, name)
        if isinstance(value, dict) and name != _BY_ROOT:
            yield from _keys(value, key)
        elif not isinstance(value, dict):
            yield key


def _of_all_roots(key: Key) -> Key:
    """The key without ``by_root`` and the root."""
    return (*key[:2], *key[4:]) if key[2:3] == (_BY_ROOT,) else key


def _at(tree: dict[str, Any], key: Key) -> Any:
    for part in key:
        tree = tree[part]
    return tree


def _put(tree: dict[str, Any], key: Key, value: Any) -> None:
    for part in key[:-1]:
        tree = tree.setdefault(part, {})
    tree[key[-1]] = value


def _split(text: str, told: str) -> tuple[str, ...]:
    """The values of an axis."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        elif letter in _OPENS:
            depth += 1
        elif letter in _CLOSES:
            depth -= 1
            if depth < 0:
                break
        if letter == "," and not quote and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    values = tuple(part.strip() for part in parts)
    if values == ("",):
        return ()
    if quote or depth:
        raise ConfigError(f"config: {told}: a bracket or a quote without its other half")
    if not all(values):
        raise ConfigError(f"config: {told}: values are parted by commas, none of them empty")
    return values
