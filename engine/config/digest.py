"""The configuration's hash: what decides trading, and nothing that decides only where files lie or how it looks."""

from __future__ import annotations

import hashlib
import json

from engine.config.load import validate
from engine.config.model import Config

_NOT_TRADING = {
    "session",
    "demo",
    "data",
    "journal",
    "research",
    "cache",
    "alpaca",
    "alerts",
    "health",
    "push",
    "terminal",
    "ui",
}


def trading_text(config: Config) -> str:
    """The trading part of the configuration as canonical JSON."""
    return json.dumps(
        config.model_dump(mode="json", by_alias=True, exclude=_NOT_TRADING), sort_keys=True, separators=(",", ":")
    )


def with_trading(config: Config, text: str) -> Config:
    """``config`` with the trading part a session was run under; raises ``ConfigError`` for one it no longer knows."""
    merged = config.model_dump(mode="json", by_alias=True) | json.loads(text)
    return validate(Config, merged)


def config_hash(config: Config) -> str:
    """SHA-256 of ``trading_text``, in hex."""
    return hashlib.sha256(trading_text(config).encode()).hexdigest()
