"""Asks Alpaca whose account a pair of keys opens: one request, through its SDK, that ends in time."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from engine.alpaca.failures import AlpacaError
from engine.alpaca.keys import Keys
from engine.alpaca.rest import Rest
from engine.config import AlpacaTable

_SHOWN = 4
_GONE = "trading_blocked", "account_blocked", "trade_suspended_by_user"


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """What the account says of itself, as far as it is told to a person.

    Attributes:
        number: masked but for its last four characters; empty where the answer has none.
        status: Alpaca's word, such as ``ACTIVE``.
        options_level: ``options_trading_level``: 0 off, 1 covered, 2 long, 3 spreads; None where it is missing.
        blocked: the flags that stop trading, by Alpaca's names.
    """

    number: str
    status: str
    options_level: int | None
    blocked: tuple[str, ...] = ()


class NotChecked(Exception):
    """No account was seen, in words.

    Attributes:
        refused: the keys are wrong; otherwise nothing is known of them.
        again: the same may go well in a moment.
    """

    def __init__(self, message: str, refused: bool = False, again: bool = False) -> None:
        super().__init__(message)
        self.refused = refused
        self.again = again


def account_of(keys: Keys, url: str, table: AlpacaTable) -> AccountSeen:
    """The account at ``url``, which is ``[alpaca] trading_url`` or ``live_url``. Raises ``NotChecked``.

    Takes at most both of the table's times together, whatever is at the other end.
    """
    if (wrong := in_the_clear(url)) is not None:
        raise NotChecked(wrong)
    told = _ask(keys, url, table)
    if isinstance(told, NotChecked):
        raise told
    return _seen(told)


def in_the_clear(url: str) -> str | None:
    """Why keys are not sent there: nobody on the way may read them."""
    found = urlsplit(url)
    if found.scheme == "https":
        return None
    host = found.hostname or ""
    try:
        here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    return None if here else f"{url} is not encrypted, and keys would be sent there: write https://"


def _ask(keys: Keys, url: str, table: AlpacaTable) -> dict[str, Any] | NotChecked:
    """The answer, or what went wrong: not as it was raised, for an error's frames hold the headers of the request."""
    rest = Rest(keys, url, table)
    try:
        told = rest.account()
    except AlpacaError as error:
        return _failed(error, url, table)
    finally:
        rest.close()
    return told if "account_number" in told else NotChecked(_not_alpaca(url))


def _not_alpaca(url: str) -> str:
    return f"what answers at {urlsplit(url).netloc} is not Alpaca's trading API: see [alpaca] in config.toml"


def _failed(error: AlpacaError, url: str, table: AlpacaTable) -> NotChecked:
    """What that means for keys. The words of who answered may hold anything, a key too, and are not passed on."""
    host = urlsplit(url).netloc
    if error.kind == "keys" or (error.kind == "refused" and error.status in (401, 403)):
        return NotChecked(f"{host} refuses them (HTTP {error.status})", refused=True)
    if error.kind == "limit":
        return NotChecked(f"{host} has had too many requests (HTTP {error.status}): wait a minute", again=True)
    if error.kind == "timeout":
        limits = f"{table.connect_seconds:g} s to connect and {table.read_seconds:g} s to answer"
        return NotChecked(f"{host} did not answer in time ({limits}): try again", again=True)
    if error.kind in ("unreachable", "dropped"):
        return NotChecked(f"{host} cannot be reached: {error.message}", again=error.kind == "dropped")
    if error.kind == "server":
        return NotChecked(f"{host} has a fault of its own (HTTP {error.status}): try again", again=True)
    return NotChecked(f"{_not_alpaca(url)}{f' (HTTP {error.status})' if error.status else ''}")


def _seen(told: dict[str, Any]) -> AccountSeen:
    number = str(told.get("account_number") or "")
    end = number[-_SHOWN:] if len(number) > _SHOWN else ""
    try:
        level = int(told["options_trading_level"])
    except (KeyError, TypeError, ValueError):
        level = None
    return AccountSeen(
        number="*" * (len(number) - len(end)) + end,
        status=str(told.get("status") or ""),
        options_level=level,
        blocked=tuple(name for name in _GONE if told.get(name) is True),
    )
