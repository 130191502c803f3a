"""Asks a person on the terminal for the last characters of a live account's number, before any session begins."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zdte_tui.exits import CONFIG, NO_AUTH, NO_INPUT, UNAVAILABLE, CommandError
from zdte_tui.telling import one_line

if TYPE_CHECKING:
    from engine.config import Config

_LONGEST = 200
_LIVE = re.compile(r"""mode["']?\s*=\s*["']*live""")


class LiveAccount:
    """The account that the live keys open, as it was just read.

    Attributes:
        number: its whole number, which is not shown. raw: as Alpaca told it.
    """

    def __init__(self, raw: dict[str, Any], where: str) -> None:
        from engine.alpaca.parse import read_account

        self.number = str(raw.get("account_number") or "")
        self.told = read_account(raw, [])
        self._where = where

    @property
    def words(self) -> str:
        """What a person should recognise it by, but for its number, which is what is asked."""
        from engine.feed.alpaca.labels import is_local
        from engine.types import dollars_text

        told = self.told
        equity = "n/a" if told.equity is None else f"${dollars_text(told.equity)}"
        level = "n/a" if told.level is None else str(told.level)
        money = "SIMULATED, a local exchange" if is_local(self._where) else "REAL MONEY"
        return f"account {self.told.status}, equity {equity}, options level {level}, at {self._where}: {money}"


def live_account(config: Config) -> LiveAccount:
    """Ask Alpaca whose account the live keys open. Raises ``CommandError``."""
    from engine.alpaca.failures import AlpacaError
    from engine.alpaca.key_check import in_the_clear
    from engine.alpaca.key_places import find_keys
    from engine.alpaca.keys import KeysError
    from engine.alpaca.rest import Rest
    from zdte_tui.commands.account import CODES, refusal

    url = config.alpaca.live_url
    if (wrong := in_the_clear(url)) is not None:
        raise CommandError(wrong, CONFIG)
    try:
        keys = find_keys("live")
    except KeysError as error:
        raise CommandError(str(error), NO_AUTH) from None
    rest = Rest(keys, url, config.alpaca)
    try:
        return LiveAccount(rest.account(), url)
    except AlpacaError as error:
        raise CommandError(refusal(error, "live", url, keys.source), CODES.get(error.kind, UNAVAILABLE)) from None
    finally:
        rest.close()


def asked_suffix(account: LiveAccount, why: str) -> str:
    """The last characters of the account's number, as they were typed right; three tries. Raises ``CommandError``.

    ``why``: what it is for. The account is described without them: who does not know its number is asked in vain.
    """
    from engine.session.arming import SUFFIX, TRIES, is_suffix

    if len(account.number) <= SUFFIX:
        raise CommandError("Alpaca does not say the account's number, so nobody can confirm it", UNAVAILABLE)
    print(one_line(f"LIVE  {account.words}"), file=sys.stderr)
    print(one_line(f"LIVE  {why}"), file=sys.stderr)
    for left in range(TRIES - 1, -1, -1):
        typed = _typed(f"the last {SUFFIX} characters of the account's number: ")
        if is_suffix(typed, account.number):
            return typed.strip()
        print(f"these are not they; {left} tr{'y' if left == 1 else 'ies'} left", file=sys.stderr)
    raise CommandError("the account was not confirmed; nothing was armed, nothing was sent", NO_AUTH)


def _typed(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        line = sys.stdin.readline(_LONGEST)
    except (OSError, UnicodeDecodeError):
        line = ""
    if not line:
        raise CommandError("the input ended; nothing was armed, nothing was sent", NO_INPUT)
    return line


def live_confirmation(config: Config) -> str:
    """What is typed before a live session on the screen begins. Raises ``CommandError``."""
    return asked_suffix(live_account(config), f"this session trades {' and '.join(config.session.roots)} there")


def live_is_written(args: argparse.Namespace) -> bool:
    """Whether these arguments, or a file they read, may ask for a live session: reads files, validates nothing."""
    return any(_LIVE.search(text) for text in _texts(args))


def _texts(args: argparse.Namespace) -> Iterator[str]:
    yield from args.settings
    import platformdirs

    own = Path(platformdirs.user_config_dir("zdte-tui")) / "config.toml"
    for path in (own, args.config):
        if path is not None:
            try:
                yield Path(path).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
