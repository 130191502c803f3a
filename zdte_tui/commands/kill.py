"""``zdte-tui kill LEVEL``: the kill switch from another terminal."""

from __future__ import annotations

import argparse
import re
import shlex
import time
from typing import TYPE_CHECKING

from zdte_tui.commands.control import Heard, add_session_options, ask
from zdte_tui.commands.status import closed_words, mode_of, state_words, trade_row
from zdte_tui.exits import RETRY

if TYPE_CHECKING:
    from engine.control import Client, Place, Status, TradeStatus
    from engine.types import KillLevel

LEVELS = ("pause", "cancel", "flatten", "lock")
LOOK_SECONDS = 0.2
_SECONDS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")

_HELP = """levels, each with what those before it do:
  pause     no new entries; those that work go on until their window ends
  cancel    every working entry is cancelled; exits go on
  flatten   every open trade is closed
  lock      locked until the exchange's date changes: `zdte-tui resume` lifts the others, not this one

examples:
  zdte-tui kill pause                      no new entries in the session that runs
  zdte-tui kill flatten --wait 30          and wait up to 30 s until nothing is held
  zdte-tui kill lock --all                 every session of every account
  zdte-tui kill cancel --account demo --json

exit codes: 0 done, 69 no session runs or its engine has stopped, 75 no answer in time, or trades still open after
--wait. Without this program: `touch demo.kill-flatten` beside the journal does the same, and at once when the next
session starts."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``kill``."""
    parser = subparsers.add_parser(
        "kill",
        help="stop a running session's trading: pause, cancel, flatten or lock",
        description="Stop the trading of a session that runs in another terminal, and say what its engine did.",
        epilog=_HELP,
    )
    parser.add_argument("level", nargs="?", choices=LEVELS, metavar="LEVEL", help="pause, cancel, flatten or lock")
    parser.add_argument(
        "--wait",
        type=seconds,
        metavar="SECONDS",
        help="wait until what the level ends is over, for at most so long, and say what was closed",
    )
    add_session_options(parser)
    parser.set_defaults(run=run, parser=parser)


def seconds(text: str) -> float:
    """How long to wait, on the command line."""
    value = float(text) if _SECONDS.fullmatch(text) else 0.0
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait; write seconds above 0, such as 30")
    return value


def run(args: argparse.Namespace) -> int:
    """Put a level in place; returns the exit code."""
    if args.level is None:
        args.parser.error("which level? one of pause, cancel, flatten, lock")

    def otherwise(place: Place, runs: bool) -> str:
        what = "a file tells it as soon as it looks" if runs else "to begin the next one under this level"
        return f"{what}: {touch(place, args.level)}"

    return ask(args, lambda client, place: _kill(client, place, args.level, args.wait), otherwise)


def touch(place: Place, level: str) -> str:
    """The shell command that leaves the kill file of a level."""
    return f"touch {shlex.quote(str(place.kill_file(level)))}"


def _kill(client: Client, place: Place, level: KillLevel, wait: float | None) -> Heard:
    """Nothing is asked before the command: a status may have to wait for a busy engine."""
    from engine.control import Declined, NoAnswer

    done = client.command(level, text="zdte-tui kill")
    try:
        status = client.status()
    except (Declined, NoAnswer) as error:
        line = f"{place.account} {level}: {done.outcome}"
        problem = f"the session of {place.account} did that, and then: {error}" if wait is not None else ""
        return Heard(place, [line], {"account": place.account, "level": level, "outcome": done.outcome}, problem, RETRY)
    line = f"{place.account} [{mode_of(status)}] {level}: {done.outcome}; {state_words(status)}"
    heard = Heard(place, [line])
    if status.paused and not status.finished and level != "pause":
        heard.lines.append("the market is paused in that session: exits go on when it plays")
    ended = {*done.trades, *(trade.trade_id for trade in status.trades if trade.state != "over")}
    until = time.monotonic() + (wait or 0.0)
    while wait is not None and _unfinished(status, level) and time.monotonic() < until:
        time.sleep(min(LOOK_SECONDS, max(0.0, until - time.monotonic())))
        status = client.status()
    left = _unfinished(status, level)
    closed = [trade for trade in status.trades if trade.state == "over" and trade.trade_id in ended]
    if wait is not None:
        heard.lines += [closed_words(trade) for trade in closed]
        heard.lines += [f"{trade.label}: {trade.note}" for trade in status.trades if trade.state == "left"]
        heard.lines += [f"{trade.label} still {trade.state}{f': {trade.note}' if trade.note else ''}" for trade in left]
        if left:
            heard.code = RETRY
            heard.problem = f"after {wait:g} s not all is done in the session of {place.account}; exits go on there"
        else:
            heard.lines.append("nothing is left to do")
    heard.row = {
        "account": place.account,
        "mode": mode_of(status),
        "level": level,
        "outcome": done.outcome,
        "state": status.state,
        "breakers": status.breakers,
        "paused": status.paused,
        "closed": [trade_row(trade) for trade in closed],
        "under_way": [trade_row(trade) for trade in left],
    }
    return heard


def _unfinished(status: Status, level: KillLevel) -> list[TradeStatus]:
    """The trades with which a level is not done yet."""
    ends = {"pause": (), "cancel": ("working",)}.get(level, ("working", "open", "closing"))
    return [trade for trade in status.trades if trade.state in ends]
