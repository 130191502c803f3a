"""``python -m benchmarks``: what stops it, what does not, and when it writes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import parts
from benchmarks.results import Work, absent, at_most, party


def _run(monkeypatch: pytest.MonkeyPatch, measures: dict[str, parts.Measure], *words: str) -> int:
    monkeypatch.setattr(parts, "PARTS", {name: (name.title(), measure) for name, measure in measures.items()})
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
    return command.main()


def _with_a_rival_missing(say: Callable[[str], None], rounds: int) -> list[Work]:
    say(f"{rounds} rounds")
    ours, rival = party("zdte-tui", [3.0], role="ours"), absent("rival", "could not be installed")
    return [Work("quick work", "ms", (ours, rival), (at_most(4, ours.median, "p50", "ms"),))]


def _broken(_say: Callable[[str], None], _rounds: int) -> list[Work]:
    raise RuntimeError("no such day")


def test_a_missing_rival_stops_nothing_and_is_written_as_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "RESULTS.md"

    assert _run(monkeypatch, {"quick": _with_a_rival_missing}, "--rounds", "2", "--output", str(output)) == 0

    assert "| rival | n/a | n/a | n/a | could not be installed |" in output.read_text("utf-8").splitlines()
    said = capsys.readouterr()
    assert "quick: 2 rounds" in said.err
    assert "p50 <= 4 ms: 3.00 ms, reached  (quick work)" in said.out


def test_where_ours_fails_the_other_parts_go_on_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "RESULTS.md"
    measures = {"broken": _broken, "quick": _with_a_rival_missing}

    assert _run(monkeypatch, measures, "--output", str(output)) == 1

    assert not output.exists()
    said = capsys.readouterr()
    assert "failed: RuntimeError: no such day" in said.out
    assert "quick work" in said.out
    assert "not measured, and so nothing is written: Broken" in said.err


def test_a_part_alone_leaves_the_results_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    monkeypatch.setattr(command, "RESULTS", results)
    measures = {"quick": _with_a_rival_missing, "broken": _broken}

    assert _run(monkeypatch, measures, "--only", "quick") == 0
    assert not results.exists()

    assert _run(monkeypatch, {"quick": _with_a_rival_missing}) == 0
    assert results.exists()


def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        _run(monkeypatch, {"broken": _broken}, "--output", str(tmp_path / "none" / "RESULTS.md"))

    assert refused.value.code == 2
    assert "name a file in a folder that is there" in capsys.readouterr().err
