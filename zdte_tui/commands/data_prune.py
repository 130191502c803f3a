"""``zdte-tui data prune``: what sessions have recorded, with sizes; old ones are removed where that is asked for."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_text import open_store, out, plural, say, table
from zdte_tui.commands.journal_archive import days
from zdte_tui.commands.options import add_config_options, day, load_config
from zdte_tui.exits import CANNOT_CREATE, OK, RETRY, USAGE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.recordings import Kept

_HELP = """Without a limit it lists what there is and removes nothing. A session's recorded inputs are what `journal
audit` and `data tape` read; a day tape made of them (source recorded) is what replays and backtests play, and stays
unless --tapes is given. Age counts from the day on which a file was last written. What was written today, what an open
session may go on with, and a market's day that is not on the tape yet are never removed.

examples:
  zdte-tui data prune                                what there is, and how much room is left
  zdte-tui data prune --keep-days 90                 asks, then removes recorded inputs older than 90 days
  zdte-tui data prune --before 2026-06-01 --tapes    day tapes made of recordings, too
  zdte-tui data prune --keep-days 30 --yes           asks nobody, for a timer
  zdte-tui data prune --json | jq '[.[].bytes] | add'

exit codes: 0 listed, removed or left alone, 64 nobody can be asked and --yes is not given, 73 something could not be
removed, 75 an import is at work"""


def add(actions: Any) -> None:
    """Declare ``data prune``."""
    parser = actions.add_parser(
        "prune",
        help="what sessions have recorded, with sizes; remove old ones",
        description="List what sessions have recorded, and remove what is old.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--before", type=day, metavar="DATE", help="remove what was last written before this day")
    limit.add_argument("--keep-days", type=days, metavar="N", help="remove what was last written over N days ago")
    parser.add_argument("--tapes", action="store_true", help="day tapes that were made of recordings, too")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="list as JSON; goes without a limit")
    parser.set_defaults(run=run)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """List, or remove."""
    from engine.calendar import date_of
    from engine.session.recordings import recordings, tapes

    today = date_of(time.time_ns())
    before = args.before or (today - dt.timedelta(days=args.keep_days) if args.keep_days else None)
    if before is not None and args.json:
        raise CommandError("--json lists: leave out --before and --keep-days", USAGE)
    if before is None and args.yes:
        raise CommandError("--yes removes: say how old with --before or --keep-days", USAGE)
    config, store = load_config(args), open_store(args)
    found = [*recordings(config, _journals(config), today), *tapes(store, today)]
    if before is None:
        _list(found, store.path, args.json)
        return OK
    wanted = [each for each in found if each.written < before and (args.tapes or each.kind != "tape")]
    chosen = [each for each in wanted if not each.stays]
    for each in wanted:
        if each.stays:
            say(f"{each.name} stays: {each.stays}")
    if not chosen:
        out(f"nothing that may go was last written before {before}")
        return OK
    return _remove(chosen, store.path, before, args.yes)


def _journals(config: Config) -> list[Path]:
    """Journals whose sessions record: the configured ones, and all in the state directory."""
    from engine.config import journal_path, state_dir
    from engine.session.compose import DEMO_ACCOUNT
    from engine.session.rehearsal import ACCOUNT

    own = config.account.name
    names = (own, f"{own}_paper", f"{own}_shadow", ACCOUNT, DEMO_ACCOUNT)
    there = (folder.with_suffix(".sqlite") for folder in sorted(state_dir().glob("*.inputs")))
    return list(dict.fromkeys([*(journal_path(config, name) for name in names), *there]))


def _list(found: list[Kept], store: Path, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "kind": each.kind,
                "name": each.name,
                "written": str(each.written),
                "bytes": each.size,
                "files": [str(path) for path in each.files],
                "stays": each.stays,
            }
            for each in found
        ]
        out(json.dumps(rows, indent=1))
        return
    if not found:
        out("no session has recorded anything yet")
        return
    heads = ("kind", "last written", "what", ">files", ">size", "")
    cells = (
        (each.kind, str(each.written), each.name, str(len(each.files)), _size(each.size), each.stays) for each in found
    )
    for line in table(heads, cells):
        out(line)
    at = next(each for each in (store, *store.parents) if each.exists())
    out(f"{_size(sum(each.size for each in found))} in all; {_size(shutil.disk_usage(at).free)} free at {at}")
    if sys.stderr.isatty():
        say("remove old ones with: zdte-tui data prune --keep-days 90")


def _remove(chosen: list[Kept], store: Path, before: dt.date, yes: bool) -> int:
    from engine.session.recordings import remove
    from engine.tape import StoreBusy

    size = _size(sum(each.size for each in chosen))
    inputs = sum(each.kind == "inputs" for each in chosen)
    parts = [f"the recorded inputs of {plural(inputs, 'session')}"] * bool(inputs)
    parts += [plural(len(chosen) - inputs, "day tape")] * (len(chosen) > inputs)
    what = f"{' and '.join(parts)} last written before {before}, {size}"
    if not yes and not _agreed(chosen, what):
        out("nothing was removed")
        return OK
    try:
        freed = remove(chosen, store)
    except StoreBusy as error:
        raise CommandError(str(error), RETRY) from None
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be removed: {error.strerror}", CANNOT_CREATE) from None
    out(f"removed {' and '.join(parts)}: {_size(freed)} freed")
    return OK


def _agreed(chosen: list[Kept], what: str) -> bool:
    """Whether a person says y, and nothing else, to what they are shown."""
    if not sys.stdin.isatty():
        raise CommandError(f"this removes {what}: add --yes where nobody can be asked", USAGE)
    for each in chosen:
        say(f"  {each.kind}  {each.written}  {each.name}  {_size(each.size)}")
    sys.stderr.write(f"remove {what}? They cannot be had again. y removes, anything else does not: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() == "y"


def _size(size: int) -> str:
    from zdte_tui.doctor.finding import size_text

    return size_text(size)
