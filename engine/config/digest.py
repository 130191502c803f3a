"""The configuration's hash: what decides trading, and nothing that decides only where files lie or how it looks."""

from __future__ import annotations

import hashlib
import json

from engine.config.model import Config

_NOT_TRADING = {"session", "demo", "data", "journal", "research", "ui"}


def trading_text(config: Config) -> str:
    """The trading part of the configuration as canonical JSON."""
    return json.dumps(
        config.model_dump(mode="json", by_alias=True, exclude=_NOT_TRADING), sort_keys=True, separators=(",", ":")
    )


def config_hash(config: Config) -> str:
    """SHA-256 of ``trading_text``, in hex."""
    return hashlib.sha256(trading_text(config).encode()).hexdigest()
