"""The sources of a configuration, each as far as it goes: files, then ``--set``."""

from __future__ import annotations

import datetime as dt
import stat
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from engine.config.errors import ConfigError, Key
from engine.config.lines import key_lines

Raw = dict[str, Any]

LARGEST_FILE = 1_000_000
DEEPEST = 32
LARGEST = 2**63 - 1
_VALUE_MARKS = ("[", "{", '"', "'")


@dataclass(frozen=True)
class Layer:
    """One source of settings. ``text`` is that of a file, and empty for ``--set``."""

    name: str
    raw: Raw
    text: str = field(default="", repr=False)

    def line(self, key: Key) -> int | None:
        """The line of the file on which ``key`` stands, or the table or list around it; ``None`` outside a file."""
        return next((self._lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self._lines), None)

    @cached_property
    def _lines(self) -> Mapping[Key, int]:
        return key_lines(self.text)

    def place(self, key: Key) -> str:
        """``FILE:LINE`` of a key, or the name of the source."""
        line = self.line(key)
        return self.name if line is None else f"{self.name}:{line}"

    def holds(self, key: Key) -> bool:
        """Whether this source says something of ``key``."""
        tree: Any = self.raw
        for part in key:
            if not isinstance(tree, dict) or part not in tree:
                return False
            tree = tree[part]
        return True


def read_layers(files: Iterable[Path], settings: Sequence[str]) -> tuple[list[Layer], list[ConfigError]]:
    """Every source that can be read, in order, and what is wrong with the others."""
    layers: list[Layer] = []
    wrong: list[ConfigError] = []
    readers = [*(partial(_file_layer, file) for file in files), *(partial(_setting_layer, text) for text in settings)]
    for read in readers:
        try:
            layers.append(read())
        except ConfigError as error:
            wrong.append(error)
    return layers, wrong


def _file_layer(file: Path) -> Layer:
    text = _read(file)
    return Layer(str(file), _parse(text, f"config: {file}"), text)


def _read(file: Path) -> str:
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            raise ConfigError(f"config: cannot read {file}: Is a directory")
        if not stat.S_ISREG(found.st_mode):  # reading a FIFO or a device may never end
            raise ConfigError(f"config: cannot read {file}: not a regular file")
        if found.st_size > LARGEST_FILE:
            raise ConfigError(f"config: {file} has {found.st_size:,} bytes: no configuration is that large")
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"config: {file} does not exist") from None
    except OSError as error:
        raise ConfigError(f"config: cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"config: {file} is not UTF-8 text") from None
    except ConfigError:
        raise
    except ValueError as error:  # a path with a NUL byte
        raise ConfigError(f"config: cannot read {file}: {error}") from None


def _parse(text: str, where: str) -> Raw:
    try:
        return _sound(tomllib.loads(text), where)
    except RecursionError:
        raise ConfigError(f"{where}: nested too deeply") from None
    except ConfigError:
        raise
    except ValueError as error:  # TOMLDecodeError, or a number of more digits than Python reads
        raise ConfigError(f"{where} is not TOML: {error}") from None


def _sound(tree: Raw, where: str) -> Raw:
    """The tree, if what follows can go through it and write it down; raises ``ConfigError``."""
    level: list[Any] = [tree]
    for _ in range(DEEPEST):
        if any(isinstance(node, int) and abs(node) > LARGEST for node in level):
            raise ConfigError(f"{where}: an integer that does not fit 64 bits")
        inner = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [each for nodes in inner for each in nodes]
    if level:
        raise ConfigError(f"{where}: nested too deeply")
    return tree


def _setting_layer(setting: str) -> Layer:
    name = f"--set {setting}"
    key, separator, text = setting.partition("=")
    parts = [part.strip() for part in key.split(".")]
    if not separator or not all(parts) or len(parts) > DEEPEST:
        raise ConfigError(f"config: {name}: write --set table.key=value")
    *tables, last = parts
    raw: Raw = {}
    inner = raw
    for part in tables:
        inner = inner.setdefault(part, {})
    inner[last] = value_of(text.strip(), name)
    return Layer(name, raw)


def value_of(text: str, name: str) -> Any:
    """A TOML value, or bare text where it does not look like one: ``--set session.mode=demo`` needs no quotes."""
    try:
        tree = _sound(tomllib.loads(f"value = {text}"), f"config: {name}")
    except RecursionError:
        raise ConfigError(f"config: {name}: nested too deeply") from None
    except ConfigError:
        raise
    except ValueError as error:
        if text.startswith(_VALUE_MARKS):
            raise ConfigError(f"config: {name}: not a TOML value: {error}") from None
        return text
    if len(tree) > 1:
        raise ConfigError(f"config: {name}: one setting each; write --set again for the next")
    value = tree["value"]
    # 15:20:30 is a time in TOML; times of day are text here, like 15:20.
    return text if isinstance(value, dt.time) else value
