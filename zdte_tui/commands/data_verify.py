"""``zdte-tui data verify``: every file of the day store checked again, and which days a backtest may trust."""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_text import bar, open_store, out, say
from zdte_tui.commands.options import add_config_options, day, root
from zdte_tui.exits import DATA, OK, USAGE, CommandError

if TYPE_CHECKING:
    from engine.tape import Columns, DailyEntry, DayEntry, Store, UnderlyingEntry

_HELP = """a line a file:
  ok       the hash is right and nothing speaks against the day
  suspect  the hash is right, but: cut short, minutes missing, many crossed quotes, quotes that stand still, strikes
           that contradict each other, put-call parity off
  broken   cut short on disk, altered or renamed: delete the file and import the day again (exit code 65)

and whether a backtest may trust the day:
  yes       quotes by the minute, all day, with the underlying or enough pairs to tell it from
  no stops  what it enters and how it settles can be believed; what happened in between cannot: prices are of trades,
            mids, or sparse
  no        suspect, simulated, or nothing of it expires that day

examples:
  zdte-tui data verify
  zdte-tui data verify --root SPXW --from 2024-01-01 --to 2024-06-30
  zdte-tui data verify --json | jq -r '.results[] | select(.trust == "yes") | .name'"""


def add(actions: Any) -> None:
    """Declare ``data verify``."""
    parser = actions.add_parser(
        "verify",
        help="check the day store, and say which days a backtest may trust",
        description="Check every file of the day store, a line a file, and say which days a backtest may trust.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=root, metavar="R", help="only days of this root and of its underlying")
    parser.add_argument("--from", dest="first", type=day, metavar="D", help="first day")
    parser.add_argument("--to", dest="last", type=day, metavar="D", help="last day")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check what is stored. 0, or 65 where a file is broken."""
    from engine.types import product

    if args.first and args.last and args.first > args.last:
        raise CommandError(f"--from {args.first} lies after --to {args.last}", USAGE)
    store = open_store(args)
    days = store.days(args.root, args.first, args.last)
    underlyings = store.underlyings(product(args.root).underlying if args.root else None, args.first, args.last)
    series = [] if args.root or args.first or args.last else store.daily_series()
    with bar("checking", len(days) + len(underlyings) + len(series)) as step:
        checked = (_days(store, days, step), _underlyings(store, underlyings, step), _daily(store, series, step))
        results = [result for part in checked for result in part]
    states = Counter(result["state"] for result in results)
    if args.json:
        out(json.dumps({"store": str(store.path), "results": results}, indent=1))
    elif not results:
        where = f" of {args.root}" if args.root else ""
        span = " in that span" if args.first or args.last else ""
        out(f"the store at {store.path} holds nothing{where}{span} to check")
        out("bring days in with: zdte-tui data import PATH")
    else:
        for result in results:
            trust = f"trust: {result['trust']}" if result.get("trust") else ""
            why = "; ".join(result.get("why", ()))
            trust += f" ({why})" if why and trust and why != result["text"] else ""
            out("  ".join(part for part in (f"{result['state']:<8} {result['name']}", result["text"], trust) if part))
        _sum_up(results, states)
    return DATA if states["broken"] else OK


def _sum_up(results: list[dict[str, Any]], states: Counter[str]) -> None:
    say(", ".join(f"{states[state]} {state}" for state in ("ok", "suspect", "broken") if states[state]))
    trusted = Counter(result["trust"] for result in results if result.get("kind") == "day")
    if trusted:
        names = {"yes": "to be trusted", "no stops": "to be trusted but for stops", "no": "not to be trusted"}
        told = (f"{trusted[answer]} {text}" for answer, text in names.items() if trusted[answer])
        say(f"days of options: {', '.join(told)}")


def _days(store: Store, entries: list[DayEntry], step: Callable[[], None]) -> Iterator[dict[str, Any]]:
    from engine.tape import StoreError, inspect_day

    for entry in entries:
        name = f"{entry.root} {entry.day} {entry.source}"
        try:
            values, notes = _values(store, entry)
            report = inspect_day(store.open(entry), values)
        except StoreError as error:
            yield _broken("day", name, error)
            step()
            continue
        step()
        notes += [f"parity {report.parity:.2f}"] if report.parity is not None else []
        notes += [f"{report.crossed} crossed"] if report.crossed else []
        notes += [f"{report.breaks.found} strikes out of order"] if report.breaks.found else []
        notes += ["half-day"] if entry.header and "half_day" in entry.header.flags else []
        yield {
            "kind": "day",
            "state": "ok" if report.ok else "suspect",
            "name": name,
            "text": "; ".join((*report.reasons, *notes)),
            "trust": report.trust.answer,
            "why": [reason for reason in report.trust.why if reason not in report.reasons],
            "parity": report.parity,
            "crossed": report.crossed,
            "monotonicity": {"breaks": report.breaks.found, "pairs": report.breaks.pairs},
        }


def _values(store: Store, entry: DayEntry) -> tuple[Columns | None, list[str]]:
    """The values that a replay would join to a chain that has none, and a note that says so."""
    found = store.beside(entry)
    if found is None:
        return None, []
    return store.open_underlying(found, ("price",))[1], [f"{found.symbol} from {found.source}"]


def _underlyings(store: Store, entries: list[UnderlyingEntry], step: Callable[[], None]) -> Iterator[dict[str, Any]]:
    from engine.tape import StoreError
    from engine.tape.quality import inspect_underlying

    for entry in entries:
        name = f"{entry.symbol} {entry.day} {entry.source}"
        try:
            report = inspect_underlying(*store.open_underlying(entry), entry.path)
        except StoreError as error:
            yield _broken("underlying", name, error)
            step()
            continue
        step()
        yield {
            "kind": "underlying",
            "state": "ok" if report.ok else "suspect",
            "name": name,
            "text": "; ".join(report.reasons),
            "trust": report.trust.answer,
            "why": [reason for reason in report.trust.why if reason not in report.reasons],
        }


def _daily(store: Store, entries: list[DailyEntry], step: Callable[[], None]) -> Iterator[dict[str, Any]]:
    from engine.tape import StoreError, inspect_daily

    sound = defaultdict(list)
    for entry in entries:
        name = f"{entry.symbol} daily {entry.source}"
        try:
            sound[entry.symbol].append(store.open_daily(entry))
        except StoreError as error:
            yield _broken("daily", name, error)
            continue
        finally:
            step()
        yield {"kind": "daily", "state": "ok", "name": name, "text": ""}
    for symbol, series in sound.items():
        for text in inspect_daily(series):
            yield {"kind": "daily", "state": "suspect", "name": f"{symbol} daily", "text": text}


def _broken(kind: str, name: str, error: Exception) -> dict[str, Any]:
    trust = {} if kind == "daily" else {"trust": "no", "why": ["its file is damaged"]}
    return {"kind": kind, "state": "broken", "name": name, "text": str(error), **trust}
