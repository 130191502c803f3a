"""Where things lie on this platform, unless the configuration says otherwise."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from engine.config.errors import ConfigError
from engine.config.model import Config

APP = "zdte-tui"


def _path(key: str, text: str) -> Path:
    """A path of the configuration; raises ``ConfigError`` where ``~`` is nobody's home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ConfigError(f"config: {key}: {text!r}: ~ is no known home folder; write the whole path") from None


def user_config_file() -> Path:
    """The user's own configuration file; it need not exist."""
    return Path(platformdirs.user_config_dir(APP)) / "config.toml"


def data_dir(config: Config) -> Path:
    """The day store."""
    return _path("data.dir", config.data.dir) if config.data.dir else Path(platformdirs.user_data_dir(APP))


def state_dir() -> Path:
    """Journals, session recordings and logs."""
    return Path(platformdirs.user_state_dir(APP))


def journal_path(config: Config, account: str) -> Path:
    """The journal of ``account``; a demo account never shares a file with a real one by default."""
    return _path("journal.path", config.journal.path) if config.journal.path else state_dir() / f"{account}.sqlite"


def cache_path(config: Config) -> Path | None:
    """The figures of days that were played; None where nothing is kept."""
    if not config.cache.max_mb:
        return None
    folder = _path("cache.dir", config.cache.dir) if config.cache.dir else Path(platformdirs.user_cache_dir(APP))
    return folder / "days.sqlite"


def research_path(config: Config) -> Path:
    """The journal of backtests and replays."""
    return _path("research.path", config.research.path) if config.research.path else state_dir() / "research.sqlite"


def exchange_path(config: Config, account: str) -> Path:
    """The socket of the exchange in another process."""
    if config.broker.path:
        return _path("broker.path", config.broker.path)
    return journal_path(config, account).with_name("exchange.sock")
