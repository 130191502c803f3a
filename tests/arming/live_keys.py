"""A home with made-up live keys, a server that answers for a live account, and a terminal on which one types."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from answering_server import Told, answering

NUMBER = "123456789"
LIVE = {"APCA_LIVE_API_KEY_ID": "AKFAKEFAKEFAKE1", "APCA_LIVE_API_SECRET_KEY": "notarealsecretatall1"}
PAPER = {"APCA_API_KEY_ID": "PKFAKEFAKEFAKE1", "APCA_API_SECRET_KEY": "notarealsecretatall2"}
ACCOUNT = {
    "account_number": NUMBER,
    "status": "ACTIVE",
    "options_trading_level": 3,
    "equity": "25000",
    "options_buying_power": "25000",
}


def at_home(home: Path, monkeypatch: pytest.MonkeyPatch, **keys: str) -> None:
    for name in [*os.environ]:
        if "ALPACA" in name or "APCA" in name or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(home))
    for name, value in keys.items():
        monkeypatch.setenv(name, value)


@contextmanager
def account_at(account: Any = ACCOUNT, status: int = 200) -> Iterator[Told]:
    with answering({"GET /v2/account": (status, account)}) as told:
        yield told


def types(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """What a person types on the terminal that is standard input."""
    master, slave = os.openpty()
    os.write(master, "".join(f"{line}\n" for line in lines).encode() or b"\x04")
    if lines:
        os.write(master, b"\x04")
    monkeypatch.setattr(sys, "stdin", os.fdopen(slave, encoding="utf-8"))


def settings(told: Told, *more: str) -> list[str]:
    """Of a live session at that server."""
    every = [f"alpaca.live_url={told.url}", 'alpaca.option_feed="opra"', *more]
    return [word for each in every for word in ("--set", each)]
