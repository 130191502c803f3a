"""``zdte-tui journal`` and its ``export``: sessions as canonical text, JSON lines or CSV; and where a journal lies."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from zdte_tui.commands import audit
from zdte_tui.commands.accounts import account_names
from zdte_tui.commands.options import account, add_config_options, file, load_config
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_INPUT, OK, USAGE, CommandError

if TYPE_CHECKING:
    from engine.journal import JournalReader

_HELP = """examples:
  zdte-tui journal export --csv             the trades of the last session, for a spreadsheet
  zdte-tui journal audit                    replay the last session and compare every record
  zdte-tui journal verify                   was any row changed, removed or inserted?
  zdte-tui journal backup                   a verified copy, also while a session runs
  zdte-tui journal drill                    would a backup bring the account back?
  zdte-tui journal archive --keep-days 90   older sessions move to a journal of their own"""

_EXPORT_HELP = """examples:
  zdte-tui journal export                                   the last session, a JSON object a line
  zdte-tui journal export --csv                             its trades, for a spreadsheet
  zdte-tui journal export --csv --table trade_life
  zdte-tui journal export --csv --table configurations --research   the newest `backtest --grid`, a row a configuration
  zdte-tui journal export --research --session all --canonical -o before.jsonl"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``journal`` and its actions."""
    parser = subparsers.add_parser(
        "journal",
        help="the journal: export, audit, verify, back up, restore, archive",
        description="Export, audit, verify, back up, restore and archive journals. `zdte-tui sessions` lists sessions.",
        epilog=_HELP,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    from zdte_tui.commands import journal_archive, journal_backup, journal_drill, journal_verify

    for each in (audit, journal_verify, journal_backup, journal_drill, journal_archive):
        each.add(actions)
    export = actions.add_parser(
        "export",
        help="write sessions as canonical text, JSON lines or CSV",
        description="Write sessions of a journal to standard output or a file: JSON lines unless you say otherwise.",
        epilog=_EXPORT_HELP,
    )
    form = export.add_mutually_exclusive_group()
    form.add_argument(
        "--canonical",
        dest="form",
        action="store_const",
        const="canonical",
        help="the same bytes for the same tape and configuration, whatever the speed, mode or machine",
    )
    form.add_argument("--csv", dest="form", action="store_const", const="csv", help="one table or view as CSV")
    form.add_argument(
        "--json", dest="form", action="store_const", const="json", help="JSON lines in dollars and ISO times (default)"
    )
    export.set_defaults(form="json", run=run_export)
    export.add_argument(
        "--session", default="last", metavar="NAME", help="a session's name, last (default) or all: see `sessions`"
    )
    export.add_argument(
        "--table",
        default="",
        metavar="TABLE",
        help="one table or view, such as fills or trade_life; default: trade_summary as CSV, every record as JSON",
    )
    export.add_argument("-o", "--output", type=file, metavar="FILE", help="a file instead of standard output")
    add_journal_options(export)
    add_config_options(export)


def add_journal_options(parser: argparse.ArgumentParser) -> None:
    """Which journal to read."""
    group = parser.add_argument_group("journal")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--research", action="store_true", help="the journal of backtests and replays")
    which.add_argument(
        "--account",
        type=account,
        metavar="NAME",
        help="an account's journal; default: the configured account's, else the demo's",
    )
    which.add_argument("--journal", type=file, metavar="FILE", help="this file")


def journal_file(args: argparse.Namespace) -> Path:
    """The journal these arguments name; it need not exist. Raises ``ConfigError``."""
    from engine.config import journal_path, research_path

    if args.journal is not None:
        return Path(args.journal)
    config = load_config(args)
    if args.research:
        return research_path(config)
    if args.account is not None:
        return journal_path(config, args.account)
    paths = [journal_path(config, name) for name in account_names(config)]
    return next((path for path in paths if path.exists()), paths[-1])


def require_journal(path: Path) -> None:
    """Raises ``CommandError`` where there is no journal."""
    if not path.exists():
        raise CommandError(f"there is no journal {path}: a session writes it, or name another with --journal", NO_INPUT)


def open_journal(path: Path) -> JournalReader:
    """A reader of ``path``; raises ``CommandError`` for a missing file or one that is no journal."""
    from engine.journal import JournalError, JournalReader

    require_journal(path)
    try:
        return JournalReader(path)
    except JournalError as error:
        raise CommandError(str(error), DATA) from None


def run_export(args: argparse.Namespace) -> int:
    """Export the chosen sessions; returns the exit code."""
    from engine.journal import JournalError, export

    with open_journal(journal_file(args)) as reader:
        require_session(reader, args.session)
        _require_table(args.table)
        try:
            lines = export(reader, args.session, args.form, args.table)
        except JournalError as error:
            raise CommandError(str(error), USAGE) from None
        with closing(lines):
            if args.output is None:
                write_stdout(lines)
            else:
                write_file(args.output, lines)
    return OK


def require_session(reader: JournalReader, name: str) -> None:
    """Raises ``CommandError`` naming the nearest session where ``name`` is none, nor ``last`` or ``all``."""
    if name in ("last", "all"):
        return
    names = [session.name for session in reader.sessions()]
    if name not in names:
        near = get_close_matches(name[:64], names, n=1)
        hint = f"did you mean {near[0]}?" if near else "`zdte-tui sessions` lists what is there"
        raise CommandError(f"the journal {reader.path} has no session {name!r}; {hint}", USAGE)


def _require_table(name: str) -> None:
    from engine.journal import EXPORTED

    if name and name not in EXPORTED:
        near = get_close_matches(name[:64], EXPORTED, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CommandError(f"the journal has no table {name!r}{hint}; there are {', '.join(sorted(EXPORTED))}", USAGE)


def write_stdout(lines: Iterable[bytes]) -> None:
    """Write bytes to standard output; a reader that has seen enough (``| head``) ends it without complaint."""
    out = sys.stdout.buffer
    try:
        for line in lines:
            out.write(line)
        out.flush()
    except BrokenPipeError:
        # Whatever is still buffered must not raise again when the interpreter flushes it at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def write_file(path: Path, lines: Iterable[bytes]) -> None:
    """Write bytes to ``path``, whole or not at all, readable by its owner alone; a device or pipe is written to."""
    if path.exists() and not path.is_file() and not path.is_dir():
        try:
            with path.open("wb") as out:
                out.writelines(lines)
        except OSError as error:
            raise CommandError(f"cannot write {path}: {error.strerror}", CANNOT_CREATE) from None
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}", CANNOT_CREATE) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.writelines(lines)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}", CANNOT_CREATE) from None
    finally:
        temporary.unlink(missing_ok=True)
