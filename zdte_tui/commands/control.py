"""What ``kill``, ``resume`` and ``status`` share: which running sessions are meant, and asking them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.accounts import account_names
from zdte_tui.commands.options import account, add_config_options, file, load_config
from zdte_tui.exits import OK, RETRY, UNAVAILABLE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.control import Client, Place

PATIENCE = 5.0
"""Seconds a session has for an answer."""


@dataclass
class Heard:
    """What came of asking one session: lines for people, an object for programs, or what went wrong."""

    place: Place
    lines: list[str] = field(default_factory=list)
    row: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    code: int = OK


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """Which running session."""
    group = parser.add_argument_group("session")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--account",
        type=account,
        metavar="NAME",
        help="the session of this account; default: the configured account's that runs, paper, shadow and rehearsals "
        "too, else the demo's",
    )
    which.add_argument("--all", action="store_true", help="every session that runs, of all accounts")
    which.add_argument("--journal", type=file, metavar="FILE", help="the session that writes this journal")
    parser.add_argument("--json", action="store_true", help="a JSON object a session on stdout")
    add_config_options(parser)


def chosen(args: argparse.Namespace) -> list[Place]:
    """The places of the sessions that are meant. With ``--all`` only of those that run; raises ``CommandError`` where
    none does."""
    from engine.config import journal_path, state_dir
    from engine.control import Place, places
    from engine.journal import is_written

    if args.journal is not None:
        return [Place(args.journal, Path(args.journal).stem)]
    config = configured(args)
    names = (config.account.name,) if config.journal.path else account_names(config)
    known = [Place(journal_path(config, name), name) for name in names]
    if args.account is not None:
        return [Place(journal_path(config, args.account), args.account)]
    if not args.all:
        return [next((place for place in known if is_written(place.journal)), known[-1])]
    every = {place.journal: place for place in (*places(state_dir().resolve()), *reversed(known))}
    found = [place for place in every.values() if is_written(place.journal)]
    if not found:
        raise CommandError(f"no session is running: no journal in {state_dir()} is being written", UNAVAILABLE)
    return found


def configured(args: argparse.Namespace) -> Config:
    """The configuration; a kill switch does without a file that was broken since the session began."""
    from engine.config import ConfigError, load

    try:
        return load_config(args)
    except ConfigError as error:
        if args.config is not None or args.settings:
            raise
        print(f"zdte-tui: {error}; looking where journals lie by default", file=sys.stderr)
        return load()


def ask(
    args: argparse.Namespace, talk: Callable[[Client, Place], Heard], otherwise: Callable[[Place, bool], str]
) -> int:
    """Have ``talk`` with every session that is meant, at once; tell what came of it. The exit code of the worst.

    ``otherwise`` says what a person can do about a session that cannot be reached; it is told whether one runs.
    """
    places = chosen(args)
    with ThreadPoolExecutor(len(places)) as pool:
        heard = list(pool.map(lambda place: _hear(place, talk, otherwise), places))
    for each in heard:
        if args.json and each.row:
            import msgspec

            print(msgspec.json.encode(each.row).decode())
        elif not args.json:
            print("\n".join(each.lines), end="\n" if each.lines else "")
    sys.stdout.flush()
    problems = [each for each in heard if each.problem]
    for each in problems[:-1]:
        print(f"zdte-tui: {each.problem}", file=sys.stderr)
    if problems:
        raise CommandError(problems[-1].problem, max(each.code for each in problems))
    return max(each.code for each in heard)


def _hear(place: Place, talk: Callable[[Client, Place], Heard], otherwise: Callable[[Place, bool], str]) -> Heard:
    from engine.control import Client, Declined, NoAnswer, NoSession
    from engine.journal import is_written

    try:
        with Client(place, PATIENCE) as client:
            return talk(client, place)
    except NoSession as error:
        runs = is_written(place.journal)
        if runs:
            why = f"the session of {place.account} runs, but cannot be reached at {error}"
        else:
            why = f"no session of {place.account} is running (journal {place.journal})"
        return Heard(place, problem=f"{why}; {otherwise(place, runs)}", code=UNAVAILABLE)
    except NoAnswer as error:
        why = f"the session of {place.account} does not answer: {error}; its process may be stopped or hung"
        return Heard(place, problem=f"{why}; {otherwise(place, True)}", code=RETRY)
    except Declined as error:
        return Heard(place, problem=f"the session of {place.account}: {error}", code=UNAVAILABLE)
