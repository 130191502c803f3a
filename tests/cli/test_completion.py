"""The completion scripts are made from the parser, accepted by the shells, and complete what the parser takes."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zdte_tui.commands.completion import SHELLS
from zdte_tui.main import main
from zdte_tui.parser import build_parser

SYNTAX = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}

ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMPREPLY=()
_zdte_tui_whole_words
printf '%s\\n' "${COMPREPLY[@]}"
"""


def made(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.fixture
def complete(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What bash offers for the last of these words; `=` is a word of its own there."""
    script = tmp_path / "zdte-tui.bash"
    script.write_text(made("bash", capsys))
    program = tmp_path / "bin" / "zdte-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m zdte_tui "$@"\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}

    def ask(*words: str) -> list[str]:
        asked = ["bash", "--norc", "-c", ASK, "bash", str(script), "zdte-tui", *words]
        result = subprocess.run(asked, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
        assert result.stderr == ""
        return result.stdout.split()

    return ask


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_accepts_its_script(
    shell: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if shutil.which(SYNTAX[shell][0]) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / shell
    script.write_text(made(shell, capsys))
    subprocess.run([*SYNTAX[shell], str(script)], check=True, timeout=60)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_every_script(
    shell: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = made(shell, capsys)
    mark = {"bash": "--{}", "zsh": "--{}", "fish": "-l {}"}[shell]

    def look(parser: argparse.ArgumentParser) -> None:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, command in action.choices.items():
                    assert name in script
                    look(command)
            elif action.help != argparse.SUPPRESS:
                for option in action.option_strings:
                    if option.startswith("--"):
                        assert mark.format(option[2:]) in script, option

    look(build_parser())


def test_commands_options_and_choices(complete) -> None:
    assert complete("repl") == ["replay"]
    assert {"config", "data", "replay", "sessions"} <= set(complete(""))
    assert complete("config", "sh") == ["show"]
    assert "--source" in complete("replay", "2024-08-07", "--so")
    assert "lean" in complete("data", "import", "--format", "")
    assert complete("completion", "") == ["bash", "zsh", "fish"]


def test_roots_settings_and_their_values(complete) -> None:
    assert complete("backtest", "--root", "SP") == ["SPXW", "SPY"]
    assert complete("backtest", "--root", "=", "SPX") == ["SPXW"]
    assert complete("config", "show", "risk.daily") == ["risk.daily_loss"]
    assert complete("--set", "risk.daily") == ["risk.daily_loss="]
    assert complete("--set", "fills.model", "=", "m") == ["mid"]
    assert complete("--set", "ui.theme", "=", "nor") == ["nord"]
    assert complete("--set", "strategies.iron_condor.stop.scope", "=", "") == ["side", "package", "none"]


def test_files(complete, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    assert complete("config", "check", "min") == ["mine.toml"]
    assert complete("--config", "min") == ["mine.toml"]


def test_stored_days_sources_and_sessions_are_asked_of_the_program(complete, home: Path) -> None:
    days = home / "xdg_data_home" / "zdte-tui" / "days"
    for name in ("SPXW/2024-08-07.lean.parquet", "SPXW/2024-08-08.mid-json.parquet", "SPY/2023-01-04.lean.parquet"):
        (days / name).parent.mkdir(parents=True, exist_ok=True)
        (days / name).touch()
    assert complete("replay", "2024") == ["2024-08-07", "2024-08-08"]
    assert complete("backtest", "--from", "2023") == ["2023-01-04"]
    assert complete("replay", "2024-08-07", "--source", "") == ["lean", "mid-json"]
    assert complete("journal", "export", "--session", "l") == ["last"]


@pytest.mark.parametrize("broken", ["[risk\n", "[data]\ndir = '~nobody/x'\n"])
def test_a_broken_configuration_says_nothing_in_the_middle_of_a_word(
    broken: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = home / "xdg_config_home" / "zdte-tui" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text(broken)
    assert main(["completion", "bash", "--words", "days"]) == 0
    told = capsys.readouterr()
    assert (told.out.strip(), told.err) == ("", "")
