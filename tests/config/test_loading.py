"""Files and settings are laid over the default in order; what is wrong is said in one line that can be acted on."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import Config, ConfigError, default_text, load
from engine.strategy import build_strategies
from strategies.registry import REGISTRY


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(*settings: str, files: tuple[Path, ...] = ()) -> str:
    with pytest.raises(ConfigError) as refused:
        load(files, settings)
    text = str(refused.value)
    assert "\n" not in text
    return text


def tables(tree: dict[str, Any], path: str = "") -> list[tuple[str, list[str]]]:
    """Every table of the default outside by_root, and its keys."""
    found = [(path, list(tree))]
    for key, value in tree.items():
        if isinstance(value, dict) and key != "by_root":
            found += tables(value, f"{path}{key}.")
    return found


def test_later_sources_win_key_by_key(tmp_path: Path) -> None:
    user = write(tmp_path, "user.toml", "[risk]\nper_trade = 0.03\ndaily_loss = 400\nmax_open = 3")
    given_file = write(tmp_path, "given.toml", "[risk]\nper_trade = 0.04\ndaily_loss = 300")
    risk = load([user, given_file], ["risk.per_trade=0.05"]).risk
    assert (risk.per_trade, risk.daily_loss, risk.max_open, risk.per_strategy) == (0.05, 300, 3, 0.10)


def test_the_last_of_two_equal_settings_wins() -> None:
    assert load(settings=["risk.max_open=3", "risk.max_open=4"]).risk.max_open == 4


def test_loading_leaves_the_default_alone() -> None:
    load(settings=["strategies.iron_condor.stop.scope=none", "risk.max_open=1"])
    assert load().risk.max_open == 8
    assert load().strategies["iron_condor"]["stop"]["scope"] == "side"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("mode=demo", "demo"),
        ('mode="demo"', "demo"),
        (" mode = demo ", "demo"),
    ],
)
def test_a_setting_may_be_toml_or_bare_text(setting: str, value: str) -> None:
    assert load(settings=[f"session.{setting.strip()}"]).session.mode == value


@pytest.mark.parametrize("time", ["15:20", "15:20:30", "close-40m", '"15:20:30"'])
def test_times_of_day_need_no_quotes_on_the_command_line(time: str) -> None:
    config = load(settings=[f"strategies.iron_condor.exit_time={time}"])
    assert config.strategies["iron_condor"]["exit_time"] == time.strip('"')
    assert build_strategies(config.strategies, REGISTRY, ["SPXW"])


def test_lists_and_tables_can_be_set() -> None:
    config = load(settings=['session.roots=["SPY", "QQQ"]', "strategies.iron_condor.strikes={by='offset', short=25}"])
    assert config.session.roots == ["SPY", "QQQ"]
    assert config.strategies["iron_condor"]["strikes"] == {"by": "offset", "short": 25, "wing": 20}


def test_what_one_root_needs_may_be_added_under_by_root(tmp_path: Path) -> None:
    file = write(tmp_path, "a.toml", "[strategies.iron_condor.by_root.SPXW]\nstrikes = { short = 0.05 }")
    config = load([file], ["strategies.iron_condor.by_root.SPY.stop.multiple=2"])
    spxw, spy = build_strategies(config.strategies, REGISTRY, ["SPXW", "SPY"])
    assert (spxw.settings.strikes.short, spxw.settings.strikes.wing) == (0.05, 20)  # type: ignore[attr-defined]
    assert (spy.settings.stop.multiple, spy.settings.stop.offset) == (2, 0.01)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("path", "keys"), tables(tomllib.loads(default_text())), ids=lambda part: str(part)[:40])
def test_a_misspelt_key_names_the_nearest_known_one_at_every_level(path: str, keys: list[str]) -> None:
    for key in keys:
        misspelt = f"{key[:-1]}{key[-1]}x"
        said = refusal(f"{path}{misspelt}=1")
        assert f"unknown key {path}{misspelt}; did you mean " in said
        assert said.endswith(f"{key}?"), said


def test_a_key_unlike_any_lists_those_known_there() -> None:
    assert refusal("exits.qqq=1").endswith("unknown key exits.qqq; known here: step_seconds, ticks")


def test_an_unknown_key_of_a_file_names_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.toml", "[risk]\nper_trad = 0.01")
    assert refusal(files=(file,)) == f"{file}:2: unknown key risk.per_trad; did you mean per_trade?"


def test_a_misspelt_key_of_a_fee_row_is_named_as_it_is_written() -> None:
    said = refusal('fees.schedule=[{root="SPXW", form=2024-01-01, per_contract=0.5}]')
    assert said.endswith("unknown key fees.schedule.0.form; did you mean from?")


@pytest.mark.parametrize("key", ["qantity", "strikes.wng", "stop.scop"])
def test_a_misspelt_key_under_by_root_is_found_when_the_strategies_are_built(key: str) -> None:
    config = load(settings=[f"strategies.iron_condor.by_root.SPY.{key}=1"])
    with pytest.raises(ConfigError, match=rf"by_root\.SPY\.{key}; did you mean (quantity|wing|scope)\?"):
        build_strategies(config.strategies, REGISTRY, ["SPXW"])


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("risk.per_trade=2", "risk.per_trade: Input should be less than or equal to 1 (given: 2)"),
        ("risk.per_trade=0", "risk.per_trade: Input should be greater than 0 (given: 0)"),
        ("account.equity=inf", "account.equity: Input should be a finite number (given: inf)"),
        ("risk.daily_loss=nan", "risk.daily_loss: Input should be a finite number (given: nan)"),
        ("fills.model=last", "fills.model: Input should be 'cross', 'mid' or 'improve' (given: 'last')"),
        ("session.roots=['SPX']", "unknown root 'SPX'; did you mean SPXW?; known: QQQ, SPXW, SPY, XSP"),
        ("session.roots=['SPY','SPY']", "a root is named twice"),
        ("account.name='a-b'", "account.name: String should match pattern"),
        ("risk=1", "risk is a table, not a value"),
        ("demo.date=2024-02-30", "demo.date: "),
        ("exits.step_seconds=1e-10", "exits.step_seconds: Input should be greater than or equal to 0.001"),
    ],
)
def test_a_bad_value_names_its_source_its_key_and_what_is_allowed(setting: str, complaint: str) -> None:
    said = refusal(setting)
    assert said.startswith(f"--set {setting}: ")
    assert complaint in said


def test_a_bad_value_in_a_file_is_blamed_on_that_file_though_a_later_one_would_mend_it(tmp_path: Path) -> None:
    bad = write(tmp_path, "bad.toml", "[risk]\nmax_open = -1")
    good = write(tmp_path, "good.toml", "[risk]\nmax_open = 1")
    assert refusal(files=(bad, good)).startswith(f"{bad}:2: risk.max_open: Input should be greater than or equal to 0")


@pytest.mark.parametrize("setting", ["risk.max_open", "=3", " =3", ""])
def test_a_setting_needs_a_key_and_a_value(setting: str) -> None:
    assert refusal(setting).endswith("write --set table.key=value")


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    assert refusal(files=(tmp_path / "none.toml",)) == f"config: {tmp_path / 'none.toml'} does not exist"
    assert f"cannot read {tmp_path}: Is a directory" in refusal(files=(tmp_path,))
    assert "is not TOML: " in refusal(files=(write(tmp_path, "a.toml", "[risk\n"),))
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# caf\xe9")
    assert refusal(files=(latin,)) == f"config: {latin} is not UTF-8 text"


KEYS = st.sampled_from(["risk.max_open", "risk", "ui.theme", "strategies.iron_condor.by_root.SPY", "fees.schedule"])


@given(st.text(max_size=30) | st.tuples(KEYS, st.text(max_size=20)).map("=".join))
@settings(deadline=None)
def test_any_setting_loads_or_is_refused_as_a_config_error(setting: str) -> None:
    try:
        config = load(settings=[setting])
    except ConfigError:
        return
    assert isinstance(config, Config)
