"""Asks Alpaca whose account a pair of keys opens: one request, through its SDK, that ends in time."""

from __future__ import annotations

import ipaddress
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from engine.alpaca.keys import Keys

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
    """No account was seen, in words. ``refused``: the keys are wrong; otherwise nothing is known of them."""

    def __init__(self, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


def account_of(keys: Keys, url: str, connect_seconds: float, read_seconds: float) -> AccountSeen:
    """The account at ``url``, which is ``[alpaca] trading_url`` or ``live_url``. Raises ``NotChecked``.

    Takes at most both times together, whatever is at the other end: names that are not resolved and answers that
    trickle in are not what a socket's time limit covers.
    """
    if (wrong := in_the_clear(url)) is not None:
        raise NotChecked(wrong)
    outcome: queue.SimpleQueue[dict[str, Any] | NotChecked] = queue.SimpleQueue()

    def ask() -> None:
        outcome.put(_ask(keys, url, (connect_seconds, read_seconds)))

    threading.Thread(target=ask, name="key check", daemon=True).start()
    try:
        told = outcome.get(timeout=connect_seconds + read_seconds)
    except queue.Empty:
        told = NotChecked(_late(url, connect_seconds + read_seconds))
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


def _ask(keys: Keys, url: str, timeout: tuple[float, float]) -> dict[str, Any] | NotChecked:
    """The answer, or what went wrong: an error of the SDK's holds the request, and that holds the keys."""
    from alpaca.common.exceptions import APIError
    from alpaca.trading.client import TradingClient
    from requests import exceptions

    client = TradingClient(keys.key_id, keys.secret, raw_data=True, url_override=url)
    session = client._session
    session.request = partial(session.request, timeout=timeout)  # type: ignore[method-assign]
    session.trust_env = False  # no proxy and no .netrc comes between
    client._retry = 0
    host = urlsplit(url).netloc
    try:
        told: Any = client.get_account()
    except APIError as error:
        return _refusal(error.status_code, host, str(error))
    except exceptions.ConnectTimeout:
        return NotChecked(_late(url, timeout[0]))
    except exceptions.ReadTimeout:
        return NotChecked(_late(url, timeout[1]))
    except exceptions.SSLError:
        return NotChecked(f"{host} does not prove who it is (TLS): is the clock right, and is nothing in between?")
    except exceptions.JSONDecodeError:
        return NotChecked(f"what answers at {host} is not Alpaca's trading API: see [alpaca] in config.toml")
    except exceptions.ConnectionError as error:
        timed_out = "Read timed out" in str(error)  # while the body came
        return NotChecked(_late(url, timeout[1]) if timed_out else f"{host} cannot be reached: is the network up?")
    except (exceptions.RequestException, ValueError) as error:
        return NotChecked(f"{host} cannot be asked: {type(error).__name__}")
    finally:
        session.close()
    if not isinstance(told, Mapping) or "account_number" not in told:
        return NotChecked(f"what answers at {host} is not Alpaca's trading API: see [alpaca] in config.toml")
    return dict(told)


def _late(url: str, seconds: float) -> str:
    return f"{urlsplit(url).netloc} did not answer within {seconds:g} s: try again"


def _refusal(status: int | None, host: str, body: str) -> NotChecked:
    """What a status means; the body may hold anything, a key too, and is not shown."""
    if status == 401 or (status == 403 and body.lstrip()[:1] == "{"):  # a page that says 403 is not Alpaca's
        return NotChecked(f"{host} refuses them (HTTP {status})", refused=True)
    if status == 429:
        return NotChecked(f"{host} has had too many requests (HTTP 429): try again in a minute")
    if status is not None and status >= 500:
        return NotChecked(f"{host} has a fault of its own (HTTP {status}): try again")
    return NotChecked(f"{host} answers with HTTP {status}: see [alpaca] in config.toml")


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
