"""Options that several subcommands share, and the values they stand for."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zdte_tui.exits import CommandError

if TYPE_CHECKING:
    from engine.config import Config

# Python reads the digits of every script, and underscores between them; people who type those mean something else.
_WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAY = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_COMPACT = re.compile(r"[0-9]{8}")
_SLASHED = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?|\.[0-9]{1,20}")
_SHORT_INTEGER = re.compile(r"[0-9]{1,9}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_]{1,32}")


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """``--config FILE`` and ``--set KEY=VALUE``."""
    group = parser.add_argument_group("configuration")
    group.add_argument("--config", type=file, metavar="FILE", help="a TOML file laid over your own config.toml")
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


def config_files(args: argparse.Namespace) -> list[Path]:
    """The files these arguments read, in order: the user's own where it exists, then ``--config``."""
    from engine.config import user_config_file

    own = user_config_file()
    return [*([own] if own.exists() else []), *([args.config] if args.config is not None else [])]


def load_config(args: argparse.Namespace) -> Config:
    """The configuration these arguments ask for; raises ``ConfigError``."""
    from engine.config import load

    return load(config_files(args), args.settings)


def limit_sources(args: argparse.Namespace) -> dict[str, str]:
    """Where each limit of ``[risk]`` is set: ``--set``, or the name of a file and its line."""
    from engine.config import effective

    found = {}
    for setting in effective(config_files(args), args.settings):
        if setting.key[0] == "risk":
            found[setting.key[-1]] = (
                setting.place if setting.line is None else f"{Path(setting.source).name}:{setting.line}"
            )
    return found


def day(text: str) -> dt.date:
    """A date on the command line: ``2024-08-07``, ``20240807``, ``2024-8-7``, ``yesterday``, ``today`` or
    ``tomorrow`` (New York)."""
    if text in _WORDS:
        return _today() + dt.timedelta(days=_WORDS[text])
    parts = _DAY.fullmatch(text)
    try:
        if parts is not None:
            return dt.date(int(parts[1]), int(parts[3]), int(parts[4]))
        if _COMPACT.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date: there is no such day; write it like 2024-08-07"
        ) from None
    raise argparse.ArgumentTypeError(f"{text!r} is not a date; {_how_to_write(text)}")


def _today() -> dt.date:
    import time

    from engine.calendar import date_of

    return date_of(time.time_ns())


def _how_to_write(text: str) -> str:
    """What a date in another order may mean: 08/07/2024 is one day in New York and another in London."""
    parts = _SLASHED.fullmatch(text)
    meant = []
    for month, of_month in ((1, 2), (2, 1)) if parts else ():
        with contextlib.suppress(ValueError):
            meant.append(dt.date(int(parts[3]), int(parts[month]), int(parts[of_month])).isoformat())  # type: ignore[index]
    return f"write {' or '.join(dict.fromkeys(meant))}" if meant else "write it like 2024-08-07"


def speed(text: str) -> float:
    """A speed on the command line: seconds of market a second, or ``max``, which is 0."""
    if text == "max":
        return 0.0
    value = float(text.removesuffix("x")) if _NUMBER.fullmatch(text.removesuffix("x")) else -1.0
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a speed; write a number above 0 and up to 100000, such as 60, or max"
        )
    return value


def jobs(text: str) -> int:
    """A number of processes on the command line."""
    value = int(text) if _SHORT_INTEGER.fullmatch(text) else 0
    if not 1 <= value <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; write 1 to 256")
    return value


def root(text: str) -> str:
    """An option root on the command line, in capitals."""
    from zdte_tui.commands.roots import known_root

    try:
        return known_root(text)
    except CommandError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def account(text: str) -> str:
    """The name of an account on the command line; it is part of a file's name."""
    if not _ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot name an account: use letters, digits and _, 1 to 32 of them")
    return text


def file(text: str) -> Path:
    """A path on the command line; it need not exist."""
    if not text or "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a file")
    return Path(text).expanduser() if text.startswith("~/") else Path(text)
