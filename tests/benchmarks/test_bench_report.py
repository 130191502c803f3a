"""What ``make bench`` writes: every figure with its target, and never a number where nothing was measured."""

from __future__ import annotations

from benchmarks.machine import Machine, machine
from benchmarks.report import markdown, text
from benchmarks.results import Section, Work, absent, at_least, at_most, number, party


def _section() -> Section:
    parties = (
        party("zdte-tui", [10.0] * 150, "13 Greeks", "ours"),
        party("slow library", [400.0, 500.0, 600.0]),
        absent("lost | library", "could not be installed (is there a network?): no index"),
        party("bare loop", [5.0], role="floor"),
    )
    work = Work("200 contracts", "us", parties)
    targets = (
        at_most(20, work.parties[0].median, "p50", "us"),
        at_least(80, work.ratio(work.parties[1]), "ahead of slow library", "x"),
        at_least(40, work.ratio(work.parties[2]), "ahead of lost library", "x"),
    )
    return Section("kernel", "The kernel", (Work("200 contracts", "us", parties, targets, ("a note",)),), (0.5, 1.25))


def test_a_rival_that_could_not_be_installed_is_shown_with_the_reason_and_no_number() -> None:
    lines = markdown([_section()], Machine("2026-11-22", ("a machine",))).splitlines()

    row = next(line for line in lines if line.startswith("| lost"))
    assert row == ("| lost \\| library | n/a | n/a | n/a | could not be installed (is there a network?): no index |")
    assert "| 200 contracts | ahead of lost library >= 40x | not measured | not measured |" in lines


def test_ratios_are_to_ours_and_a_percentile_wants_a_hundred_runs() -> None:
    lines = markdown([_section()], Machine("2026-11-22", ())).splitlines()

    assert "| zdte-tui | 10.0 | 10.0 |  | 13 Greeks |" in lines
    assert "| slow library | 500 |  | 50.0x |  |" in lines
    assert "| bare loop | 5.00 |  | 0.500x |  |" in lines


def test_each_figure_says_whether_it_was_reached() -> None:
    told = text(_section())

    assert "p50 <= 20 us: 10.0 us, reached" in told
    assert "ahead of slow library >= 80x: 50.0x, NOT reached" in told
    assert "ahead of lost library >= 40x: not measured" in told
    assert "(load 0.5 to 1.2)" in told


def test_more_is_better_where_the_unit_is_a_rate() -> None:
    ours, other = party("zdte-tui", [2.0], role="ours"), party("other", [0.5])
    work = Work("import", "M rows/s", (ours, other), faster="more")

    assert work.ratio(other) == 4.0


def test_numbers_have_three_digits_and_no_exponent() -> None:
    assert [number(value) for value in (0.01234, 4.714, 38.24, 1234.5, 0.0, 2e6)] == [
        "0.0123",
        "4.71",
        "38.2",
        "1,234",
        "0",
        "2,000,000",
    ]


def test_the_machine_says_what_it_is() -> None:
    told = "\n".join(machine().lines)

    assert "cores" in told
    assert "Python 3." in told
    assert "numba" in told
