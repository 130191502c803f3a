"""The parts of ``make bench`` by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import day, feed, jobs, kernel, latency, process_start, replay, screen, slow_link, sweep, tape
from benchmarks.results import Work

Measure = Callable[[Callable[[str], None], int], list[Work]]

PARTS: dict[str, tuple[str, Measure]] = {
    "kernel": ("The pricing kernel", kernel.measure),
    "day": ("A day through the engine", day.measure),
    "sweep": ("A sweep of parameters", sweep.measure),
    "jobs": ("Many days, one process and two", jobs.measure),
    "tape": ("The tape", tape.measure),
    "latency": ("From a frame to a decision", latency.measure),
    "feed": ("From the wire to a batch", feed.measure),
    "screen": ("The screen: processor and line", screen.measure),
    "link": ("The engine behind a slow line", slow_link.measure),
    "replay": ("A replay as a place to practise", replay.measure),
    "start": ("From process start to the screen", process_start.measure),
}
