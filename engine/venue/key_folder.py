"""The made-up keys of a local exchange on disk: a folder an account, as ``$CREDENTIALS_DIRECTORY`` would be."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from engine.alpaca.key_ring import names
from engine.alpaca.keys import Keys
from engine.venue.access import Access

_MODE = 0o600


def kept_access(folder: Path, accounts: Iterable[str]) -> Access:
    """Each account's pair of a run before, or a new one, written for the owner alone.

    Raises ``OSError``; other keys that lie there are not overwritten.
    """
    accounts = tuple(accounts)
    made = Access.made_up(accounts).keys
    return Access({name: _kept(folder / name) or _keep(folder / name, made[name]) for name in accounts})


def _kept(folder: Path) -> Keys | None:
    """The pair that an exchange here has made up before; None where there is none."""
    try:
        key_id, secret = ((folder / name).read_text("ascii").strip() for name in names("paper"))
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if not (key_id.startswith("PKLOCAL") and secret.startswith("local-")):
        raise FileExistsError(f"{folder} holds other keys, which are not overwritten: move them away")
    return Keys(key_id, secret, str(folder))


def _keep(folder: Path, keys: Keys) -> Keys:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in zip(names("paper"), (keys.key_id, keys.secret), strict=True):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _MODE)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            os.fchmod(handle, _MODE)
            file.write(f"{value}\n")
    return Keys(keys.key_id, keys.secret, str(folder))
