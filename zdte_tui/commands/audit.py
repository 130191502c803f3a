"""``zdte-tui journal audit``: does a session, replayed from its recorded inputs, come out as the journal says?"""

from __future__ import annotations

import argparse
import sys

from zdte_tui.commands.options import account, add_config_options, file, load_config
from zdte_tui.exits import DATA, NO_INPUT, OK, CommandError

_HELP = """The inputs of a demo session (market data, commands, timers) are recorded beside its journal. They are played
through a new engine, and every record is compared with the journal's. Exit code 65 where one differs.

examples:
  zdte-tui journal audit
  zdte-tui journal audit demo-2026-01-15-SPXW-1"""


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``journal audit``."""
    parser = actions.add_parser(
        "audit",
        help="replay a session from its recorded inputs and compare",
        description="Replay a session from its recorded inputs and compare every record with the journal's.",
        epilog=_HELP,
    )
    parser.add_argument("session", nargs="?", default="last", metavar="SESSION", help="its name; the last by default")
    parser.add_argument("--journal", type=file, metavar="FILE", help="the journal; the account's by default")
    parser.add_argument("--account", type=account, metavar="NAME", help="whose journal")
    parser.set_defaults(run=run, parser=parser, research=False)
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Audit one session."""
    from engine.calendar import session
    from engine.config import with_trading
    from engine.core import Engine
    from engine.session.audit import audit
    from engine.strategy import build_strategies
    from strategies.registry import REGISTRY
    from zdte_tui.commands.journal import journal_file, open_journal, require_session

    config = load_config(args)
    path = journal_file(args)
    with open_journal(path) as reader:
        require_session(reader, args.session)
        found_rows = reader.select(args.session)
    if not found_rows:
        raise CommandError(f"the journal {path} holds no session", NO_INPUT)
    row = found_rows[-1]
    traded = with_trading(config, row.info.config_text)
    info = row.info

    def make_engine() -> Engine:
        strategies = build_strategies(traded.strategies, REGISTRY, list(info.roots))
        meanings = {root: label.meaning for root, label in zip(info.roots, info.provenance, strict=False)}
        outside = traded.broker.kind != "inside"
        return Engine(traded, session(info.day), info.account, info.roots, meanings, strategies, outside=outside)

    found = audit(path, row, make_engine)
    counts = (
        f"{found.events} events, {found.records} records "
        f"({found.signals} signals, {found.intents} intents, {found.orders} orders), {found.epochs} run(s)"
    )
    if found.difference:
        print(f"{found.session}: NOT reproduced: {found.difference}; {counts}", file=sys.stdout)
        return DATA
    print(f"{found.session}: reproduced; {counts}")
    return OK
