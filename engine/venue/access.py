"""Who may ask: a pair of made-up keys for each account, and how often a minute."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping

from engine.alpaca.keys import Keys

MINUTE = 60.0


class Access:
    """Finds the account of a pair of keys. The keys open nothing but this exchange.

    Args:
        keys: account to its pair.
    """

    def __init__(self, keys: Mapping[str, Keys]) -> None:
        self.keys = dict(keys)
        self._accounts = {pair.key_id: name for name, pair in self.keys.items()}

    @classmethod
    def made_up(cls, accounts: Iterable[str]) -> Access:
        """New pairs that look local: ``PKLOCAL...`` and ``local-...``."""
        pairs = {
            name: Keys(f"PKLOCAL{secrets.token_hex(7).upper()}", f"local-{secrets.token_hex(17)}") for name in accounts
        }
        return cls(pairs)

    def account(self, key_id: str, secret: str) -> str | None:
        """The account the pair opens, or None."""
        name = self._accounts.get(key_id)
        if name is None or not secrets.compare_digest(self.keys[name].secret.encode(), secret.encode()):
            return None
        return name


class RateLimit:
    """So many requests a minute for each account and kind of endpoint, in real time.

    Args:
        a_minute: 0: as many as come. now: seconds since the epoch.
    """

    def __init__(self, a_minute: int, now: Callable[[], float] = time.time) -> None:
        self.a_minute = a_minute
        self._now = now
        self._windows: dict[tuple[str, str], tuple[int, int]] = {}

    def take(self, account: str, kind: str) -> tuple[bool, dict[str, str]]:
        """Count a request; whether it is within the limit, and the headers that say how many are left."""
        if not self.a_minute:
            return True, {}
        minute = int(self._now() // MINUTE)
        window, used = self._windows.get((account, kind), (minute, 0))
        used = used + 1 if window == minute else 1
        self._windows[account, kind] = (minute, used)
        return used <= self.a_minute, {
            "X-RateLimit-Limit": str(self.a_minute),
            "X-RateLimit-Remaining": str(max(0, self.a_minute - used)),
            "X-RateLimit-Reset": str(int((minute + 1) * MINUTE)),
        }
