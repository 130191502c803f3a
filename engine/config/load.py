"""Read the configuration: the packaged default, the user's file, ``--config`` and ``--set``, in that order."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.config.errors import ConfigError, Key
from engine.config.layers import Layer, Raw, read_layers
from engine.config.model import Config

T = TypeVar("T", bound=BaseModel)

_LONGEST_GIVEN = 120


@cache
def default_text() -> str:
    """The commented default: beside the installed package, or ``config.toml`` at the root of a checkout."""
    packaged = Path(__file__).with_name("config.toml")
    checkout = Path(__file__).parents[2] / "config.toml"
    return (packaged if packaged.exists() else checkout).read_text(encoding="utf-8")


def load(files: Iterable[Path] = (), settings: Sequence[str] = ()) -> Config:
    """Merge the default, ``files`` (later ones win) and ``a.b=v`` settings, and validate.

    Raises ``ConfigError`` with the file and line or the setting, the key and the nearest known key.
    """
    config, wrong = try_load(files, settings)
    if config is None:
        raise wrong[0]
    return config


def try_load(files: Iterable[Path] = (), settings: Sequence[str] = ()) -> tuple[Config | None, list[ConfigError]]:
    """As ``load``, but everything that is wrong is told; the configuration is ``None`` where anything is."""
    layers, wrong = read_layers(files, settings)
    raw = tomllib.loads(default_text())
    for layer in layers:
        merged = copy.deepcopy(raw)
        found = _merge(merged, layer.raw, layer) + _faults_of(merged, layer)
        raw = raw if found else merged  # what is wrong in one source is not blamed on the next
        wrong += found
    if wrong:
        return None, wrong
    try:
        return config_of(raw), []
    except ConfigError as error:
        return None, [error]


def config_of(raw: Mapping[str, Any]) -> Config:
    """``raw``, whole, as a configuration; raises ``ConfigError`` also where its parts contradict one another."""
    config = validate(Config, raw)
    if config.fills.slippage and config.fills.model != "mid":
        raise ConfigError(
            f"config: fills.slippage = {config.fills.slippage:g} has no effect with fills.model = "
            f'"{config.fills.model}", which pays the spread; set fills.model = "mid" or slippage = 0',
            ("fills", "slippage"),
        )
    return config


def validate(model: type[T], raw: Mapping[str, Any], where: str = "") -> T:
    """``raw`` as ``model``; raises ``ConfigError`` in one line, naming the nearest known key for an unknown one."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        key, text = _told(model, error, where)[0]
        raise ConfigError(f"config: {text}", key) from None


def faults(model: type[BaseModel], raw: Mapping[str, Any], where: str = "") -> list[ConfigError]:
    """Everything for which ``validate`` would refuse ``raw``."""
    try:
        model.model_validate(raw)
    except ValidationError as error:
        return [ConfigError(f"config: {text}", key) for key, text in _told(model, error, where)]
    return []


def located(error: ConfigError, layers: Sequence[Layer]) -> str:
    """What an error says, with the place where its key was set last."""
    layer = next((layer for layer in reversed(layers) if error.key and layer.holds(error.key)), None)
    text = str(error)
    return f"{layer.place(error.key)}: {text.removeprefix('config: ')}" if layer is not None else text


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, or all of them."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(names)}"


def _faults_of(raw: Raw, layer: Layer) -> list[ConfigError]:
    """What is wrong with the values after this layer is laid on, blamed on where it stands."""
    return [
        ConfigError(f"{layer.place(error.key)}: {str(error).removeprefix('config: ')}", error.key)
        for error in faults(Config, raw)
    ]


def _told(model: type[BaseModel], error: ValidationError, where: str) -> list[tuple[Key, str]]:
    """Each fault as its key and a line. A misspelt key is also a missing one; its name is the better news."""
    found: list[tuple[Key, str]] = []
    errors = error.errors(include_url=False)
    for each in sorted(errors, key=lambda one: one["type"] != "extra_forbidden"):
        path = [str(part) for part in each["loc"]]
        key = (*(where.split(".") if where else ()), *path)
        name = ".".join(key)
        if each["type"] == "extra_forbidden":
            text = f"unknown key {name}{nearest(path[-1], _fields_at(model, path[:-1]))}"
        else:
            given = "" if each["type"] == "missing" else f" (given: {_shown(each['input'])})"
            text = f"{name}: {_plain(each['type'], each['msg'])}{given}"
        found.append((key, text))
    return found


_WORDS = {
    "missing": "is missing",
    "bool": "write true or false",
    "int": "write a whole number",
    "float": "write a number",
    "string": "write a text in quotes",
    "date": "write a date like 2026-01-15",
    "date_from_datetime_inexact": "write a date like 2026-01-15",
    "list": "write a list in [brackets]",
    "tuple": "write a list in [brackets]",
}


def _plain(kind: str, message: str) -> str:
    """What is wrong, in our words where pydantic speaks of parsing."""
    about = kind.removesuffix("_type").removesuffix("_parsing").removesuffix("_from_float").removesuffix("_from_date")
    return _WORDS.get(about, message.removeprefix("Value error, "))


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST_GIVEN else f"{text[:_LONGEST_GIVEN]}..."


def _merge(base: Raw, over: Raw, layer: Layer, path: Key = ()) -> list[ConfigError]:
    """Lay ``over`` on ``base`` in place. A key the default lacks is told here, where its source is still known."""
    wrong: list[ConfigError] = []
    for key, value in over.items():
        here = (*path, key)
        name = ".".join(here)
        if key not in base and not _is_open(path):
            wrong.append(ConfigError(f"{layer.place(here)}: unknown key {name}{nearest(key, base)}", here))
        elif not isinstance(base.get(key), dict) and (isinstance(value, dict) or path[-1:] != ("by_root",)):
            base[key] = value
        elif isinstance(value, dict):
            wrong += _merge(base[key], value, layer, here)
        else:
            wrong.append(ConfigError(f"{layer.place(here)}: {name} is a table, not a value", here))
    return wrong


def _is_open(path: Key) -> bool:
    """Tables whose keys the default need not name: per-root overrides, which the strategy's own model checks."""
    return "by_root" in path


def _fields_at(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    current: Any = model
    for part in path:
        field = current.model_fields.get(part) if _is_model(current) else None
        if field is not None:
            current = _model_in(field.annotation)
        elif not _is_model(current):
            return []
    return [field.alias or name for name, field in current.model_fields.items()] if _is_model(current) else []


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _model_in(annotation: Any) -> Any:
    if _is_model(annotation):
        return annotation
    if get_origin(annotation) is not None or isinstance(annotation, UnionType):
        return next((found for arg in get_args(annotation) if (found := _model_in(arg)) is not None), None)
    return None
