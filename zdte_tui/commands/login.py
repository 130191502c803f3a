"""``zdte-tui login``: asks for Alpaca's keys, checks them, and stores them where nobody else reads them."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import warnings
from typing import TYPE_CHECKING

from zdte_tui.commands.accounts import account_label
from zdte_tui.commands.options import add_config_options, load_config
from zdte_tui.exits import CANNOT_CREATE, DATA, NO_AUTH, NO_INPUT, OK, RETRY, UNAVAILABLE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.alpaca.key_check import AccountSeen
    from engine.alpaca.keys import Keys, Kind
    from engine.config import AlpacaTable

_LONGEST = 1024
_SPREADS = 3

_HELP = """The id and the secret are asked for without showing them; from a pipe they are two lines. No option takes a
key: what stands on a command line is seen by every program. Before they are stored, Alpaca is asked whose account they
open. A key that is refused, or could not be checked, is not stored.

examples:
  zdte-tui login                            paper keys, into keys.toml beside your configuration
  zdte-tui login --live                     live keys, under names of their own
  zdte-tui login --keyring                  into the desktop's keyring
  pass show alpaca-paper | zdte-tui login   two lines: the id, the secret
  zdte-tui login --no-check                 without asking Alpaca
  zdte-tui login --show                     where keys lie, and which count
  zdte-tui login --forget --live            remove what login stored

They are looked for in $CREDENTIALS_DIRECTORY, keys.toml, the keyring and the environment, in this order.
exit codes: 0 stored, 65 no key has such a shape, 69 could not be checked, 73 could not be stored, 75 try again,
77 refused by Alpaca"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare ``login``."""
    parser = subparsers.add_parser(
        "login",
        help="store and check Alpaca's keys",
        description="Store Alpaca's keys, paper or live, after asking Alpaca whether they are right.",
        epilog=_HELP,
    )
    parser.add_argument("--live", action="store_true", help="live keys: real money (paper keys otherwise)")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--file", action="store_true", help="into keys.toml beside your configuration (the default)")
    place.add_argument("--keyring", action="store_true", help="into the desktop's keyring")
    parser.add_argument("--no-check", action="store_true", help="store them without asking Alpaca")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--show", action="store_true", help="say where keys lie and which count; never a key")
    other.add_argument("--forget", action="store_true", help="remove from the file and the keyring what login stored")
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(args: argparse.Namespace) -> int:
    """Store, show or forget; returns the exit code."""
    kind: Kind = "live" if args.live else "paper"
    word = "--show" if args.show else "--forget" if args.forget else ""
    for name in ("file", "keyring", "no_check"):
        if word and getattr(args, name):
            args.parser.error(f"{word} takes no --{name.replace('_', '-')}")
    if args.show:
        return _show(("live",) if args.live else ("paper", "live"))
    if args.forget:
        return _forget(kind)
    return _store(args, kind)


# store


def _store(args: argparse.Namespace, kind: Kind) -> int:
    from engine.alpaca.key_file import key_file, store_pair
    from engine.alpaca.key_ring import NoKeyring, store_in_ring
    from engine.alpaca.keys import Keys, KeysError, wrong_shape

    config = load_config(args)
    keys = Keys(*_asked(kind))
    if wrong := wrong_shape(kind, keys.key_id, keys.secret):
        raise CommandError(f"{wrong}; nothing was stored", DATA)
    url = config.alpaca.live_url if args.live else config.alpaca.trading_url
    if not args.no_check:
        seen = _checked(keys, kind, url, config.alpaca)
        print(one_line(account_words(seen, kind, url)))
    try:
        if args.keyring:
            store_in_ring(kind, keys.key_id, keys.secret, os.environ)
            where = "the keyring"
        else:
            store_pair(key_file(), kind, keys.key_id, keys.secret)
            where = str(key_file())
    except NoKeyring as error:
        raise CommandError(
            f"the keyring cannot be used: {error}; nothing was stored: without --keyring they go into a file",
            CANNOT_CREATE,
        ) from None
    except KeysError as error:
        raise CommandError(f"{error}; nothing was stored", CANNOT_CREATE) from None
    print(one_line(f"{kind} keys {'not checked, ' if args.no_check else ''}stored in {where}"))
    _say_what_counts(kind, "keyring" if args.keyring else "file")
    return OK


def _asked(kind: Kind) -> tuple[str, str]:
    """The id and the secret, from the terminal without echo, or from a pipe."""
    if sys.stdin is None:
        raise CommandError("there is no standard input to read keys from", NO_INPUT)
    if sys.stdin.isatty():
        from engine.alpaca.keys import KeysError

        try:
            return _typed(f"{kind} key id: "), _typed(f"{kind} secret: ")
        except (EOFError, OSError, KeysError) as error:
            why = (
                error.strerror if isinstance(error, OSError) else str(error)
            ) or "the input ended before both were given"
            raise CommandError(f"{why}; nothing was stored", NO_INPUT) from None
    try:
        lines = [sys.stdin.buffer.readline(_LONGEST + 1) for _ in range(2)]
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise CommandError(f"standard input: {why}; nothing was stored", NO_INPUT) from None
    if not lines[1].strip():
        raise CommandError("a pipe brings two lines, the id and the secret; nothing was stored", NO_INPUT)
    try:
        key_id, secret = (line.decode("ascii").strip() for line in lines)
    except UnicodeDecodeError:
        raise CommandError("what the pipe brought is no key: that is plain text; nothing was stored", DATA) from None
    return key_id, secret


def _typed(prompt: str) -> str:
    from engine.alpaca.keys import KeysError

    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would go on and show what is typed
        try:
            return getpass.getpass(prompt, sys.stderr).strip()
        except getpass.GetPassWarning:
            raise KeysError("this terminal would show what is typed: use a pipe") from None


def _checked(keys: Keys, kind: Kind, url: str, table: AlpacaTable) -> AccountSeen:
    from engine.alpaca.key_check import NotChecked, account_of

    try:
        return account_of(keys, url, table)
    except NotChecked as error:
        if error.refused:
            other = "" if kind == "live" else " (live keys need --live)"
            message = f"{kind} keys: {error}: are id and secret whole, and of a {kind} account{other}?"
            raise CommandError(f"{message}; nothing was stored", NO_AUTH) from None
        raise CommandError(
            f"{kind} keys: {error}; nothing was stored (--no-check does)", RETRY if error.again else UNAVAILABLE
        ) from None


def account_words(seen: AccountSeen, kind: Kind, url: str) -> str:
    """What the account says of itself, in a line; its number is masked."""
    words = [
        f"{account_label(kind, url)} {seen.number or '(no number)'} at {url}",
        f"status {seen.status or 'unknown'}",
    ]
    level = seen.options_level
    words.append("options level unknown" if level is None else f"options level {level}")
    if level is not None and level < _SPREADS:
        words[-1] += f" (spreads need {_SPREADS})"
    if seen.blocked:
        words.append(f"it cannot trade: {', '.join(seen.blocked)}")
    return "; ".join(words)


def _say_what_counts(kind: Kind, stored: str) -> None:
    """Warn where a place that comes earlier holds keys, or something broken, of the same kind."""
    from engine.alpaca.key_places import look

    for looked in look(kind):
        if looked.place == stored:
            return
        if looked.keys is not None:
            print(one_line(f"zdte-tui: the keys in {looked.where} come first, and count"), file=sys.stderr)
            return
        if looked.problem:
            print(one_line(f"zdte-tui: they do not count until this is mended: {looked.problem}"), file=sys.stderr)
            return


# show and forget


def _show(kinds: tuple[Kind, ...]) -> int:
    from engine.alpaca.key_places import login, look

    for kind in kinds:
        counts = False
        print(f"{kind} keys")
        for looked in look(kind):
            if looked.problem:
                words = f"cannot be used: {looked.problem}"
            elif looked.keys is not None:
                words = f"{looked.where}: {'there, but an earlier place counts' if counts else 'these count'}"
            else:
                words = f"none: {looked.where}{f' ({looked.note})' if looked.note else ''}"
            first = not counts and bool(looked.keys or looked.problem)
            if first and looked.problem:
                words += "; no later place counts until then"
            counts = counts or first
            print(one_line(f"  {looked.place:<12} {words}"))
        if not counts:
            print(f"  none anywhere: `{login(kind)}` stores them")
    return OK


def _forget(kind: Kind) -> int:
    from engine.alpaca.key_file import forget_pair, key_file
    from engine.alpaca.key_places import look
    from engine.alpaca.key_ring import NoKeyring, forget_in_ring
    from engine.alpaca.keys import KeysError

    gone: list[str] = []
    problem = ""
    try:
        if forget_pair(key_file(), kind):
            gone.append(str(key_file()))
    except KeysError as error:
        problem = str(error)
    try:
        if forget_in_ring(kind, os.environ):
            gone.append("the keyring")
    except NoKeyring:
        pass  # what cannot be asked counts for nobody
    if gone:
        print(one_line(f"{kind} keys removed from {' and '.join(gone)}"))
    elif not problem:
        print(f"no {kind} keys of login's: nothing to remove")
    if problem:
        raise CommandError(problem, CANNOT_CREATE)
    for looked in look(kind):
        if looked.place in ("credentials", "environment") and (looked.keys or looked.problem):
            print(one_line(f"zdte-tui: {looked.where} still holds some, which login did not store"), file=sys.stderr)
    return OK
