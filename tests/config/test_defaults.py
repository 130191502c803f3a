"""config.toml at the root is the default, whole and packaged; the names others script against stand in it."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.config import Config, default_text, load
from engine.strategy import build_strategies
from strategies.iron_condor import Settings
from strategies.registry import REGISTRY

CHECKOUT = Path(__file__).parents[2]
CONDOR = "strategies.iron_condor"

PROMISED = {
    "session.mode": "auto",
    "session.roots": ["SPXW"],
    "account.equity": 100_000,
    "fills.model": "cross",
    "fills.slippage": 0.0,
    "fills.max_quote_age_seconds": 90,
    "fees.per_contract": 0.65,
    "risk.per_trade": 0.02,
    "risk.per_strategy": 0.10,
    "risk.daily_loss": 500,
    "risk.vix_scale": True,
    f"{CONDOR}.enabled": True,
    f"{CONDOR}.entries": ["10:00", "11:00", "12:00", "13:00"],
    f"{CONDOR}.entry_tolerance_minutes": 5,
    f"{CONDOR}.quantity": 1,
    f"{CONDOR}.min_credit": 1.00,
    f"{CONDOR}.min_side_credit": 0.40,
    f"{CONDOR}.max_imbalance": 4,
    f"{CONDOR}.blackout.events": ["fomc"],
    f"{CONDOR}.blackout.before_minutes": 5,
    f"{CONDOR}.blackout.after_minutes": 15,
    f"{CONDOR}.profit_target": 0,
    f"{CONDOR}.buy_back": 0.05,
    f"{CONDOR}.exit_time": "close-40m",
    f"{CONDOR}.hold_to_settlement": False,
    f"{CONDOR}.strikes.by": "delta",
    f"{CONDOR}.strikes.short": 0.10,
    f"{CONDOR}.strikes.wing": 20,
    f"{CONDOR}.stop.scope": "side",
    f"{CONDOR}.stop.multiple": 1.0,
    f"{CONDOR}.stop.offset": 0.05,
    f"{CONDOR}.stop.trigger": "mid",
    f"{CONDOR}.stop.confirm_s": 3,
    f"{CONDOR}.stop.max_width": 0.50,
    f"{CONDOR}.by_root.SPY.quantity": 10,
    f"{CONDOR}.by_root.SPY.min_credit": 0.10,
    f"{CONDOR}.by_root.SPY.min_side_credit": 0.04,
    f"{CONDOR}.by_root.SPY.buy_back": 0.02,
    f"{CONDOR}.by_root.SPY.strikes.wing": 2,
}


def at(tree: Any, path: str) -> Any:
    for part in path.split("."):
        tree = tree[part]
    return tree


def leaves(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in tree.items():
        found |= leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def test_the_default_is_the_file_at_the_root() -> None:
    assert default_text() == (CHECKOUT / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_name_has_its_promised_default(name: str) -> None:
    assert at(load().model_dump(), name) == PROMISED[name]


@pytest.mark.parametrize("name", ["data.dir", "journal.path", "research.path", "risk.max_open"])
def test_a_promised_name_with_a_default_of_our_own_exists(name: str) -> None:
    assert isinstance(at(load().model_dump(), name), str | int)


def test_every_key_of_the_file_is_loaded_with_its_value() -> None:
    written, loaded = leaves(tomllib.loads(default_text())), leaves(load().model_dump(by_alias=True))
    assert loaded == written
    assert isinstance(loaded["demo.date"], dt.date)


def test_every_key_a_table_knows_stands_in_the_file() -> None:
    written = tomllib.loads(default_text())
    for table, field in Config.model_fields.items():
        if table != "strategies":
            assert set(written[table]) == set(field.annotation.model_fields), table
    assert set(written["strategies"]["iron_condor"]) - {"enabled", "by_root"} == set(Settings.model_fields)


def test_the_default_builds_its_strategy_for_every_root() -> None:
    built = build_strategies(load().strategies, REGISTRY, ["SPXW", "XSP", "SPY", "QQQ"])
    quantities = {each.root: each.settings.quantity for each in built}  # type: ignore[attr-defined]
    assert quantities == {"SPXW": 1, "XSP": 10, "SPY": 10, "QQQ": 10}


def test_derived_values_are_exact() -> None:
    config = load(settings=["fills.max_quote_age_seconds=0.29", "exits.step_seconds=1.1", "risk.mark_max_width=0.29"])
    assert config.fills.max_quote_age_ns == 290_000_000
    assert config.exits.step_ns == 1_100_000_000
    assert config.risk.mark_max_width_units == 2900
    assert config.account.equity_units == 1_000_000_000
    assert config.risk.daily_loss_units == 5_000_000
