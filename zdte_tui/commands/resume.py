"""``zdte-tui resume``: lifts a pause, a cancel or a flatten of a session in another terminal."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from zdte_tui.commands.control import Heard, add_session_options, ask
from zdte_tui.commands.status import mode_of

if TYPE_CHECKING:
    from engine.control import Client, Place

_HELP = """examples:
  zdte-tui resume                      let strategies enter again
  zdte-tui resume --account demo

It lifts what a person put there: pause, cancel and flatten. A lock and the breakers of risk stay.
exit codes: 0 done, 69 no session runs or its engine has stopped, 75 no answer in time."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``resume``."""
    parser = subparsers.add_parser(
        "resume",
        help="let a session that was paused trade again",
        description="Lift the pause, cancel or flatten of a session that runs in another terminal.",
        epilog=_HELP,
    )
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Resume; returns the exit code."""
    return ask(args, _resume, _otherwise)


def _otherwise(_place: Place, runs: bool) -> str:
    if runs:
        return "`zdte-tui status` shows how it stands"
    return "what a person paused stays so in the day's next session, and is resumed there"


def _resume(client: Client, place: Place) -> Heard:
    done = client.command("resume", text="zdte-tui resume")
    after = client.status()
    line = f"{place.account} [{mode_of(after)}] resume: {done.outcome}"
    row = {
        "account": place.account,
        "mode": mode_of(after),
        "outcome": done.outcome,
        "state": after.state,
        "breakers": after.breakers,
    }
    return Heard(place, lines=[line], row=row)
