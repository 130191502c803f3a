"""Python, packages and SQLite: the right one, too old, too new, missing, broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zdte_tui.doctor.checks import interpreter, packages, sqlite
from zdte_tui.doctor.checks.packages import Needed, import_errors, judge, needed
from zdte_tui.doctor.surroundings import Surroundings

TEXTUAL = Needed("textual>=8.2,<9", "textual")


@pytest.mark.parametrize(("version", "state"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "note")])
def test_the_python_version(version: tuple[int, int], state: str) -> None:
    assert interpreter.version(version, "CPython").state == state


def test_this_interpreter_is_well() -> None:
    found = {finding.subject: finding for finding in interpreter.check(Surroundings(env={}))}
    assert found["python"].state == "ok"
    assert found["word size"].seen.startswith("64 bit")


def test_the_dependencies_are_those_of_the_project() -> None:
    assert {"numpy", "textual", "sqlite-utils", "tzdata"} <= {each.name for each in needed()}
    assert "pytest" not in {each.name for each in needed()}, "what only developers need is no fault"
    assert {each.module for each in needed()} >= {"sqlite_utils", "msgspec"}


def test_every_dependency_is_there_and_shares_a_line() -> None:
    found = list(packages.check(Surroundings(env={})))
    assert [finding.state for finding in found] == ["ok"], found
    assert all(each.name in found[0].seen for each in needed())


@pytest.mark.parametrize(
    ("version", "error", "state", "says"),
    [
        ("8.2.8", "", "ok", "8.2.8"),
        ("8.1.0", "", "fail", "too old"),
        ("9.0.1", "", "warn", "too new"),
        ("9.0.1", "ImportError: gone", "fail", "too new"),
        (None, "ModuleNotFoundError: No module named 'textual'", "fail", "missing"),
        ("8.2.8", "ImportError: libfoo.so", "fail", "libfoo.so"),
        (None, "", "note", "not known"),
        ("not a version", "", "ok", "not a version"),
    ],
)
def test_a_package_is_judged_by_version_and_import(version: str | None, error: str, state: str, says: str) -> None:
    found = judge(TEXTUAL, version, error)
    assert (found.subject, found.state) == ("textual", state)
    assert says in found.seen
    if state in ("warn", "fail"):
        assert "'textual>=8.2,<9'" in found.mend, "the mend installs what is asked for"


def test_a_package_that_ends_its_process_is_named_and_the_rest_are_still_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {
        "doctor_well": "",
        "doctor_raises": "raise ImportError('no such symbol\\nin the library')",
        "doctor_dies": "import os; os.abort()",
        "doctor_leaves": "raise SystemExit(3)",
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    errors = import_errors((*sources, "doctor_absent"))
    assert set(errors) == {"doctor_raises", "doctor_dies", "doctor_leaves", "doctor_absent"}
    assert errors["doctor_raises"] == "ImportError: no such symbol in the library"
    assert "ends the process" in errors["doctor_dies"]
    assert errors["doctor_absent"].startswith("ModuleNotFoundError")


@pytest.mark.parametrize(
    ("version", "bad"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_which_sqlite_has_the_wal_reset_bug(version: tuple[int, int, int], bad: bool) -> None:
    assert sqlite.has_reset_bug(version) is bad


@pytest.mark.parametrize(
    ("version", "state"), [((3, 8, 0), "fail"), ((3, 40, 1), "note"), ((3, 52, 0), "warn"), ((3, 53, 1), "ok")]
)
def test_the_sqlite_version(version: tuple[int, int, int], state: str) -> None:
    found = sqlite.judge(version)
    assert found.state == state
    assert ".".join(map(str, version)) in found.seen
