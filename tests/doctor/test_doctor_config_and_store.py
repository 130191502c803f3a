"""The configuration and the day store, whatever state they are in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine.calendar import session
from engine.clock import MINUTE
from engine.tape import DayBuilder, DayTable, Store
from engine.types import Contract, Provenance
from zdte_tui.doctor.checks import config, store
from zdte_tui.doctor.finding import Finding
from zdte_tui.doctor.surroundings import Surroundings, look


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def own_config(home: Path, text: str) -> Path:
    path = home / "XDG_CONFIG_HOME" / "zdte-tui" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def around(*settings: str) -> Surroundings:
    return look([], settings, frozenset(), online=False)


def by_subject(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found}


def day(date: dt.date, origin: str, source: str) -> DayTable:
    builder, opened = DayBuilder(), session(date).open
    call = Contract("SPXW", date, 52_000_000, "C")
    builder.put(opened + MINUTE, opened + MINUTE, call, bid=10_000, ask=10_500, bid_size=3, ask_size=4)
    label = Provenance(source=source, origin=origin, meaning="quote", sha256="0" * 64)
    return DayTable("SPXW", date, label, "test", 1, builder.build())


def test_without_a_file_the_defaults_hold() -> None:
    found = by_subject(list(config.check(around())))
    assert found["files"].state == found["settings"].state == "ok"
    assert found["mode"].seen == "auto: the paper account where its keys are, else the demo market"


def test_a_wrong_key_is_told_with_its_file_and_the_nearest_right_one(home: Path) -> None:
    path = own_config(home, "[risk]\ndayly_loss = 800\n")
    found = by_subject(list(config.check(around())))
    assert found["settings"].state == "fail"
    assert str(path) in found["settings"].seen
    assert "daily_loss" in found["settings"].seen


def test_after_a_wrong_key_the_default_places_are_looked_at(home: Path) -> None:
    own_config(home, "[risk\n")
    broken = around()
    assert broken.problem
    assert broken.known_config.session.roots == ["SPXW"]


def test_a_configuration_others_may_change_is_a_warning(home: Path) -> None:
    own_config(home, "").chmod(0o666)
    assert by_subject(list(config.check(around())))["files"].state == "warn"


def test_the_mode_of_real_money_is_a_warning_that_says_what_is_armed() -> None:
    found = by_subject(list(config.check(around("session.mode=live"))))
    assert found["mode"].state == "warn"
    assert "REAL MONEY" in found["mode"].seen
    assert "no day is armed" in found["mode"].seen
    assert "demo" in found["mode"].mend


def test_a_strategys_own_table_is_checked_by_the_strategy() -> None:
    assert [each.state for each in config.check_strategies(around())] == ["ok"]
    (bad,) = config.check_strategies(around("strategies.iron_condor.quantity=-1"))
    assert bad.state == "fail"
    assert "strategies.iron_condor.quantity" in bad.seen
    (off,) = config.check_strategies(around("strategies.iron_condor.enabled=false"))
    assert off.state == "note"


def test_an_empty_store_says_how_days_come_in(tmp_path: Path) -> None:
    (found,) = store.check(around(f"data.dir={tmp_path}/none"))
    assert found.state == "note"
    assert "data import" in found.mend
    assert not (tmp_path / "none").exists()


def test_days_are_counted_and_simulated_ones_are_said_to_be(tmp_path: Path) -> None:
    days = Store(tmp_path)
    for date, origin, source in (
        (dt.date(2024, 8, 6), "vendor", "lean"),
        (dt.date(2024, 8, 7), "vendor", "lean"),
        (dt.date(2024, 8, 7), "simulated", "demo"),
    ):
        days.save_day(day(date, origin, source))
    found = by_subject(list(store.check(around(f"data.dir={tmp_path}"))))
    assert found["SPXW"].seen == "2 day(s), 2024-08-06 to 2024-08-07; files: 1 SIMULATED, 2 vendor"
    assert "data verify" in found["contents"].mend


def test_a_broken_day_is_named_and_not_counted(tmp_path: Path) -> None:
    Store(tmp_path).save_day(day(dt.date(2024, 8, 6), "vendor", "lean"))
    broken = tmp_path / "days" / "SPXW" / "2024-08-07.lean.parquet"
    broken.write_bytes(b"PAR1 cut short")
    (tmp_path / "days" / "SPXW" / ".2024-08-08.lean.parquet.1.tmp").write_bytes(b"half")
    found = by_subject(list(store.check(around(f"data.dir={tmp_path}"))))
    assert found["broken files"].state == "warn"
    assert str(broken) in found["broken files"].seen
    assert found["SPXW"].seen.startswith("1 day(s), 2024-08-06;")
    assert "rm " in found["leftovers"].mend


def test_a_store_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    (found,) = store.check(around(f"data.dir={tmp_path}/taken"))
    assert found.state == "fail"
