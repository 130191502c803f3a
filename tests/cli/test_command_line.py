"""The command line as a person meets it: help, bad words, bad values, exit codes; one line for each mistake."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {"numba", "llvmlite", "scipy", "pandas", "pyarrow", "sqlite_utils", "sqlite3", "numpy", "pydantic"}


def zdte(home: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    env = {**os.environ, "HOME": str(home), **{name: str(home / name.lower()) for name in names}, **extra}
    return subprocess.run(
        [sys.executable, "-m", "zdte_tui", *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", ["", "replay", "data import", "config show"])
def test_help_is_shown(command: str, tmp_path: Path) -> None:
    result = zdte(tmp_path, *command.split(), "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("usage: zdte-tui")
    assert "examples:" in result.stdout
    assert not list(tmp_path.iterdir())


def test_help_imports_neither_the_engine_room_nor_the_screen(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom zdte_tui.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', sorted({HEAVY | {'textual', 'msgspec', 'asyncio'}} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "HEAVY []" in result.stdout, result.stdout[-300:] + result.stderr


PAINTING = """
import asyncio, sys
import zdte_tui.opening
from zdte_tui.main import main

def painted(opening):
    print('PAINTED', sorted({heavy} & set(sys.modules)), file=sys.__stdout__)
    opening.error = SystemExit(7)

zdte_tui.opening.Opening.begin = painted
sys.stdin.isatty = sys.stdout.isatty = lambda: True

async def headless(app):
    async with app.run_test() as pilot:
        while app._exit is False:
            await pilot.pause(0.01)

from textual.app import App
App.run = lambda app: asyncio.run(headless(app))
main(['--demo', '--set', 'ui.theme=textual-light'])
"""


def test_the_first_paint_waits_for_nothing_heavy(tmp_path: Path) -> None:
    """Textual alone. The configuration, numpy, the compiled kernel and the journal come after it."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    env = {**os.environ, "HOME": str(tmp_path), **{name: str(tmp_path / name) for name in names}}
    code = PAINTING.replace("{heavy}", repr(HEAVY))
    result = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert "PAINTED []" in result.stdout, result.stdout[-300:] + result.stderr[-600:]
    assert result.returncode == 7
    assert not list(tmp_path.iterdir())


def test_a_headless_session_never_imports_textual(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom zdte_tui.main import main\n"
        "code = main(['--demo', '--no-ui', '--speed', 'max'])\n"
        "print('CODE', code, 'textual' in sys.modules)"
    )
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    env = {**os.environ, "HOME": str(tmp_path), **{name: str(tmp_path / name) for name in names}}
    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert "CODE 0 False" in result.stdout, result.stderr[-500:]


def test_a_demo_waits_neither_for_what_reads_files_nor_for_what_prices_nothing() -> None:
    code = (
        "import sys, engine.session.compose, engine.session.port, strategies.registry\n"
        "from engine.market.rehearsal import rehearse\n"
        "rehearse()\n"
        "slow = {'pyarrow', 'scipy.linalg', 'pandas', 'sqlite_utils', 'textual'}\n"
        "print('SLOW', sorted(slow & set(sys.modules)), 'numba' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "SLOW [] True" in result.stdout, result.stderr[-500:]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["replya", "2024-08-07"], 64, "did you mean replay?"),
        (["--dmeo"], 64, "did you mean --demo?"),
        (["replay", "2024-13-45"], 64, "is not a date"),
        (["replay", "someday"], 64, "write it like 2024-08-07"),
        (["replay", "2024-08-07", "--no-ui"], 66, "data import"),
        (["replay", "2024-08-07", "--no-ui", "--root", "SPXX"], 64, "did you mean SPXW?"),
        (["backtest"], 66, "data import"),
        (["backtest", "--from", "2024-02-01", "--to", "2024-01-01"], 64, "lies after"),
        (["backtest", "--jobs", "0"], 64, "not a number of processes"),
        (["--demo", "--no-ui", "--speed", "fast"], 64, "is not a speed"),
        (["--demo", "--no-ui", "--speed", "-1"], 64, "is not a speed"),
        (["--demo", "--json"], 64, "--no-ui"),
        (["--demo"], 64, "needs a terminal"),
        (["--demo", "--no-ui", "--set", "risk.dayly_loss=1"], 78, "did you mean daily_loss?"),
        (["--demo", "--no-ui", "--set", "risk.daily_loss=lots"], 78, "risk.daily_loss"),
        (["--demo", "--no-ui", "--set", "strategies.iron_condor.quantity=-1"], 78, "strategies.iron_condor.quantity"),
        (["--demo", "--no-ui", "--set", 'strategies.iron_condor.entries=["25:00"]'], 78, "not a time of day"),
        (["--demo", "--no-ui", "--set", "strategies.iron_condr.quantity=1"], 78, "did you mean iron_condor?"),
        (["--demo", "--no-ui", "--set", "demo.date=2026-01-17"], 78, "Saturday"),
        (["--demo", "--no-ui", "--config", "nowhere.toml"], 78, "does not exist"),
        (["--no-ui", "--set", "session.mode=live"], 77, "no live keys"),
        (["data", "import", "nowhere.json"], 66, "nowhere.json"),
        (["journal", "export", "--journal", "nowhere.sqlite"], 66, "nowhere.sqlite"),
    ],
)
def test_a_mistake_gets_one_clear_line_and_its_exit_code(
    arguments: list[str], code: int, says: str, tmp_path: Path, run: Any
) -> None:
    said = run(*arguments)
    assert said.code == code, said.err
    assert says in said.line
    assert not list(tmp_path.rglob("*.sqlite")), "a mistake left a journal behind"


def test_hold_to_settlement_is_refused_for_a_fund(tmp_path: Path) -> None:
    result = zdte(
        tmp_path,
        "--demo",
        "--no-ui",
        "--set",
        'session.roots=["SPY"]',
        "--set",
        "strategies.iron_condor.hold_to_settlement=true",
    )
    assert result.returncode == 78
    assert "SPY" in result.stderr


def test_a_read_only_state_folder_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    result = zdte(tmp_path, "--demo", "--no-ui", XDG_STATE_HOME=str(blocked))
    assert result.returncode == 73
    assert "Traceback" not in result.stderr
    assert str(blocked) in result.stderr


def test_json_gives_one_object_a_line_and_stderr_the_readable_ones(tmp_path: Path) -> None:
    import json

    result = zdte(tmp_path, "--demo", "--no-ui", "--json", "--speed", "max")
    assert result.returncode == 0
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    first = objects[0]
    assert first["record"] == "session"
    assert first["provenance"][0]["origin"] == "simulated"
    assert {record["session"] for record in objects} == {"demo-2026-01-15-SPXW-1"}
    assert "data: SIMULATED" in result.stderr
    kinds = {record["record"] for record in objects}
    assert {"signal", "intent", "decision", "order", "order_event", "fill", "trade", "mark", "settlement"} <= kinds
    fill = next(record for record in objects if record["record"] == "fill")
    assert re.fullmatch(r"\d+\.\d{2,4}", fill["price_usd"])
    assert re.match(r"2026-01-15T15:00:00", fill["time"])
    assert re.search(r"^10:00:00 info +fill +#1 sold 1 \d+P at", result.stderr, re.MULTILINE)


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    env = {**os.environ, "HOME": str(tmp_path), **{name: str(tmp_path / name) for name in names}}
    command = f"{sys.executable} -m zdte_tui --demo --no-ui --json --speed max 2>err | head -n 1"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in (tmp_path / "err").read_text()
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize("command", ["--help", "config show", "completion zsh", "data list"])
def test_a_reader_that_has_seen_enough_ends_any_command_quietly(command: str, tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": ""}
    result = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m zdte_tui {command} 2>err | true; echo ${{PIPESTATUS[0]}}"],
        env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (tmp_path / "err").read_text() == ""
    assert result.stdout == "0\n"


def test_a_full_disk_behind_standard_output_is_said_in_one_line(tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path)}
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "zdte_tui", "config", "show"],
            env=env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert result.returncode == 73
    assert result.stderr == "zdte-tui: cannot write: No space left on device; free some space, or write elsewhere\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_closed_streams_are_no_bug(closed: str, tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path)}
    command = f"{sys.executable} -m zdte_tui config shw {closed}"
    assert subprocess.run(["bash", "-c", command], env=env, check=False, timeout=60).returncode == 64
    assert not list(tmp_path.iterdir())


def test_bytes_that_are_no_text_are_shown_and_not_a_bug(tmp_path: Path) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "PYTHONIOENCODING": "ascii:strict"}
    for words in (
        [b"replay", b"\xff\xfe"],
        [b"config", b"check", b"caf\xe9.toml"],
        [b"data", b"list", b"--root", b"\xff"],
    ):
        command = [sys.executable.encode(), b"-m", b"zdte_tui", *words]
        result = subprocess.run(command, env=env, capture_output=True, timeout=60, check=False)
        assert result.returncode in (0, 64, 78), result.stderr
        assert b"bug" not in result.stderr
        assert result.stderr.count(b"\n") <= 1


def test_the_first_files_are_told_of_once_and_a_refusal_makes_none(tmp_path: Path) -> None:
    refused = zdte(tmp_path, "backtest")
    assert refused.returncode == 66
    assert not list(tmp_path.iterdir())
    state = tmp_path / "xdg_state_home" / "zdte-tui"
    first = zdte(tmp_path, "--demo", "--no-ui", "--speed", "max", "--set", "demo.date=2025-11-28")  # a half-day
    assert first.stderr.splitlines()[-1].startswith(f"zdte-tui: journals, recordings and the log are kept in {state};")
    assert {path.suffix for path in state.rglob("*") if path.is_file()} <= {".sqlite", ".lock", ".events", ".log"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in state.rglob("*"))
    assert zdte(tmp_path, "sessions").stderr == ""


def test_a_bug_is_said_to_be_one_and_its_traceback_is_in_the_log(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom zdte_tui import main\nfrom zdte_tui.commands import config\n"
        "def broken(args): raise RuntimeError('two\\nlines')\n"
        "config.run_path = broken\nsys.exit(main.main(['config', 'path']))"
    )
    env = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    log = tmp_path / "state" / "zdte-tui" / "zdte-tui.log"
    assert result.returncode == 70
    assert result.stderr.splitlines() == [
        rf"zdte-tui: this is a bug: RuntimeError: two\nlines; the traceback is in {log}"
    ]
    assert "in broken" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
