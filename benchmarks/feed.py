"""From a quote on the wire to a batch in the hands of a session that waits, through the real streams."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.processes import ask
from benchmarks.results import OURS, Party, Work, absent, at_most, party

TITLE = "a quote on the wire to a batch taken"
DECIDED = "a quote on the wire to a decision"
RATES = ((2_000, 8, 5.0), (20_000, 20, None))  # quotes a second, quotes a frame, ms that p99 may be
SECONDS = 4


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """Each rate in turn, as far as a batch, and through a session as far as a decision."""
    return [_work(say, rounds, *each) for each in RATES] + [_decided(say, rounds, *each) for each in RATES]


def _decided(say: Callable[[str], None], rounds: int, rate: int, a_frame: int, limit: float | None) -> Work:
    title = f"{DECIDED}, {rate:,} quotes a second"
    ages: list[float] = []
    conflated = lost = 0.0
    for turn in range(rounds):
        say(f"a session, {rate:,} quotes a second, round {turn + 1} of {rounds}")
        answer = ask(sys.executable, "decided.py", str(rate), str(SECONDS), str(a_frame), cores=2)
        if isinstance(answer, str):
            return Work(title, "ms", (absent(OURS, answer, "ours"),))
        ages += [age / 1000 for age in answer["ages"]]
        conflated += answer["conflated"] / answer["sent"] / rounds
        lost += answer["sent"] - answer["came"]
        held = answer["held"]
    ours: Party = party(OURS, ages, "websocket to Engine.process, journal and conflation on one core", "ours")
    notes = (f"{held} iron condor held; {conflated:.1%} were replaced by newer ones before they were taken",)
    targets = [at_most(0, lost, "lost", "quotes")]
    if limit is not None:
        targets.insert(0, at_most(limit, ours.tail, "p99", "ms"))
    return Work(title, "ms", (ours,), tuple(targets), notes)


def _work(say: Callable[[str], None], rounds: int, rate: int, a_frame: int, limit: float | None) -> Work:
    title = f"{TITLE}, {rate:,} quotes a second"
    ages: list[float] = []
    conflated = lost = used = 0.0
    for turn in range(rounds):
        say(f"{rate:,} quotes a second, round {turn + 1} of {rounds}")
        answer = ask(sys.executable, "streamed.py", str(rate), str(SECONDS), str(a_frame), cores=2)
        if isinstance(answer, str):
            return Work(title, "ms", (absent(OURS, answer, "ours"),))
        ages += [age / 1000 for age in answer["ages"]]
        conflated += answer["conflated"] / answer["sent"] / rounds
        lost += answer["sent"] - answer["came"] + answer["unreadable"] + answer["wrong"]
        used += answer["processor"] / rounds
    ours: Party = party(OURS, ages, "websocket, SDK, msgpack, newest of each, columns", "ours")
    notes = (
        f"{a_frame} quotes a frame; {conflated:.1%} were replaced by newer ones before they were taken; "
        f"{used:.0%} of one core; {lost:.0f} lost, unreadable or not the last of their symbol",
    )
    targets = [at_most(0, lost, "lost", "quotes")]
    if limit is not None:
        targets.insert(0, at_most(limit, ours.tail, "p99", "ms"))
    return Work(title, "ms", (ours,), tuple(targets), notes)
