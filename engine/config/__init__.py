"""The validated configuration: its tables, where it is read from, and its hash."""

from engine.config.digest import config_hash, trading_text, with_trading
from engine.config.errors import ConfigError
from engine.config.load import default_text, load, validate
from engine.config.model import Config, ExitsTable, FeesTable, FillsTable, RiskTable, Table
from engine.config.paths import data_dir, journal_path, research_path, state_dir, user_config_file

__all__ = [
    "Config",
    "ConfigError",
    "ExitsTable",
    "FeesTable",
    "FillsTable",
    "RiskTable",
    "Table",
    "config_hash",
    "data_dir",
    "default_text",
    "journal_path",
    "load",
    "research_path",
    "state_dir",
    "trading_text",
    "user_config_file",
    "validate",
    "with_trading",
]
