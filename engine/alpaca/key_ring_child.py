"""A process of its own that asks the keyring, so that one that hangs can be ended. Nothing is imported but keyring.

Reads one JSON object from standard input, ``{"do": "get"|"set"|"delete", "service": ..., "names": {name: value}}``, and
writes one: ``{"ring": ..., "found": {name: value}}``, or ``{"unusable": why}``. It never opens a window: a keyring that
is locked is unusable.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any, NoReturn

_WINDOWS = ("keyring.backends.kwallet", "keyring.backends.libsecret")  # they ask by a window, and cannot be told not to
_MAC = "/System/Library/Frameworks/Security.framework/Security"


class Unusable(Exception):
    """Why no keyring can be asked."""


def _refuse(*_args: object, **_kwargs: object) -> NoReturn:
    raise Unusable("it is locked, and opening it would ask for a password in a window")


def _no_windows() -> None:
    """Every way that leads to a window becomes an error."""
    if sys.platform == "darwin":
        ctypes.CDLL(_MAC).SecKeychainSetUserInteractionAllowed(0)
        return
    try:
        import secretstorage
        from secretstorage import collection, item
    except ImportError:
        return
    for owner, name in (
        (secretstorage.Collection, "unlock"),
        (secretstorage.Item, "unlock"),
        (collection, "exec_prompt"),
        (item, "exec_prompt"),
    ):
        setattr(owner, name, _refuse)


def _quiet(ring: object) -> bool:
    return type(ring).__module__ not in _WINDOWS


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; raises ``Unusable``, or whatever the keyring does."""
    import keyring
    from keyring import core
    from keyring.backends import fail, null

    _no_windows()
    core.init_backend(_quiet)
    ring = keyring.get_keyring()
    if isinstance(ring, fail.Keyring | null.Keyring):
        raise Unusable("there is none here")
    if not _quiet(ring):
        raise Unusable(f"{type(ring).__module__} would open a window")
    service, names = asked["service"], asked["names"]
    if asked["do"] == "set":
        _set(ring, service, names)
    found = {name: ring.get_password(service, name) for name in names}
    if asked["do"] == "set" and found != names:
        raise Unusable("it did not keep what was stored")
    if asked["do"] == "delete":
        for name in [name for name, value in found.items() if value is not None]:
            ring.delete_password(service, name)
    return {"ring": f"{type(ring).__module__}.{type(ring).__name__}", "found": found}


def _set(ring: Any, service: str, names: dict[str, str]) -> None:
    """Both names or, where the second is refused, what was there before."""
    before = {name: ring.get_password(service, name) for name in names}
    try:
        for name, value in names.items():
            ring.set_password(service, name, value)
    except Exception:
        for name, value in before.items():
            if value is not None:
                ring.set_password(service, name, value)
            elif ring.get_password(service, name) is not None:
                ring.delete_password(service, name)
        raise


def main() -> None:
    """Answer one question; a backend that prints does not print into the answer."""
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        told = answer(json.load(sys.stdin))
    except Unusable as error:
        told = {"unusable": str(error)}
    except Exception as error:  # a backend's own words may hold anything: its name must do
        told = {"unusable": f"asking it ended with {type(error).__name__}"}
    os.write(out, json.dumps(told).encode())


if __name__ == "__main__":
    main()
