"""The page that shows the eight days: its commands are ones that the program takes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from engine.config import load
from zdte_tui.parser import build_parser

PAGE = Path(__file__).parents[2] / "docs" / "real-days.md"
COMMANDS = [line.strip() for line in PAGE.read_text().splitlines() if line.startswith("    zdte-tui ")]


def test_each_day_has_its_commands() -> None:
    days = PAGE.read_text().split("\n## ")[1:9]
    assert [day[:2] for day in days] == [f"{n}." for n in range(1, 9)]
    for day in days:
        assert "data simulate --along midpoints" in day
        assert "zdte-tui replay" in day


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_of_the_page_is_one(command: str) -> None:
    words = shlex.split(command)[1:]
    args = build_parser().parse_args(words)
    load([], getattr(args, "settings", []))


@pytest.mark.parametrize("command", [c for c in COMMANDS if " replay " in c])
def test_a_replay_plays_what_a_command_before_it_has_stored(command: str) -> None:
    parser = build_parser()
    played = parser.parse_args(shlex.split(command)[1:])
    before = [parser.parse_args(shlex.split(c)[1:]) for c in COMMANDS[: COMMANDS.index(command)] if "simulate" in c]
    names = {
        (a.first, a.root, a.source or f"{a.along}-path" + (f"-{a.scenario}" if a.scenario else "")) for a in before
    }
    assert played.source == "midpoints" or (played.day, played.root, played.source) in names
