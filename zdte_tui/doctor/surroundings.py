"""What the checks look at: the environment, the configuration, the folders, and commands of the system."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config import Config

_PATIENCE = 3.0
DATE_SOURCES = ("https://paper-api.alpaca.markets/v2/clock", "https://www.cboe.com/")
"""Asked for the time with ``--online`` only, in this order, without keys."""


def ask(command: Sequence[str]) -> str | None:
    """What a command of the system prints; None where there is no such command, it fails, or takes too long."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True)
class Surroundings:
    """What is given to every check.

    Attributes:
        env: the environment.
        files: the configuration files that are read, in order; they exist, or were named with ``--config``.
        config: the configuration, or the default one where ``problem`` says in a line why it cannot be used.
        faulty: packages that cannot be imported, by import name: no check may import them in this process.
        online: whether the network may be asked for the time.
        date_sources: whom to ask then.
    """

    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    files: tuple[Path, ...] = ()
    settings: tuple[str, ...] = ()
    config: Config | None = None
    problem: str = ""
    faulty: frozenset[str] = frozenset()
    online: bool = False
    date_sources: tuple[str, ...] = DATE_SOURCES

    @property
    def known_config(self) -> Config:
        """The configuration to find files by; raises ``ImportError`` where it could not even be looked for."""
        if self.config is None:
            raise ImportError("the configuration cannot be read without the packages above")
        return self.config


def look(files: Sequence[Path], settings: Sequence[str], faulty: frozenset[str], online: bool) -> Surroundings:
    """Find the configuration as every command does; what is wrong with it becomes ``problem``."""
    if {"pydantic", "platformdirs", "msgspec"} & faulty:
        return Surroundings(files=tuple(files), settings=tuple(settings), faulty=faulty, online=online)
    from engine.config import ConfigError, load, user_config_file

    own = user_config_file()
    every = (*([own] if os.path.lexists(own) else []), *files)
    problem = ""
    try:
        config = load(every, settings)
    except ConfigError as error:
        problem, config = str(error), load()
    return Surroundings(
        files=every, settings=tuple(settings), config=config, problem=problem, faulty=faulty, online=online
    )
