"""``zdte-tui calendar``: what a day is, and what comes."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import Any

from zdte_tui.commands.options import add_config_options, day
from zdte_tui.exits import OK, USAGE, CommandError

_HELP = """what it says: the session's hours in New York and where you are, half-days and holidays by name, which roots
expire and until when they trade, announcements with their times, and how far the next ones are. What the tables do not
reach is called not known; docs/calendar.md names their sources.

examples:
  zdte-tui calendar                        today in New York
  zdte-tui calendar 2024-07-03             a half-day
  zdte-tui calendar --days 14              the special days of the next two weeks
  zdte-tui calendar 2026-12-01 --month     December 2026 at a glance
  zdte-tui calendar --cutoffs              until when the broker opens, from when it closes, and who says so
  zdte-tui calendar 2026-11-27 --cutoffs --set session.roots='["SPY"]'
  zdte-tui calendar --json | jq '.events[].name'"""


def add(subparsers: Any) -> None:
    """Declare ``calendar``."""
    parser = subparsers.add_parser(
        "calendar",
        help="what today is: hours, expirations, announcements",
        description="Say what a day is for someone who trades options that expire on it, and what comes.",
        epilog=_HELP,
    )
    parser.add_argument(
        "date", nargs="?", type=day, metavar="DATE", help="the day, such as 2024-07-03; today in New York if not given"
    )
    span = parser.add_mutually_exclusive_group()
    span.add_argument("--days", type=_days, metavar="N", help="list the special days of N days, DATE included")
    span.add_argument("--month", action="store_true", help="list the special days of DATE's month, with a picture")
    span.add_argument("--cutoffs", action="store_true", help="the broker's cutoffs on DATE, of each root of [session]")
    parser.add_argument("--json", action="store_true", help="the same as one JSON object")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what the day is; returns the exit code."""
    from engine.calendar import FIRST_DAY, LAST_DAY, date_of
    from engine.clock import SystemClock
    from zdte_tui.commands import calendar_data, calendar_text

    now = SystemClock().now()
    today = date_of(now)
    chosen: dt.date = args.date or today
    if not FIRST_DAY <= chosen <= LAST_DAY:
        newer = "; a newer zdte-tui may know more" if chosen > LAST_DAY else ""
        raise CommandError(f"{chosen} is outside the calendar, which runs from {FIRST_DAY} to {LAST_DAY}{newer}", USAGE)
    if args.cutoffs:
        from zdte_tui.commands import calendar_cutoffs

        said = calendar_cutoffs.told(args, chosen)
    elif args.days is None and not args.month:
        said = calendar_data.day_json(chosen, now) if args.json else calendar_text.day_lines(chosen, now)
    else:
        first, last = _month(chosen) if args.month else (chosen, chosen + dt.timedelta(days=args.days - 1))
        if args.json:
            said = calendar_data.span_json(first, last)
        else:
            said = calendar_text.month_picture(first) if args.month else []
            said += calendar_text.span_lines(first, last, today)
    print(json.dumps(said, indent=1, ensure_ascii=False) if args.json else "\n".join(said))
    return OK


def _days(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 366:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days; write 1 to 366")
    return value


def _month(chosen: dt.date) -> tuple[dt.date, dt.date]:
    first = chosen.replace(day=1)
    return first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
