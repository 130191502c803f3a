"""``zdte-tui data show``: a picture of a stored day, what is counted of it, and what its chain says."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.data_text import open_store, out, plural, table
from zdte_tui.commands.options import add_config_options, day, load_config
from zdte_tui.exits import NO_INPUT, OK, USAGE, CommandError

if TYPE_CHECKING:
    from engine.tape import Columns, DayEntry, Store, UnderlyingEntry
    from engine.tape.coverage import Coverage
    from engine.tape.figures import Figures
    from engine.tape.header import Header
    from engine.tape.trust import Trust
    from zdte_tui.commands.data_picture import Pens

_EXPIRIES = 12

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


def _room() -> tuple[int, int]:
    """Rows and columns for the picture itself."""
    from zdte_tui.commands.data_picture import LABEL

    size = shutil.get_terminal_size((100, 40))
    return max(6, min(size.lines - 16, 60)), max(20, min(size.columns - LABEL - 2, 400))


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
    values = beside = None
    if not tape.header.counts.get("underlying", 0):
        beside = store.underlying_for(product(root).underlying, args.day, tape.provenance.origin == "simulated")
        values = store.open_underlying(beside)[1] if beside else None
    columns = tape.columns if values is None else join(tape.columns, values)
    report = inspect_day(tape, values)
    expiry = nearest_expiry(columns, args.day)
    try:
        of = session(args.day)
    except NotASession as error:
        raise CommandError(str(error), USAGE) from None
    if expiry is None:
        raise StoreError(f"{entry.path}: no option of it expires on {args.day} or later")
    grid = coverage(columns, of, of.product_close(root), expiry, product(root).underlying, _room())
    figures = last_figures(tape, columns)
    listed = expiries(columns)
    if args.json:
        return {
            **_head_json(root, entry, report.reasons, report.trust),
            "underlying": None if beside is None else {"symbol": beside.symbol, "source": beside.source},
            "coverage": _grid_json(grid),
            "expiries": [
                {"expiry": str(one), "strikes": strikes, "contracts": contracts, "rows": rows}
                for one, strikes, contracts, rows in listed
            ],
            "figures": _figures_json(figures),
        }
    _print_head(root, entry, report.reasons, report.trust, beside)
    _print_grid(grid, _pens(args))
    out("")
    cells = [(str(one), f"{strikes:,}", f"{contracts:,}", f"{rows:,}") for one, strikes, contracts, rows in listed]
    for line in table(("expiry", ">strikes", ">contracts", ">rows"), cells[:_EXPIRIES]):
        out(line)
    if len(cells) > _EXPIRIES:
        out(f"and {len(cells) - _EXPIRIES} later ones, the last {cells[-1][0]}; --json lists them")
    out("")
    for line in _figure_lines(figures):
        out(line)
    return {}


def _print_grid(grid: Coverage, pens: Pens) -> None:
    from zdte_tui.commands.data_picture import chain_lines

    strikes = sum(len(row) for row in grid.rows)
    minutes = int(grid.edges[1] - grid.edges[0]) // 60_000_000_000
    out("")
    out(
        f"{plural(strikes, 'strike')} of {grid.expiry}; a row is {plural(len(grid.rows[0]), 'strike')}, a column {minutes} min;"
    )
    out(f"{' '.join(pens.shades[1:])} from some to every price, {pens.path} the underlying, {pens.crossed} crossed")
    for line in chain_lines(grid, pens):
        out(line)


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
    height, width = _room()
    step = -(-of.minutes // width) * MINUTE
    edges = np.minimum(np.arange(of.open, of.close + step, step), of.close)
    values = last_in(columns, symbol, "price", edges)
    volume = last_in(columns, symbol, "volume", edges)
    if args.json:
        return {**_head_json(symbol, entry, report.reasons, report.trust), "path": _path_json(columns)}
    _print_head(symbol, entry, report.reasons, report.trust, None)
    out("")
    for line in path_lines(values, volume, edges, min(height, 20), _pens(args)):
        out(line)
    return {}


def _print_head(
    name: str,
    entry: DayEntry | UnderlyingEntry,
    reasons: tuple[str, ...],
    trust: Trust,
    beside: UnderlyingEntry | None,
) -> None:
    header = _sound(entry)
    label = header.provenance
    out(f"{name} {entry.day} {entry.source}  {label.label}{f': {label.note}' if label.note else ''}")
    out(f"file     {entry.path}")
    out(f"from     {label.sha256 or 'no hash'}, by {header.importer} {header.importer_version}")
    counts = ", ".join(f"{key} {count:,}" for key, count in header.counts.items() if count)
    for line in _wrapped(f"counts   {counts}"):
        out(line)
    out(f"flags    {' '.join(header.flags) or 'none'}")
    if beside is not None:
        out(f"beside   {beside.symbol} from {beside.source}: {beside.provenance.label}")
    for line in (
        *_wrapped(f"check    {'suspect: ' + '; '.join(reasons) if reasons else 'ok'}"),
        *_wrapped(f"trust    {trust.answer}{': ' + '; '.join(trust.why) if trust.why else ''}"),
    ):
        out(line)


def _wrapped(text: str) -> list[str]:
    """Lines that fit the terminal, the later ones under the first's text."""
    width = shutil.get_terminal_size((100, 40)).columns
    return textwrap.wrap(text, max(40, width), subsequent_indent=" " * 9, break_long_words=False)


def _sound(entry: DayEntry | UnderlyingEntry) -> Header:
    assert entry.header is not None
    return entry.header


def _figure_lines(figures: Figures | None) -> list[str]:
    from engine.calendar import clock_text
    from engine.types import SCALE, strike_text

    if figures is None:
        return ["no price of its nearest expiry before that one's close: no figures"]
    true = f", true at {clock_text(figures.at)}" if figures.at != figures.known else ""
    spot = "unknown"
    if figures.spot is not None:
        spot = f"{figures.spot / SCALE:,.2f}{' by put-call parity' if figures.by_parity else ''}"
    move = "unknown" if figures.expected_move is None else f"+-{figures.expected_move:,.2f}"
    iv = "unknown"
    if figures.atm_iv is not None and figures.atm is not None:
        iv = f"{100 * figures.atm_iv:.1f}% at {strike_text(figures.atm)}"
    lines = [
        f"at the last full instant, {clock_text(figures.known)}{true}, expiry {figures.expiry}:",
        f"  spot            {spot}",
        f"  forward         {'unknown' if figures.forward is None else f'{figures.forward:,.2f}'}",
        f"  expected move   {move}",
        f"  ATM IV          {iv}",
    ]
    if not figures.interest:
        return [*lines, "  gamma exposure  unknown: no open interest in this file"]
    for title, found in ((str(figures.expiry), figures.gamma_expiry), ("all expiries", figures.gamma_all)):
        if found is None:
            lines.append(f"  gamma exposure  unknown for {title}: nothing with open interest has a volatility")
            continue
        zero = "none within 10%" if found.zero_gamma is None else f"{found.zero_gamma:,.0f}"
        lines += [
            f"  gamma exposure  net {found.net / 1e9:+.3f} bn per 1%, {title}",
            f"                  calls {found.total_calls / 1e9:.3f}, puts {found.total_puts / 1e9:.3f}; zero gamma {zero}",
        ]
    return lines


def _head_json(name: str, entry: DayEntry | UnderlyingEntry, reasons: tuple[str, ...], trust: Trust) -> dict[str, Any]:
    header = _sound(entry)
    label = header.provenance
    return {
        "name": name,
        "day": str(entry.day),
        "source": entry.source,
        "origin": label.origin,
        "meaning": label.meaning,
        "note": label.note,
        "source_sha256": label.sha256,
        "path": str(entry.path),
        "counts": header.counts,
        "flags": list(header.flags),
        "reasons": list(reasons),
        "trust": trust.answer,
        "why": list(trust.why),
    }


def _grid_json(grid: Coverage) -> dict[str, Any]:
    from engine.calendar import to_new_york
    from engine.types import MISSING, SCALE

    return {
        "expiry": str(grid.expiry),
        "from": [to_new_york(int(edge)).isoformat() for edge in grid.edges[:-1]],
        "rows": [
            {
                "strikes": [strike / SCALE for strike in row],
                "share": [round(float(share), 3) for share in grid.share[number]],
                "crossed": [int(at) for at in grid.crossed[number].nonzero()[0]],
            }
            for number, row in enumerate(grid.rows)
        ],
        "underlying": [None if value == MISSING else value / SCALE for value in grid.path.tolist()],
    }


def _figures_json(figures: Figures | None) -> dict[str, Any] | None:
    from engine.calendar import to_new_york
    from engine.types import SCALE

    if figures is None:
        return None
    exposures = {"gamma_expiry": figures.gamma_expiry, "gamma_all": figures.gamma_all}
    return {
        "known": to_new_york(figures.known).isoformat(),
        "at": to_new_york(figures.at).isoformat(),
        "expiry": str(figures.expiry),
        "spot": None if figures.spot is None else figures.spot / SCALE,
        "spot_by_parity": figures.by_parity,
        "forward": figures.forward,
        "expected_move": figures.expected_move,
        "atm": None if figures.atm is None else figures.atm / SCALE,
        "atm_iv": figures.atm_iv,
        "open_interest": figures.interest,
        **{
            name: None
            if one is None
            else {"net": one.net, "calls": one.total_calls, "puts": one.total_puts, "zero_gamma": one.zero_gamma}
            for name, one in exposures.items()
        },
    }


def _path_json(columns: Columns) -> list[dict[str, Any]]:
    from engine.calendar import to_new_york
    from engine.types import MISSING, SCALE

    price, volume = columns.values.get("price"), columns.values.get("volume")
    found = []
    for at, known in enumerate(columns.ts_known.tolist()):
        value = MISSING if price is None else int(price[at])
        traded = MISSING if volume is None else int(volume[at])
        found.append(
            {
                "known": to_new_york(known).isoformat(),
                "price": None if value == MISSING else value / SCALE,
                "volume": None if traded == MISSING else traded,
            }
        )
    return found
