"""What an account's owner may set of it: trading suspended, a lower options level, and settings that change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.venue.errors import malformed

_MULTIPLIERS = ("1", "2", "4")
_FLAGS = ("disable_overnight_trading", "fractional_trading", "no_shorting", "ptp_no_exception_entry", "suspend_trade")
_GONE = ("pdt_check", "dtbp_check")
"""Of pattern day trading, which is no more: taken and not looked at."""


def usual(level: int) -> dict[str, Any]:
    """What a new account has, whose options level is this."""
    flags = dict.fromkeys(_FLAGS, False)
    rest = {"max_margin_multiplier": "2", "max_options_trading_level": level, "trade_confirm_email": "none"}
    return dict(sorted({**flags, **rest}.items()))


def read_changes(body: Any) -> dict[str, Any]:
    """What a request changes. Raises ``Refused``."""
    if not isinstance(body, Mapping):
        raise malformed("request body format is invalid")
    return {name: _read(name, value) for name, value in body.items() if value is not None and name not in _GONE}


def _read(name: str, value: Any) -> Any:
    right = {
        "max_margin_multiplier": str(value) in _MULTIPLIERS,
        "max_options_trading_level": type(value) is int and 0 <= value <= 3,
        "trade_confirm_email": value in ("all", "none"),
    } | dict.fromkeys(_FLAGS, isinstance(value, bool))
    if not right.get(name, False):
        raise malformed(f"invalid {name}: {value}" if name in right else f"unknown configuration: {name}")
    return str(value) if name == "max_margin_multiplier" else value
