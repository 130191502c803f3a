"""Options that several subcommands share, and the values they stand for."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.config import Config


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """``--config FILE`` and ``--set KEY=VALUE``."""
    group = parser.add_argument_group("configuration")
    group.add_argument("--config", type=Path, metavar="FILE", help="a TOML file laid over your own config.toml")
    group.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="one setting, such as risk.daily_loss=800; may be repeated",
    )


def add_headless_options(parser: argparse.ArgumentParser) -> None:
    """``--speed``, ``--no-ui`` and ``--json``."""
    group = parser.add_argument_group("how it is played")
    group.add_argument(
        "--speed",
        type=speed,
        metavar="N|max",
        help="seconds of market a second, or max for as fast as possible",
    )
    group.add_argument("--no-ui", action="store_true", help="no screen: readable lines on stderr")
    group.add_argument("--json", action="store_true", help="with --no-ui: one JSON object a line on stdout")


def load_config(args: argparse.Namespace) -> Config:
    """The configuration these arguments ask for; raises ``ConfigError``."""
    from engine.config import load, user_config_file

    own = user_config_file()
    files = [own] if own.exists() else []
    if args.config is not None:
        files.append(args.config)
    return load(files, args.settings)


def day(text: str) -> dt.date:
    """A date on the command line, ``2024-08-07`` or ``20240807``."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write it like 2024-08-07") from None


def speed(text: str) -> float:
    """A speed on the command line: seconds of market a second, or ``max``, which is 0."""
    if text == "max":
        return 0.0
    try:
        value = float(text.removesuffix("x"))
    except ValueError:
        value = -1.0
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed; write a number above 0, such as 60, or max")
    return value


def jobs(text: str) -> int:
    """A number of processes on the command line."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; write 1 to 256")
    return value
