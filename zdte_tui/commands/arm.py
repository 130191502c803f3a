"""``zdte-tui arm``: a person allows sessions without a screen to trade real money on one day."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.options import add_config_options, day, load_config
from zdte_tui.exits import CANNOT_CREATE, CONFIG, OK, USAGE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.calendar import Session
    from engine.config import Config
    from engine.session.arm_file import Found

_HELP = """It asks Alpaca whose account the live keys open, and you for the last four characters of its number. Then a
file beside the journal says that a session without a screen may trade that account on that day with this configuration,
and no other account, day or configuration. A session that was cut off goes on with it; the next day it counts no more.
A session with a screen asks you itself, each time. Nothing else lets a session trade real money.

examples:
  zdte-tui arm                              for today, or where its market is closed for the next trading day
  zdte-tui arm --for 2026-11-24
  zdte-tui arm --set session.roots='["SPXW"]'   as the session will be started
  zdte-tui arm --show                       which days are armed, and whether for this configuration
  zdte-tui arm --forget                     none any more; sessions that run already go on

exit codes: 0 armed, 64 not asked on a terminal or no trading day, 66 nothing was typed, 69 Alpaca cannot be reached,
73 the file cannot be written, 75 try again, 77 no live keys, refused, or the account was not confirmed,
78 the configuration is not one to trade with"""


def add(subparsers: Any) -> None:
    """Declare ``arm``."""
    parser = subparsers.add_parser(
        "arm",
        help="allow a session without a screen to trade real money, for a day",
        description="Allow sessions without a screen to trade real money on one day.",
        epilog=_HELP,
    )
    parser.add_argument(
        "--for", dest="for_day", type=day, metavar="DAY", help="the day, such as 2026-11-24 or tomorrow"
    )
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--show", action="store_true", help="say which days are armed; asks nobody")
    other.add_argument("--forget", action="store_true", help="disarm DAY, or every day; asks nobody")
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Arm, show or forget; returns the exit code."""
    config = load_config(args)
    if args.show or args.forget:
        return _show(config, args.for_day) if args.show else _forget(config, args.for_day)
    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise CommandError("arming asks a person: run it on a terminal, not from a pipe or a script", USAGE)
    return _arm(config, args.for_day)


def _arm(config: Config, wanted: dt.date | None) -> int:
    from engine.clock import SystemClock
    from engine.config import ConfigError
    from engine.session.arm_file import ArmFileError, arms, forget, new_arm, write_arm
    from engine.session.arming import armed_config
    from engine.session.rules import as_at_alpaca, refusals
    from engine.strategy import plan_strategies
    from strategies.registry import REGISTRY
    from zdte_tui.arming import asked_suffix, live_account

    now = SystemClock().now()
    today = _session(wanted, now)
    planned = plan_strategies(config.strategies, REGISTRY, config.session.roots)
    traded = as_at_alpaca(config)
    if refused := refusals(traded, "live", planned, today):
        raise ConfigError("\n".join(refused))
    account = live_account(config)
    if refused := refusals(traded, "live", planned, today, account.told):
        raise CommandError("\n".join(refused), CONFIG)
    names = ", ".join(dict.fromkeys(each.kind.name for each in planned)) or "no strategy, only what people order"
    on = " and ".join(config.session.roots)
    asked_suffix(account, f"{today.day:%A} {today.day}, a session without a screen: {names}, on {on}")
    try:
        path = write_arm(config, new_arm(account.number, today.day, armed_config(config), now))
        for found in arms(config):
            if found.day < today.day and found.day < _today(now):
                forget(found)
    except ArmFileError as error:
        raise CommandError(str(error), CANNOT_CREATE) from None
    print(one_line(f"ARMED for {today.day:%A} {today.day}, this account and configuration alone: {path}"))
    if config.session.mode != "live":
        print(one_line(f'session.mode is "{config.session.mode}": a session trades there with --set session.mode=live'))
    print(
        one_line("`zdte-tui arm --forget` takes it back; `zdte-tui kill lock` ends the trading of a session that runs")
    )
    return OK


def _session(wanted: dt.date | None, now: int) -> Session:
    """The session that is armed: the one asked for, else today's while it lasts, else the next."""
    from engine.calendar import NotASession, next_session, session

    day = _today(now)
    if wanted is not None and wanted < day:
        raise CommandError(f"{wanted} is over; --for takes today, {day}, or a trading day to come", USAGE)
    try:
        found = session(wanted or day)
    except NotASession as error:
        if wanted is not None:
            raise CommandError(f"{error}: no trading day can be armed there", USAGE) from None
        return next_session(day)
    return next_session(day) if wanted is None and now >= found.close else found


def _today(now: int) -> dt.date:
    from engine.calendar import date_of

    return date_of(now)


def _found(config: Config, day: dt.date | None) -> list[Found]:
    from engine.session.arm_file import arms

    return [each for each in arms(config) if day is None or each.day == day]


def _show(config: Config, day: dt.date | None) -> int:
    from engine.clock import SystemClock
    from engine.session.arming import armed_config

    found, today, mine = _found(config, day), _today(SystemClock().now()), armed_config(config)
    if not found:
        when = "no day" if day is None else str(day)
        print(f"{when} is armed: a session without a screen trades no real money")
    for each in found:
        if each.arm is None:
            print(one_line(f"{each.day}  does not count: {each.problem}"))
            continue
        past = "over, counts no more" if each.day < today else "ARMED"
        same = "this configuration" if each.arm.config_sha256 == mine else "another configuration than this one"
        print(one_line(f"{each.day}  {past}, for {same}; {each.path}"))
    return OK


def _forget(config: Config, day: dt.date | None) -> int:
    from engine.session.arm_file import ArmFileError, forget

    found = _found(config, day)
    for each in found:
        try:
            forget(each)
        except ArmFileError as error:
            raise CommandError(str(error), CANNOT_CREATE) from None
        print(one_line(f"{each.day} is not armed any more"))
    if not found:
        print("nothing was armed")
    return OK
