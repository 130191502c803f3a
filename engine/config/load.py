"""Read the configuration: the packaged default, the user's file, ``--config`` and ``--set``, in that order."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.config.errors import ConfigError
from engine.config.model import Config

Raw = dict[str, Any]
T = TypeVar("T", bound=BaseModel)


@cache
def default_text() -> str:
    """The commented default: beside the installed package, or ``config.toml`` at the root of a checkout."""
    packaged = Path(__file__).with_name("config.toml")
    checkout = Path(__file__).parents[2] / "config.toml"
    return (packaged if packaged.exists() else checkout).read_text(encoding="utf-8")


def load(files: Iterable[Path] = (), settings: Sequence[str] = ()) -> Config:
    """Merge the default, ``files`` (later ones win) and ``a.b=v`` settings, and validate.

    Raises ``ConfigError`` with the file or setting, the key and the nearest known key.
    """
    raw = tomllib.loads(default_text())
    for file in files:
        _lay(raw, _read(file), str(file))
    for setting in settings:
        _lay(raw, _parse_setting(setting), f"--set {setting}")
    config = validate(Config, raw)
    if config.fills.slippage and config.fills.model != "mid":
        raise ConfigError(
            f"config: fills.slippage = {config.fills.slippage:g} has no effect with fills.model = "
            f'"{config.fills.model}", which pays the spread; set fills.model = "mid" or slippage = 0'
        )
    return config


def validate(model: type[T], raw: Mapping[str, Any], where: str = "") -> T:
    """``raw`` as ``model``; raises ``ConfigError`` in one line, naming the nearest known key for an unknown one."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        errors = error.errors()
        # A misspelt key is also a missing one; its name is the better news.
        first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
        path = [str(part) for part in first["loc"]]
        key = ".".join(([where] if where else []) + path)
        if first["type"] == "extra_forbidden":
            raise ConfigError(f"config: unknown key {key}{_nearest(path[-1], _fields_at(model, path[:-1]))}") from None
        message = first["msg"].removeprefix("Value error, ")
        given = "" if first["type"] == "missing" else f" (given: {first['input']!r})"
        raise ConfigError(f"config: {key}: {message}{given}") from None


def _read(file: Path) -> Raw:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"config: {file} does not exist") from None
    except OSError as error:
        raise ConfigError(f"config: cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"config: {file} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config: {file} is not TOML: {error}") from None


def _parse_setting(setting: str) -> Raw:
    key, separator, text = setting.partition("=")
    if not separator or not key.strip():
        raise ConfigError(f"config: --set {setting}: write --set table.key=value")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    if isinstance(value, dt.time):  # 15:20:30 is a time in TOML; times of day are text here, like 15:20
        value = text.strip()
    nested: Raw = {}
    inner = nested
    *tables, last = (part.strip() for part in key.split("."))
    for part in tables:
        inner = inner.setdefault(part, {})
    inner[last] = value
    return nested


def _lay(raw: Raw, over: Raw, source: str) -> None:
    """Merge one source and validate, so that a value nobody can take is blamed on where it stands."""
    _merge(raw, over, source)
    try:
        validate(Config, raw)
    except ConfigError as error:
        raise ConfigError(f"{source}: {str(error).removeprefix('config: ')}") from None


def _merge(base: Raw, over: Raw, where: str, path: tuple[str, ...] = ()) -> None:
    """Lay ``over`` on ``base`` in place. A key the default lacks fails here, where its source is still known."""
    for key, value in over.items():
        here = (*path, key)
        if key not in base and not _is_open(path):
            raise ConfigError(f"{where}: unknown key {'.'.join(here)}{_nearest(key, base)}")
        if isinstance(base.get(key), dict):
            if not isinstance(value, dict):
                raise ConfigError(f"{where}: {'.'.join(here)} is a table, not a value")
            _merge(base[key], value, where, here)
        else:
            base[key] = value


def _is_open(path: tuple[str, ...]) -> bool:
    """Tables whose keys the default need not name: per-root overrides, which the strategy's own model checks."""
    return "by_root" in path


def _nearest(key: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(key, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(names)}"


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
