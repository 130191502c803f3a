"""Options that several subcommands share, and the values they stand for."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from engine.config import Config, load, user_config_file


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


def load_config(args: argparse.Namespace) -> Config:
    """The configuration these arguments ask for; raises ``ConfigError``."""
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
