"""Keys in the desktop's keyring, asked by a process that is ended when it takes too long, and that opens no window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from engine.alpaca.keys import Kind

SERVICE = "zdte-tui"
PATIENCE = 5.0
"""Seconds a keyring may take, once."""

_CHILD = Path(__file__).with_name("key_ring_child.py")


class NoKeyring(Exception):
    """Why there is no keyring to ask, in words. No error where keys are only looked for."""


def names(kind: Kind) -> tuple[str, str]:
    """Under which names the id and the secret of a kind lie: in the keyring, and as files of systemd's credentials."""
    return f"alpaca-{kind}-key-id", f"alpaca-{kind}-secret"


def ring_pair(kind: Kind, environ: Mapping[str, str], patience: float = PATIENCE) -> tuple[str, str] | None:
    """The id and the secret there, either maybe empty; None where neither is. Raises ``NoKeyring``."""
    found = _ask("get", dict.fromkeys(names(kind), ""), environ, patience)
    key_id, secret = (found.get(name) or "" for name in names(kind))
    return (key_id, secret) if key_id or secret else None


def store_in_ring(kind: Kind, key_id: str, secret: str, environ: Mapping[str, str], patience: float = PATIENCE) -> None:
    """Both or neither; raises ``NoKeyring``."""
    _ask("set", dict(zip(names(kind), (key_id, secret), strict=True)), environ, patience)


def forget_in_ring(kind: Kind, environ: Mapping[str, str], patience: float = PATIENCE) -> bool:
    """Whether there was something to remove; raises ``NoKeyring``."""
    return any(_ask("delete", dict.fromkeys(names(kind), ""), environ, patience).values())


def _ask(
    what: Literal["get", "set", "delete"], entries: dict[str, str], environ: Mapping[str, str], patience: float
) -> dict[str, str | None]:
    """What is asked goes through a pipe: neither arguments nor the environment ever hold a key of ours."""
    question = json.dumps({"do": what, "service": SERVICE, "names": entries})
    kept = {name: value for name, value in environ.items() if not name.startswith(("APCA_", "ALPACA_"))}
    try:
        done = subprocess.run(
            [sys.executable, "-P", os.fspath(_CHILD)],
            input=question.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            start_new_session=True,  # no terminal to ask for a password at
            timeout=patience,
            check=False,
        )
        told: Any = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise NoKeyring(f"it did not answer within {patience:g} s") from None
    except (OSError, ValueError):
        raise NoKeyring("the process that asks it failed") from None
    if "unusable" in told:
        raise NoKeyring(told["unusable"])
    return dict(told["found"])
