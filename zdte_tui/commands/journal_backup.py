"""``zdte-tui journal backup`` and ``journal restore``: verified copies of a journal, and back again."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from zdte_tui.commands.journal import add_journal_options, journal_file, require_journal
from zdte_tui.commands.journal_verify import verified, watching
from zdte_tui.commands.options import account, add_config_options, file, load_config
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_INPUT, OK, USAGE, CommandError

_BACKUP_HELP = """A session may be writing meanwhile: the copy is of one instant. It is verified before it gets its
name, so a file that is there is whole. While a session runs, backups are made every [journal] backup_minutes, and the
newest backup_keep of those with dated names stay. What lies on the same disk does not survive the disk.

examples:
  zdte-tui journal backup                          a dated file in `backups` beside the journal
  zdte-tui journal backup /mnt/elsewhere           a dated file in that folder
  zdte-tui journal backup before-upgrade.sqlite    this file, which must not be there yet"""

_RESTORE_HELP = """The backup is verified first. The journal it replaces is kept beside it, as
NAME.replaced-TIME.sqlite: what was written since the backup is only there. A session that was open in the backup is
open again, and goes on at the next start; its broker is the truth about what happened since.

examples:
  zdte-tui journal restore ~/.local/state/zdte-tui/backups/main-20260115T153000Z.sqlite"""


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``journal backup`` and ``journal restore``."""
    backup = actions.add_parser(
        "backup",
        help="a verified copy of a journal, also while a session writes it",
        description="Copy a journal and verify the copy.",
        epilog=_BACKUP_HELP,
    )
    backup.add_argument(
        "target", nargs="?", type=file, metavar="PATH", help="a folder or a new file; default: backups, by the journal"
    )
    backup.set_defaults(run=run_backup)
    add_journal_options(backup)
    add_config_options(backup)
    restore = actions.add_parser(
        "restore",
        help="put a backup in a journal's place",
        description="Put a backup in a journal's place; the journal that was there is kept under another name.",
        epilog=_RESTORE_HELP,
    )
    restore.add_argument("backup", type=file, metavar="FILE", help="what `journal backup` made")
    which = restore.add_mutually_exclusive_group()
    which.add_argument("--account", type=account, metavar="NAME", help="whose journal; default: whose the backup is")
    which.add_argument("--journal", type=file, metavar="PATH", help="this file")
    restore.set_defaults(run=run_restore, research=False)
    add_config_options(restore)


def run_backup(args: argparse.Namespace) -> int:
    """Back up; says where, and what was verified."""
    from engine.journal import JournalError
    from engine.journal.backup import backup, backup_folder, let_go

    path = journal_file(args)
    require_journal(path)
    try:
        with watching("copying") as step:
            made, verdict = backup(path, args.target, now=time.time(), step=step)
    except JournalError as error:
        raise CommandError(str(error), CANNOT_CREATE) from None
    print(f"{made}: {verified(verdict)}")
    if args.target is None:
        gone = let_go(path, backup_folder(path), load_config(args).journal.backup_keep)
        if gone:
            print(f"zdte-tui: let go of {', '.join(old.name for old in gone)}", file=sys.stderr)
    return OK


def run_restore(args: argparse.Namespace) -> int:
    """Restore; says what is there now, and where the journal before it lies."""
    from engine.journal import JournalError
    from engine.journal.restoring import restore

    if not args.backup.exists():
        raise CommandError(f"there is no backup {args.backup}", NO_INPUT)
    path = _target(args)
    if path.exists() and path.samefile(args.backup):
        raise CommandError(f"{args.backup} is the journal itself: name a backup of it", USAGE)
    try:
        done = restore(args.backup, path, now=time.time())
    except JournalError as error:
        raise CommandError(str(error), DATA) from None
    print(f"{path}: restored from {args.backup}; {verified(done.verdict)}")
    if done.replaced is not None:
        print(f"the journal before it is {done.replaced}: what was written since the backup is only there")
    return OK


def _target(args: argparse.Namespace) -> Path:
    """The journal to be replaced: the one named, else that of the backup's own account."""
    from engine.config import journal_path
    from engine.journal import JournalError
    from engine.journal.restoring import accounts

    if args.journal is not None or args.account is not None:
        return journal_file(args)
    try:
        found = sorted(accounts(args.backup))
    except JournalError as error:
        raise CommandError(str(error), DATA) from None
    if len(found) != 1:
        whose = f"of {', '.join(found)}" if found else "of no account, as it holds no session"
        raise CommandError(f"{args.backup} is {whose}: say which journal it is to replace, with --account", USAGE)
    return journal_path(load_config(args), found[0])
