"""The workstation's grid in a real terminal, beside Textual's DataTable in the same run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.processes import ask
from benchmarks.results import Party, Role, Target, Work, absent, at_most, party

SECONDS = 6


class Scene(NamedTuple):
    """A table that moves: terminal, table, updates a second, share of its cells that change with each."""

    size: str
    rows: int
    columns: int
    hz: int
    share: float

    @property
    def words(self) -> str:
        """For a title."""
        return f"{self.rows} x {self.columns} cells in {self.size}, {self.hz} updates a second, {self.share:.0%} change"


FRAMES = Scene("160x48", 200, 14, 10, 0.10)
LINE = Scene("132x62", 60, 12, 4, 0.30)

WHO: tuple[tuple[str, str, Role], ...] = (
    ("ours-flash", "zdte-tui, local profile, changes marked", "ours"),
    ("ours", "zdte-tui, local profile, nothing marked", "variant"),
    ("ours-remote", "zdte-tui, remote profile", "variant"),
    ("datatable", "Textual's DataTable", "rival"),
)


class Seen(NamedTuple):
    """What one of them cost: milliseconds of each frame, kB a second and KiB an update of each round."""

    costs: list[float]
    rates: list[float]
    frames: list[float]
    painted: int
    updates: int

    @property
    def note(self) -> str:
        """How many updates were seen."""
        return f"{self.painted} of {self.updates} updates painted"


def measure(say: Callable[[str], None], rounds: int = 3) -> list[Work]:
    """Both scenes, everybody in turns."""
    return [*_frames(_play(FRAMES, say, rounds)), _line(_play(LINE, say, rounds))]


def _play(scene: Scene, say: Callable[[str], None], rounds: int) -> dict[str, Seen | str]:
    found: dict[str, Seen | str] = {}
    for turn in range(rounds):
        say(f"{scene.words}, round {turn + 1} of {rounds}")
        for who, _, _ in WHO:
            given = (scene.size, str(scene.rows), str(scene.columns), str(scene.hz), str(scene.share), str(SECONDS))
            answer: dict[str, Any] | str = ask(sys.executable, "moving_table.py", who, *given)
            before = found.get(who)
            if isinstance(answer, str) or isinstance(before, str):
                found[who] = answer if isinstance(answer, str) else before  # type: ignore[assignment]
                continue
            seen = before or Seen([], [], [], 0, 0)
            found[who] = Seen(
                seen.costs + answer["costs"],
                [*seen.rates, answer["bytes_a_second"] / 1000],
                [*seen.frames, answer["bytes_an_update"] / 1024],
                seen.painted + answer["painted"],
                seen.updates + answer["updates"],
            )
    return found


def _parties(found: dict[str, Seen | str], values: Callable[[Seen], list[float]]) -> tuple[Party, ...]:
    made = []
    for who, name, role in WHO:
        seen = found[who]
        if isinstance(seen, str):
            made.append(absent(name, seen, role))
        else:
            made.append(party(name, values(seen), seen.note, role))
    return tuple(made)


def _frames(found: dict[str, Seen | str]) -> list[Work]:
    processor = _parties(found, lambda seen: seen.costs)
    sent = _parties(found, lambda seen: seen.frames)
    ours = found["ours-flash"]
    every = (
        Target("every update painted", "not measured", None)
        if isinstance(ours, str)
        else Target("every update painted", ours.note, ours.painted == ours.updates)
    )
    return [
        Work(
            f"processor time of a frame: {FRAMES.words}",
            "ms",
            processor,
            (at_most(10, processor[0].median, "p50", "ms"), every),
        ),
        Work(f"bytes of a frame: {FRAMES.words}", "KiB", sent, (at_most(13, sent[0].median, "p50", "KiB"),)),
    ]


def _line(found: dict[str, Seen | str]) -> Work:
    rates = _parties(found, lambda seen: seen.rates)
    return Work(
        f"bytes a second: {LINE.words}",
        "kB/s",
        rates,
        (at_most(100, rates[0].median, "local", "kB/s"), at_most(25, rates[2].median, "remote", "kB/s")),
    )
