"""``zdte-tui price``: implied volatility, price and every Greek of the contracts in a CSV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.options import file
from zdte_tui.exits import DATA, OK, CommandError

if TYPE_CHECKING:
    from zdte_tui.commands.price_head import Head
    from zdte_tui.commands.price_write import Writer

_HELP = """columns of FILE, in any order; others are kept as they are:
  right            C or P, call or put
  S, K             spot and strike, dollars
  minutes_act365   minutes to expiry, 525,600 a year; 0 is expired: its intrinsic value, no volatility, no Greeks
  r, q             rate and yield, continuous, a year: 0.05 is 5%
  sigma or price   volatility, 0.15 is 15%, to price; or the price, dollars a share, to solve. Where the file has both
                   columns each row fills in one of them

columns added: iv, price (where the file has none), delta, gamma, theta, vega, rho, vanna, charm, vomma, veta, speed,
zomma, color, ultima. They are raw derivatives of the Black-Scholes-Merton price by S: per 1.00 of volatility, per year;
theta, charm, veta and color are MINUS the derivative in time to expiry. docs/pricing.md has every definition.

A row that cannot be priced is named on standard error and comes out empty; if every row is like that the exit code
is 65.

examples:
  zdte-tui price chain.csv                 a table on a terminal, CSV into a file or pipe
  zdte-tui price chain.csv --csv > greeks.csv
  zdte-tui price - --json < chain.csv | jq .iv"""


def add(subparsers: Any) -> None:
    """Declare ``price``."""
    parser = subparsers.add_parser(
        "price",
        help="implied volatility, price and Greeks of a CSV file",
        description="Print a CSV file of European options with implied volatility, price, Greeks to the third order.",
        epilog=_HELP,
    )
    parser.add_argument("file", type=file, metavar="FILE", help="the CSV file; - is standard input")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--csv", dest="form", action="store_const", const="csv", help="CSV in full precision, on a terminal too"
    )
    form.add_argument(
        "--json", dest="form", action="store_const", const="json", help="one JSON object a row, in full precision"
    )
    parser.set_defaults(run=run, form=None)


def run(args: argparse.Namespace) -> int:
    """Price every row; returns the exit code."""
    from zdte_tui.commands.price_cells import read_cells
    from zdte_tui.commands.price_head import read_head
    from zdte_tui.commands.price_progress import Progress
    from zdte_tui.commands.price_rows import price_rows
    from zdte_tui.commands.price_source import STDIN, open_source

    path: Path = args.file
    good = rows = 0
    with open_source(path) as source:
        if path == STDIN and sys.stdin is not None and sys.stdin.isatty():
            print("waiting for CSV: right,S,K,minutes_act365,r,q,sigma, then rows; Ctrl+D ends it", file=sys.stderr)
        names, blocks = read_cells(source)
        head = read_head(source.name, names)
        writer = _writer(args.form, head)
        out = sys.stdout.buffer
        with Progress(source) as progress:
            if head.renamed:
                own = ", ".join(f"{name} as given_{name}" for name in head.renamed)
                progress.say(f"{source.name} has columns of its own that are computed here; they come out as: {own}")
            for cells in blocks:
                priced = price_rows(head, cells)
                if not rows:
                    out.write(writer.head())
                rows += len(cells.lines)
                good += len(cells.lines) - len(priced.problems)
                progress.bad(priced)
                out.write(writer.rows(priced))
                out.flush()
                progress.move(rows)
    if not rows:
        raise CommandError(f"{source.name} has a head and no rows: write a row a contract below it", DATA)
    if not good:
        raise CommandError(f"{source.name}: none of its rows can be priced ({rows:,} bad)", DATA)
    return OK


def _writer(form: str | None, head: Head) -> Writer:
    from zdte_tui.commands.price_table import Table
    from zdte_tui.commands.price_write import Csv, Json

    if form == "json":
        return Json(head)
    return Table(head) if form is None and sys.stdout.isatty() else Csv(head)
