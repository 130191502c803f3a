"""The report: every check runs whatever another one does, and its text fits where it is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zdte_tui.doctor import render
from zdte_tui.doctor.examine import CHECKS, Check, Report, examine_all
from zdte_tui.doctor.finding import STATES, Finding, fail, note, ok, size_text, warn
from zdte_tui.doctor.surroundings import Surroundings

MIXED = Report(
    (
        ("program", ok("python", "CPython 3.11.7")),
        ("folders", warn("disk", "40 MB free on ext4", "free at least 1 GB there")),
        ("folders", fail("state folder", "/nowhere is not a folder", "mv /nowhere /nowhere.old")),
        ("keys", note("broker", "not built yet")),
    )
)


def test_a_check_that_breaks_is_a_finding_and_the_others_still_run() -> None:
    def half(_: Surroundings) -> Iterator[Finding]:
        yield ok("first", "seen before it broke")
        raise RuntimeError("the disk went away\nin the middle")

    def whole(_: Surroundings) -> Iterator[Finding]:
        yield ok("second", "all is well")

    report = examine_all(Surroundings(env={}), [Check("a", "half", half), Check("b", "whole", whole)])
    states = [(group, found.subject, found.state) for group, found in report.findings]
    assert states == [("a", "first", "ok"), ("a", "half", "fail"), ("b", "second", "ok")]
    broken = report.findings[1][1]
    assert "the disk went away" in broken.seen
    assert "\n" not in broken.seen
    assert broken.mend


def test_a_check_whose_package_is_missing_is_not_run_and_says_which() -> None:
    def never(_: Surroundings) -> Iterator[Finding]:
        raise AssertionError("it must not run: importing numpy may end the process")

    around = Surroundings(env={}, faulty=frozenset({"numpy"}))
    report = examine_all(around, [Check("data", "data store", never, ("pyarrow", "numpy"))])
    found = report.findings[0][1]
    assert (found.state, found.subject) == ("fail", "data store")
    assert "numpy" in found.seen
    assert "pyarrow" not in found.seen


def test_every_check_says_what_it_needs() -> None:
    groups = [check.group for check in CHECKS]
    assert groups == sorted(groups, key=groups.index), "a heading comes once"
    assert {"program", "folders", "time", "configuration", "data", "journals", "keys", "terminal"} == set(groups)


def test_the_summary_counts_from_the_worst_down() -> None:
    assert render.summary(MIXED) == "fail: 1 to mend, 1 to look at, 1 to know, 1 well"
    assert MIXED.worst == "fail"
    assert Report(()).worst == "ok"


def test_a_wrong_thing_is_followed_by_its_mend() -> None:
    lines = render.text(MIXED, 100, colour=False)
    at = next(number for number, line in enumerate(lines) if "is not a folder" in line)
    assert lines[at].split()[:3] == ["fail", "state", "folder"]
    assert lines[at + 1].strip() == "-> mv /nowhere /nowhere.old"
    assert lines[-1] == render.summary(MIXED)


def test_colour_only_repeats_what_the_words_say() -> None:
    plain = render.text(MIXED, 80, colour=False)
    painted = render.text(MIXED, 80, colour=True)
    assert painted != plain
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in painted] == plain


def test_the_object_holds_every_finding() -> None:
    told = json.loads(json.dumps(render.as_object(MIXED, "1.2.3")))
    assert told["version"] == "1.2.3"
    assert (told["well"], told["worst"]) == (False, "fail")
    assert told["counts"] == {"ok": 1, "note": 1, "warn": 1, "fail": 1}
    assert told["checks"][2] == {
        "group": "folders",
        "subject": "state folder",
        "state": "fail",
        "seen": "/nowhere is not a folder",
        "mend": "mv /nowhere /nowhere.old",
    }
    assert told["checks"][3]["mend"] is None


words = st.text(max_size=200)
findings = st.builds(Finding, st.text(max_size=20), st.sampled_from(STATES), words, words)


@given(st.lists(st.tuples(st.sampled_from(["program", "keys"]), findings), max_size=4), st.integers(8, 200))
def test_no_line_is_wider_than_the_terminal_or_holds_a_control_code(
    found: list[tuple[str, Finding]], width: int
) -> None:
    for line in render.text(Report(tuple(found)), width, colour=False):
        assert len(line) <= width
        assert line.isprintable()


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (278_528, "279 kB"), (82_600_000_000, "82.6 GB")],
)
def test_sizes_are_told_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size) == text
