"""``zdte-tui doctor`` as a person runs it, on machines where much is broken."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))
from pty_terminal import Terminal, home_env

ROOT = Path(__file__).parents[2]
CLEAN = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}


def doctor(*arguments: str, **env: str | None) -> subprocess.CompletedProcess[str]:
    """The command in an environment of its own: nothing of this machine's user is in it."""
    environment = {name: value for name, value in {**CLEAN, **env}.items() if value is not None}
    command = [sys.executable, "-m", "zdte_tui", "doctor", *arguments]
    result = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=120, check=False)
    return subprocess.CompletedProcess(command, result.returncode, result.stdout.decode(), result.stderr.decode())


def everything(home: Path) -> dict[str, bytes | None]:
    return {str(each): each.read_bytes() if each.is_file() else None for each in home.rglob("*")}


def told(result: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    """The checks of ``--json`` that are not ok, by subject."""
    return {each["subject"]: each for each in json.loads(result.stdout)["checks"] if each["state"] != "ok"}


def test_in_an_empty_home_it_finds_no_fault_and_writes_nothing(tmp_path: Path) -> None:
    result = doctor(HOME=str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    assert not list(tmp_path.iterdir())
    assert "\x1b" not in result.stdout, "no colour where it is no terminal"
    assert re.match(r"(note|warn): .* well", result.stdout.splitlines()[-1])


def test_no_line_is_wider_than_it_is_told_to_be(tmp_path: Path) -> None:
    result = doctor(HOME=str(tmp_path), COLUMNS="44")
    assert result.returncode == 0
    assert max(len(line) for line in result.stdout.splitlines()) <= 44


def test_on_a_terminal_it_is_coloured_and_fits(tmp_path: Path) -> None:
    env = {**home_env(tmp_path), "NO_COLOR": "", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    with Terminal(["doctor"], env, columns=70, lines=150) as terminal:
        assert terminal.wait() == 0
        text = terminal.text
        rows = [number for number, line in enumerate(text.splitlines()) if line.startswith("  ok ")]
        assert rows
        assert terminal.screen.buffer[rows[0]][2].fg == "green"
    assert "70 x 150" in text
    assert re.search(r"^(note|warn): .* well", text, re.MULTILINE)


def test_json_is_one_object_with_every_check(tmp_path: Path) -> None:
    result = doctor("--json", HOME=str(tmp_path))
    report = json.loads(result.stdout)
    assert report["well"] is True
    assert sum(report["counts"].values()) == len(report["checks"])
    assert {each["state"] for each in report["checks"]} <= {"ok", "note", "warn", "fail"}
    assert all(each["mend"] for each in report["checks"] if each["state"] in ("warn", "fail"))


def test_a_broken_home_and_terminal_are_told_with_their_mends(tmp_path: Path) -> None:
    file = tmp_path / "home"
    file.write_text("not a folder")
    result = doctor("--json", HOME=str(file), TERM=None, LANG="C", LC_ALL="POSIX", TMUX="x", SSH_TTY="y")
    assert (result.returncode, result.stderr) == (69, "")
    found = told(result)
    assert found["home"]["state"] == found["data folder"]["state"] == found["state folder"]["state"] == "fail"
    assert found["TERM"]["mend"] == "export TERM=xterm-256color"


def test_without_home_nothing_is_written_where_it_is_started(tmp_path: Path) -> None:
    before = set(ROOT.iterdir())
    result = doctor("--json", HOME=None, **{f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "DATA", "STATE")})
    assert "home" in told(result)
    assert (set(ROOT.iterdir()), list(tmp_path.iterdir())) == (before, [])


def test_a_house_on_fire(tmp_path: Path) -> None:
    config = tmp_path / ".config" / "zdte-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[risk]\ndayly_loss = 1\n[data]\ndir = "{tmp_path}"\n')
    state = tmp_path / ".local" / "state" / "zdte-tui"
    state.mkdir(parents=True)
    (state / "demo.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(9000))
    (state / "main.sqlite").mkdir()
    (tmp_path / ".local" / "share").mkdir()
    (tmp_path / ".local" / "share" / "zdte-tui").write_text("a file")
    before = everything(tmp_path)
    result = doctor("--json", HOME=str(tmp_path), TERM="\x1b[31mdumb")
    assert (result.returncode, result.stderr) == (69, "")
    found = told(result)
    for subject in ("settings", "data folder", "day store", "account demo", "account main"):
        assert found[subject]["state"] == "fail", subject
    assert "did you mean daily_loss" in found["settings"]["seen"]
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("platformdirs", "raise ImportError('gone', name='platformdirs')"),
        ("pydantic", "raise ModuleNotFoundError('gone', name='pydantic')"),
        ("numpy", "import os; os.abort()"),
    ],
)
def test_a_package_that_is_broken_is_named_and_the_rest_is_still_looked_at(
    package: str, source: str, tmp_path: Path
) -> None:
    (tmp_path / "broken" / package).mkdir(parents=True)
    (tmp_path / "broken" / package / "__init__.py").write_text(source)
    home = tmp_path / "home"
    home.mkdir()
    result = doctor("--json", HOME=str(home), PYTHONPATH=str(tmp_path / "broken"), PYTHONDONTWRITEBYTECODE="1")
    assert (result.returncode, result.stderr) == (69, "")
    found = told(result)
    assert found[package]["state"] == "fail"
    assert package in found[package]["mend"]
    assert found["data store"]["state"] == "fail"
    groups = {each["group"] for each in json.loads(result.stdout)["checks"]}
    assert {"folders", "time", "journals", "keys", "terminal"} <= groups
    assert not list(home.iterdir())


def test_another_command_without_a_package_points_to_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "pydantic.py").write_text("raise ModuleNotFoundError('No module named pydantic', name='pydantic')")
    env = {**CLEAN, "HOME": str(tmp_path / "home"), "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "zdte_tui", "sessions"]
    result = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 69
    assert result.stderr.count("\n") == 1
    assert "zdte-tui doctor" in result.stderr
