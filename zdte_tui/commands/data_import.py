"""``zdte-tui data import``: files and folders into the day store, with an account of every one."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_progress import Progress
from zdte_tui.commands.data_text import open_store, out, plural, say
from zdte_tui.commands.options import add_config_options, file, jobs
from zdte_tui.exits import CANNOT_CREATE, DATA, INTERRUPTED, NO_INPUT, OK, RETRY, UNAVAILABLE, USAGE, CommandError

if TYPE_CHECKING:
    from engine.tape import Store
    from engine.tape.importers import ImportOptions
    from engine.tape.intake import Outcome
    from engine.tape.looking import Found

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_MAPPED = re.compile(r"(?P<field>[a-z_]{1,40})=(?P<column>.+)")

_HELP = """formats:
{formats}

A folder is looked into: each file is read by the format that recognises it, what nobody recognises is listed. Importing
the same file again changes nothing. What cannot be trusted is refused with its reason, and nothing of it is stored.

examples:
  zdte-tui data import option_midpoints_2023-11_2024-12.json.gz
  zdte-tui data import ~/Downloads/options ~/lean/Data
  zdte-tui data import ~/Downloads/options --resume
  zdte-tui data import quotes-2024-*.csv --jobs 4
  zdte-tui data import vix_history.csv --format index-daily --symbol VIX --source cboe
  zdte-tui data import quotes.csv --map time=quote_time --map right=cp --zone America/Chicago
  zdte-tui data import ~/Downloads/options --json | jq -r '.files[] | select(.result == "refused") | .path'

exit codes: 0 all known files are in, 65 something was refused or not recognised, 75 another import is at work"""


def add(actions: Any, formats: Mapping[str, str]) -> None:
    """Declare ``data import``."""
    parser = actions.add_parser(
        "import",
        help="bring files and folders into the day store",
        description="Bring files and folders into the day store.",
        epilog=_HELP.format(formats="\n".join(f"  {name:<14} {what}" for name, what in formats.items())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", type=file, nargs="+", metavar="PATH", help="a file or folder")
    parser.add_argument("--format", metavar="NAME", choices=list(formats), help="its format; found out if not given")
    parser.add_argument("--source", metavar="NAME", help="the name under which the store keeps it; lower case")
    parser.add_argument("--symbol", metavar="SYMBOL", help="whose values they are, where the file does not say")
    parser.add_argument("--resume", action="store_true", help="go on where an interrupted import of the same stopped")
    parser.add_argument("--json", action="store_true", help="the account as one JSON object")
    parser.add_argument(
        "--jobs", type=jobs, default=1, metavar="N", help="processes that read files, each a whole one; 1 if not given"
    )
    parser.add_argument("--zone", metavar="ZONE", help="zone of times that have none; America/New_York if not given")
    group = parser.add_argument_group("a table of your own (the format `long`)")
    group.add_argument(
        "--map", dest="columns", action="append", type=_mapped, default=[], metavar="FIELD=COLUMN",
        help="which column is which field, such as time=quote_time; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--known-after", type=_seconds, metavar="S", help="seconds after its time from which a row is known"
    )
    parser.set_defaults(run=run)
    add_config_options(parser)


def _mapped(text: str) -> tuple[str, str]:
    found = _MAPPED.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD=COLUMN, such as time=quote_time")
    return found["field"], found["column"]


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds; 60 for bars stamped at their start")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Bring ``args.paths`` into the store. 0, or 65 where something was refused."""
    from engine.tape import ImportRefused
    from engine.tape.looking import look

    options, name = _options(args)
    store = open_store(args)
    try:
        found = look(args.paths, store.path, name)
    except FileNotFoundError as error:
        raise CommandError(f"{error.args[0]}: no such file or folder", NO_INPUT) from None
    except OSError as error:
        raise CommandError(f"{error.filename}: cannot be read: {error.strerror}", NO_INPUT) from None
    except ImportRefused as error:
        raise CommandError(str(error), DATA) from None
    if all(one.importer is None for one in found):
        _nobody(found, args)
    outcomes = _bring(args, store, options, found)
    if args.json:
        out(json.dumps({"store": str(store.path), "files": [_json(one) for one in outcomes]}, indent=1))
    else:
        _account(store, outcomes)
    return _code(outcomes)


def _options(args: argparse.Namespace) -> tuple[ImportOptions, str | None]:
    """What was said beside the paths, checked before anything is read; and the name of the format."""
    from engine.tape import StoreError
    from engine.tape.entries import valid_source
    from engine.tape.importers import ImportOptions

    if args.source is not None:
        try:
            valid_source(args.source)
        except StoreError as error:
            raise CommandError(f"--source: {error}", USAGE) from None
    symbol = None if args.symbol is None else args.symbol.upper()
    if symbol is not None and not _SYMBOL.fullmatch(symbol):
        raise CommandError(f"--symbol: {args.symbol!r} is not a symbol; write letters and digits, such as SPX", USAGE)
    columns = dict(args.columns)
    if len(columns) != len(args.columns):
        twice = next(name for name, count in Counter(name for name, _ in args.columns).items() if count > 1)
        raise CommandError(f"--map: {twice} is given twice", USAGE)
    if args.zone is not None:
        _known_zone(args.zone)
    name = args.format
    if columns or args.known_after is not None:
        if name not in (None, "long"):
            raise CommandError(f"--map and --known-after go with the format long, not with {name}", USAGE)
        name = "long"
    return ImportOptions(args.source, symbol, columns, args.zone, args.known_after), name


def _known_zone(text: str) -> None:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    zones = available_timezones()
    if text not in zones:
        near = get_close_matches(text, zones, n=1) or [zone for zone in sorted(zones) if zone.endswith("/" + text)][:1]
        hint = f"did you mean {near[0]}?" if near else "write it like America/Chicago"
        raise CommandError(f"--zone: unknown time zone {text!r}; {hint}", USAGE)


def _nobody(found: Sequence[Found], args: argparse.Namespace) -> None:
    """Nothing there that an importer takes: said in one line, and the store is not touched."""
    from engine.tape.errors import one_line
    from engine.tape.importers import IMPORTERS

    formats = f"formats are {', '.join(IMPORTERS)} (--format); a table of your own: name its columns with --map"
    problem = next((one for one in found if one.problem), None)
    if problem is not None:
        raise CommandError(one_line(f"{problem.path}: {problem.problem}"), DATA)
    if len(found) == 1:
        reason = found[0].hint or f"{found[0].left_out or 'no importer recognises this'}; {formats}"
        raise CommandError(one_line(f"{found[0].path}: {reason}"), DATA)
    where = ", ".join(str(path) for path in args.paths)
    raise CommandError(f"{where}: no importer recognises any of {len(found)} files; {formats}", DATA)


def _bring(args: argparse.Namespace, store: Store, options: ImportOptions, found: Sequence[Found]) -> list[Outcome]:
    from contextlib import closing

    from engine.tape import StoreBusy
    from engine.tape.errors import WorkerLost, one_line
    from engine.tape.intake import Intake
    from engine.tape.lock import StoreLock

    outcomes = []
    try:
        with StoreLock(store.path), Progress(found, rows=not args.json and len(found) > 1) as progress:
            intake = Intake(store, options, progress.watch, resume=args.resume, jobs=args.jobs)
            for path in map(one_line, intake.cleaned):
                progress.say(f"removed what an interrupted import of {path} had read; --resume would have gone on")
            with closing(intake.run(found)) as running:
                for outcome in running:
                    outcomes.append(outcome)
                    progress.row(outcome.found, result_text(outcome))
    except StoreBusy as error:
        raise CommandError(str(error), RETRY) from None
    except WorkerLost as error:
        raise CommandError(f"{error}; what was read is kept, go on with: {_again(args)}", UNAVAILABLE) from None
    except KeyboardInterrupt:
        raise CommandError(f"interrupted; what was read is kept, go on with: {_again(args)}", INTERRUPTED) from None
    except OSError as error:
        name = error.filename or store.path
        raise CommandError(f"{name}: {error.strerror}; see [data] dir in the configuration", CANNOT_CREATE) from None
    return outcomes


def _again(args: argparse.Namespace) -> str:
    """The command that goes on with this import."""
    words = ["zdte-tui", "data", "import", *map(str, args.paths), "--resume"]
    if args.jobs > 1:
        words += ["--jobs", str(args.jobs)]
    for option in ("format", "source", "symbol", "zone", "known_after", "config"):
        value = getattr(args, option)
        if value is not None:
            words += [f"--{option.replace('_', '-')}", str(value)]
    for field, column in args.columns:
        words += ["--map", f"{field}={column}"]
    for setting in args.settings:
        words += ["--set", setting]
    return shlex.join([*words, *(["--json"] if args.json else [])])


def result_text(outcome: Outcome) -> str:
    """The result of one path in words."""
    if outcome.result not in ("imported", "unchanged"):
        return f"{outcome.result}: {outcome.why}" if outcome.why else outcome.result
    series = sum(name.startswith("daily/") for name in outcome.files)
    days = len(outcome.files) - series
    what = " and ".join([plural(days, "day")] * bool(days) + [f"{series} daily series"] * bool(series))
    if outcome.result == "unchanged":
        return f"unchanged: {what}"
    notes = [f"{outcome.saved[kind]} {kind}" for kind in ("replaced", "unchanged") if outcome.saved[kind]]
    notes += [f"{outcome.resumed} read before"] * bool(outcome.resumed)
    notes += [f"{len(outcome.left_out)} left out"] * bool(outcome.left_out)
    notes += [f"{len(outcome.refused)} refused"] * bool(outcome.refused)
    told = f" ({', '.join(notes)})" if notes else ""
    return f"imported {what}{told}"


def _account(store: Store, outcomes: list[Outcome]) -> None:
    """What is not in the table's rows: parts left out and refused, and the sum of it."""
    from engine.tape.errors import one_line

    if len(outcomes) == 1:
        only = outcomes[0]
        if only.failed and not only.files:
            raise CommandError(one_line(f"{only.found.path}: {only.why}"), _code(outcomes))
        out(f"{only.found.importer.name if only.found.importer else ''}: {result_text(only)}; {store.path}")
    for outcome in outcomes:
        for part in outcome.left_out:
            say(f"left out: {one_line(part.what)}: {part.why}")
        for error in outcome.refused:
            say(f"refused: {error}")
    if len(outcomes) > 1:
        kinds = Counter(outcome.result for outcome in outcomes)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        out(f"{plural(len(outcomes), 'path')}: {told}; {store.path}")


def _code(outcomes: list[Outcome]) -> int:
    failed = [outcome for outcome in outcomes if outcome.failed]
    if not failed:
        return OK
    return USAGE if all(outcome.why.startswith("--") for outcome in failed) else DATA


def _json(outcome: Outcome) -> dict[str, Any]:
    importer = outcome.found.importer
    return {
        "path": str(outcome.found.path),
        "format": importer.name if importer else None,
        "result": outcome.result,
        "why": outcome.why,
        "stored": list(outcome.files),
        **{kind: outcome.saved[kind] for kind in ("new", "replaced", "unchanged")},
        "resumed": outcome.resumed,
        "left_out": [{"what": part.what, "why": part.why} for part in outcome.left_out],
        "refused": [str(error) for error in outcome.refused],
    }
