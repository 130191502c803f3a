"""Practice beside the hands-off run, and past sessions of a journal played again as they went."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from session_days import SIM_DAY, store_simulated_day
from test_runner import Playing, at

from engine.config import Config, load
from engine.events import AnyRecord
from engine.journal import JournalReader, SessionRow
from engine.session.comparing import story_of
from engine.session.compose import compose_demo, compose_replay, make_engine
from engine.session.handsoff import hands_off
from engine.session.past import NotReplayable, Reopened, reopen
from engine.session.source import TapeSource
from engine.tape import Store
from engine.view import CommandRequest, Pace, ViewRequest
from engine.view.compared import difference_rows, figure_rows, path_rows
from engine.view.story import Story, Unfolding, compare
from strategies.registry import REGISTRY

PART = ViewRequest(parts=("comparison",))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(
        settings=[f"research.path={tmp_path / 'research.sqlite'}", f"journal.path={tmp_path / 'account.sqlite'}"]
    )


@pytest.fixture
def source(simulated_store: Store) -> TapeSource:
    return TapeSource(simulated_store, "SPXW", SIM_DAY, "demo")


@pytest.fixture
def replay(source: TapeSource, config: Config) -> Iterator[Playing]:
    """The simulated day, paused at the open."""
    playing = Playing(compose_replay(config, REGISTRY, source, speed=0.001, stay=True))
    playing.port.pace(Pace("pause"))
    playing.until(lambda view: view.progress.paused)
    yield playing
    playing.leave()


def alone(config: Config, source: TapeSource) -> Unfolding:
    return hands_off(source, lambda: make_engine(config, REGISTRY, source, "main"))


def go(playing: Playing, time: str) -> None:
    playing.port.pace(Pace("goto", instant=at(time)))
    playing.until(lambda view: view.progress.now == at(time))


def practise_and_flatten(playing: Playing) -> None:
    """Take over at 10:30 with one trade open, close it, and play to the end."""
    go(playing, "10:30")
    playing.port.pace(Pace("take_over"))
    playing.until(lambda view: view.progress.practice is not None)
    playing.port.command(CommandRequest("flatten"))
    go(playing, "10:45")
    playing.port.pace(Pace("speed", value=0))
    playing.port.pace(Pace("resume"))
    playing.until(lambda view: view.progress.finished)


def rows_of(path: str) -> list[SessionRow]:
    with JournalReader(Path(path)) as reader:
        return reader.sessions()


def records_of(path: str, row: SessionRow) -> list[AnyRecord]:
    with JournalReader(Path(path)) as reader:
        return reader.records(row.session)


def test_a_day_beside_itself_differs_in_nothing(config: Config, source: TapeSource) -> None:
    first, second = alone(config, source).until(at("16:30")), alone(config, source).until(at("16:30"))
    found = compare(first, second, ("a", "b"))
    assert found.differences == ()
    assert found.path.first == found.path.second
    assert len(found.path.ts) > 100
    assert figure_rows(found)[1][-1] == "+0.00"


def test_the_figures_are_the_journals(config: Config, replay: Playing) -> None:
    practise_and_flatten(replay)
    replay.leave()
    row = rows_of(config.research.path)[-1]
    story = story_of(Path(config.research.path), row)
    with JournalReader(Path(config.research.path)) as reader:
        summary = reader.summary(row.session)
    figures = story.figures("practice")
    assert (figures.net, figures.fees, figures.trades, figures.wins) == (
        summary.pnl,
        summary.fees,
        summary.trades,
        summary.wins,
    )
    assert figures.drawdown >= 0


def test_what_the_strategies_did_that_you_did_not_is_told_and_not_before_its_time(replay: Playing) -> None:
    go(replay, "10:30")
    replay.port.look_at(PART)
    view = replay.until(lambda view: view.comparison is not None)
    assert view.comparison is not None
    assert "t takes over" in view.comparison.why_empty
    practise_and_flatten(replay)
    view = replay.until(lambda view: view.comparison is not None and view.comparison.first is not None)
    assert view.comparison is not None
    sides = [each.side for each in view.comparison.differences]
    assert "both" in sides  # the first trade, closed by hand
    assert sides.count("second") >= 2  # the entries of 11:00 and after
    assert view.comparison.first is not None
    assert view.comparison.first.name == "practice"
    assert view.comparison.path.ts[-1] > at("15:00")

    go(replay, "10:50")
    view = replay.until(lambda view: view.comparison is not None and view.comparison.first is not None)
    assert view.comparison is not None
    assert view.comparison.path.ts[-1] <= at("10:51")
    assert "second" not in [each.side for each in view.comparison.differences]
    assert difference_rows(view.comparison)
    assert path_rows(view.comparison)[-1][0] in ("10:50", "10:51")


def test_a_story_told_backwards_is_told_anew(config: Config, source: TapeSource) -> None:
    unfolding = alone(config, source)
    late = unfolding.until(at("15:00")).figures("x")
    early = unfolding.until(at("10:30")).figures("x")
    assert early.trades < late.trades
    assert unfolding.until(at("15:00")).figures("x") == late
    assert Story().figures("x").net == 0


def test_a_practice_session_is_played_again_as_it_went(
    config: Config, replay: Playing, source: TapeSource, simulated_store: Store
) -> None:
    practise_and_flatten(replay)
    replay.leave()
    journal = config.research.path
    row = rows_of(journal)[-1]
    found = reopen(config, simulated_store, Path(journal), row)
    assert found.past.given
    assert any(mark.ts > at("10:30") and mark.kind == "trade" for mark in found.past.marks)
    assert play_again(found) == records_of(journal, row)


def play_again(found: Reopened) -> list[AnyRecord]:
    """Play a past session to its end, hands-off; the records of the replay."""
    composed = compose_replay(found.config, REGISTRY, found.source, speed=0, stay=False, past=found.past)
    assert composed.runner.run() == "completed"
    composed.close()
    return records_of(found.config.research.path, rows_of(found.config.research.path)[-1])


def test_a_demo_session_of_the_account_too_from_its_recorded_inputs(config: Config, simulated_store: Store) -> None:
    playing = Playing(compose_demo(config, REGISTRY, speed=0, stay=True, fresh=True))
    playing.until(lambda view: view.progress.now > at("10:40"))
    playing.port.command(CommandRequest("flatten"))
    playing.until(lambda view: view.progress.finished)
    playing.leave()
    row = rows_of(config.journal.path)[-1]
    found = reopen(config, simulated_store, Path(config.journal.path), row)
    again = compose_replay(found.config, REGISTRY, found.source, speed=0, stay=False, past=found.past)
    assert again.info.provenance == row.info.provenance
    assert again.runner.run() == "completed"
    again.close()
    assert records_of(config.research.path, rows_of(config.research.path)[-1]) == records_of(config.journal.path, row)


def test_taking_over_a_past_session_leaves_its_later_orders_out(
    config: Config, replay: Playing, simulated_store: Store
) -> None:
    practise_and_flatten(replay)
    replay.leave()
    row = rows_of(config.research.path)[-1]
    found = reopen(config, simulated_store, Path(config.research.path), row)
    again = Playing(compose_replay(found.config, REGISTRY, found.source, speed=0.001, stay=True, past=found.past))
    go(again, "10:15")
    again.port.pace(Pace("take_over", text="with"))
    view = again.until(lambda view: view.progress.practice is not None)
    assert not any(mark.ts > at("10:15") for mark in view.progress.marks)
    go(again, "12:30")
    assert again.until(lambda view: view.positions.open_trades > 1)
    again.leave()


def test_a_session_that_runs_or_whose_day_is_gone_or_has_changed_is_refused(
    config: Config, replay: Playing, simulated_store: Store, tmp_path: Path
) -> None:
    journal = Path(config.research.path)
    (row,) = rows_of(config.research.path)
    with pytest.raises(NotReplayable, match="still running"):
        reopen(config, simulated_store, journal, row)
    replay.leave()
    (row,) = rows_of(config.research.path)
    with pytest.raises(NotReplayable, match="no longer in the store"):
        reopen(config, Store(tmp_path / "empty"), journal, row)
    other = Store(tmp_path / "other")
    store_simulated_day(other)
    label = row.info.provenance[0]
    changed = row.info.provenance[1:]
    altered = msgspec.structs.replace(label, sha256="0" * 64)
    info = msgspec.structs.replace(row.info, provenance=(altered, *changed))
    with pytest.raises(NotReplayable, match="has changed since"):
        reopen(config, Store(tmp_path / "other"), journal, msgspec.structs.replace(row, info=info))
