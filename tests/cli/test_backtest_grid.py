"""``backtest --grid`` as a person meets it: what is printed, what is refused, and what an interruption leaves."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from engine.config import Axis, Point, load
from engine.session.backtest import Summary
from engine.session.grid import Cell
from zdte_tui.commands.grid_table import MEASURES, heatmaps
from zdte_tui.main import main

DAYS = 4
WING, SHORT, ENTRIES, TARGET = "wing=1,2", "short=0.10,0.15", "entries=10:00,11:00", "profit_target=0,0.5"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated days of XSP."""
    folder = tmp_path_factory.mktemp("grid") / "store"
    assert main(["data", "simulate", "--root", "XSP", "--days", str(DAYS), "--set", f"data.dir={folder}"]) == 0
    return folder


@pytest.fixture
def grid(run: Any, home: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs ``backtest`` over two of the days with each of these as ``--grid``; other words come after."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    (home / "xdg_state_home" / "zdte-tui").mkdir(parents=True)

    def command(*axes: str, words: tuple[str, ...] = ()) -> Any:
        chosen = [word for axis in axes for word in ("--grid", axis)]
        span = ("--root", "XSP", "--to", "2026-01-16", "--set", f"data.dir={store}")
        return run("backtest", *span, *chosen, *words)

    return command


# What is printed


def test_a_heatmap_says_whose_data_it_is_and_what_the_best_is_worth(grid: Any) -> None:
    said = grid(WING, SHORT)
    assert said.code == 0, said.err
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[0] == "SIMULATED XSP P&L, dollars net of fees (n/a: no trade)"
    assert lines[2].split() == ["wing", "\\", "short", "0.10", "0.15"]
    assert [line.split()[0] for line in lines[4:6]] == ["1", "2"]
    assert "data     SIMULATED" in lines
    assert "days     2" in lines
    assert any(line.startswith("best     ") and " with wing " in line and ", short " in line for line in lines)
    assert lines[-1] == "The best of 4 was picked after the fact: on days it was not picked on, expect less."


@pytest.mark.parametrize(
    ("axes", "tables"),
    [((WING,), 1), ((WING, SHORT), 1), ((ENTRIES, WING, SHORT), 2), ((ENTRIES, TARGET, WING, SHORT), 4)],
)
def test_as_many_axes_as_one_likes(grid: Any, axes: tuple[str, ...], tables: int) -> None:
    said = grid(*axes)
    titles = [line for line in said.out.splitlines() if "P&L, dollars" in line]
    assert len(titles) == tables
    if tables == 4:
        assert [title.partition("), ")[2] for title in titles] == [
            f"entries {entry}, profit_target {target}" for entry in ("10:00", "11:00") for target in ("0", "0.5")
        ]


def test_csv_and_json_have_the_same_rows_in_full_names(grid: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(grid(WING, SHORT, words=("--csv",)).out)))
    objects = [json.loads(line) for line in grid(WING, SHORT, words=("--json",)).out.splitlines()]
    names = ("strategies.iron_condor.by_root.XSP.strikes.wing", "strategies.iron_condor.strikes.short")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (wing, short) for wing in ("1", "2") for short in ("0.10", "0.15")
    ]
    for row, found in zip(rows, objects, strict=True):
        assert found["settings"] == {name: row[name] for name in names}
        assert float(row["pnl"]) == found["pnl"]
        assert (found["days"], found["unreadable_days"], found["provenance"]) == (2, 0, "SIMULATED")
    alone = grid(words=("--json", "--set", f"{names[0]}=2", "--set", f"{names[1]}=0.15"))
    summary = json.loads(alone.out.splitlines()[-1])["summary"]
    assert {name: objects[3][name] for name in ("pnl", "trades", "fees", "max_drawdown")} == {
        name: summary[name] for name in ("pnl", "trades", "fees", "max_drawdown")
    }


def test_where_nothing_was_traded_there_is_no_figure_and_no_best(grid: Any) -> None:
    said = grid("min_credit=90,95", words=("--show", "per-trade"))
    assert said.code == 0
    assert said.out.count("n/a") == 2
    assert "best" not in said.out
    assert "no configuration traded" in said.out


def test_the_best_and_the_worst_are_among_those_that_traded(grid: Any) -> None:
    """Doing nothing is not the best way to trade, however much the others lose."""
    said = grid("min_credit=0.1,90")
    (best,) = [line for line in said.out.splitlines() if line.startswith("best")]
    assert "with min_credit 0.1: " in best
    assert "after the fact" not in said.out


@pytest.mark.parametrize("show", sorted(MEASURES))
def test_every_measure_can_be_shown(grid: Any, show: str) -> None:
    said = grid(WING, SHORT, words=("--show", show))
    assert said.code == 0
    assert MEASURES[show].title in said.out


def test_what_was_played_before_is_said_and_the_figures_are_the_same(
    grid: Any, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = grid(WING, SHORT)
    second = grid(WING, SHORT)
    assert second.out == first.out
    assert second.line == "zdte-tui: 8 of 8 days were played before by this code: --no-cache plays them again"
    assert grid(WING, SHORT, words=("--no-cache",)).err == ""
    assert grid(WING, SHORT, words=("--set", "cache.max_mb=0")).err == ""
    (file,) = (home / "cache" / "zdte-tui").glob("*.sqlite")
    file.write_bytes(b"something else")
    assert grid(WING, SHORT).out == first.out
    assert file.read_bytes() == b"something else"
    assert "no cache of zdte-tui" in caplog.text


def test_a_person_can_read_the_journalled_configurations(grid: Any, run: Any) -> None:
    grid(WING, SHORT)
    said = run("journal", "export", "--research", "--table", "configurations", "--csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert [json.loads(row["settings"])["strategies.iron_condor.strikes.short"] for row in rows] == ["0.10", "0.15"] * 2
    assert {row["provenance"] for row in rows} == {"SIMULATED"}
    refused = run("journal", "export", "--research", "--table", "configuration")
    assert "did you mean configurations?" in refused.line


# Widths


def cells(down: Axis, across: Axis) -> list[Cell]:
    """A grid whose P&L is no two times the same."""
    found = []
    for n, text in enumerate(down.texts):
        for m, other in enumerate(across.texts):
            pnl = (n * 1000 + m) * 10_000_000 - 3_000_000_000
            of = Summary(
                days=1,
                days_traded=1,
                trades=1,
                wins=0,
                pnl=pnl,
                fees=0,
                max_drawdown=0,
                best_day=0,
                worst_day=0,
                provenance=("vendor lean quote",),
                provisional_days=0,
                unreadable_days=0,
                tallies={},
            )
            found.append(Cell(Point((text, other), load()), of))
    return found


@pytest.mark.parametrize("width", [40, 80, 120, 500])
def test_no_figure_is_cut_however_narrow_the_terminal(width: int) -> None:
    down = Axis(("a", "multiple"), tuple(str(n) for n in range(3)), ())
    across = Axis(("a", "short"), tuple(f"0.{n:02d}" for n in range(30)), ())
    grid = cells(down, across)
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False)
    shown = list(heatmaps([down, across], grid, "pnl", "SPXW", width))
    for title, table in shown:
        console.print(title, table, markup=False)
    text = out.getvalue()
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    words = text.split()
    for cell in grid:
        assert words.count(MEASURES["pnl"].text(cell.summary.pnl / 10_000)) == 1
    for name in across.texts:
        assert words.count(name) == 1
    assert (len(shown) == 1) == (width == 500)


# What is refused


@pytest.mark.parametrize(
    ("axes", "words", "code", "says"),
    [
        (("wings=1",), (), 78, "did you mean wing?"),
        (("wing",), (), 78, "write --grid table.key=V1,V2"),
        (("wing=",), (), 78, "names no value"),
        (("wing=1,1.0",), (), 78, "1.0 is the same as 1"),
        (("wing=1", "strikes.wing=2"), (), 78, "is an axis already"),
        (("wing=1", "strategies.iron_condor.by_root.XSP.strikes.wing=2"), (), 78, "is an axis already"),
        (("strategies.iron_condor.by_root.SPY.strikes.wing=2",), (), 78, "is of SPY alone, and XSP is played"),
        (("wing=1,abc",), (), 78, "--grid strategies.iron_condor.by_root.XSP.strikes.wing=abc: "),
        (("by=delta,offset", "short=0.1,20"), (), 78, "--grid strategies.iron_condor.strikes.by=delta, "),
        (("entries=10:00,25:00",), (), 78, "--grid strategies.iron_condor.entries=25:00: "),
        (("entries=[10:00]",), (), 78, "not a TOML value"),
        (("entries=['10:00'",), (), 78, "a bracket or a quote without its other half"),
        (("data.dir=/tmp/a,/tmp/b",), (), 78, "no setting that trades are made by"),
        ((f"short={','.join(f'0.{n}' for n in range(1000, 6002))}",), (), 78, "5,002 combinations; at most 5,000"),
        ((WING,), ("--resume",), 64, "a grid goes on by itself"),
        ((WING,), ("--csv", "--json"), 64, "choose one"),
        ((), ("--csv",), 64, "--csv goes with --grid"),
        ((), ("--no-cache",), 64, "--no-cache goes with --grid"),
        ((WING,), ("--show", "pln"), 64, "pnl"),
        ((WING,), ("--jobs", "0"), 64, "1 to 256"),
        ((WING,), ("--from", "2026-01-02", "--to", "2026-01-05"), 66, "no XSP day from"),
        ((WING,), ("--set", "cache.max_mb=-1"), 78, "cache.max_mb"),
    ],
)
def test_bad_input_is_one_line_and_plays_nothing(
    grid: Any, home: Path, axes: tuple[str, ...], words: tuple[str, ...], code: int, says: str
) -> None:
    said = grid(*axes, words=words)
    assert said.code == code, said.err
    assert says in said.line
    assert said.out == ""
    assert not (home / "cache").exists()
    assert not list((home / "xdg_state_home").rglob("*.sqlite"))


def test_a_day_that_breaks_while_it_is_played_is_one_line(grid: Any, store: Path, tmp_path: Path, home: Path) -> None:
    own = tmp_path / "own"
    (own / "days/XSP").mkdir(parents=True)
    for path in (store / "days/XSP").iterdir():
        data = bytearray(path.read_bytes())
        if "2026-01-16" in path.name:
            middle = len(data) // 2
            data[middle : middle + 64] = bytes(64)
        (own / "days/XSP" / path.name).write_bytes(data)
    for jobs in ("1", "2"):
        said = grid(WING, words=("--set", f"data.dir={own}", "--jobs", jobs, "--no-cache"))
        assert said.code == 65, said.out + said.err
        assert "2026-01-16" in said.line
        assert said.out == ""


# What an interruption leaves

PATIENCE = 60


@pytest.fixture
def start(home: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], subprocess.Popen[str]]:
    """Starts a grid that takes some seconds, in a process group of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    (home / "xdg_state_home" / "zdte-tui").mkdir(parents=True)
    axes = ("--grid", f"short={','.join(f'0.{n}' for n in range(10, 20))}", "--grid", "multiple=0.6,0.9,1.2,1.5")
    words = ("backtest", "--root", "XSP", "--set", f"data.dir={store}", *axes)

    def command(jobs: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "zdte_tui", *words, "--jobs", jobs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return command


def wait_for(happened: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while not (found := happened()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def kept(home: Path) -> int:
    """How many days the cache holds."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(home / "cache/zdte-tui/days.sqlite")) as connection:
        return int(connection.execute("SELECT count(*) FROM days").fetchone()[0])
    return 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_it_in_one_line_and_the_same_command_goes_on(home: Path, start: Any, jobs: str) -> None:
    first = start(jobs)
    wait_for(lambda: (home / "cache/zdte-tui/days.sqlite").exists() and kept(home))
    os.killpg(first.pid, signal.SIGINT)
    out, err = first.communicate(timeout=PATIENCE)
    assert (first.returncode, out) == (130, ""), err
    assert err.startswith("zdte-tui: interrupted after "), err
    assert err.endswith(f" of {DAYS} days; what was played is kept: the same command goes on\n")
    assert err.count("\n") == 1
    assert 40 <= kept(home) < 40 * DAYS
    second = start(jobs)
    out, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, err
    assert f"of {40 * DAYS:,} days were played before" in err
    assert "SIMULATED XSP P&L" in out


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are counted in /proc")
def test_killed_it_leaves_no_process_behind(start: Any, home: Path) -> None:
    process = start("2")
    wait_for(lambda: (home / "cache/zdte-tui/days.sqlite").exists() and kept(home))
    left = children(process.pid)
    assert len(left) >= 3, "two players, and Python's own tracker of resources"
    process.kill()
    process.communicate(timeout=PATIENCE)
    wait_for(lambda: not any(lives(pid) for pid in left))


def test_a_reader_that_has_seen_enough_ends_it_quietly(
    home: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    axes = f"--grid short={','.join(f'0.{n}' for n in range(10, 40))} --grid quantity=1,2 --to 2026-01-15"
    for form in ("--csv", "--json", ""):
        command = f"{sys.executable} -m zdte_tui backtest --root XSP --set data.dir={store} {axes} {form} | head -n 1"
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.stdout.count("\n") == 1
        assert "Traceback" not in done.stderr
        assert "Broken" not in done.stderr
