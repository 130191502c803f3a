"""``backtest --grid``: the same days under every combination of some settings, as a heatmap, CSV or JSON."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.grid_table import MEASURES, heatmaps
from zdte_tui.exits import BUG, INTERRUPTED, OK, USAGE, CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from engine.config import Axis, Config
    from engine.session.grid import Cell, GridDay
    from engine.session.plan import Plan


_FILE_WIDTH = 130  # of the table where nobody's terminal gives one
_STOP_CHECKS = ("stop checks", "stop checks unpriced")  # as the strategies count them


def add_grid_options(parser: argparse.ArgumentParser) -> None:
    """``--grid``, ``--show``, ``--csv`` and ``--no-cache``."""
    group = parser.add_argument_group("sweep")
    group.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="KEY=V1,V2,...",
        help="play every combination of these values of a setting; may be repeated, and KEY may be the end of a name",
    )
    group.add_argument("--show", choices=sorted(MEASURES), help="with --grid: what the heatmap shows; pnl if not given")
    group.add_argument("--csv", action="store_true", help="with --grid: one row a configuration on stdout")
    group.add_argument("--no-cache", action="store_true", help="with --grid: play days that were played before, too")


def refuse_without_grid(args: argparse.Namespace) -> None:
    """Options of the sweep where there is none; raises ``CommandError``."""
    for name in ("show", "csv", "no_cache"):
        if getattr(args, name) and not args.grid:
            raise CommandError(f"--{name.replace('_', '-')} goes with --grid KEY=V1,V2", USAGE)
    if args.grid and args.resume:
        raise CommandError("--resume is for one configuration: a grid goes on by itself where it was cut off", USAGE)
    if args.csv and args.json:
        raise CommandError("--csv and --json are two shapes of one output: choose one", USAGE)


def failed_text(days: int, first: str) -> str:
    """A strategy failed on some days: what the first said, and where to look."""
    from zdte_tui.logs import log_file

    many = "1 day" if days == 1 else f"{days:,} days"
    return f"{first}; on {many} it did nothing more, and the figures are without it: the traceback is in {log_file()}"


def run_grid(args: argparse.Namespace, config: Config, chosen: Plan, axes: Sequence[Axis]) -> int:
    """Sweep, and print what came of it; returns the exit code."""
    from engine.config import ConfigError, blamed, cache_path, on_root, points
    from engine.session.cache import DayCache
    from engine.session.grid import Sweep
    from engine.strategy import build_strategies
    from strategies.registry import REGISTRY
    from zdte_tui.commands.options import config_files

    axes = [on_root(axis, config, chosen.root) for axis in axes]
    every = points(config_files(args), args.settings, axes)
    for point in every:  # what a strategy refuses is told before anything is played
        try:
            build_strategies(point.config.strategies, REGISTRY, [chosen.root])
        except ConfigError as error:
            raise blamed(error, axes, point.texts) from None
    path = None if args.no_cache else cache_path(config)
    with DayCache(path, config.cache.max_mb * 1_000_000) as cache:
        sweep = Sweep(config, REGISTRY, chosen, axes, every, cache)
        done: list[GridDay] = []
        try:
            done.extend(_with_progress(sweep.run(args.jobs), chosen, len(every)))
        except KeyboardInterrupt:
            kept = "; what was played is kept: the same command goes on" if cache.keeps else ""
            raise CommandError(f"interrupted after {len(done)} of {len(chosen.days)} days{kept}", INTERRUPTED) from None
        cells = sweep.cells
    remembered = sum(day.remembered for day in done)
    if remembered:
        share = f"{remembered:,} of {len(every) * len(done):,} days"
        _say(f"{share} were played before by this code: --no-cache plays them again")
    if args.json:
        for cell in cells:
            print(json.dumps(_object(axes, cell)))
    elif args.csv:
        _print_csv(axes, cells)
    else:
        _print_table(axes, cells, chosen, args.show or "pnl")
    failed = [cell for cell in cells if cell.summary.failed_days]
    if failed:
        values = ", ".join(f"{axis.key[-1]} {text}" for axis, text in zip(axes, failed[0].point.texts, strict=True))
        raise CommandError(
            failed_text(sum(cell.summary.failed_days for cell in failed), f"with {values} a strategy failed"), BUG
        )
    return OK


def _with_progress(results: Iterator[GridDay], chosen: Plan, configurations: int) -> Iterator[GridDay]:
    """A progress bar on a terminal's stderr."""
    if not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import track

    name = f"{configurations} configurations a day"
    yield from track(results, name, len(chosen.days), console=Console(stderr=True), transient=True)


def _say(line: str) -> None:
    print(f"zdte-tui: {line}", file=sys.stderr)


def _figures(cell: Cell) -> dict[str, Any]:
    """Dollars, net of fees."""
    of = cell.summary
    return {
        "days": of.days,
        "days_traded": of.days_traded,
        "trades": of.trades,
        "wins": of.wins,
        "pnl": of.pnl / 10_000,
        "fees": of.fees / 10_000,
        "max_drawdown": of.max_drawdown / 10_000,
        "best_day": of.best_day / 10_000,
        "worst_day": of.worst_day / 10_000,
        "unreadable_days": of.unreadable_days,
        "failed_days": of.failed_days,
        "provisional_days": of.provisional_days,
        "provenance": ", ".join(of.provenance),
    }


def _object(axes: Sequence[Axis], cell: Cell) -> dict[str, Any]:
    settings = {axis.name: text for axis, text in zip(axes, cell.point.texts, strict=True)}
    return {"settings": settings, **_figures(cell)}


def _print_csv(axes: Sequence[Axis], cells: Sequence[Cell]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*(axis.name for axis in axes), *_figures(cells[0])])
    for cell in cells:
        writer.writerow([*cell.point.texts, *_figures(cell).values()])


def _print_table(axes: Sequence[Axis], cells: Sequence[Cell], chosen: Plan, show: str) -> None:
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
    for title, table in heatmaps(axes, cells, show, chosen.root, console.width):
        console.print(title, table, markup=False)
    for unreadable, why in chosen.unreadable:
        console.print(f"{unreadable} could not be read: {why}", markup=False)
    console.print(_summary(axes, cells), markup=False)


def _summary(axes: Sequence[Axis], cells: Sequence[Cell]) -> str:
    from engine.types import dollars_text

    first = cells[0].summary
    lines = [f"data     {', '.join(first.provenance) or 'none'}", f"days     {first.days}"]
    traded = [cell for cell in cells if cell.summary.trades]
    for word, choose in (("best", max), ("worst", min)) if traded else ():
        cell = choose(traded, key=lambda cell: cell.summary.pnl)
        values = ", ".join(f"{axis.key[-1]} {text}" for axis, text in zip(axes, cell.point.texts, strict=True))
        trades = f"{cell.summary.trades} trade{'' if cell.summary.trades == 1 else 's'}"
        drawdown = dollars_text(cell.summary.max_drawdown)
        lines.append(
            f"{word:<8} {dollars_text(cell.summary.pnl, sign=True)} with {values}: {trades}, drawdown {drawdown}"
        )
    checks, unpriced = (sum(cell.summary.tallies.get(key, 0) for cell in cells) for key in _STOP_CHECKS)
    if unpriced:
        lines.append(f"stops    {unpriced:,} of {checks:,} checks had no price to go by: a stop there may be missed")
    if first.provisional_days:
        lines.append(f"* PROVISIONAL: {first.provisional_days} day(s) wait for an official close")
    if not traded:
        lines.append("no configuration traded: `zdte-tui backtest` with one of them says why, day by day")
    elif len(traded) > 1:
        lines.append(f"The best of {len(cells)} was picked after the fact: on days it was not picked on, expect less.")
    return "\n".join(lines)
