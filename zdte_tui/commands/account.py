"""``zdte-tui account``: the account at Alpaca as Alpaca has it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Literal

from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import CONFIG, NO_AUTH, OK, RETRY, UNAVAILABLE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.alpaca.failures import AlpacaError, Kind

_HELP = """It changes nothing. Amounts are Alpaca's own; what it did not say is n/a. Without --live it is the paper
account.

examples:
  zdte-tui account                     money, options level, positions, orders, clock
  zdte-tui account --live              the same of the account with real money
  zdte-tui account --json | jq -r .options_level
  zdte-tui account --watch             then stay, and tell what happens to its orders, until Ctrl+C
  zdte-tui account --set alpaca.trading_url=http://127.0.0.1:8787

exit codes: 0 told, 69 cannot be reached, 75 try again, 77 no keys or wrong ones, 78 configuration"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``account``."""
    parser = subparsers.add_parser(
        "account",
        help="your account at Alpaca: money, options level, positions, orders",
        description="Ask Alpaca for your account: what it may trade, what it holds, which orders work.",
        epilog=_HELP,
    )
    parser.add_argument("--live", action="store_true", help="the live account: real money (paper otherwise)")
    parser.add_argument("--json", action="store_true", help="one JSON object; amounts in dollars as text")
    parser.add_argument("--watch", action="store_true", help="stay, and tell executions, ends of orders and positions")
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask and tell; returns the exit code."""
    from engine.alpaca.key_check import in_the_clear
    from engine.alpaca.key_places import find_keys
    from engine.alpaca.keys import KeysError

    config = load_config(args)
    kind: Literal["paper", "live"] = "live" if args.live else "paper"
    url = config.alpaca.live_url if args.live else config.alpaca.trading_url
    if (wrong := in_the_clear(url)) is not None:
        raise CommandError(wrong, CONFIG)
    try:
        keys = find_keys("live" if args.live else "paper")
    except KeysError as error:
        raise CommandError(str(error), NO_AUTH) from None

    from engine.alpaca.failures import AlpacaError
    from engine.alpaca.parse import read_account
    from engine.alpaca.rest import Rest
    from engine.alpaca.snapshot import read_snapshot
    from engine.clock import SystemClock
    from engine.config import journal_path
    from engine.session.installation import installation_of
    from engine.session.live_compose import account_name
    from zdte_tui.commands.account_text import Seen, as_object, text
    from zdte_tui.commands.account_watch import watch

    name = account_name(config, kind)
    installation = installation_of(journal_path(config, name))
    told: list[str] = []
    rest = Rest(keys, url, config.alpaca)
    try:
        account = read_account(rest.account(), told)
        snapshot = read_snapshot(rest, SystemClock())
    except AlpacaError as error:
        rest.close()
        raise CommandError(refusal(error, kind, url, keys.source), CODES.get(error.kind, UNAVAILABLE)) from None
    wanted = tuple(name for name, table in sorted(config.strategies.items()) if table.get("enabled") is not False)
    seen = Seen(kind, url, account, snapshot, wanted, (*told, *snapshot.told), name, installation)
    if args.json:
        print(json.dumps(as_object(seen), indent=None if args.watch else 1), flush=True)
    else:
        for line in text(seen):
            print(one_line(line), flush=args.watch)
    if args.watch:
        watch(rest, keys, url, snapshot, config.broker.reconcile_seconds, args.json)
    rest.close()
    return OK


CODES: dict[Kind, int] = {"keys": NO_AUTH, "limit": RETRY, "server": RETRY, "timeout": RETRY, "dropped": RETRY}
_MEND: dict[Kind, str] = {
    "limit": "wait a minute",
    "server": "try again",
    "timeout": "try again; [alpaca] read_seconds is how long an answer may take",
    "dropped": "try again",
    "unreachable": "look at the network, and at [alpaca] in config.toml",
    "unreadable": "is this Alpaca's trading API? see [alpaca] in config.toml",
}


def refusal(error: AlpacaError, kind: str, url: str, source: str) -> str:
    """Why an account of a kind was not told, and what to do; ``source``: where its keys lie."""
    if error.kind == "keys":
        option = " --live" if kind == "live" else ""
        return f"{url} refuses the {kind} keys of {source}: {error}: `zdte-tui login{option}` stores others"
    mend = _MEND.get(error.kind, "")
    return f"{kind} account at {url}: {error}{f': {mend}' if mend else ''}"
