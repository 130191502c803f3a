"""``--grid KEY=V1,V2``: which settings and values it names, and which combinations they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Axis, ConfigError, axes_text, config_hash, load, on_root, points, read_axis
from engine.config.grid import MOST

CONDOR = ("strategies", "iron_condor")


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("strategies.iron_condor.strikes.wing=10,20.5", (*CONDOR, "strikes", "wing"), (10, 20.5)),
        ("wing=10", (*CONDOR, "strikes", "wing"), (10,)),
        ("stop.offset=0,0.1", (*CONDOR, "stop", "offset"), (0, 0.1)),
        ("fills.model=mid,cross", ("fills", "model"), ("mid", "cross")),
        ("account.equity=1e5", ("account", "equity"), (1e5,)),
        (" entries = 10:00 , 11:00:30 ", (*CONDOR, "entries"), (["10:00"], ["11:00:30"])),
        ('entries=["10:00","11:00"],12:00,[]', (*CONDOR, "entries"), (["10:00", "11:00"], ["12:00"], [])),
        ("hold_to_settlement=true,false", (*CONDOR, "hold_to_settlement"), (True, False)),
        ("exit_time=close-10m,'15:20'", (*CONDOR, "exit_time"), ("close-10m", "15:20")),
        (
            "strategies.iron_condor.by_root.XSP.strikes.wing=1,2",
            (*CONDOR, "by_root", "XSP", "strikes", "wing"),
            (1, 2),
        ),
    ],
)
def test_a_setting_is_named_in_full_or_by_its_end(text: str, key: tuple[str, ...], values: tuple[Any, ...]) -> None:
    axis = read_axis(text)
    assert (axis.key, axis.values) == (key, values)
    assert axis.name == ".".join(key)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write --grid table.key=V1,V2"),
        ("wing", "write --grid table.key=V1,V2"),
        ("=1,2", "write --grid table.key=V1,V2"),
        ("strikes..wing=1", "write --grid table.key=V1,V2"),
        ("wing=", "names no value"),
        ("wing= ", "names no value"),
        ("wing=1,", "parted by commas, none of them empty"),
        ("wing=,1", "parted by commas, none of them empty"),
        ("wing=1,,2", "parted by commas, none of them empty"),
        ('entries=["10:00",["11:00"]', "a bracket or a quote without"),
        ('entries="10:00', "a bracket or a quote without"),
        ("entries=10:00],[", "a bracket or a quote without"),
        ("entries=[10:00],11:00", "not a TOML value"),
        ("wing=10,10", "10 comes twice"),
        ("wing=10,20,10.0", "10.0 is the same as 10"),
        ('entries=10:00,["10:00"]', '["10:00"] is the same as 10:00'),
        ("wings=1", "did you mean wing?"),
        ("entires=1", "did you mean entries?"),
        ("xyzzy=1", "`zdte-tui config show` lists them all"),
        ("strikes=1", "no setting that trades are made by"),
        ("data.dir=a,b", "data.dir is no setting that trades are made by"),
        ("ui.refresh_hz=1,2", "no setting that trades are made by"),
        ("account.name=a,b", "no setting that trades are made by"),
        ("strategies.iron_condor.by_root.XSP=1", "no setting that trades are made by"),
        ("strategies.iron_condor.by_root=1", "no setting that trades are made by"),
        ("by_root.XSP.wing=1", "no setting that trades are made by"),
        ("quantity=99999999999999999999", "does not fit 64 bits"),
        ("wing=1\nx=2", "one setting each"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_axis(text)
    assert str(refused.value).startswith(f"config: --grid {text}: ")
    assert words in str(refused.value)


def test_an_end_that_several_settings_share_asks_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    import engine.config.grid as room

    text = room.default_text()
    assert text.count("[exits]") == 1
    monkeypatch.setattr(room, "default_text", lambda: text.replace("[exits]", "[exits]\nslippage = 1"))
    with pytest.raises(ConfigError, match=r"slippage may be any of (fills|exits)\.slippage, .*; write more of it"):
        read_axis("slippage=0,1")
    assert read_axis("fills.slippage=0").key == ("fills", "slippage")


# Combinations


def test_every_combination_comes_once_the_last_axis_fastest() -> None:
    axes = [read_axis("entries=10:00,11:00"), read_axis("wing=10,20,30")]
    found = points([], [], axes)
    assert [point.texts for point in found] == [(e, w) for e in ("10:00", "11:00") for w in ("10", "20", "30")]
    assert axes_text(axes, found[1]) == (
        '{"strategies.iron_condor.entries": "10:00", "strategies.iron_condor.strikes.wing": "20"}'
    )


settable = st.fixed_dictionaries(
    {
        "strategies.iron_condor.strikes.wing": st.lists(
            st.sampled_from(["10", "20.5", "3e1"]), min_size=1, unique=True
        ),
        "strategies.iron_condor.stop.multiple": st.lists(st.sampled_from(["1", "1.5", "0.8"]), min_size=1, unique=True),
        "fills.latency_ms": st.lists(st.sampled_from(["0", "250"]), min_size=1, unique=True),
    }
)


@given(settable, st.permutations(range(3)))
def test_a_point_is_what_set_makes_of_its_values_in_whatever_order(
    chosen: dict[str, list[str]], order: list[int]
) -> None:
    names = [list(chosen)[n] for n in order]
    for point in points([], ["risk.daily_loss=750"], [read_axis(f"{name}={','.join(chosen[name])}") for name in names]):
        by_set = [f"{name}={text}" for name, text in zip(names, point.texts, strict=True)]
        assert config_hash(point.config) == config_hash(load(settings=["risk.daily_loss=750", *by_set]))


def test_files_are_under_the_grid(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[fills]\nlatency_ms = 300\n[risk]\ndaily_loss = 700\n")
    (point, _) = points([file], [], [read_axis("latency_ms=0,50")])
    assert (point.config.fills.latency_ms, point.config.risk.daily_loss) == (0, 700)


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        (("wing=10", "strikes.wing=20"), "strategies.iron_condor.strikes.wing: it is an axis already"),
        (("fills.latency_ms=0,-1",), "--grid fills.latency_ms=-1: fills.latency_ms: "),
        (("fills.model=mid,crss",), "--grid fills.model=crss: "),
        (("slippage=0,0.1", "latency_ms=0"), "--grid fills.slippage=0.1, fills.latency_ms=0: fills.slippage"),
        (tuple(f"{key}={','.join(map(str, range(1, 20)))}" for key in ("wing", "quantity", "max_open")), "6,859 comb"),
    ],
)
def test_a_combination_that_is_no_configuration_is_named(axes: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        points([], [], [read_axis(text) for text in axes])
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_too_many_are_refused_before_any_is_made() -> None:
    wide = [Axis(("fills", f"x{n}"), ("1", "2") * 50, (1, 2) * 50) for n in range(4)]
    with pytest.raises(ConfigError, match=f"100,000,000 combinations; at most {MOST:,}"):
        points([], [], wide)


def test_what_is_wrong_without_the_grid_is_not_blamed_on_it() -> None:
    with pytest.raises(ConfigError) as refused:
        points([], ["fills.latency_ms=-1"], [read_axis("wing=1,2")])
    assert "--grid" not in str(refused.value)


# What one root has for itself


def test_a_setting_that_is_overlaid_for_the_root_is_laid_where_the_root_feels_it() -> None:
    """Else every column of the grid would show the same figures, and nobody would know why."""
    wing, short = read_axis("wing=3,4"), read_axis("short=0.1")
    assert on_root(wing, load(), "SPXW") == wing
    there = on_root(wing, load(), "XSP")
    assert there.name == "strategies.iron_condor.by_root.XSP.strikes.wing"
    assert on_root(there, load(), "XSP") == there
    assert on_root(short, load(), "XSP") == short
    assert on_root(read_axis("latency_ms=1"), load(), "XSP").key == ("fills", "latency_ms")
    first, second = points([], [], [there])
    assert first.config.strategies["iron_condor"]["by_root"]["XSP"]["strikes"]["wing"] == 3
    assert config_hash(first.config) == config_hash(load(settings=[f"{there.name}=3"]))
    assert config_hash(first.config) != config_hash(second.config)


def test_an_overlay_of_a_persons_own_counts_too(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[strategies.iron_condor.by_root.SPXW.stop]\nmultiple = 2.0\n")
    assert on_root(read_axis("multiple=1,3"), load([own]), "SPXW").key[2:4] == ("by_root", "SPXW")
    with pytest.raises(ConfigError, match="it is an axis already"):
        points(
            [own], [], [on_root(read_axis(f"{key}=1"), load([own]), "SPXW") for key in ("multiple", "stop.multiple")]
        )


def test_a_setting_of_another_root_alone_is_refused() -> None:
    with pytest.raises(ConfigError, match="it is of SPY alone, and XSP is played"):
        on_root(read_axis("strategies.iron_condor.by_root.SPY.strikes.wing=1"), load(), "XSP")


def test_a_root_without_an_overlay_can_be_given_one() -> None:
    axis = read_axis("strategies.iron_condor.by_root.SPXW.strikes.wing=15,25")
    assert config_hash(points([], [], [axis])[0].config) == config_hash(load(settings=[f"{axis.name}=15"]))
