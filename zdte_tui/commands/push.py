"""``zdte-tui push``: whether messages arrive, and where their addresses lie."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from zdte_tui.exits import CONFIG, NO_INPUT, OK, UNAVAILABLE, CommandError

if TYPE_CHECKING:
    from engine.watch.address import Address
    from engine.watch.secrets import Addresses

_HELP = """Addresses are Apprise's, such as tgram://, ntfys://, mailtos:// (github.com/caronc/apprise). They are secret:
no option takes one and none is shown. They are looked for in $CREDENTIALS_DIRECTORY/zdte-push-urls (one a line), in
push.toml beside your configuration (urls = ["..."], heartbeat_url = "..."; chmod 600) and in $ZDTE_PUSH_URLS, in this
order; the heartbeat's in zdte-heartbeat-url, push.toml and $ZDTE_HEARTBEAT_URL. What is sent is said in [push] of
config.toml.

examples:
  zdte-tui push test                send one message to each address, and say what came of it
  zdte-tui push test --heartbeat    and call the heartbeat's address once
  zdte-tui push show                where addresses lie, and of which services they are

exit codes: 0 all were taken, 66 there is no address, 69 one was not taken, 78 addresses that cannot be used"""

_TEST_HELP = """examples:
  zdte-tui push test
  zdte-tui push test --heartbeat    and call the heartbeat's address once"""
_SHOW_HELP = """examples:
  zdte-tui push show"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``push`` and its actions."""
    parser = subparsers.add_parser(
        "push",
        help="messages to your phone: try them",
        description="Messages of what cannot wait, through Apprise: to a phone, by mail or SMS.",
        epilog=_HELP,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    test = actions.add_parser(
        "test",
        help="send one message to each address",
        description="Send one message to each address, and say what came of it.",
        epilog=_TEST_HELP,
    )
    test.add_argument("--heartbeat", action="store_true", help="call the heartbeat's address once, too")
    test.set_defaults(run=run_test)
    show = actions.add_parser(
        "show",
        help="where addresses lie; never an address",
        description="Say where addresses lie, and of which services they are.",
        epilog=_SHOW_HELP,
    )
    show.set_defaults(run=run_show)


def run_test(args: argparse.Namespace) -> int:
    """Send one to each; returns the exit code."""
    found = _found()
    if not found.urls and not (args.heartbeat and found.beat):
        raise _nothing()
    failed = 0
    with ThreadPoolExecutor(max(1, len(found.urls)), thread_name_prefix="push") as pool:
        addresses = _addresses(found)
        sending = [
            pool.submit(each.send, "zdte-tui: a test", "This is only a test. Nothing trades.", False)
            for each in addresses
        ]
        for address, future in zip(addresses, sending, strict=True):
            why = future.result()
            failed += bool(why)
            print(f"{address.name}: {f'NOT SENT: {why}' if why else 'sent'}")
    if args.heartbeat:
        from engine.watch.heartbeat import call

        why = call(found.beat) if found.beat else "no address is kept"
        failed += bool(why)
        print(f"heartbeat: {f'NOT ANSWERED: {why}' if why else 'answered'}")
    sys.stdout.flush()
    return UNAVAILABLE if failed else OK


def run_show(_args: argparse.Namespace) -> int:
    """Say where they lie; returns the exit code."""
    found = _found()
    if not found.urls and not found.beat:
        raise _nothing()
    if found.urls:
        print(f"messages, in {found.source}:")
        for address in _addresses(found):
            print(f"  {address.name}")
    else:
        print("messages: no address is kept")
    print(f"heartbeat: {f'an address in {found.beat_source}' if found.beat else 'no address is kept'}")
    return OK


def _found() -> Addresses:
    from engine.watch.secrets import SecretsError, find_addresses

    try:
        return find_addresses()
    except SecretsError as error:
        raise CommandError(str(error), CONFIG) from None


def _addresses(found: Addresses) -> list[Address]:
    from engine.watch.address import Address

    return [Address(number, url) for number, url in enumerate(found.urls, 1)]


def _nothing() -> CommandError:
    from engine.watch.secrets import URLS_CREDENTIAL, URLS_VARIABLE, push_file

    where = f"${URLS_VARIABLE}, {push_file()} or systemd's {URLS_CREDENTIAL}"
    return CommandError(f"no address is kept: write one into {where} (zdte-tui push --help)", NO_INPUT)
