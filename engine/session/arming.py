"""May a session trade real money? Only where a person has named the account: at its start, or for that very day.

Live keys alone are not enough, nor is ``session.mode = "live"``. A session on the screen is armed by the last
characters of the account's number, typed each time; one without a screen by an arm file of the day, for the account and
the configuration it was made with. An arm file is not used up by a session: one that was killed goes on with it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import NamedTuple

from engine.alpaca.keys import Kind
from engine.config import Config, trading_text
from engine.feed.alpaca.labels import is_local
from engine.session.arm_file import Arm, ArmFileError, read_arm

SUFFIX = 4
"""Characters of an account's number that are typed."""
TRIES = 3
_PAPER_NUMBER = "PA"
"""Begins the numbers of Alpaca's paper accounts."""
_AGAIN = "`zdte-tui arm` arms this one"


class Refusal(NamedTuple):
    """Why real money is not traded, in a line that says how to mend it. ``typed``: what was typed is to blame."""

    text: str
    typed: bool = False


def may_trade_live(
    kind: Kind, url: str, number: str, day: dt.date, config_sha256: str, typed: str | None, arm: Arm | None
) -> Refusal | None:
    """Whether a session may trade the account, and why not.

    Args:
        kind: of the keys that opened the account. url: where that was. number: the account's own, whole.
        config_sha256: see ``armed_config``. typed: by a person just now; ``None`` where nobody was asked.
        arm: of the account and the day, where one was found.
    """
    if kind != "live":
        return Refusal("these are paper keys, and real money is traded with live ones: zdte-tui login --live")
    if len(number) <= SUFFIX:
        return Refusal("Alpaca does not say the account's number, so nobody can confirm it: zdte-tui account --live")
    if number.startswith(_PAPER_NUMBER) and not is_local(url):
        return Refusal("these keys open a paper account: set alpaca.live_url and the keys of `zdte-tui login --live`")
    if typed is not None:
        same = is_suffix(typed, number)
        return None if same else Refusal("these are not the last characters of the account's number", typed=True)
    if arm is None or arm.day != day:
        return Refusal(
            f"live trading is not armed for {day}: `zdte-tui arm` does it; a session with a screen asks when it starts"
        )
    if not arm.is_for(number):
        return Refusal(f"live trading is armed for {day} and another account than the keys open: {_AGAIN}")
    if arm.config_sha256 != config_sha256:
        return Refusal(f"live trading is armed for {day} and another configuration than this one: {_AGAIN}")
    return None


def armed(config: Config, account_number: str, day: dt.date, *, typed: str | None) -> str:
    """Empty where a session of ``day`` may trade the account with real money; else why not, in a line.

    Args:
        config: as it was read, before anything of the session is put into it. account_number: whole, as Alpaca says.
        typed: the characters that a person has just typed; ``None`` for a session without a screen.
    """
    arm = None
    if typed is None:
        try:
            arm = read_arm(config, day)
        except ArmFileError as error:
            return str(error)
    refusal = may_trade_live("live", config.alpaca.live_url, account_number, day, armed_config(config), typed, arm)
    return "" if refusal is None else refusal.text


def is_suffix(typed: str, number: str) -> bool:
    """Whether these are the last characters of a number; small letters will do."""
    wanted, given = number[-SUFFIX:].upper(), typed.strip().upper()
    return len(number) > SUFFIX and hmac.compare_digest(given.encode(), wanted.encode())


def armed_config(config: Config) -> str:
    """SHA-256 of what an arm is for, in hex: all that decides trading, the roots, and where and on what data it is."""
    parts = [trading_text(config), json.dumps(config.session.roots)]
    parts.append(json.dumps(config.alpaca.model_dump(mode="json"), sort_keys=True))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
