"""``zdte-tui backtest``: every stored day of a range through the same engine, and what it comes to."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.grid import add_grid_options, failed_text, refuse_without_grid, run_grid
from zdte_tui.commands.grid_table import whose
from zdte_tui.commands.lookahead import add_lookahead_options, refuse_without_check, run_lookahead
from zdte_tui.commands.options import add_config_options, day, jobs, load_config, root
from zdte_tui.exits import BUG, INTERRUPTED, NO_INPUT, OK, USAGE, CommandError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from engine.session.backtest import Plan, Resumable, Summary
    from engine.session.day import DayFigures
    from engine.types import Money

_FILE_WIDTH = 130  # of the table where nobody's terminal gives one
_REASON = 60

_HELP = """examples:
  zdte-tui backtest
  zdte-tui backtest --from 2024-01-01 --to 2024-06-30 --jobs 2
  zdte-tui backtest --set 'strategies.iron_condor.entries=["10:00"]' --set fills.model=mid
  zdte-tui backtest --resume
  zdte-tui backtest --grid entries=10:00,11:00 --grid strikes.short=0.05,0.10,0.15 --grid wing=10,20,30 --jobs 2
  zdte-tui backtest --grid stop.multiple=0.8,1.0,1.5 --grid profit_target=0,0.5 --show win-rate
  zdte-tui backtest --check-lookahead --instants 12 --jobs 2
  zdte-tui backtest --json | jq -r 'select(.date) | [.date, .pnl] | @tsv'

`zdte-tui data list` shows which days there are. P&L is in dollars, net of fees. Nothing here is evidence of an edge."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``backtest``."""
    parser = subparsers.add_parser(
        "backtest",
        help="every stored day through the same engine",
        description="Play every stored day of a range as fast as possible. The journal is research.path.",
        epilog=_HELP,
    )
    parser.add_argument("--from", dest="first", type=day, metavar="D", help="first day")
    parser.add_argument("--to", dest="last", type=day, metavar="D", help="last day")
    parser.add_argument(
        "--root", type=root, metavar="R", help="option root; the first of session.roots where it is not given"
    )
    parser.add_argument("--source", metavar="S", help="only days of this source; else quotes before mids, one a day")
    parser.add_argument("--jobs", type=jobs, default=1, metavar="N", help="processes to use; the rows stay the same")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on where the same command was interrupted: days, settings and code must be the same",
    )
    parser.add_argument("--json", action="store_true", help="one object a day on stdout, and last one with `summary`")
    add_grid_options(parser)
    add_lookahead_options(parser)
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Run a backtest."""
    if args.first and args.last and args.first > args.last:
        raise CommandError(f"--from {args.first} lies after --to {args.last}", USAGE)
    refuse_without_grid(args)
    refuse_without_check(args)
    config = load_config(args)
    from engine.config import data_dir, read_axis
    from engine.session import backtest
    from engine.strategy import build_strategies
    from engine.tape import Store, StoreError
    from strategies.registry import REGISTRY
    from zdte_tui.commands.roots import known_root
    from zdte_tui.logs import open_log

    open_log()
    axes = [read_axis(text) for text in args.grid]
    root = known_root(args.root or config.session.roots[0])
    build_strategies(config.strategies, REGISTRY, [root])
    try:
        chosen = backtest.plan(Store(data_dir(config)), root, args.first, args.last, args.source)
    except StoreError as error:
        raise CommandError(str(error), NO_INPUT) from None
    if chosen.simulated:
        _say(f"{chosen.simulated} simulated days are left out, to mix with no market's: --source plays them")
    if args.check_lookahead:
        return run_lookahead(args, config, chosen)
    if axes:
        return run_grid(args, config, chosen, axes)
    prepared = backtest.prepare(config, REGISTRY, chosen)
    earlier = _earlier(backtest.resumable(config, prepared), args, chosen)
    days: list[DayFigures] = []
    began = time.monotonic()
    if args.json:
        for unreadable, why in chosen.unreadable:
            _print_json(_unreadable_object(unreadable, chosen.root, why))
    try:
        for figures in _with_progress(backtest.run(config, REGISTRY, prepared, args.jobs, earlier), chosen):
            days.append(figures)
            if args.json:
                _print_json(_day_object(figures))
    except KeyboardInterrupt:
        raise CommandError(
            f"interrupted after {len(days)} of {len(chosen.days)} days; the same command with --resume goes on",
            INTERRUPTED,
        ) from None
    summary = backtest.summarise(days, len(chosen.unreadable))
    if args.json:
        _print_json({"summary": _summary_object(summary)})
    else:
        _print_tables(days, summary, chosen)
        if earlier is None and days:
            print(_time_text(time.monotonic() - began, len(days), args.jobs))
    failed = next((day.failed for day in days if day.failed), "")
    if failed:
        raise CommandError(failed_text(summary.failed_days, failed), BUG)
    return OK


def _earlier(found: Resumable | None, args: argparse.Namespace, chosen: Plan) -> Resumable | None:
    """The run to go on with, if one is asked for; a line on stderr says what was found."""
    if not args.resume:
        if found is not None and not found.complete and found.done:
            _say(f"an earlier run stopped after {len(found.done)} of {len(chosen.days)} days: --resume goes on with it")
        return None
    if found is None:
        raise CommandError(
            "there is nothing to resume: no interrupted backtest of these days with these settings and this code; "
            "run it without --resume",
            NO_INPUT,
        )
    if found.complete:
        _say(f"complete since {found.row.started_at[:10]}: its figures are shown as they were journalled")
    else:
        _say(f"going on after {len(found.done)} of {len(chosen.days)} days")
    return found


def _say(line: str) -> None:
    print(f"zdte-tui: {line}", file=sys.stderr)


def _with_progress(results: Iterator[DayFigures], chosen: Plan) -> Iterator[DayFigures]:
    """A progress bar on a terminal's stderr."""
    if not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(results, "backtest", len(chosen.days), console=Console(stderr=True), transient=True)


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


def _usd(units: Money) -> float:
    return units / 10_000


def _day_object(day: DayFigures) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "root": day.root,
        "trades": day.trades,
        "wins": day.wins,
        "pnl": _usd(day.pnl),
        "fees": _usd(day.fees),
        "max_drawdown": _usd(day.max_drawdown),
        "provenance": day.provenance,
        "provisional": day.provisional,
        "skipped": [{"window": window, "reason": reason} for window, reason in day.skipped],
        "failed": day.failed or None,
        "counts": day.tallies,
    }


def _unreadable_object(unreadable: dt.date, root: str, why: str) -> dict[str, Any]:
    """A day that could not be played: the keys of a day without a trade, and why."""
    return {
        "date": unreadable.isoformat(),
        "root": root,
        "trades": 0,
        "wins": 0,
        "pnl": 0.0,
        "fees": 0.0,
        "max_drawdown": 0.0,
        "provenance": None,
        "provisional": False,
        "skipped": [{"window": None, "reason": why}],
        "failed": None,
        "counts": {},
    }


def _summary_object(summary: Summary) -> dict[str, Any]:
    return {
        "days": summary.days,
        "days_traded": summary.days_traded,
        "trades": summary.trades,
        "wins": summary.wins,
        "pnl": _usd(summary.pnl),
        "fees": _usd(summary.fees),
        "max_drawdown": _usd(summary.max_drawdown),
        "best_day": _usd(summary.best_day),
        "worst_day": _usd(summary.worst_day),
        "provenance": list(summary.provenance),
        "provisional_days": summary.provisional_days,
        "unreadable_days": summary.unreadable_days,
        "failed_days": summary.failed_days,
        "counts": summary.tallies,
    }


def _print_tables(days: list[DayFigures], summary: Summary, chosen: Plan) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from engine.types import dollars_text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
    title = f"{whose(summary)}{chosen.root} backtest, dollars net of fees"
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for name in ("date", "trades", "wins", "P&L", "fees", "drawdown", "skipped"):
        table.add_column(name, justify="left" if name in ("date", "skipped") else "right")
    for played in days:
        table.add_row(
            f"{played.day}{' *' if played.provisional else ''}",
            str(played.trades),
            str(played.wins),
            dollars_text(played.pnl, sign=True),
            dollars_text(played.fees),
            dollars_text(played.max_drawdown),
            _reasons(played),
        )
    console.print(table)
    for unreadable, why in chosen.unreadable:
        console.print(f"{unreadable} could not be read: {why}", markup=False)
    console.print(_summary_text(summary), markup=False)


def _reasons(day: DayFigures) -> str:
    """The windows that were skipped, shortened: the JSON has every reason in full."""
    if day.failed:
        return textwrap.shorten(f"FAILED {day.failed}", _REASON, placeholder=" ...")
    if not day.skipped:
        return ""
    first = day.skipped[0]
    more = f" (+{len(day.skipped) - 1})" if len(day.skipped) > 1 else ""
    return textwrap.shorten(f"{first[0]} {first[1]}", _REASON, placeholder=" ...") + more


def _time_text(seconds: float, days: int, processes: int) -> str:
    """How long it took, on the wall: the one line of the summary that the next run will not repeat."""
    by = f", {processes} processes" if processes > 1 else ""
    return f"time        {seconds:,.1f} s{by}, {1000 * seconds / days:,.0f} ms a day"


def _summary_text(summary: Summary) -> str:
    from engine.types import dollars_text

    share = f" ({100 * summary.wins / summary.trades:.1f}%)" if summary.trades else ""
    lines = [
        f"data        {', '.join(summary.provenance) or 'none'}",
        f"days        {summary.days}, traded on {summary.days_traded}",
        f"trades      {summary.trades}, won {summary.wins}{share}",
        f"P&L         {dollars_text(summary.pnl, sign=True)} net, fees {dollars_text(summary.fees)}",
        f"days from   {dollars_text(summary.worst_day, sign=True)} to {dollars_text(summary.best_day, sign=True)}",
        f"drawdown    {dollars_text(summary.max_drawdown)} on daily results",
    ]
    lines += [f"{name:<11} {count}" for name, count in summary.tallies.items()]
    if summary.provisional_days:
        lines.append(f"* PROVISIONAL: {summary.provisional_days} day(s) wait for an official close")
    return "\n".join(lines)
