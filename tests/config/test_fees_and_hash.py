"""Dated fees; the hash that tells trading configurations apart; where files lie."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import (
    ConfigError,
    FeesTable,
    config_hash,
    data_dir,
    journal_path,
    load,
    research_path,
    state_dir,
    trading_text,
    user_config_file,
    with_trading,
)
from engine.types import to_units

SCHEDULE = """fees.schedule=[{root="SPXW", from=2024-03-01, per_contract=0.60},
 {root="SPXW", from=2024-01-01, per_contract=0.50}, {root="SPY", from=2024-01-01, per_contract=0}]"""


@pytest.mark.parametrize(
    ("root", "day", "dollars"),
    [
        ("SPXW", "2023-12-31", "0.65"),
        ("SPXW", "2024-01-01", "0.50"),
        ("SPXW", "2024-02-29", "0.50"),
        ("SPXW", "2024-03-01", "0.60"),
        ("SPY", "2024-03-01", "0"),
        ("XSP", "2024-03-01", "0.65"),
    ],
)
def test_the_latest_row_not_after_the_day_decides_in_whatever_order_they_stand(
    root: str, day: str, dollars: str
) -> None:
    fees = load(settings=[SCHEDULE]).fees
    assert fees.per_contract_units(root, dt.date.fromisoformat(day)) == to_units(dollars)


@given(st.dictionaries(st.dates(dt.date(2020, 1, 1), dt.date(2025, 1, 1)), st.integers(0, 200), max_size=5), st.data())
@settings(deadline=None)
def test_a_schedule_is_a_step_function_of_the_day(cents: dict[dt.date, int], data: st.DataObject) -> None:
    rows = [{"root": "SPXW", "from": day, "per_contract": fee / 100} for day, fee in cents.items()]
    table = FeesTable.model_validate({"per_contract": 9, "schedule": rows})
    day = data.draw(st.dates(dt.date(2019, 1, 1), dt.date(2026, 1, 1)))
    before = [start for start in cents if start <= day]
    assert table.per_contract_units("SPXW", day) == (cents[max(before)] * 100 if before else 90_000)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('{root="SPWX", from=2024-01-01, per_contract=1}', "unknown root 'SPWX'; did you mean SPXW"),
        ('{root="SPY", from=2024-01-01, per_contract=-1}', "greater than or equal to 0"),
        ('{root="SPY", per_contract=1}', "fees.schedule.0.from: is missing"),
        ('{root="SPY", from=2024-01-01, per_contract=1}, {root="SPY", from=2024-01-01, per_contract=2}', "two fees"),
    ],
)
def test_a_fee_nobody_would_ever_pay_is_refused(row: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load(settings=[f"fees.schedule=[{row}]"])


@pytest.mark.parametrize(
    "setting",
    [
        "account.equity=100001",
        "fills.model=mid",
        "fills.latency_ms=1",
        "fees.per_contract=0.66",
        "fees.schedule=[{root='SPXW', from=2024-01-01, per_contract=0.65}]",
        "risk.daily_loss=501",
        "exits.ticks=3",
        "strategies.iron_condor.enabled=false",
        "strategies.iron_condor.stop.multiple=1.1",
        "strategies.iron_condor.by_root.SPY.quantity=9",
    ],
)
def test_what_decides_trading_changes_the_hash(setting: str) -> None:
    assert config_hash(load(settings=[setting])) != config_hash(load())


@pytest.mark.parametrize(
    "setting",
    [
        "data.dir=/a",
        "journal.path=/a",
        "research.path=/a",
        "ui.refresh_hz=9",
        "ui.theme=ansi-dark",
        "session.mode=demo",
    ],
)
def test_where_files_lie_and_how_it_looks_does_not(setting: str) -> None:
    assert config_hash(load(settings=[setting])) == config_hash(load())


def test_the_same_value_written_otherwise_is_the_same_configuration() -> None:
    assert config_hash(load(settings=["account.equity=1e5"])) == config_hash(load())


def test_a_sessions_trading_part_can_be_put_back() -> None:
    session = load(settings=[SCHEDULE, "risk.per_trade=0.01", "strategies.iron_condor.quantity=3"])
    elsewhere = load(settings=["data.dir=/elsewhere", "risk.per_trade=0.03"])
    again = with_trading(elsewhere, trading_text(session))
    assert trading_text(again) == trading_text(session)
    assert again.risk == session.risk
    assert again.fees == session.fees
    assert again.data.dir == "/elsewhere"


def test_a_trading_part_of_an_unknown_shape_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown key rsik; did you mean risk"):
        with_trading(load(), '{"rsik": {}}')


def test_paths_are_the_platforms_unless_given() -> None:
    config = load()
    assert user_config_file() == Path(platformdirs.user_config_dir("zdte-tui")) / "config.toml"
    assert data_dir(config) == Path(platformdirs.user_data_dir("zdte-tui"))
    assert journal_path(config, "main") == state_dir() / "main.sqlite"
    assert research_path(config) == state_dir() / "research.sqlite"


def test_accounts_and_research_never_share_a_journal_by_default() -> None:
    config = load()
    assert len({journal_path(config, "main"), journal_path(config, "demo"), research_path(config)}) == 3


def test_given_paths_win_and_a_tilde_is_the_home() -> None:
    config = load(settings=["data.dir=~/days", "journal.path=~/j.sqlite", "research.path=/tmp/r.sqlite"])
    assert data_dir(config) == Path.home() / "days"
    assert journal_path(config, "main") == Path.home() / "j.sqlite"
    assert research_path(config) == Path("/tmp/r.sqlite")
