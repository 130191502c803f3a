"""``backtest --check-lookahead``: whether anything of a day depends on what was known only later."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.grid import failed_text
from zdte_tui.exits import BUG, DATA, INTERRUPTED, OK, USAGE, CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.config import Config
    from engine.session.lookahead import DayCheck, Difference
    from engine.session.plan import Plan

_INSTANTS = 6
_SEED = 1
_NUMBER = re.compile(r"[0-9]{1,9}")
_WIDTH = 118

CANNOT_FIND = (
    "It cannot find: a stamp that is itself wrong on the tape (a bar stored as known when its minute began); settings "
    "chosen by looking at these days; what a strategy reads by itself from a file or a network; a later datum that "
    "happens to change nothing at the instants tried."
)


def add_lookahead_options(parser: argparse.ArgumentParser) -> None:
    """``--check-lookahead``, ``--instants`` and ``--seed``."""
    group = parser.add_argument_group("look-ahead")
    group.add_argument(
        "--check-lookahead",
        action="store_true",
        help="change what is known after some instants of each day, and see that nothing before comes out otherwise",
    )
    group.add_argument(
        "--instants", type=_instants, metavar="N", help=f"with --check-lookahead: of each day; {_INSTANTS} if not given"
    )
    group.add_argument(
        "--seed", type=_seed, metavar="N", help=f"with --check-lookahead: what chooses them; {_SEED} if not given"
    )


def refuse_without_check(args: argparse.Namespace) -> None:
    """Options that do not go together; raises ``CommandError``."""
    if not args.check_lookahead:
        for name in ("instants", "seed"):
            if getattr(args, name) is not None:
                raise CommandError(f"--{name} goes with --check-lookahead", USAGE)
        return
    if args.grid:
        raise CommandError("--check-lookahead is for one configuration: name it with --set, not with --grid", USAGE)
    if args.resume:
        raise CommandError("--check-lookahead keeps nothing that --resume could go on with", USAGE)


def run_lookahead(args: argparse.Namespace, config: Config, chosen: Plan) -> int:
    """Check every day, and print what came of it; ``DATA`` where something depends on later data."""
    from engine.session.lookahead import LookaheadPlayer
    from engine.session.pool import in_order
    from engine.tape import StoreError
    from strategies.registry import REGISTRY

    seed = _SEED if args.seed is None else args.seed
    player = LookaheadPlayer(config, REGISTRY, chosen.store, chosen.root, args.instants or _INSTANTS, seed)
    days: list[DayCheck] = []
    if args.json:
        for unreadable, why in chosen.unreadable:
            print(json.dumps({"date": unreadable.isoformat(), "root": chosen.root, "unreadable": why}), flush=True)
    try:
        for day in _with_progress(in_order(player, chosen.days, args.jobs), chosen):
            days.append(day)
            if args.json:
                print(json.dumps(_object(day)), flush=True)
    except KeyboardInterrupt:
        raise CommandError(f"interrupted after {len(days)} of {len(chosen.days)} days", INTERRUPTED) from None
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    found = [day for day in days if day.difference is not None]
    if args.json:
        print(json.dumps({"summary": _summary_object(days, chosen, seed)}))
    else:
        _print_text(days, found, chosen, seed)
    failed = [day.failed for day in days if day.failed]
    if failed:
        raise CommandError(failed_text(len(failed), failed[0]), BUG)
    return DATA if found else OK


def _with_progress(results: Iterator[DayCheck], chosen: Plan) -> Iterator[DayCheck]:
    """A progress bar on a terminal's stderr."""
    if not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(results, "look-ahead", len(chosen.days), console=Console(stderr=True), transient=True)


def _object(day: DayCheck) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "root": day.root,
        "provenance": day.provenance,
        "trades": day.trades,
        "instants": [_iso(instant) for instant in day.instants],
        "events": day.events,
        "records": day.records,
        "difference": None if day.difference is None else _difference_object(day.difference),
        "failed": day.failed or None,
    }


def _difference_object(found: Difference) -> dict[str, Any]:
    return {
        "changed_after": _iso(found.instant),
        "at": _iso(found.at),
        "what": found.what,
        "as_it_is": found.before,
        "with_other_data_later": found.after,
        "datum": found.datum,
    }


def _summary_object(days: Sequence[DayCheck], chosen: Plan, seed: int) -> dict[str, Any]:
    return {
        "days": len(days),
        "days_traded": sum(day.trades > 0 for day in days),
        "unreadable_days": len(chosen.unreadable),
        "instants": sum(len(day.instants) for day in days),
        "events": sum(day.events for day in days),
        "records": sum(sum(day.records.values()) for day in days),
        "differences": sum(day.difference is not None for day in days),
        "provenance": sorted({day.provenance for day in days}),
        "seed": seed,
    }


def _print_text(days: Sequence[DayCheck], found: Sequence[DayCheck], chosen: Plan, seed: int) -> None:
    from engine.calendar import clock_text

    for day in found:
        assert day.difference is not None
        differs = day.difference
        print(f"{day.day} {differs.what} at {clock_text(differs.at)} depend on what was known after it")
        print(f"  changed after  {clock_text(differs.instant)}")
        print(f"  depends on     {differs.datum}")
        print(f"  as it is       {differs.before}")
        print(f"  other data     {differs.after}")
    for unreadable, why in chosen.unreadable:
        print(f"{unreadable} could not be read: {why}")
    total = _summary_object(days, chosen, seed)
    tables: Counter[str] = Counter()
    for day in days:
        tables.update(day.records)
    told = ", ".join(f"{count:,} {table}" for table, count in tables.most_common(6))
    print(f"data        {', '.join(total['provenance']) or 'none'}")
    print(f"days        {total['days']:,}, traded on {total['days_traded']:,}")
    print(f"instants    {total['instants']:,}, seed {seed}: of orders, fills and exits, and right before later data")
    print(f"compared    {total['events']:,} events, {total['records']:,} records{f': {told}' if told else ''}")
    many = "1 day" if len(found) == 1 else f"{len(found):,} days"
    print(f"look-ahead  {f'FOUND on {many}' if found else 'none found'}")
    print("\n".join(textwrap.wrap(CANNOT_FIND, _WIDTH)))


def _iso(instant: int) -> str:
    """ISO 8601 UTC to the nanosecond."""
    from engine.journal.export import time_text

    return time_text(instant)


def _instants(text: str) -> int:
    value = int(text) if _NUMBER.fullmatch(text) else 0
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of instants; write 1 to 1000")
    return value


def _seed(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a seed; write a whole number of up to nine digits")
    return int(text)
