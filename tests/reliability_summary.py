"""One line for each harness at the end of a test run: how much was tried, and how much of it was broken.

A harness says it with ``record_property("reliability", line)``; xdist carries that to the terminal.
"""

from __future__ import annotations

import pytest

PROPERTY = "reliability"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if lines:
        terminalreporter.section("reliability")
        for line in sorted(lines):
            terminalreporter.line(line)
