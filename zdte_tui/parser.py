"""The command line: subcommands, their help, and errors that name the nearest right word."""

from __future__ import annotations

import argparse
import re
from difflib import get_close_matches
from typing import Any, NoReturn

from zdte_tui.commands import (
    account,
    arm,
    attach,
    backtest,
    calendar,
    check,
    compare,
    completion,
    config,
    data,
    doctor,
    exchange,
    journal,
    keys,
    kill,
    login,
    price,
    push,
    replay,
    report,
    resume,
    run,
    sessions,
    status,
)
from zdte_tui.exits import USAGE
from zdte_tui.telling import one_line

_EXAMPLES = """examples:
  zdte-tui --demo                          the workstation on the simulated demo market
  zdte-tui --no-ui --demo --speed max      the same day in a few seconds, without a screen
  zdte-tui --rehearse                      a SIMULATED day through Alpaca's protocols, without keys
  zdte-tui --set session.mode=shadow       today's real market, fills simulated here, no order leaves
  zdte-tui data import FILE                bring recorded days into the store
  zdte-tui replay 2024-08-07               a recorded day through the panes
  zdte-tui backtest --from 2024-01-01      every stored day through the same engine
  zdte-tui price chain.csv                 implied volatility, price and Greeks of a file
  zdte-tui sessions                        what the journal holds
  zdte-tui report                          what the last session came to
  zdte-tui compare SESSION                 a practice session beside the hands-off run of its day
  zdte-tui attach                          the screen of the session that runs elsewhere
  zdte-tui status                          how the session in another terminal stands
  zdte-tui kill flatten                    close everything there; also pause, cancel and lock
  zdte-tui login                           store and check keys of Alpaca
  zdte-tui account                         your account there: money, options level, positions, orders
  zdte-tui arm                             allow a session without a screen to trade real money today
  zdte-tui check                           what to look at before the open
  zdte-tui push test                       does a message reach your phone?
  zdte-tui keys                            what each key of the workstation does
  zdte-tui config init                     a commented configuration to start from
  zdte-tui doctor                          what is wrong here, and how to mend it
  zdte-tui completion bash                 what makes the shell complete these words

exit codes: 0 well, 3 the day is locked, 64 usage, 65 bad data, 66 no input, 69 not available, 70 a bug (see the log),
73 cannot write, 75 try again, 77 keys refused, 78 configuration"""


class Parser(argparse.ArgumentParser):
    """argparse with exit code 64 and a hint at the nearest right word."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def parse_known_args(  # type: ignore[override]
        self, args: Any = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse; ``owner`` is the parser of the command that was given, whose help suits its mistakes."""
        found, extra = super().parse_known_args(args, namespace)
        if "owner" not in found:
            found.owner = self
        return found, extra

    def add_subparsers(self, **kwargs: Any) -> Any:
        """As argparse, for commands that take no options before their name."""
        return super().add_subparsers(**{"action": _Commands, **kwargs})

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """As argparse, which before 3.13 takes ``--config=--`` for an option with no value and stores a list."""
        if action.option_strings and arg_strings == ["--"]:
            raise argparse.ArgumentError(action, "expected one argument")
        return super()._get_values(action, arg_strings)

    def error(self, message: str) -> NoReturn:
        """One line that says what is wrong and where help is."""
        self.exit(USAGE, f"{self.prog}: {one_line(message + self._hint(message))} (see {self.prog} --help)\n")

    def _hint(self, message: str) -> str:
        if message.endswith(("required: ACTION", "required: COMMAND")):
            return f"; one of {', '.join(self._choices())}"
        words = re.findall(r"invalid choice: '([^']+)'|unrecognized arguments: (\S+)", message)
        if not words:
            return ""
        word = next(filter(None, words[0])).split("=")[0][:64]
        near = get_close_matches(word, [*self._option_string_actions, *self._choices()], n=1)
        return f"; did you mean {near[0]}?" if near else ""

    def _choices(self) -> list[str]:
        return [str(choice) for action in self._actions if action.choices is not None for choice in action.choices]


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]
    """Commands; an option before one would be overruled by the command's own default, so it is refused."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        command = self.choices.get(values[0])
        for action in parser._actions:
            if command is None:
                break  # argparse names the commands there are
            if action.option_strings and getattr(namespace, action.dest, action.default) != action.default:
                option = action.option_strings[-1]
                known = option in command._option_string_actions
                mend = f"write {command.prog} {option}" if known else f"{values[0]} has no such option"
                parser.error(f"{option} stands before the command: {mend}")
        super().__call__(parser, namespace, values, option_string)


def _config_file() -> str:
    """Where the user's own configuration lies; ``engine.config`` says the same, but takes longer to import."""
    try:
        import platformdirs
    except ImportError:  # `doctor` says so, and must be reached for that
        return "config.toml in the platform's config directory"
    return f"{platformdirs.user_config_dir('zdte-tui')}/config.toml"


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(
        prog="zdte-tui",
        description="A terminal workstation for options that expire today; one engine trades, replays and backtests.",
        epilog=f"{_EXAMPLES}\n\nyour own configuration: {_config_file()}",
    )
    run.add_to(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in (
        replay,
        backtest,
        calendar,
        data,
        price,
        journal,
        sessions,
        report,
        compare,
        attach,
        kill,
        resume,
        status,
        exchange,
        login,
        account,
        arm,
        check,
        push,
        keys,
        config,
        doctor,
        completion,
    ):
        command.add(subparsers)
    return parser


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line; leaves with code 64 on bad usage."""
    parser = build_parser()
    args, extra = parser.parse_known_args(arguments)
    if extra:
        args.owner.error(f"unrecognized arguments: {' '.join(extra)}")
    return args
