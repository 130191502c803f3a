"""Taking over a replay: a session of its own, linked to the one it leaves, in which the strategies stand aside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_days import SIM_DAY
from test_runner import Playing, at

from engine.config import Config, load
from engine.events import CommandRecord
from engine.journal import JournalReader, SessionRow
from engine.session.compose import compose_demo, compose_replay
from engine.session.given import given_path, read_given
from engine.session.source import TapeSource
from engine.tape import Store
from engine.view import CommandRequest, Pace, View
from strategies.registry import REGISTRY


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(
        settings=[f"research.path={tmp_path / 'research.sqlite'}", f"journal.path={tmp_path / 'account.sqlite'}"]
    )


@pytest.fixture
def replay(simulated_store: Store, config: Config) -> Iterator[Playing]:
    """The simulated day, paused at the open."""
    source = TapeSource(simulated_store, "SPXW", SIM_DAY, "demo")
    playing = Playing(compose_replay(config, REGISTRY, source, speed=0.001, stay=True))
    playing.port.pace(Pace("pause"))
    playing.until(lambda view: view.progress.paused)
    yield playing
    playing.leave()


def go(playing: Playing, time: str) -> View:
    playing.port.pace(Pace("goto", instant=at(time)))
    return playing.until(lambda view: view.progress.now == at(time))


def take_over(playing: Playing, how: str = "") -> View:
    playing.port.pace(Pace("take_over", text=how))
    return playing.until(lambda view: view.progress.practice is not None)


def sessions(config: Config) -> list[tuple[SessionRow, str]]:
    """Every session of the research journal, with the mode of its first run."""
    with JournalReader(Path(config.research.path)) as reader:
        return [(row, reader.runs(row.session)[0].mode) for row in reader.sessions()]


def test_alone_no_strategy_enters_any_more_and_what_is_held_stays(replay: Playing, config: Config) -> None:
    assert go(replay, "10:30").positions.open_trades == 1
    view = take_over(replay)
    assert view.progress.strategies == "alone"
    assert view.header.banner.startswith("PRACTICE REPLAY")
    assert view.progress.practice == at("10:30")
    assert view.progress.paused
    later = go(replay, "12:30")
    assert later.positions.open_trades == 1  # those of 11:00 and 12:00 were not entered

    (first, mode), (second, practice) = sessions(config)
    assert (mode, practice) == ("replay", "practice")
    assert second.info.branch_of == first.session
    assert second.info.day == first.info.day
    assert second.info.provenance == first.info.provenance
    kept = read_given(given_path(Path(config.research.path), second.name))
    assert kept[0].command.text.startswith("a person took over at 10:30:00")
    assert {each.command.kind for each in kept} == {"note", "manual"}


def test_with_the_strategies_they_go_on(replay: Playing) -> None:
    go(replay, "10:30")
    take_over(replay, "with")
    assert go(replay, "12:30").positions.open_trades > 1


def test_flat_one_begins_with_nothing(replay: Playing) -> None:
    go(replay, "10:30")
    view = take_over(replay, "flat")
    assert view.positions.open_trades == 0
    assert view.header.day_pnl == 0
    assert view.progress.now == at("10:30")
    assert go(replay, "12:30").positions.open_trades == 0


def test_the_record_of_the_day_itself_has_no_order_of_a_person(replay: Playing, config: Config) -> None:
    """An order given without taking over takes over: beside the strategies."""
    go(replay, "10:30")
    replay.port.command(CommandRequest("flatten"))
    view = replay.until(lambda view: view.progress.practice is not None)
    assert view.progress.strategies == "with"
    replay.until(lambda view: any("flatten" in row.text for row in view.log))
    (_, mode), (practice, second) = sessions(config)
    assert (mode, second) == ("replay", "practice")
    with JournalReader(Path(config.research.path)) as reader:
        end = time.monotonic() + 20  # in research what is seen may be written a moment later
        while len(reader.records(practice.session, [CommandRecord])) != 2:
            assert time.monotonic() < end, reader.records(practice.session, [CommandRecord])
            time.sleep(0.01)
        assert reader.records(practice.info.branch_of or 0, [CommandRecord]) == []


def test_rewinding_in_practice_begins_another_and_deletes_nothing(replay: Playing, config: Config) -> None:
    go(replay, "10:30")
    take_over(replay)
    go(replay, "11:30")
    replay.port.command(CommandRequest("flatten"))
    replay.until(lambda view: any("flatten" in row.text for row in view.log))
    view = go(replay, "11:00")
    assert view.progress.practice == at("10:30")
    assert not any("flatten" in row.text for row in view.log)
    assert [mode for _, mode in sessions(config)] == ["replay", "practice", "practice"]


def test_going_back_to_before_it_the_strategies_trade_again(replay: Playing, config: Config) -> None:
    go(replay, "10:30")
    take_over(replay)
    view = go(replay, "10:00")
    assert view.progress.practice is None
    assert view.progress.told.startswith("this is before 10:30:00, when you took over")
    assert view.header.banner.startswith("REPLAY")
    assert go(replay, "12:30").positions.open_trades > 1
    assert [mode for _, mode in sessions(config)] == ["replay", "practice", "replay"]


def test_another_word_or_a_second_time_is_answered(replay: Playing) -> None:
    go(replay, "10:30")
    replay.port.pace(Pace("take_over", text="alon"))
    assert "no way to take over" in replay.until(lambda view: view.progress.told).progress.told
    take_over(replay)
    replay.port.pace(Pace("take_over"))
    replay.until(lambda view: "practise already" in view.progress.told)


def test_a_day_that_is_over_cannot_be_taken_over(replay: Playing, config: Config) -> None:
    replay.port.pace(Pace("speed", value=0))
    replay.port.pace(Pace("resume"))
    replay.until(lambda view: view.progress.finished)
    replay.port.pace(Pace("take_over"))
    replay.until(lambda view: "the day is over" in view.progress.told)
    assert len(sessions(config)) == 1


def test_a_demo_that_was_continued_cannot_be_taken_over(config: Config) -> None:
    first = Playing(compose_demo(config, REGISTRY, speed=0, stay=True, fresh=True))
    first.until(lambda view: view.progress.now >= at("10:30"))
    first.leave()
    playing = Playing(compose_demo(config, REGISTRY, speed=0.001, stay=True))
    if not playing.until(lambda view: view.chain is not None).progress.finished:
        playing.port.pace(Pace("take_over"))
        playing.until(lambda view: "cannot be taken over" in view.progress.told)
    playing.leave()


def demo(config: Config, *, fresh: bool = False) -> Playing:
    """A demo, paused at 10:30."""
    playing = Playing(compose_demo(config, REGISTRY, speed=0.001, stay=True, fresh=fresh))
    playing.port.pace(Pace("pause"))
    go(playing, "10:30")
    return playing


def demo_runs(config: Config) -> list[tuple[str, str, str]]:
    """Of each session of the demo's account: its state, and the mode and outcome of its last run."""
    with JournalReader(Path(config.journal.path)) as reader:
        found = [(row.status, reader.runs(row.session)[-1]) for row in reader.sessions()]
    return [(status, run.mode, run.outcome) for status, run in found]


def test_a_demo_in_which_somebody_practised_is_not_continued_as_a_demo(config: Config) -> None:
    first = demo(config)
    take_over(first, "flat")
    first.leave()
    assert demo_runs(config) == [("closed", "demo", "left for practice"), ("closed", "practice", "stopped")]
    second = demo(config)
    view = second.until(lambda view: view.positions.open_trades == 1)
    assert view.progress.practice is None
    take_over(second)  # a session that was not continued can be taken over
    second.leave()
    assert demo_runs(config)[2:] == [("closed", "demo", "left for practice"), ("closed", "practice", "stopped")]


def test_a_practice_session_that_was_cut_off_says_why_it_is_not_continued(config: Config) -> None:
    first = demo(config)
    take_over(first)
    first.composed.runner._ledger._mode = "demo"  # as after a kill: nobody has closed it
    first.leave()
    assert demo_runs(config)[-1] == ("open", "practice", "stopped")
    second = compose_demo(config, REGISTRY, speed=0.001, stay=True)
    assert "is not continued: a person practised in it" in second.greeting
    second.close()
    assert demo_runs(config)[1] == ("closed", "practice", "abandoned")


def test_bookmarks_are_kept_for_the_day_and_shown_as_marks(replay: Playing, config: Config, tmp_path: Path) -> None:
    go(replay, "10:30")
    replay.port.pace(Pace("bookmark", text="before the entry"))
    view = replay.until(lambda view: any(mark.kind == "bookmark" for mark in view.progress.marks))
    mark = next(mark for mark in view.progress.marks if mark.kind == "bookmark")
    assert (mark.ts, mark.text) == (at("10:30"), "before the entry")
    (file,) = (tmp_path / "bookmarks").iterdir()
    assert file.name == f"SPXW-{SIM_DAY}.json"
    assert file.stat().st_mode & 0o777 == 0o600
    replay.port.pace(Pace("bookmark", value=-1, instant=mark.ts))
    replay.until(lambda view: not any(mark.kind == "bookmark" for mark in view.progress.marks))


def test_back_goes_an_event_at_a_time(replay: Playing) -> None:
    view = go(replay, "10:30")
    before = view.version
    replay.port.pace(Pace("back"))
    earlier = replay.until(lambda view: view.version < before)
    assert earlier.progress.now < view.progress.now
    replay.port.pace(Pace("next", text="event"))
    again = replay.until(lambda view: view.version == before)
    assert again.positions == view.positions
