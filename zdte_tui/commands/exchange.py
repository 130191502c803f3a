"""``zdte-tui exchange``: a simulated exchange in a process of its own, which outlives sessions."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType
from typing import Any

from zdte_tui.commands.exchange_http import add_options, check_options, run_http
from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import CANNOT_CREATE, OK, CommandError

DEMO_ACCOUNT = "demo"

_HELP = """a session with broker.kind = "socket" sends its orders here, not to the exchange inside its own process.
Kill that session as hard as you like: orders and positions stay here, and the next one finds them.

examples:
  zdte-tui exchange                                         one terminal
  zdte-tui --demo --set broker.kind=socket                  another, with the same configuration
  zdte-tui exchange --set broker.path=/tmp/exchange.sock   elsewhere

With --http it speaks Alpaca's protocols instead, to any client of theirs: REST, trade updates and market data, for
accounts whose keys it makes up and writes to files of yours. docs/local-alpaca.md says what that proves and what not.

  zdte-tui exchange --http                                 the demo market at 127.0.0.1:8787, in real time
  zdte-tui exchange --http 9000 --speed 60 --start 09:45   an hour a minute
  zdte-tui exchange --http --replay 2024-08-07 --accounts 2
  zdte-tui exchange --http --faults 7                      with 429, 504, cut streams and busts by chance
  zdte-tui exchange --http --keep monday.kept              killed and started again, it goes on where the clock is"""


def add(subparsers: Any) -> None:
    """Declare ``exchange``."""
    parser = subparsers.add_parser(
        "exchange",
        help="a simulated exchange in a process of its own; with --http in Alpaca's protocols",
        description="Serve a SIMULATED exchange on this machine, until it is interrupted: to this program's sessions, "
        "or with --http to any client of Alpaca's.",
        epilog=_HELP,
    )
    add_options(parser)
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; returns the exit code."""
    check_options(args)
    if args.http is not None:
        return run_http(args)
    from engine.config import exchange_path
    from engine.session.exchange import exchange_server

    config = load_config(args)
    path = exchange_path(config, DEMO_ACCOUNT)
    try:
        server, source = exchange_server(config, DEMO_ACCOUNT)
    except OSError as error:
        raise CommandError(f"cannot listen at {path}: {error.strerror or error}", CANNOT_CREATE) from None

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.close()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)
    roots = "+".join(source.roots)
    print(f"SIMULATED exchange of {roots} {source.day} listens at {path}; Ctrl+C ends it", file=sys.stderr)
    try:
        server.serve()
    finally:
        server.close()
    print("the exchange is closed; its orders and positions are gone", file=sys.stderr)
    return OK
