"""``zdte-tui journal archive``: old sessions move to a journal of their own."""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import time
from pathlib import Path

from zdte_tui.commands.journal import add_journal_options, journal_file, require_journal
from zdte_tui.commands.journal_verify import verified
from zdte_tui.commands.options import add_config_options, day, file, load_config
from zdte_tui.exits import CANNOT_CREATE, OK, USAGE, CommandError

_HELP = """Whole sessions that are over move, by their trading day; an open one never does, nor what was written after
it began. The archive is a journal like any other: `sessions`, `export`, `verify` and `audit` read it with --journal. It
is written and verified before anything is deleted here; the chain that stays begins after the archive's head.

examples:
  zdte-tui journal archive --before 2026-01-01
  zdte-tui journal archive --keep-days 90             days back from today; [journal] keep_days, where none is given
  zdte-tui journal verify --archives                  both, and that they fit together"""


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``journal archive``."""
    parser = actions.add_parser(
        "archive",
        help="move old sessions to a journal of their own",
        description="Move closed sessions of older trading days to an archive.",
        epilog=_HELP,
    )
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--before", type=day, metavar="DATE", help="sessions of days before this one")
    limit.add_argument("--keep-days", type=days, metavar="N", help="sessions older than N days")
    parser.add_argument("--to", type=file, metavar="DIR", help="where archives lie; default: archive, by the journal")
    parser.set_defaults(run=run)
    add_journal_options(parser)
    add_config_options(parser)


def days(text: str) -> int:
    """A number of days on the command line."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:7]) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days; write 1 to 100000")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Archive; says what moved, and what keeps the rest."""
    from engine.journal import JournalError
    from engine.journal.archive import archive

    path = journal_file(args)
    require_journal(path)
    before = _before(args)
    if args.to is not None and args.to.exists() and not args.to.is_dir():
        raise CommandError(f"--to {args.to} is no folder", USAGE)
    try:
        done = archive(path, before, now=time.time(), folder=args.to)
    except JournalError as error:
        raise CommandError(str(error), CANNOT_CREATE) from None
    if done.file is None or done.verdict is None:
        why = f": {done.plan.stays}" if done.plan.stays else ""
        print(f"{path}: no session of a day before {before} to move{why}")
        return OK
    moved = _move_inputs(path.resolve(), done.file, [each.name for each in done.plan.sessions])
    print(f"{done.file}: {verified(done.verdict)}")
    inputs = f", and {moved} recording{'' if moved == 1 else 's'} of inputs" if moved else ""
    count = len(done.plan.sessions)
    print(f"{path}: {count} session{'' if count == 1 else 's'} moved there{inputs}")
    if done.plan.stays:
        print(done.plan.stays)
    return OK


def _before(args: argparse.Namespace) -> dt.date:
    if args.before is not None:
        found: dt.date = args.before
        return found
    keep = args.keep_days or load_config(args).journal.keep_days
    if not keep:
        raise CommandError(
            "say how far: --before DATE, --keep-days N, or [journal] keep_days in the configuration", USAGE
        )
    from engine.calendar import date_of

    return date_of(time.time_ns()) - dt.timedelta(days=keep)


def _move_inputs(journal: Path, archive: Path, names: list[str]) -> int:
    """Recorded inputs follow their sessions, so that the archive can be audited; how many files did."""
    from engine.session.ledger import recording_path

    moved = 0
    for name in names:
        here, there = recording_path(journal, name, 0).parent, recording_path(archive, name, 0).parent
        for recording in sorted(here.glob(f"{name}.e*")):
            try:
                there.mkdir(mode=0o700, exist_ok=True)
                shutil.move(recording, there / recording.name)
                moved += 1
            except OSError as error:
                print(f"zdte-tui: {recording} stays where it is: {error.strerror}", file=sys.stderr)
    return moved
