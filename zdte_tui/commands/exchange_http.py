"""``zdte-tui exchange --http``: a local exchange in Alpaca's protocols, for rehearsals and for other people's bots."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.commands.options import day, load_config, root, speed
from zdte_tui.exits import CANNOT_CREATE, DATA, OK, UNAVAILABLE, USAGE, CommandError

if TYPE_CHECKING:
    from engine.config import Config
    from engine.session.source import Source
    from engine.venue.access import Access
    from engine.venue.keeping import Keeper
    from engine.venue.venue import Venue

DEFAULT_PORT = 8787
_MOST_ACCOUNTS = 20

_ONLY_HTTP = (
    "speed", "start", "day", "root", "source", "accounts", "level", "expiring_limit", "faults", "keep",
    "indicative_width", "frame",
)  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """``--http`` and what goes with it."""
    group = parser.add_argument_group("in Alpaca's protocols")
    group.add_argument(
        "--http",
        type=port,
        nargs="?",
        const=DEFAULT_PORT,
        metavar="PORT",
        help=f"serve REST and streams at 127.0.0.1:PORT ({DEFAULT_PORT} if left out, 0: a free one), not at the socket",
    )
    group.add_argument("--speed", type=_finite, metavar="N", help="seconds of market a second; 1 if not given")
    group.add_argument(
        "--start", type=_time, metavar="HH:MM", help="where in the day it begins, New York; close-40m and such too"
    )
    group.add_argument(
        "--replay", dest="day", type=day, metavar="DAY", help="a stored day in the place of the demo market"
    )
    group.add_argument("--root", type=root, metavar="R", help="with --replay: its option root")
    group.add_argument("--source", metavar="S", help="with --replay: which source of the day")
    group.add_argument("--accounts", type=_accounts, metavar="N", help="so many accounts, each with keys of its own")
    group.add_argument("--level", type=int, choices=(0, 1, 2, 3), help="the accounts' options level; 3 if not given")
    group.add_argument(
        "--expiring-limit", type=_count, metavar="N", help="contracts expiring today that an account may have; 0: any"
    )
    group.add_argument(
        "--faults", type=_count, metavar="SEED", help="let things go wrong by chance: 429, 504, cut streams, busts"
    )
    group.add_argument(
        "--indicative-width", type=_width, metavar="N", help="quotes of the indicative feed N times as wide as OPRA's"
    )
    group.add_argument("--frame", type=_frame, metavar="N", help="messages in a frame of a data stream; 512")
    group.add_argument(
        "--keep", type=Path, metavar="FILE", help="write down what it is asked; started again with FILE, it goes on"
    )


def check_options(args: argparse.Namespace) -> None:
    """Refuse what only goes with ``--http`` without it."""
    for name in _ONLY_HTTP if args.http is None else ():
        if getattr(args, name) is not None:
            option = "replay" if name == "day" else name.replace("_", "-")
            raise CommandError(f"--{option} goes with --http", USAGE)
    for name in ("root", "source") if args.day is None else ():
        if getattr(args, name) is not None:
            raise CommandError(f"--{name} goes with --replay; the demo market's roots are session.roots", USAGE)


def run_http(args: argparse.Namespace) -> int:
    """Serve until interrupted; returns the exit code."""
    from engine.config import state_dir
    from engine.session.exchange import make_exchange
    from engine.tape import StoreError
    from engine.venue.app import serve
    from engine.venue.diary import DiaryError
    from engine.venue.keeping import KEEPER
    from engine.venue.key_folder import kept_access
    from engine.venue.rules import Rules

    config = load_config(args)
    source = _source(args, config)
    names = tuple(f"rehearsal{n}" if n > 1 else "rehearsal" for n in range(1, (args.accounts or 1) + 1))
    folder = state_dir() / "exchange-keys"
    try:
        access = kept_access(folder, names)
    except OSError as error:
        raise CommandError(
            f"cannot keep the made-up keys in {folder}: {error.strerror or error}", CANNOT_CREATE
        ) from None
    try:
        venue = _venue(args, config, source, names)
        rules = Rules(3 if args.level is None else args.level, args.expiring_limit or 0)
        width, frame = args.indicative_width or 1.0, args.frame or 512
        app = make_exchange(venue, access, rules, args.faults, args.keep, indicative_width=width, most_in_frame=frame)
        keeper = app.get(KEEPER)

        def started(found: int) -> None:
            if keeper is None or not keeper.continued:
                venue.clock.set(venue.clock.now(), args.speed or 1.0)
            if keeper is not None:
                keeper.listens(found)
            _tell(args, source, venue, access, found, keeper)

        serve(app, port=args.http or (0 if keeper is None else _again(keeper.port)), started=started)
    except DiaryError as error:
        raise CommandError(str(error), CANNOT_CREATE) from None
    except StoreError as error:
        raise CommandError(str(error), DATA) from None
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        text = f"cannot listen at 127.0.0.1:{args.http}: {why}; choose another with --http PORT"
        raise CommandError(text, UNAVAILABLE) from None
    left = "are gone" if args.keep is None else f"are kept in {args.keep}"
    print(f"the exchange is closed; its orders, positions and money {left}", file=sys.stderr)
    return OK


def _again(port: int) -> int:
    """Where clients have found it before, if that is free; else 0, which finds a free one."""
    import socket

    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _source(args: argparse.Namespace, config: Config) -> Source:
    from engine.session.source import TapeSource, demo_source

    if args.day is None:
        return demo_source(config)
    from engine.config import data_dir
    from engine.tape import Store
    from zdte_tui.commands.stored import stored_day

    store, chosen = Store(data_dir(config)), args.root or config.session.roots[0]
    stored_day(store, chosen, args.day, args.source)
    return TapeSource(store, chosen, args.day, args.source)


def _venue(args: argparse.Namespace, config: Config, source: Source, names: tuple[str, ...]) -> Venue:
    from engine.calendar import session
    from engine.session.exchange import make_venue
    from engine.session.source import START_BEFORE_OPEN
    from engine.venue.clock import VenueClock

    found = session(source.day)
    start = found.open if args.start is None else args.start.on(found.day, found.open, found.close)
    if not found.open - START_BEFORE_OPEN <= start < found.close:
        from engine.calendar import clock_text

        first, last = clock_text(found.open - START_BEFORE_OPEN, False), clock_text(found.close, False)
        raise CommandError(f"--start {args.start.text} is not in that day: from {first} to before {last}", USAGE)
    return make_venue(config, source, VenueClock(start, speed=0), names)  # its day begins when somebody can see it


def _tell(
    args: argparse.Namespace, source: Source, venue: Venue, access: Access, found: int, keeper: Keeper | None
) -> None:
    """Where it is, and how the SDK gets there."""
    from engine.calendar import clock_text

    url, stream = f"http://127.0.0.1:{found}", f"ws://127.0.0.1:{found}"
    labels = ", ".join(dict.fromkeys(label.label for label in source.provenance))
    pace = f"{venue.clock.speed:g}x from {clock_text(venue.now)} New York"
    kept = [] if keeper is None else [f"  kept in {args.keep}"]
    if keeper is not None and keeper.continued:
        kept = [f"  goes on from {args.keep}: {keeper.requests} requests, by the clock it had"]
    print(
        f"SIMULATED exchange in Alpaca's protocols: {'+'.join(source.roots)} {source.day}, market {labels}, {pace}",
        "no order here meets a market; keys and money are made up",
        "",
        f"  TradingClient(key, secret, url_override={url!r})",
        f"  OptionHistoricalDataClient, StockHistoricalDataClient: url_override={url!r}",
        f"  TradingStream: url_override={stream + '/stream'!r}",
        f"  OptionDataStream: url_override={stream + '/v1beta1/indicative'!r}",
        f"  StockDataStream: url_override={stream + '/v2/iex'!r}",
        f"  faults to switch: {url}/control/faults",
        "",
        *kept,
        *(f"  keys of {name}: {pair.source}" for name, pair in access.keys.items()),
        "",
        "Ctrl+C ends it",
        sep="\n",
        file=sys.stderr,
        flush=True,
    )


def port(text: str) -> int:
    """A port on the command line; 0 is a free one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; write 0 to 65535, such as {DEFAULT_PORT}")
    return int(text)


def _finite(text: str) -> float:
    found = speed(text)
    if not found:
        raise argparse.ArgumentTypeError("clients live in real time: write a number above 0, such as 60, not max")
    return found


def _time(text: str) -> Any:
    from engine.calendar import parse_time_of_day

    try:
        return parse_time_of_day(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def _width(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 1 <= found <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a width: write 1 to 100, such as 5")
    return found


def _frame(text: str) -> int:
    found = _count(text)
    if not 1 <= found <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of messages; write 1 to 100000, such as 1000")
    return found


def _accounts(text: str) -> int:
    found = _count(text)
    if not 1 <= found <= _MOST_ACCOUNTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of accounts; write 1 to {_MOST_ACCOUNTS}")
    return found
