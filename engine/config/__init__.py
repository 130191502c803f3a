"""The validated configuration: its tables, where it is read from, and its hash."""

from engine.config.alpaca import AlpacaTable
from engine.config.digest import config_hash, trading_text, with_trading
from engine.config.effective import Setting, effective, toml_value
from engine.config.errors import ConfigError
from engine.config.exchange import CutoffRow, CutoffsTable, FeesTable, FillsTable
from engine.config.grid import Axis, Point, axes_text, blamed, on_root, points, read_axis
from engine.config.layers import read_layers
from engine.config.load import default_text, faults, load, located, nearest, try_load, validate
from engine.config.model import Config, ExitsTable, RiskTable
from engine.config.paths import (
    cache_path,
    data_dir,
    exchange_path,
    journal_path,
    research_path,
    state_dir,
    user_config_file,
)
from engine.config.table import Table

__all__ = [
    "AlpacaTable",
    "Axis",
    "Config",
    "ConfigError",
    "CutoffRow",
    "CutoffsTable",
    "ExitsTable",
    "FeesTable",
    "FillsTable",
    "Point",
    "RiskTable",
    "Setting",
    "Table",
    "axes_text",
    "blamed",
    "cache_path",
    "config_hash",
    "data_dir",
    "default_text",
    "effective",
    "exchange_path",
    "faults",
    "journal_path",
    "load",
    "located",
    "nearest",
    "on_root",
    "points",
    "read_axis",
    "read_layers",
    "research_path",
    "state_dir",
    "toml_value",
    "trading_text",
    "try_load",
    "user_config_file",
    "validate",
    "with_trading",
]
