"""``zdte-tui attach``: the screen of a session that runs in another process."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from zdte_tui.commands.options import add_config_options
from zdte_tui.exits import RETRY, UNAVAILABLE, USAGE, CommandError

if TYPE_CHECKING:
    from engine.control import Client, Place
    from engine.control.protocol import Hello

PATIENCE = 5.0
"""Seconds a session has for its greeting."""

_HELP = """examples:
  zdte-tui attach                          the session that runs, whoever started it and wherever its screen went
  zdte-tui attach demo                     that of an account; a session's name or a process id do as well
  zdte-tui attach --watch                  to look only: this screen can never take control

One screen is in control, the others watch: `:take-control` changes that. F and K work on every screen. Leaving (q) ends
the screen and not the session. Started without a screen (--no-ui), left with :detach or after its terminal was lost, a
session is attached to all the same.

exit codes: 0 left, or the session has ended; 69 none runs, or it went away; 64 several run and none was named"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``attach``."""
    parser = subparsers.add_parser(
        "attach",
        help="the screen of a session that runs in another process",
        description="Show a session that runs in another process of yours, on a screen of its own, and act in it.",
        epilog=_HELP,
    )
    parser.add_argument(
        "session",
        nargs="?",
        metavar="SESSION",
        help="account, session name or process id; may be left out where only one session runs",
    )
    parser.add_argument("--watch", action="store_true", help="look only")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Find the session and show it."""
    from zdte_tui.attached import play_attached

    return play_attached(args, lambda: chosen(args))


def chosen(args: argparse.Namespace) -> Client:
    """A connection to the session that is meant. Raises ``CommandError``."""
    found, problems = _running(args)
    named = args.session
    matching = [each for each in found if named is None or named in _names(*each)]
    meant = matching[0][1] if len(matching) == 1 else None
    for _, client in found:
        if client is not meant:
            client.close()
    if meant is not None:
        return meant
    listed = "; ".join(_words(place, client.hello) for place, client in found)
    if named is not None and not matching and found:
        raise CommandError(f"no session is called {named!r}; running: {listed}", UNAVAILABLE)
    if matching:
        raise CommandError(f"{len(matching)} sessions are running, name one: {listed}", USAGE)
    if problems:
        raise CommandError(problems[0][0], problems[0][1])
    called = f" called {named!r}" if named is not None else ""
    raise CommandError(f"no session{called} is running; `zdte-tui --demo` starts one of the demo market", UNAVAILABLE)


def _names(place: Place, client: Client) -> tuple[str, ...]:
    return client.hello.account, client.hello.session, str(client.hello.pid), place.journal.stem


def _words(place: Place, hello: Hello) -> str:
    kind = "replay" if place.replay else f"account {hello.account}"
    return f"{hello.session} ({kind}, process {hello.pid})"


def _running(args: argparse.Namespace) -> tuple[list[tuple[Place, Client]], list[tuple[str, int]]]:
    """Every session that answers, and in words why others do not, with an exit code."""
    from engine.config import journal_path, research_path, state_dir
    from engine.control import Client, Declined, NoAnswer, NoSession, Place, places
    from engine.journal import is_written
    from zdte_tui.commands.accounts import DEMO_ACCOUNT
    from zdte_tui.commands.control import configured

    config, folder = configured(args), state_dir().resolve()
    research = research_path(config)
    every = {
        place.folder: place
        for place in (
            *places(folder),
            *places(folder, replays=True),
            *(Place(journal_path(config, name), name) for name in (config.account.name, DEMO_ACCOUNT)),
            Place(research, research.stem, replay=True),
        )
    }
    found: list[tuple[Place, Client]] = []
    problems: list[tuple[str, int]] = []
    for place in every.values():
        if not is_written(place.journal):
            continue
        try:
            found.append((place, Client(place, PATIENCE)))
        except NoSession as error:
            if not place.replay:  # a backtest writes there, too, and is no session
                problems.append((f"the session of {place.account} runs, but cannot be reached at {error}", UNAVAILABLE))
        except NoAnswer as error:
            problems.append((f"the session of {place.account} does not answer: {error}", RETRY))
        except Declined as error:
            problems.append((f"the session of {place.account}: {error}", UNAVAILABLE))
    return found, problems
