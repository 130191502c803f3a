"""The report as text for people, and as one object for programs. Needs nothing but the standard library."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import Any

from zdte_tui.doctor.examine import Report
from zdte_tui.doctor.finding import STATES, Finding, State

_COLOURS: dict[State, str] = {"ok": "32", "note": "36", "warn": "33", "fail": "31;1"}
_MARGIN = 2
_STATE_WIDTH = 6
_MIN_TEXT = 16


def text(report: Report, width: int, colour: bool) -> list[str]:
    """Lines of at most ``width`` columns. Colour only repeats what the words ``ok note warn fail`` say."""
    longest = max((len(finding.subject) for _, finding in report.findings), default=0)
    lines: list[str] = []
    for group, found in groupby(report.findings, key=lambda pair: pair[0]):
        lines.append(group[:width])
        for _, finding in found:
            lines += _finding(finding, longest, width, colour)
        lines.append("")
    return lines + textwrap.wrap(summary(report), max(width, 1))


def summary(report: Report) -> str:
    """The last line."""
    words = {"fail": "to mend", "warn": "to look at", "note": "to know", "ok": "well"}
    counts = ", ".join(f"{report.count(state)} {words[state]}" for state in reversed(STATES) if report.count(state))
    return f"{report.worst}: {counts}"


def as_object(report: Report, version: str) -> dict[str, Any]:
    """The report as JSON would have it; ``well`` is what the exit code says."""
    checks = [
        {"group": group, "subject": found.subject, "state": found.state, "seen": found.seen, "mend": found.mend or None}
        for group, found in report.findings
    ]
    return {
        "version": version,
        "well": report.worst != "fail",
        "worst": report.worst,
        "counts": {state: report.count(state) for state in STATES},
        "checks": checks,
    }


def _finding(finding: Finding, longest: int, width: int, colour: bool) -> list[str]:
    """State, subject and what was seen in columns; on a narrow screen the text goes below its subject."""
    indent = _MARGIN + _STATE_WIDTH + longest + 2
    head = f"{'':{_MARGIN}}{finding.state:<{_STATE_WIDTH}}{finding.subject}"
    if width - indent < _MIN_TEXT:
        indent = min(_MARGIN + _STATE_WIDTH, max(width - _MIN_TEXT, 0))
        lines = [head[:width], *_wrapped(finding.seen, indent, width)]
    else:
        seen = _wrapped(finding.seen, indent, width)
        lines = [f"{head:<{indent}}{seen[0].lstrip()}".rstrip(), *seen[1:]] if seen else [head]
    if finding.mend:
        lines += _wrapped(f"-> {finding.mend}", indent, width)
    if colour:
        painted = f"\x1b[{_COLOURS[finding.state]}m{finding.state}\x1b[0m"
        lines[0] = lines[0].replace(finding.state, painted, 1)
    return lines


def _wrapped(words: str, indent: int, width: int) -> list[str]:
    return textwrap.wrap(
        words,
        max(width, indent + 1),
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )
