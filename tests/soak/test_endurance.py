"""A day and more of market time in one process holds nothing; what would be held is found."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from endurance import Endurance, Played, Reading, reading, unsteady

from engine.journal import JournalReader
from engine.session import compose

SOAK = Path(__file__).parent / "soak.py"


def test_more_than_a_day_of_sessions_leaves_no_thread_no_file_and_no_memory(tmp_path: Path) -> None:
    """Demo, replay, a restarted day and one that is looked at, twice: over fifty hours of market time."""
    sessions = Endurance(tmp_path)
    played = list(sessions.play(50))
    assert {each.kind for each in played} == set(sessions.kinds)
    assert len(played) >= 8
    assert sum(each.fills for each in played) > 50
    assert unsteady(played, warm_up=4) == []
    with JournalReader(tmp_path / "account.sqlite") as reader:
        assert {row.status for row in reader.sessions()} == {"closed"}


def test_a_session_that_is_kept_alive_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    real = compose.make_engine

    def keeping(*args: object, **more: object) -> object:
        kept.append(real(*args, **more))  # type: ignore[arg-type]
        return kept[-1]

    monkeypatch.setattr(compose, "make_engine", keeping)
    played = list(Endurance(tmp_path).play(41))
    assert any("blocks grew by" in each for each in unsteady(played, warm_up=4))
    assert kept


def test_a_file_and_a_thread_that_stay_open_are_found(tmp_path: Path) -> None:
    before = reading()
    if not before.files:
        pytest.skip("this system does not tell which files a process has open")
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    with (tmp_path / "x").open("w"):
        thread.start()
        after = reading()
        over.set()
        thread.join()
    played = [Played("demo", 1, 0, each) for each in (before, before, after)]
    assert unsteady(played, 1) == [
        f"threads grew from {before.threads} to {before.threads + 1}",
        f"files grew from {before.files} to {before.files + 1}",
    ]
    assert reading().files == before.files


def test_memory_that_grows_with_each_session_is_found_and_caches_that_fill_are_not() -> None:
    def held(*blocks: int) -> list[Played]:
        return [Played("demo", 1, 1, Reading(each, 3_000 * each, 1, 5, 0)) for each in blocks]

    assert unsteady(held(100_000, 150_000, 151_000, 151_900, 152_000), 2) == []
    assert unsteady(held(*range(100_000, 200_000, 10_000)), 2) == [
        "blocks grew by 80,000 over 8 sessions",
        "resident memory grew by 240 MB over 8 sessions",
    ]


def test_the_program_prints_one_line_a_part(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SOAK), "--only", "endurance", "--hours", "13"],
        capture_output=True, text=True, timeout=120, check=False, cwd=SOAK.parents[2],
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("endurance    14 hours of market time in 2 sessions, ")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("words", [["--hours", "0"], ["--n", "x"], ["--only", "nothing"]])
def test_wrong_options_are_refused(words: list[str]) -> None:
    done = subprocess.run([sys.executable, str(SOAK), *words], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert words[0] in done.stderr
