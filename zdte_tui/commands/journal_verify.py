"""``zdte-tui journal verify`` and ``journal heads``: is a journal what was written, and what to keep to prove it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.journal import add_journal_options, journal_file, require_journal, write_stdout
from zdte_tui.commands.options import add_config_options, file
from zdte_tui.exits import DATA, OK, USAGE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.journal.anchors import Anchor
    from engine.journal.lineage import Lineage
    from engine.journal.verify import Verdict

_HELP = """Every row of an account's journal is linked to the one before it by a hash. A row that was changed, removed,
inserted or moved is named, with exit code 65. A session may be writing meanwhile.

A chain alone cannot tell that its end was cut off, or that all of it was written anew. A head that was kept elsewhere
can: keep what `zdte-tui journal heads` prints, and name it here.

examples:
  zdte-tui journal verify
  zdte-tui journal verify --account main --anchors ~/heads.jsonl
  zdte-tui journal verify --head 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  zdte-tui journal verify --archives                  what was archived, too
  zdte-tui journal verify --json | jq .head"""

_HEADS_HELP = """Keep them where nobody who can write the journal can write: in a mail to yourself, on paper.

examples:
  zdte-tui journal heads >> /mnt/elsewhere/heads.jsonl
  zdte-tui journal verify --anchors /mnt/elsewhere/heads.jsonl"""


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``journal verify`` and ``journal heads``."""
    verify = actions.add_parser(
        "verify",
        help="check that no row was changed, removed or inserted",
        description="Check a journal: its hash chain, SQLite's own structures, orders, fills and positions.",
        epilog=_HELP,
    )
    verify.add_argument("--head", type=head, metavar="HASH", help="a head that was kept: it must be in the chain")
    verify.add_argument("--anchors", type=file, metavar="FILE", help="heads that were kept, as `journal heads` prints")
    verify.add_argument("--archives", action="store_true", help="verify archives too, and that they fit together")
    verify.add_argument(
        "--archive-dir", type=file, metavar="DIR", help="where archives lie; default: archive, beside the journal"
    )
    verify.add_argument("--json", action="store_true", help="as one JSON object")
    verify.set_defaults(run=run)
    add_journal_options(verify)
    add_config_options(verify)
    heads = actions.add_parser(
        "heads",
        help="the newest hash of each day, to be kept elsewhere",
        description="Verify a journal, then print the newest hash of each account's trading day, a JSON object a line.",
        epilog=_HEADS_HELP,
    )
    heads.set_defaults(run=run_heads)
    add_journal_options(heads)
    add_config_options(heads)


def head(text: str) -> str:
    """A hash of the chain on the command line."""
    if len(text) != 64 or not set(text.lower()) <= set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} is not a head: write all 64 hexadecimal digits, as `zdte-tui journal heads` prints them"
        )
    return text.lower()


def run(args: argparse.Namespace) -> int:
    """Verify; 0, or 65 where something does not fit."""
    from engine.journal import JournalError
    from engine.journal.lineage import verify_lineage

    path = journal_file(args)
    require_journal(path)
    anchors = _anchors(args)
    if args.archive_dir is not None and not args.archive_dir.is_dir():
        raise CommandError(f"there is no folder {args.archive_dir}: --archive-dir names where archives lie", USAGE)
    try:
        with watching("verifying") as step:
            found = verify_lineage(
                path,
                anchors,
                archives=args.archives or args.archive_dir is not None,
                folder=args.archive_dir,
                step=step,
            )
    except JournalError as error:
        raise CommandError(str(error), DATA) from None
    if args.json:
        text = json.dumps(_as_json(found, len(anchors)), ensure_ascii=False, indent=1)
        write_stdout([text.encode("utf-8", "backslashreplace") + b"\n"])
    else:
        write_stdout(line.encode("utf-8", "backslashreplace") + b"\n" for line in _lines(found, len(anchors)))
    return OK if found.sound else DATA


def run_heads(args: argparse.Namespace) -> int:
    """Print the heads of days; 65 where the journal does not verify, and nothing is printed then."""
    from engine.journal import JournalError
    from engine.journal.anchors import anchor_lines
    from engine.journal.verify import verify

    path = journal_file(args)
    require_journal(path)
    try:
        with watching("verifying") as step:
            verdict = verify(path, step=step)
    except JournalError as error:
        raise CommandError(str(error), DATA) from None
    if not verdict.sound:
        raise CommandError(f"{path} does not verify, so its heads prove nothing: {verdict.problems[0]}", DATA)
    if not verdict.chained:
        print(f"zdte-tui: {path} has no hash chain, so no heads: {NO_CHAIN}", file=sys.stderr)
    write_stdout(anchor_lines(verdict.days))
    return OK


NO_CHAIN = "backtests and replays can be played again"


def verified(verdict: Verdict) -> str:
    """What was found of a journal that is sound, after its name."""
    sessions = f"{verdict.sessions:,} session{'' if verdict.sessions == 1 else 's'}"
    if not verdict.chained:
        return f"sound, {sessions}; no hash chain: {NO_CHAIN}"
    told = f"{verdict.rows:,} row{'' if verdict.rows == 1 else 's'}, {sessions}, head {verdict.head.hash}"
    if verdict.base.links:
        told += f"; {verdict.base.links:,} rows before are in archives"
    if verdict.original_from is not None and verdict.original_from > 1:
        told += (
            f"; rows up to link {verdict.original_from - 1:,} are older than the chain, which cannot speak for what "
            "happened to them before"
        )
    return f"verified: {told}"


@contextmanager
def watching(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """Told how much of how much is done: a bar on a terminal's stderr, elsewhere nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _anchors(args: argparse.Namespace) -> list[Anchor]:
    from engine.journal import JournalError
    from engine.journal.anchors import anchor_of, read_anchors

    try:
        kept = read_anchors(args.anchors) if args.anchors is not None else []
    except JournalError as error:
        raise CommandError(str(error), USAGE) from None
    return kept + ([anchor_of(args.head)] if args.head is not None else [])


def _lines(found: Lineage, asked: int) -> Iterator[str]:
    for verdict in (found.journal, *found.archives):
        if verdict.sound:
            yield f"{verdict.path}: {verified(verdict)}"
            continue
        many = "1 problem" if verdict.found == 1 else f"{verdict.found:,} problems"
        yield f"{verdict.path}: NOT as it was written: {many}"
        yield from (f"  {one_line(line)}" for line in verdict.problems)
        if verdict.found > len(verdict.problems):
            yield f"  and {verdict.found - len(verdict.problems):,} more"
    if asked:
        yield f"{found.proven:,} of {asked:,} kept head{'' if asked == 1 else 's'} found in the chain"
    yield from (f"  {one_line(line)}" for line in found.problems)


def _as_json(found: Lineage, asked: int) -> dict[str, Any]:
    return {
        "ok": found.sound,
        **_verdict_json(found.journal),
        "archives": [_verdict_json(verdict) for verdict in found.archives],
        "absent": list(found.absent),
        "heads_asked": asked,
        "heads_found": found.proven,
        "other_problems": list(found.problems),
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "journal": str(Path(verdict.path)),
        "sound": verdict.sound,
        "chained": verdict.chained,
        "rows": verdict.rows,
        "sessions": verdict.sessions,
        "links": verdict.head.links,
        "head": verdict.head.hash if verdict.chained else None,
        "archived_links": verdict.base.links,
        "original_from": verdict.original_from,
        "days": [
            {"account": day.account, "day": day.day, "links": day.links, "rows": day.rows, "head": day.head}
            for day in verdict.days
        ],
        "problems_found": verdict.found,
        "problems": list(verdict.problems),
    }
