"""``zdte-tui config``: written to start from, shown with where each value was set, checked line by line."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest

from engine.config import default_text


@pytest.fixture
def own(home: Path) -> Path:
    return home / "xdg_config_home" / "zdte-tui" / "config.toml"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# init


def test_init_writes_the_commented_default_for_its_owner_alone(run, own: Path) -> None:
    said = run("config", "init")
    assert (said.code, said.out) == (0, f"wrote {own}\n")
    assert own.read_text(encoding="utf-8") == default_text()
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.parent.stat().st_mode) == 0o700
    assert [path.name for path in own.parent.iterdir()] == ["config.toml"]
    assert run("config", "check").code == 0
    assert run("config", "show", "--changed").out == ""


def test_init_leaves_a_file_alone_unless_it_is_told_to(run, own: Path) -> None:
    written(own, "[risk]\nmax_open = 3\n")
    said = run("config", "init")
    assert said.code == 73
    assert "--force" in said.line
    assert own.read_text() == "[risk]\nmax_open = 3\n"


def test_force_keeps_every_file_it_replaces(run, own: Path) -> None:
    for number, name in ((3, "config.toml.bak"), (4, "config.toml.bak2"), (5, "config.toml.bak3")):
        text = f"[risk]\nmax_open = {number}\n"
        written(own, text)
        said = run("config", "init", "--force")
        assert said.out == f"wrote {own}; the old one is {own.with_name(name)}\n"
        assert own.with_name(name).read_text() == text
    assert own.read_text() == default_text()


def test_init_writes_where_it_is_told(run, own: Path, tmp_path: Path) -> None:
    assert run("config", "init", "--path", str(tmp_path / "mine.toml")).code == 0
    assert tomllib.loads((tmp_path / "mine.toml").read_text()) == tomllib.loads(default_text())
    assert not own.exists()


def test_init_refuses_what_it_cannot_write(run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path, words in (
        (tmp_path, "not a regular file"),
        (tmp_path / "fifo", "not a regular file"),
        (Path("/dev/null"), "not a regular file"),
        (tmp_path / "no" / "where.toml", "No such file or directory"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        said = run("config", "init", "--force", "--path", str(path))
        assert said.code == 73, path
        assert words in said.line
    assert Path("/dev/null").is_char_device()


def test_init_writes_through_a_link(run, own: Path, tmp_path: Path) -> None:
    target = written(tmp_path / "dotfiles.toml", "")
    own.parent.mkdir(parents=True)
    own.symlink_to(target)
    assert run("config", "init", "--force").code == 0
    assert own.is_symlink()
    assert target.read_text() == default_text()


# show


def test_show_says_where_every_value_was_set(run, own: Path, tmp_path: Path) -> None:
    written(own, "# mine\n[risk]\nmax_open = 3\ndaily_loss = 400\n")
    given = written(tmp_path / "given.toml", "[risk]\n\ndaily_loss = 300\n")
    said = run("config", "show", "risk", "--config", str(given), "--set", "risk.per_trade=0.05")
    places = {line.split(" = ")[0]: line.split("  # ")[1] for line in said.out.splitlines()}
    assert places["risk.max_open"] == f"{own}:3"
    assert places["risk.daily_loss"] == f"{given}:3"
    assert places["risk.per_trade"] == "--set"
    assert places["risk.vix_scale"] == "default"


def test_what_is_shown_can_stand_in_a_file(run, tmp_path: Path) -> None:
    shown = run("config", "show", "--set", 'data.dir=a "quoted" \\ path', "--set", "session.roots=['SPY','XSP']").out
    said = run("config", "show", "--config", str(written(tmp_path / "all.toml", shown)))
    assert said.code == 0
    assert [line.split("  # ")[0].rstrip() for line in said.out.splitlines()] == [
        line.split("  # ")[0].rstrip() for line in shown.splitlines()
    ]


def test_changed_is_what_differs_from_the_default(run, own: Path) -> None:
    written(own, "[risk]\nmax_open = 8\ndaily_loss = 400\n")
    assert run("config", "show", "--changed").out == f"risk.daily_loss = 400.0  # {own}:3\n"
    nothing = run("config", "show", "fills", "--changed")
    assert (nothing.code, nothing.out) == (0, "")
    assert "as in the default" in nothing.line


def test_show_as_json(run, own: Path) -> None:
    written(own, "[demo]\ndate = 2026-01-16\n")
    found = json.loads(run("config", "show", "--json", "demo.date").out)
    assert found["files"] == [str(own)]
    assert len(found["hash"]) == 64
    assert found["settings"] == [
        {"key": "demo.date", "value": "2026-01-16", "source": str(own), "line": 2, "changed": True}
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("risk.dayly_loss", "risk.daily_loss"),
        ("daily_loss", "risk.daily_loss"),
        ("rsk", "risk"),
        ("strategies.iron_condor.stops", "strategies.iron_condor.stop"),
    ],
)
def test_an_unknown_key_names_the_nearest(run, key: str, meant: str) -> None:
    said = run("config", "show", key)
    assert said.code == 64
    assert said.line.endswith(f"did you mean {meant}?")


# check


def test_check_says_everything_that_is_wrong_a_line_each(run, own: Path) -> None:
    written(
        own,
        "[risk]\nper_trad = 0.01\nmax_open = -1\n\n[fills]\nmodel = 'las'\n[sesion]\nmode = 'demo'\n",
    )
    said = run("config", "check")
    assert said.code == 78
    assert said.out == ""
    assert sorted(said.err.splitlines()) == [
        f"zdte-tui: {own}:2: unknown key risk.per_trad; did you mean per_trade?",
        f"zdte-tui: {own}:3: risk.max_open: Input should be greater than or equal to 0 (given: -1)",
        f"zdte-tui: {own}:6: fills.model: Input should be 'cross', 'mid' or 'improve' (given: 'las')",
        f"zdte-tui: {own}:7: unknown key sesion; did you mean session?",
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[strategies.iron_condor]\n\nquantity = -1", 3, "quantity: Input should be greater than or equal to 0"),
        ("[strategies.iron_condor.by_root.SPY]\nqantity = 1", 2, "did you mean quantity?"),
        ("strategies.iron_condor.by_root.SPY.strikes.wing = 'wide'", 1, "strikes.wing: write a number"),
        ("[demo]\n# when\ndate = 2026-01-17", 3, "Saturday"),
        ("[ui]\ntheme = 'nrd'", 2, "did you mean nord?"),
        (
            "[[fees.schedule]]\nroot = 'SPXW'\nfrom = 2024-01-01\nper_contract = 'free'",
            4,
            "fees.schedule.0.per_contract",
        ),
        ("[session]\nroots = ['SPXX']", 2, "did you mean SPXW?"),
        ("[risk]\ndaily_loss = true", 2, "risk.daily_loss: Input should be a number"),
        (
            "[strategies.iron_condor]\nenabled = true\n[strategies.iron_condr]\nquantity = 1",
            3,
            "did you mean iron_condor?",
        ),
    ],
)
def test_what_is_wrong_is_found_on_its_line(run, tmp_path: Path, text: str, line: int, words: str) -> None:
    file = written(tmp_path / "x.toml", text)
    said = run("config", "check", str(file))
    assert said.code == 78
    assert said.line.startswith(f"zdte-tui: {file}:{line}: ")
    assert words in said.line


def test_a_good_file_says_so_with_the_hash_its_sessions_will_carry(run, tmp_path: Path) -> None:
    same = run("config", "check", str(written(tmp_path / "a.toml", "[ui]\nrefresh_hz = 9\n"))).out
    other = run("config", "check", str(written(tmp_path / "b.toml", "[risk]\nmax_open = 1\n"))).out
    default = run("config", "check").out
    hashes = [text.split("hash ")[1] for text in (same, other, default)]
    assert same.startswith(f"ok: {tmp_path / 'a.toml'}; hash ")
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_file_is_checked_without_ones_own_and_the_settings_with_it(run, own: Path, tmp_path: Path) -> None:
    written(own, "[risk]\nmax_open = -1\n")
    good = written(tmp_path / "good.toml", "[risk]\nmax_open = 1\n")
    assert run("config", "check", str(good)).code == 0
    assert run("config", "check").code == 78
    assert run("config", "check", str(good), "--set", "risk.max_open=-2").line.startswith(
        "zdte-tui: --set risk.max_open"
    )


def test_files_that_are_no_files_are_refused_at_once(run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    big = written(tmp_path / "big.toml", "# " + "x" * 1_100_000)
    for path, words in (
        (tmp_path / "fifo", "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path, "Is a directory"),
        (tmp_path / "none.toml", "does not exist"),
        (big, "no configuration is that large"),
    ):
        for command in (("config", "check", str(path)), ("--demo", "--no-ui", "--config", str(path))):
            said = run(*command)
            assert said.code == 78, command
            assert words in said.line


# path


def test_path_says_where_everything_lies_and_makes_nothing(run, home: Path, own: Path) -> None:
    said = run("config", "path")
    places = dict(line.replace("(not there yet)", "").split() for line in said.out.splitlines())
    assert places["config"] == str(own)
    assert list(places) == ["config", "data", "state", "journal", "demo", "research", "log"]
    assert said.out.count("(not there yet)") == 7
    assert list(home.iterdir()) == []
    found = json.loads(run("config", "path", "--json", "--set", "data.dir=/tape").out)
    assert found["data"] == {"path": "/tape", "exists": Path("/tape").exists()}


def test_path_names_the_file_that_is_wrong(run, own: Path) -> None:
    written(own, "[risk\n")
    said = run("config", "path")
    assert said.code == 78
    assert str(own) in said.out
    assert "is not TOML" in said.line
