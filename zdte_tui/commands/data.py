"""``zdte-tui data``: bring files into the day store, list what is there, check it."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_INPUT, OK, USAGE, CommandError

if TYPE_CHECKING:
    from engine.tape import DayEntry, Store
    from engine.tape.daily import DailyTable
    from engine.tape.dayfile import DayTable
    from engine.tape.importers import Importer
    from engine.tape.store import DailyEntry

# Said here as well as in the importers, so that --help need not load numpy; a test holds the two together.
FORMATS = {
    "mid-json": "SPXW 0DTE mid prices of one-minute trade bars, one .json or .json.gz for many days",
    "lean": "QuantConnect LEAN Data folder: minute quotes, trades, open interest of index and share options",
    "index-daily": "daily closes as CSV (Date,Open,High,Low,Close), such as spx_daily.csv or vix_1990_2026.csv",
}

_IMPORT_HELP = """formats:
{formats}

examples:
  zdte-tui data import option_midpoints_2023-11_2024-12.json.gz
  zdte-tui data import ~/lean/Data --format lean
  zdte-tui data import vix_history.csv --format index-daily --symbol VIX --source cboe

Importing the same file again changes nothing. What cannot be trusted is refused, in one line, and not imported."""

_LIST_HELP = """examples:
  zdte-tui data list
  zdte-tui data list --root SPXW
  zdte-tui data list --json | jq '.days[] | select(.meaning == "quote") | .day'"""

_VERIFY_HELP = """a line a day:
  ok       the hash is right and nothing speaks against the day
  suspect  the hash is right, but: cut short, minutes missing, many crossed quotes, put-call parity off
  broken   cut short on disk, altered or renamed: delete the file and import the day again (exit code 65)

examples:
  zdte-tui data verify
  zdte-tui data verify --root SPXW --json"""


def add(subparsers: Any) -> None:
    """Declare ``data import``, ``data list`` and ``data verify``."""
    parser = subparsers.add_parser("data", help="bring market data into the day store, list it, check it")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    raw = argparse.RawDescriptionHelpFormatter

    formats = "\n".join(f"  {name:<12} {what}" for name, what in FORMATS.items())
    bring = actions.add_parser(
        "import",
        help="bring a file or folder into the day store",
        description="Bring a file or folder into the day store.",
        epilog=_IMPORT_HELP.format(formats=formats),
        formatter_class=raw,
    )
    bring.add_argument("path", type=Path, metavar="PATH", help="the file or folder")
    bring.add_argument("--format", metavar="NAME", choices=list(FORMATS), help="its format; found out if not given")
    bring.add_argument("--source", metavar="NAME", help="the name under which the store keeps it; lower case")
    bring.add_argument("--symbol", metavar="SYMBOL", help="index-daily: whose values, if the file's name does not say")
    bring.set_defaults(run=run_import)

    show = actions.add_parser(
        "list", help="what the day store holds", description="What the day store holds, a line a day.",
        epilog=_LIST_HELP, formatter_class=raw,
    )  # fmt: skip
    show.set_defaults(run=run_list)

    check = actions.add_parser(
        "verify", help="check the day store", description="Check every file of the day store, a line a day.",
        epilog=_VERIFY_HELP, formatter_class=raw,
    )  # fmt: skip
    check.set_defaults(run=run_verify)

    for leaf in (show, check):
        leaf.add_argument("--root", metavar="ROOT", type=str.upper, help="only days of this root, such as SPXW")
        leaf.add_argument("--json", action="store_true", help="as one JSON object")
    for leaf in (bring, show, check):
        add_config_options(leaf)


# import


def run_import(args: argparse.Namespace) -> int:
    """Bring ``args.path`` into the store. 0, or 65 where a file of a folder was refused and the others imported."""
    from engine.tape import ImportRefused, StoreError
    from engine.tape.daily import DailyTable
    from engine.tape.importers import ImportOptions, LeftOut, Refused
    from engine.tape.store import valid_source

    path: Path = args.path.expanduser()
    if not path.exists():
        raise CommandError(f"{path}: no such file or folder", NO_INPUT)
    store = _store(args)
    importer = _importer(path, args.format)
    saved: Counter[str] = Counter()
    refused = 0
    try:
        if args.source is not None:
            valid_source(args.source)
        with _progress() as show:
            for item in importer.read(path, ImportOptions(args.source, args.symbol)):
                if isinstance(item, LeftOut):
                    _say(f"left out: {item.what}: {item.why}")
                elif isinstance(item, Refused):
                    refused += 1
                    _say(f"refused: {item.error}")
                else:
                    result = store.save_daily(item) if isinstance(item, DailyTable) else store.save_day(item)
                    saved[result] += 1
                    show(_line(item, result))
    except ImportRefused as error:
        raise CommandError(str(error), USAGE if error.reason.startswith("--") else DATA) from None
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    except FileNotFoundError as error:
        raise CommandError(f"{error.filename or error}: no such file or folder", NO_INPUT) from None
    except OSError as error:
        name = error.filename or store.path
        raise CommandError(f"{name}: {error.strerror}; see [data] dir in the configuration", CANNOT_CREATE) from None
    told = ", ".join(f"{saved[kind]} {kind}" for kind in ("new", "replaced", "unchanged") if saved[kind])
    _print(f"{importer.name}: {told or 'nothing imported'}{f', {refused} refused' if refused else ''}; {store.path}")
    return DATA if refused else OK


def _importer(path: Path, name: str | None) -> Importer:
    from engine.tape.importers import IMPORTERS, sniff

    if name is not None:
        return IMPORTERS[name]
    found = sniff(path)
    if found is None:
        raise CommandError(f"{path}: no importer recognises this; formats are {', '.join(IMPORTERS)} (--format)", DATA)
    return found


def _line(item: DayTable | DailyTable, result: str) -> str:
    from engine.tape import DayTable

    name = f"{item.root} {item.day}" if isinstance(item, DayTable) else f"{item.symbol} daily"
    return f"{name} {item.provenance.source}: {result}"


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A function that shows the latest line: on a terminal, on stderr, and gone at the end; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield _quiet
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:>5} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda line: progress.update(task, advance=1, description=line)


def _quiet(_: str) -> None:
    pass


# list


def run_list(args: argparse.Namespace) -> int:
    """Show what is stored."""
    store = _store(args)
    days, series = store.days(args.root), [] if args.root else store.daily_series()
    if args.json:
        found = {"store": str(store.path), "days": list(map(_day_json, days)), "daily": list(map(_daily_json, series))}
        _print(json.dumps(found, indent=1))
        return OK
    if not days and not series:
        _print(f"the store at {store.path} holds no {'days of ' + args.root if args.root else 'days'} yet")
        _print("bring some in with: zdte-tui data import PATH   (zdte-tui data import --help lists the formats)")
        return OK
    if days:
        heads = ("root", "day", "source", "origin", "meaning", ">rows", ">minutes", ">expiries", ">crossed", "flags")
        _table(heads, map(_day_cells, days))
    if series:
        if days:
            _print("")
        _table(("symbol", "from", "to", "source", ">days", ""), map(_daily_cells, series))
    return OK


def _day_cells(entry: DayEntry) -> tuple[str, ...]:
    head = (entry.root, str(entry.day), entry.source)
    if entry.header is None:
        return (*head, "BROKEN", "", "", "", "", "", "zdte-tui data verify says why")
    label, counts = entry.header.provenance, entry.header.counts
    numbers = (f"{counts[name]:,}" for name in ("rows", "minutes", "expiries", "crossed"))
    return (*head, label.origin, label.meaning, *numbers, " ".join(entry.header.flags))


def _daily_cells(entry: DailyEntry) -> tuple[str, ...]:
    if entry.header is None:
        return (entry.symbol, "", "", entry.source, "", "BROKEN: zdte-tui data verify says why")
    header = entry.header
    return (entry.symbol, str(header.first), str(header.last), entry.source, f"{header.counts['rows']:,}", "")


def _day_json(entry: DayEntry) -> dict[str, Any]:
    found = {"root": entry.root, "day": str(entry.day), "source": entry.source, "path": str(entry.path)}
    if entry.header is None:
        return {**found, "problem": entry.problem}
    label = entry.header.provenance
    told = {"origin": label.origin, "meaning": label.meaning, "note": label.note, "source_sha256": label.sha256}
    return {**found, **told, "counts": entry.header.counts, "flags": list(entry.header.flags)}


def _daily_json(entry: DailyEntry) -> dict[str, Any]:
    found = {"symbol": entry.symbol, "source": entry.source, "path": str(entry.path)}
    if entry.header is None:
        return {**found, "problem": entry.problem}
    first, last = str(entry.header.first), str(entry.header.last)
    return {**found, "first": first, "last": last, "counts": entry.header.counts, "flags": list(entry.header.flags)}


# verify


def run_verify(args: argparse.Namespace) -> int:
    """Check what is stored. 0, or 65 where a file is broken."""
    store = _store(args)
    results = [*_verify_days(store, args.root), *([] if args.root else _verify_daily(store))]
    states = Counter(result["state"] for result in results)
    if args.json:
        _print(json.dumps({"store": str(store.path), "results": results}, indent=1))
    elif not results:
        _print(f"the store at {store.path} holds nothing to check; zdte-tui data import PATH brings days in")
    else:
        for result in results:
            _print(f"{result['state']:<8} {result['name']}{'  ' + result['text'] if result['text'] else ''}".rstrip())
        _say(", ".join(f"{states[state]} {state}" for state in ("ok", "suspect", "broken") if states[state]))
    return DATA if states["broken"] else OK


def _verify_days(store: Store, root: str | None) -> Iterator[dict[str, Any]]:
    from engine.tape import StoreError, inspect_day

    for entry in store.days(root):
        name = f"{entry.root} {entry.day} {entry.source}"
        try:
            report = inspect_day(store.open(entry))
        except StoreError as error:
            yield {"state": "broken", "name": name, "text": str(error), "parity": None, "crossed": None}
            continue
        notes = [f"parity {report.parity:.2f}"] if report.parity is not None else []
        notes += [f"{report.crossed} crossed"] if report.crossed else []
        notes += ["half-day"] if entry.header and "half_day" in entry.header.flags else []
        yield {
            "state": "ok" if report.ok else "suspect",
            "name": name,
            "text": "; ".join((*report.reasons, *notes)),
            "parity": report.parity,
            "crossed": report.crossed,
        }


def _verify_daily(store: Store) -> Iterator[dict[str, Any]]:
    from engine.tape import StoreError, inspect_daily

    sound = defaultdict(list)
    for entry in store.daily_series():
        name = f"{entry.symbol} daily {entry.source}"
        try:
            sound[entry.symbol].append(store.open_daily(entry))
        except StoreError as error:
            yield {"state": "broken", "name": name, "text": str(error)}
            continue
        yield {"state": "ok", "name": name, "text": ""}
    for symbol, series in sound.items():
        for text in inspect_daily(series):
            yield {"state": "suspect", "name": f"{symbol} daily", "text": text}


# Shared


def _store(args: argparse.Namespace) -> Store:
    from engine.config import data_dir
    from engine.tape import Store

    return Store(data_dir(load_config(args)))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Aligned columns; a head with ``>`` is of numbers."""
    cells = [tuple(head.lstrip(">") for head in heads), *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        parts = zip(row, widths, heads, strict=True)
        _print("  ".join(f"{cell:{'>' if head[:1] == '>' else '<'}{width}}" for cell, width, head in parts).rstrip())


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
