"""Sessions made up from seeds, with scenarios, commands and restarts: the same in every process, and audited whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_sessions import Script, audited, canonical, configured, play, script
from session_days import environment, zdte

from engine.events import AnyEvent, ChainBatch, Command, Timer
from engine.journal import JournalReader
from engine.session.ledger import recording_path
from engine.tape.recording import MAGIC, Recorder, read_recording

PROGRAM = Path(__file__).parent / "scripted_sessions.py"
SEEDS = range(1, 9)


def begin(folder: Path, hash_seed: str) -> subprocess.Popen[str]:
    """Every seed in a process of its own kind."""
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), *map(str, SEEDS)],
        env=environment(folder, hash_seed),
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def in_two_processes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[dict[str, Any]]]]:
    """All seeds under two hash seeds, at once; the folder of the first, and what each said."""
    folders = [tmp_path_factory.mktemp(f"hashed{n}") for n in (1, 2)]
    running = [begin(folder, seed) for folder, seed in zip(folders, ("1", "4242"), strict=True)]
    told = [process.communicate(timeout=240)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    return folders[0], [[json.loads(line) for line in text.splitlines()] for text in told]


def test_two_processes_with_other_hash_seeds_write_the_same_journals(
    in_two_processes: tuple[Path, list[list[dict[str, Any]]]],
) -> None:
    _, (one, two) = in_two_processes
    assert one == two
    assert len({each["sha256"] for each in one}) == len(SEEDS)


def test_every_session_is_reproduced_from_its_recorded_inputs(
    in_two_processes: tuple[Path, list[list[dict[str, Any]]]],
) -> None:
    """Its commands and restarts included; and there were some, and orders, for the comparison to mean something."""
    _, (one, _) = in_two_processes
    assert {each["seed"]: each["difference"] for each in one if each["difference"]} == {}
    assert sum(each["orders"] for each in one) > 30
    assert sum(each["commands"] for each in one) > 15
    assert sum(each["runs"] for each in one) > len(SEEDS) + 2
    assert min(each["signals"] for each in one) > 0


def test_an_audit_in_another_process_with_another_hash_seed_finds_the_same(
    in_two_processes: tuple[Path, list[list[dict[str, Any]]]],
) -> None:
    folder, (one, _) = in_two_processes
    most = max(one, key=lambda each: (each["runs"], each["seed"]))
    journal = folder / f"{most['seed']}.sqlite"
    done = zdte(folder, "journal", "audit", "--journal", str(journal), hash_seed="977")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"({most['signals']} signals, {most['intents']} intents, {most['orders']} orders)" in done.stdout


def test_the_speed_changes_nothing_of_what_happens(tmp_path: Path) -> None:
    """Without a person, whose commands come when they are given."""
    planned = script(1)._replace(acts=())
    texts = []
    for name, speed in (("max", 0.0), ("paced", 40_000.0)):
        path = tmp_path / name / "demo.sqlite"
        path.parent.mkdir()
        play(configured(path, planned), planned, speed)
        texts.append(canonical(path))
    assert texts[0] == texts[1]
    assert texts[0].count(b'"record":"fill"') > 4


def test_commands_at_a_pace_are_recorded_where_they_came(tmp_path: Path) -> None:
    """When they come depends on the wall; what came of it does not: the recording says where they were."""
    planned = script(4, restarts=False)
    config = configured(tmp_path / "demo.sqlite", planned)
    play(config, planned, speed=60_000)
    found = audited(tmp_path / "demo.sqlite", config)
    assert (found.difference, found.epochs) == ("", 1)
    with JournalReader(tmp_path / "demo.sqlite") as reader:
        (row,) = reader.select("last")
        given = [record for record in reader.records(row.session) if type(record).__name__ == "CommandRecord"]
    assert [record.text for record in given] == [act.text for _, act in planned.acts if act is not None]


@settings(max_examples=3)
@given(seed=st.integers(1_000, 10**6))
def test_any_seed_is_the_same_twice_in_one_process_and_is_reproduced(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    texts = []
    planned = script(seed)
    for _ in range(2):
        path = tmp_path_factory.mktemp("twice") / "demo.sqlite"
        config = configured(path, planned)
        play(config, planned)
        texts.append(canonical(path))
        assert audited(path, config).difference == ""
    assert texts[0] == texts[1]


# The audit itself: a recording that is not what happened is not reproduced.


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Script, Path]:
    """A session with a flatten: its journal, its script and its recording."""
    folder = tmp_path_factory.mktemp("recorded")
    planned = script(4, restarts=False)
    config = configured(folder / "demo.sqlite", planned)
    play(config, planned)
    with JournalReader(folder / "demo.sqlite") as reader:
        name = reader.select("last")[-1].name
    return folder / "demo.sqlite", planned, recording_path(folder / "demo.sqlite", name, 0)


def without_a_command(events: list[AnyEvent]) -> list[AnyEvent]:
    first = next(event for event in events if isinstance(event, Command))
    return [event for event in events if event is not first]


def without_the_timers(events: list[AnyEvent]) -> list[AnyEvent]:
    return [event for event in events if not isinstance(event, Timer)]


def in_another_order(events: list[AnyEvent]) -> list[AnyEvent]:
    n = next(n for n, event in enumerate(events) if isinstance(event, Command))
    return [*events[: n - 1], events[n], events[n - 1], *events[n + 1 :]]


def with_other_quotes(events: list[AnyEvent]) -> list[AnyEvent]:
    import msgspec

    return [
        msgspec.structs.replace(event, bid=event.bid - 500, ask=event.ask + 500)
        if isinstance(event, ChainBatch) and event.bid is not None and event.ask is not None and n > len(events) // 4
        else event
        for n, event in enumerate(events)
    ]


@pytest.mark.parametrize("change", [without_a_command, without_the_timers, in_another_order, with_other_quotes])
def test_a_recording_that_is_not_what_happened_is_not_reproduced(
    recorded: tuple[Path, Script, Path], change: Any
) -> None:
    journal, planned, path = recorded
    before = path.read_bytes()
    assert before.startswith(MAGIC)
    events = change(list(read_recording(path)))
    path.unlink()
    try:
        with Recorder(path) as recorder:
            for event in events:
                recorder.write(event)
        assert audited(journal, configured(journal, planned)).difference
    finally:
        path.write_bytes(before)
    assert audited(journal, configured(journal, planned)).difference == ""
