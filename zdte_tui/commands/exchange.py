"""``zdte-tui exchange``: the demo market's exchange in a process of its own, which outlives sessions."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType
from typing import Any

from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import CANNOT_CREATE, OK, CommandError

DEMO_ACCOUNT = "demo"

_HELP = """a session with broker.kind = "socket" sends its orders here, not to the exchange inside its own process.
Kill that session as hard as you like: orders and positions stay here, and the next one finds them.

examples:
  zdte-tui exchange                                         one terminal
  zdte-tui --demo --set broker.kind=socket                  another, with the same configuration
  zdte-tui exchange --set broker.path=/tmp/exchange.sock   elsewhere"""


def add(subparsers: Any) -> None:
    """Declare ``exchange``."""
    parser = subparsers.add_parser(
        "exchange",
        help="the demo market's exchange in a process of its own",
        description="Serve the demo market's SIMULATED exchange to sessions on this machine, until it is interrupted.",
        epilog=_HELP,
    )
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; returns the exit code."""
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
