"""``zdte-tui data show``: a picture of a stored day, what is counted of it, and what its chain says."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_figures import figure_lines
from zdte_tui.commands.data_show_json import figures_json, grid_json, head_json, path_json, silences_json, sound
from zdte_tui.commands.data_text import open_store, out, plural, table
from zdte_tui.commands.options import add_config_options, day, load_config
from zdte_tui.exits import NO_INPUT, OK, USAGE, CommandError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from engine.tape import DayEntry, Store, UnderlyingEntry
    from engine.tape.coverage import Coverage
    from engine.tape.silence import Silence
    from engine.tape.trust import Trust
    from zdte_tui.commands.data_picture import Pens

_EXPIRIES = 12
_SILENCES = 6
_LEAST_ROWS = 10
_CAPTION = 9  # two lines of words, two of hours, the path above and below the strikes, blank lines and a prompt

_HELP = """the picture: minutes from left to right, strikes of the nearest expiry from bottom to top. A full cell has
every price that could be there, an empty one has none; x marks crossed quotes, the path is the underlying's.

examples:
  zdte-tui data show 2021-01-04
  zdte-tui data show 2024-08-07 --root SPXW --source midpoints
  zdte-tui data show 2026-07-17 --root SPX
  zdte-tui data show 2022-07-12 --json | jq .figures"""


def add(actions: Any) -> None:
    """Declare ``data show``."""
    parser = actions.add_parser(
        "show",
        help="a picture of a stored day",
        description="A picture of a stored day: what is there minute by minute, strike by strike, and what it says.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("day", type=day, metavar="DAY", help="such as 2024-08-07")
    parser.add_argument("--root", metavar="R", help="option root, or symbol of an underlying stored alone, such as SPX")
    parser.add_argument("--source", metavar="S", help="which source of the day; quotes before mids where not given")
    parser.add_argument("--ascii", action="store_true", help="draw with plain characters")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Show a day."""
    store = open_store(args)
    name, chain = _which(args, store)
    shown = _chain(args, store, name) if chain else _underlying(args, store, name)
    if args.json:
        out(json.dumps(shown, indent=1))
    return OK


def _which(args: argparse.Namespace, store: Store) -> tuple[str, bool]:
    """The root, or the symbol of an underlying, that is meant; and whether it is a root."""
    from engine.types import PRODUCTS
    from zdte_tui.commands.roots import known_root

    symbols = list(dict.fromkeys(entry.symbol for entry in store.underlyings(source=args.source)))
    if args.root is None:
        wanted = load_config(args).session.roots
        roots = {entry.root for entry in store.days(None, args.day, args.day, args.source)}
        alone = [entry.symbol for entry in store.underlyings(None, args.day, args.day, args.source)]
        ordered = [root for root in (*wanted, *sorted(roots)) if root in roots]
        return (ordered[0], True) if ordered else (alone[0], False) if alone else (wanted[0], True)
    text = args.root.upper()
    if text in symbols and not (text in PRODUCTS and store.days(text, args.day, args.day, args.source)):
        return text, False
    return known_root(args.root), True


def _pens(args: argparse.Namespace) -> Pens:
    from zdte_tui.commands.data_picture import ASCII, FINE

    plain = args.ascii or not (sys.stdout.encoding or "").lower().startswith("utf")
    return ASCII if plain else FINE


def _room(around: int) -> tuple[int, int]:
    """Rows and columns for the picture itself, with ``around`` lines above and below it that should stay in sight."""
    from zdte_tui.commands.data_picture import LABEL

    size = shutil.get_terminal_size((100, 40))
    taken = around if sys.stdout.isatty() else 16
    return max(_LEAST_ROWS, min(size.lines - taken, 60)), max(20, min(size.columns - LABEL - 2, 400))


def _chain(args: argparse.Namespace, store: Store, root: str) -> dict[str, Any]:
    from engine.calendar import NotASession, session
    from engine.tape import StoreError, inspect_day
    from engine.tape.coverage import coverage, expiries, nearest_expiry
    from engine.tape.figures import last_figures
    from engine.tape.join import join
    from engine.types import product
    from zdte_tui.commands.stored import stored_day

    entry = stored_day(store, root, args.day, args.source)
    tape = store.open(entry)
    beside = store.beside(entry)
    values = None if beside is None else store.open_underlying(beside, ("price",))[1]
    columns = tape.columns if values is None else join(tape.columns, values)
    report = inspect_day(tape, values)
    expiry = nearest_expiry(columns, args.day)
    try:
        of = session(args.day)
    except NotASession as error:
        raise CommandError(str(error), USAGE) from None
    if expiry is None:
        raise StoreError(f"{entry.path}: no option of it expires on {args.day} or later")
    figures = last_figures(tape, columns)
    listed = expiries(columns)
    head = _head(root, entry, report.reasons, report.trust, beside)
    silent = tape.silences()
    head += _silence_lines(silent)
    foot = [*_expiry_lines(listed), "", *figure_lines(figures, root)]
    room = _room(len(head) + len(foot) + _CAPTION)
    grid = coverage(columns, of, of.product_close(root), expiry, product(root).underlying, room)
    if args.json:
        return {
            **head_json(root, entry, report.reasons, report.trust),
            "underlying": None if beside is None else {"symbol": beside.symbol, "source": beside.source},
            "silences": silences_json(silent),
            "coverage": grid_json(grid),
            "expiries": [
                {"expiry": str(one), "strikes": strikes, "contracts": contracts, "rows": rows}
                for one, strikes, contracts, rows in listed
            ],
            "figures": figures_json(figures),
        }
    for line in (*head, "", *_grid_lines(grid, _pens(args)), "", *foot):
        out(line)
    return {}


def _silence_lines(silent: Sequence[Silence]) -> list[str]:
    """Where a recorded day is silent, the longest ones."""
    longest = sorted(sorted(silent, key=lambda each: each.start - each.end)[:_SILENCES])
    lines = [f"{'silent' if not number else '':<8} {each.text}" for number, each in enumerate(longest)]
    if len(silent) > _SILENCES:
        lines.append(f"{'':<8} and {len(silent) - _SILENCES} shorter ones; --json lists them")
    return lines


def _expiry_lines(listed: Sequence[tuple[dt.date, int, int, int]]) -> list[str]:
    cells = [(str(one), f"{strikes:,}", f"{contracts:,}", f"{rows:,}") for one, strikes, contracts, rows in listed]
    lines = list(table(("expiry", ">strikes", ">contracts", ">rows"), cells[:_EXPIRIES]))
    if len(cells) > _EXPIRIES:
        lines.append(f"and {len(cells) - _EXPIRIES} later ones, the last {cells[-1][0]}; --json lists them")
    return lines


def _grid_lines(grid: Coverage, pens: Pens) -> list[str]:
    from engine.calendar import clock_text
    from engine.types import MISSING
    from zdte_tui.commands.data_picture import chain_lines

    strikes = plural(sum(len(row) for row in grid.rows), "strike")
    if not grid.share.any() and (grid.path == MISSING).all():
        begin, end = (clock_text(int(grid.edges[at]), seconds=False) for at in (0, -1))
        return [f"{strikes} of {grid.expiry}; no picture: nothing of them was known from {begin} to {end}"]
    minutes = int(grid.edges[1] - grid.edges[0]) // 60_000_000_000
    return [
        f"{strikes} of {grid.expiry}; a row is {plural(len(grid.rows[0]), 'strike')}, a column {minutes} min;",
        f"{' '.join(pens.shades[1:])} from some to every price, {pens.path} the underlying, {pens.crossed} crossed",
        *chain_lines(grid, pens),
    ]


def _underlying(args: argparse.Namespace, store: Store, symbol: str) -> dict[str, Any]:
    import numpy as np

    from engine.calendar import NotASession, session
    from engine.clock import MINUTE
    from engine.tape import StoreError
    from engine.tape.coverage import last_in
    from engine.tape.quality import inspect_underlying
    from zdte_tui.commands.data_picture import path_lines

    try:
        entry = store.choose_underlying(symbol, args.day, args.source)
    except StoreError as error:
        raise CommandError(str(error), NO_INPUT) from None
    header, columns = store.open_underlying(entry)
    report = inspect_underlying(header, columns, entry.path)
    try:
        of = session(args.day)
    except NotASession as error:
        raise CommandError(str(error), USAGE) from None
    head = _head(symbol, entry, report.reasons, report.trust, None)
    height, width = _room(len(head) + _CAPTION)
    step = -(-of.minutes // width) * MINUTE
    edges = np.minimum(np.arange(of.open, of.close + step, step), of.close)
    values = last_in(columns, symbol, "price", edges)
    volume = last_in(columns, symbol, "volume", edges)
    if args.json:
        return {**head_json(symbol, entry, report.reasons, report.trust), "path": path_json(columns)}
    for line in (*head, "", *path_lines(values, volume, edges, min(height, 20), _pens(args))):
        out(line)
    return {}


def _head(
    name: str,
    entry: DayEntry | UnderlyingEntry,
    reasons: tuple[str, ...],
    trust: Trust,
    beside: UnderlyingEntry | None,
) -> list[str]:
    header = sound(entry)
    label = header.provenance
    counts = ", ".join(f"{key} {count:,}" for key, count in header.counts.items() if count)
    joined = [] if beside is None else [f"beside   {beside.symbol} from {beside.source}: {beside.provenance.label}"]
    lines = [
        f"{name} {entry.day} {entry.source}  {label.label}{f': {label.note}' if label.note else ''}",
        f"file     {entry.path}",
        f"from     {label.sha256 or 'no hash'}, by {header.importer} {header.importer_version}",
        f"counts   {counts}",
        f"flags    {' '.join(header.flags) or 'none'}",
        *joined,
        f"check    {'suspect: ' + '; '.join(reasons) if reasons else 'ok'}",
        f"trust    {trust.answer}{': ' + '; '.join(trust.why) if trust.why else ''}",
    ]
    return [piece for line in lines for piece in _wrapped(line)]


def _wrapped(text: str) -> list[str]:
    """Lines that fit the terminal, the later ones under the first's text."""
    width = shutil.get_terminal_size((100, 40)).columns
    return textwrap.wrap(
        text, max(40, width), subsequent_indent=" " * 9, break_long_words=False, break_on_hyphens=False
    )
