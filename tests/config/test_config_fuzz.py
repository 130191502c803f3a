"""Any file and any ``--set``: a configuration, or one line a mistake that names its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from engine.config import Config, ConfigError, config_hash, default_text, effective, load, try_load
from engine.config.lines import key_lines
from engine.strategy import build_strategies
from strategies.registry import REGISTRY

LINES = default_text().split("\n")
ROOTS = ["SPXW", "SPY", "QQQ", "XSP"]
VALUES = [
    "", "0", "-1", "1", "true", "nan", "inf", "-inf", "1e308", "1e-308", "9" * 30, "9" * 5000, "0x" + "f" * 5000, "''",
    "'x'",
    '"""', "[", "[]", "[[]]", "['10:00']", "[[[[[[[[1]]]]]]]]", "{", "{}", "{a=1}", "{a={b={c=1}}}", "2024-02-29",
    "2023-02-29", "10:00:00", "2024-01-01T00:00:00Z", '"\\u0000"', '"\\ud800"', "'SPXW'", "['SPXX']", "٣", "[" * 3000,
]  # fmt: skip
ANY = st.text(st.characters(exclude_categories=[]) | st.sampled_from("[]{}='\"#.\n\\"), max_size=20)

pytestmark = pytest.mark.filterwarnings("ignore")


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The default configuration with one to four slips of the hand."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        slip = draw(
            st.sampled_from(["value", "value", "value", "key", "drop", "twice", "insert", "cut", "letters", "swap"])
        )
        line = lines[at]
        if slip == "value" and "=" in line:
            lines[at] = f"{line.partition('=')[0]}= {draw(st.sampled_from(VALUES) | ANY)}"
        elif slip == "key" and "=" in line:
            lines[at] = draw(st.sampled_from(["x", "a.b", "'q'", line[:3]])) + line
        elif slip == "drop":
            del lines[at]
        elif slip == "twice":
            lines.insert(draw(st.integers(0, len(lines))), line)
        elif slip == "insert":
            lines.insert(at, draw(ANY))
        elif slip == "cut":
            lines = [*lines[:at], line[: draw(st.integers(0, len(line)))]]
        elif slip == "letters" and line:
            where = draw(st.integers(0, len(line) - 1))
            lines[at] = line[:where] + draw(ANY) + line[where + 1 :]
        elif slip == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        if not lines:
            break
    return "\n".join(lines)


def judged(files: list[Path], given_settings: list[str]) -> Config | None:
    """Load in every way there is; each says the same. ``None`` where it is refused."""
    config, wrong = try_load(files, given_settings)
    if config is None:
        assert wrong
        for error in wrong:
            text = str(error)
            assert text, "a mistake without a word"
            assert len(text) < 1000 + sum(map(len, given_settings)) * 2
        with pytest.raises(ConfigError):
            load(files, given_settings)
        return None
    assert repr(load(files, given_settings)) == repr(config)  # nan is not equal to itself
    assert len(config_hash(config)) == 64
    return config


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(text=mutated())
def test_a_file_with_slips_loads_or_is_refused_by_place(text: str, tmp_path: Path) -> None:
    file = tmp_path / "fuzz.toml"
    file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    config, wrong = try_load([file])
    event("loads" if config else "refused")
    assert repr(judged([file], [])) == repr(config)
    for error in wrong:
        assert str(file) in str(error)
        if error.key:
            assert str(error).startswith(f"{file}:"), error
    if config is not None:
        try:
            build_strategies(config.strategies, REGISTRY, ROOTS)
        except ConfigError:
            event("refused by the strategy")
        assert {setting.name for setting in effective([file])} >= {"risk.max_open", "ui.theme"}


PATHS = [".".join(path) for path in key_lines(default_text())]


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(PATHS) | ANY, st.sampled_from(VALUES) | ANY).map("=".join) | ANY, max_size=3))
@example(["risk.max_open=1\nrisk.per_trade=2"])
@example(["strategies.iron_condor.by_root.SPXW=3"])
@example([".".join(["a"] * 5000) + "=1"])
@example(["strategies.iron_condor.by_root.SPY." + ".".join(["a"] * 5000) + "=1"])
@example(["strategies.iron_condor.by_root.SPXW.strikes=" + "{a=" * 40 + "1" + "}" * 40])
@example(["demo.seed=0x" + "f" * 5000])
@example(["risk.max_open=0x" + "f" * 5000])
@example(["strategies.iron_condor.by_root.XSP.min_credit=0x" + "f" * 5000])
@example(["data.dir=\0"])
@example(["ui.theme=\udcff"])
def test_any_settings_load_or_are_refused(given_settings: list[str]) -> None:
    config = judged([], given_settings)
    event("loads" if config else "refused")
    if config is not None:
        try:
            build_strategies(config.strategies, REGISTRY, ROOTS)
        except ConfigError:
            event("refused by the strategy")


@given(mutated())
def test_lines_are_found_in_every_text_that_is_toml(text: str) -> None:
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError):
        return
    found = key_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())
    assert {(key,) for key in tree} <= set(found)
