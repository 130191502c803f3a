"""``zdte-tui data list``: what the day store holds."""

from __future__ import annotations

import argparse
import json
import shlex
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_text import open_store, out, say, table
from zdte_tui.commands.options import add_config_options, root
from zdte_tui.exits import OK

if TYPE_CHECKING:
    from engine.tape import DailyEntry, DayEntry, Store, UnderlyingEntry
    from engine.tape.header import Header

_HELP = """examples:
  zdte-tui data list
  zdte-tui data list --root SPXW
  zdte-tui data list --json | jq '.days[] | select(.meaning == "quote") | .day'"""


def add(actions: Any) -> None:
    """Declare ``data list``."""
    parser = actions.add_parser(
        "list",
        help="what the day store holds",
        description="What the day store holds, a line a day.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=root, metavar="R", help="only days of this root, such as SPXW")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Show what is stored."""
    from engine.types import product

    store = open_store(args)
    days = store.days(args.root)
    underlyings = store.underlyings(product(args.root).underlying if args.root else None)
    series = [] if args.root else store.daily_series()
    if args.json:
        found = {
            "store": str(store.path),
            "days": [_day_json(entry) for entry in days],
            "underlyings": [_underlying_json(entry) for entry in underlyings],
            "daily": [_daily_json(entry) for entry in series],
        }
        out(json.dumps(found, indent=1))
        return OK
    _say_waiting(store)
    if not days and not underlyings and not series:
        out(f"the store at {store.path} holds no {'days of ' + args.root if args.root else 'days'} yet")
        out("bring some in with: zdte-tui data import PATH   (zdte-tui data import --help lists the formats)")
        out("or make some up with: zdte-tui data simulate --days 20   (labelled simulated for ever)")
        return OK
    parts = [
        table(("root", "day", "source", "origin", "meaning", ">rows", ">minutes", ">expiries", ">crossed", "flags"),
              map(_day_cells, days)) if days else (),
        table(("underlying", "day", "source", "origin", "meaning", ">rows", ">minutes", "flags"),
              map(_underlying_cells, underlyings)) if underlyings else (),
        table(("symbol", "from", "to", "source", "origin", ">days", ""), map(_daily_cells, series)) if series else (),
    ]  # fmt: skip
    out("\n\n".join("\n".join(lines) for lines in map(list, parts) if lines))
    return OK


def _say_waiting(store: Store) -> None:
    from engine.tape.staging import waiting

    for path, _ in waiting(store):
        say(f"an import of {path} was interrupted: zdte-tui data import {shlex.quote(path)} --resume goes on with it")


def _day_cells(entry: DayEntry) -> tuple[str, ...]:
    return (entry.root, str(entry.day), entry.source, *_cells(entry.header, "rows", "minutes", "expiries", "crossed"))


def _underlying_cells(entry: UnderlyingEntry) -> tuple[str, ...]:
    return (entry.symbol, str(entry.day), entry.source, *_cells(entry.header, "rows", "minutes"))


def _cells(header: Header | None, *counts: str) -> tuple[str, ...]:
    if header is None:
        return ("BROKEN", "", *("" for _ in counts), "zdte-tui data verify says why")
    label = header.provenance
    return (label.origin, label.meaning, *(f"{header.counts[name]:,}" for name in counts), " ".join(header.flags))


def _daily_cells(entry: DailyEntry) -> tuple[str, ...]:
    if entry.header is None:
        return (entry.symbol, "", "", entry.source, "BROKEN", "", "zdte-tui data verify says why")
    header = entry.header
    label = header.provenance.origin
    return (entry.symbol, str(header.first), str(header.last), entry.source, label, f"{header.counts['rows']:,}", "")


def _day_json(entry: DayEntry) -> dict[str, Any]:
    return {"root": entry.root, "day": str(entry.day), **_told(entry)}


def _underlying_json(entry: UnderlyingEntry) -> dict[str, Any]:
    return {"symbol": entry.symbol, "day": str(entry.day), **_told(entry)}


def _daily_json(entry: DailyEntry) -> dict[str, Any]:
    found = {"symbol": entry.symbol, **_told(entry)}
    if entry.header is not None:
        found |= {"first": str(entry.header.first), "last": str(entry.header.last)}
    return found


def _told(entry: DayEntry | UnderlyingEntry | DailyEntry) -> dict[str, Any]:
    found = {"source": entry.source, "path": str(entry.path)}
    if entry.header is None:
        return {**found, "problem": entry.problem}
    label = entry.header.provenance
    told = {"origin": label.origin, "meaning": label.meaning, "note": label.note, "source_sha256": label.sha256}
    return {**found, **told, "counts": entry.header.counts, "flags": list(entry.header.flags)}
