"""``zdte-tui report``: what a session came to, from its journal."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from typing import TYPE_CHECKING

from zdte_tui.commands.journal import (
    add_journal_options,
    journal_file,
    open_journal,
    require_session,
    write_file,
    write_stdout,
)
from zdte_tui.commands.options import add_config_options, file
from zdte_tui.exits import NO_INPUT, OK, USAGE, CommandError

if TYPE_CHECKING:
    from engine.journal import JournalReader, SessionRow

_HELP = """P&L gross and net, fees, each trade with its entry, its exit and why, orders and rejects, what fills cost
against the mid, breakers, gaps of the feed, restarts, differences from the broker. What is SIMULATED says so.

examples:
  zdte-tui report                                the last session
  zdte-tui report 2026-01-15                     the last session of that day
  zdte-tui report demo-2026-01-15-SPXW-1
  zdte-tui report --markdown -o day.md
  zdte-tui report --json | jq .pnl               money and prices in units of 1e-4 dollars, times in ns UTC
  zdte-tui report --account demo
  zdte-tui report --research                     the last replay"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``report``."""
    parser = subparsers.add_parser(
        "report",
        help="what a session came to: result, trades, orders, what went wrong",
        description="The report of a session, from its journal.",
        epilog=_HELP,
    )
    parser.add_argument(
        "session",
        nargs="?",
        default="last",
        metavar="SESSION|DAY",
        help="a session's name, or a day; default: the last",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="as a document")
    form.add_argument("--json", dest="form", action="store_const", const="json", help="as one JSON object, exact")
    parser.add_argument("-o", "--output", type=file, metavar="FILE", help="a file instead of standard output")
    parser.set_defaults(run=run, form="text")
    add_journal_options(parser)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Tell what the session came to; returns the exit code."""
    import msgspec

    from engine.session.day_report import read_report
    from zdte_tui.report_text import markdown, text

    with open_journal(journal_file(args)) as reader:
        report = read_report(reader, _session(reader, args.session))
    if args.form == "json":
        lines = [msgspec.json.format(msgspec.json.encode(report), indent=1).decode()]
    else:
        lines = markdown(report) if args.form == "markdown" else text(report)
    content = [f"{line}\n".encode(errors="backslashreplace") for line in lines]
    if args.output is None:
        write_stdout(content)
    else:
        write_file(args.output, content)
    return OK


def _session(reader: JournalReader, name: str) -> SessionRow:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", name):
        return _of_day(reader, name)
    if name == "all":
        raise CommandError("a report is of one session: name it, or a day; `zdte-tui sessions` lists them all", USAGE)
    require_session(reader, name)
    found = reader.select(name)
    if not found:
        raise CommandError(f"the journal {reader.path} has no session yet", NO_INPUT)
    return found[-1]


def _of_day(reader: JournalReader, text: str) -> SessionRow:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no day of the calendar", USAGE) from None
    found = [row for row in reader.sessions() if row.info.day == day]
    if not found:
        raise CommandError(
            f"the journal {reader.path} has no session of {day}; `zdte-tui sessions` lists what is there", NO_INPUT
        )
    return found[-1]
