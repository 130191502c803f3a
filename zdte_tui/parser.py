"""The command line: subcommands, their help, and errors that name the nearest right word."""

from __future__ import annotations

import argparse
import re
from difflib import get_close_matches
from typing import NoReturn

from zdte_tui.commands import backtest, data, journal, replay, run, sessions
from zdte_tui.exits import USAGE

_EXAMPLES = """examples:
  zdte-tui --demo                          the workstation on the simulated demo market
  zdte-tui --no-ui --demo --speed max      the same day in a few seconds, without a screen
  zdte-tui data import FILE                bring recorded days into the store
  zdte-tui replay 2024-08-07               a recorded day through the panes
  zdte-tui backtest --from 2024-01-01      every stored day through the same engine
  zdte-tui sessions                        what the journal holds

exit codes: 0 well, 64 usage, 65 bad data, 66 no input, 69 not available, 70 a bug (see the log), 73 cannot write,
78 configuration"""


class Parser(argparse.ArgumentParser):
    """argparse with exit code 64 and a hint at the nearest right word."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """One line that says what is wrong and where help is."""
        self.exit(USAGE, f"{self.prog}: {message}{self._hint(message)} (see {self.prog} --help)\n")

    def _hint(self, message: str) -> str:
        words = re.findall(r"invalid choice: '([^']+)'|unrecognized arguments: (\S+)", message)
        if not words:
            return ""
        word = next(filter(None, words[0]))
        known = list(self._option_string_actions)
        for action in self._actions:
            if action.choices is not None:
                known += [str(choice) for choice in action.choices]
        near = get_close_matches(word.split("=")[0], known, n=1)
        return f"; did you mean {near[0]}?" if near else ""


def _config_file() -> str:
    """Where the user's own configuration lies; ``engine.config`` says the same, but takes longer to import."""
    import platformdirs

    return f"{platformdirs.user_config_dir('zdte-tui')}/config.toml"


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(
        prog="zdte-tui",
        description="A terminal workstation for options that expire today; one engine trades, replays and backtests.",
        epilog=f"{_EXAMPLES}\n\nyour own configuration: {_config_file()}",
    )
    run.add_to(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for command in (replay, backtest, data, journal, sessions):
        command.add(subparsers)
    return parser


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line; leaves with code 64 on bad usage."""
    parser = build_parser()
    args, extra = parser.parse_known_args(arguments)
    if extra:
        owner: argparse.ArgumentParser = getattr(args, "parser", parser)
        owner.error(f"unrecognized arguments: {' '.join(extra)}")
    return args
