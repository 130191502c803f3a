"""A session behind its Port: pace, jumps forward and back, branches, commands, failures. The simulated minute tape."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from session_days import SIM_DAY

from engine.calendar import from_new_york
from engine.clock import MINUTE, SECOND
from engine.config import Config, load
from engine.session.compose import Composed, compose_demo, compose_replay
from engine.session.port import LocalPort
from engine.session.source import TapeSource
from engine.strategy import Registry
from engine.tape import Store
from engine.view import CommandRequest, Pace, View, ViewRequest
from strategies.iron_condor import IronCondor
from strategies.registry import REGISTRY


def at(text: str) -> int:
    """A time of the simulated day, ns UTC."""
    import datetime as dt

    return from_new_york(SIM_DAY, dt.time.fromisoformat(text))


class Playing:
    """A replay on its own thread, and what a screen would see of it."""

    def __init__(self, composed: Composed) -> None:
        self.composed = composed
        self.port = LocalPort(composed.runner)
        self.port.start()

    def until(self, condition: Callable[[View], object], seconds: float = 60) -> View:
        """Pull views until one fulfils the condition."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            view = self.port.view()
            if view is not None and condition(view):
                return view
            time.sleep(0.01)
        view = self.port.view()
        told = view and (view.header, view.progress, view.alarm, view.error)
        raise AssertionError(f"no view fulfilled the condition; the last: {told}")

    def leave(self) -> str:
        outcome = self.port.stop()
        self.composed.close()
        return outcome


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


def rows(config: Config, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(config.research.path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_step_plays_a_minute_and_pauses(replay: Playing) -> None:
    for minute in ("09:31", "09:32"):
        replay.port.pace(Pace("step", value=60))
        view = replay.until(lambda view: view.progress.paused and view.progress.now // SECOND == at(minute) // SECOND)  # noqa: B023
        assert view.chain is not None
        assert view.chain.spot is not None


def test_the_first_quotes_of_a_demo_are_not_waited_for(config: Config) -> None:
    playing = Playing(compose_demo(config, REGISTRY, speed=0.001, stay=True, fresh=True))
    view = playing.until(lambda view: view.chain is not None and view.chain.forward is not None)
    opens = view.progress.open
    assert opens < view.progress.now < opens + MINUTE
    assert playing.leave() == "stopped"


def test_a_jump_forward_stops_at_the_time_asked_for(replay: Playing) -> None:
    replay.port.pace(Pace("goto", instant=at("10:30:30")))
    view = replay.until(lambda view: view.progress.now == at("10:30:30"))
    assert view.progress.paused
    assert view.positions.open_trades == 1
    assert view.header.next_deadline == "entry 11:00"


def test_the_next_signal_or_trade_is_where_it_pauses(replay: Playing) -> None:
    replay.port.pace(Pace("next"))
    view = replay.until(lambda view: view.progress.paused and view.progress.now >= at("10:00"))
    assert view.progress.now == at("10:00")
    assert [row.kind for row in view.signals if row.key == "10:00"] == ["entered"]


def test_going_back_shows_what_was_there_and_journals_nothing_twice(replay: Playing, config: Config) -> None:
    replay.port.pace(Pace("goto", instant=at("10:30")))
    before = replay.until(lambda view: view.progress.now == at("10:30"))
    replay.port.pace(Pace("goto", instant=at("12:30")))
    replay.until(lambda view: view.progress.now == at("12:30"))
    replay.port.pace(Pace("goto", instant=at("10:30")))
    again = replay.until(lambda view: view.progress.now == at("10:30"))
    assert again.positions == before.positions
    assert again.chain == before.chain
    assert again.version == before.version
    replay.port.pace(Pace("goto", instant=at("16:20")))
    replay.until(lambda view: view.progress.finished)
    replay.composed.writer.flush()
    assert rows(config, "SELECT count(*) FROM sessions") == [(1,)]
    assert rows(config, "SELECT max(n) FROM (SELECT count(*) n FROM fills GROUP BY exec_id)") == [(1,)]


def test_going_back_before_a_command_goes_on_as_a_branch(replay: Playing, config: Config) -> None:
    replay.port.pace(Pace("goto", instant=at("10:30")))
    replay.until(lambda view: view.progress.now == at("10:30"))
    replay.port.command(CommandRequest("flatten"))
    replay.until(lambda view: view.header.state == "REDUCING")
    replay.port.pace(Pace("goto", instant=at("10:15")))
    view = replay.until(lambda view: view.progress.now == at("10:15"))
    assert view.header.state == "ACTIVE"
    assert view.positions.open_trades == 1
    replay.composed.writer.flush()
    # The order took the day over in a session of its own; before it nobody has.
    assert rows(config, "SELECT session, branch_of FROM sessions") == [(1, None), (2, 1), (3, 2)]
    assert rows(config, "SELECT count(*) > 0 FROM commands WHERE session = 2") == [(1,)]
    assert rows(config, "SELECT count(*) FROM commands WHERE session <> 2") == [(0,)]


def test_a_command_given_before_the_instant_is_given_again_when_going_back(replay: Playing, config: Config) -> None:
    replay.port.command(CommandRequest("pause"))
    replay.until(lambda view: view.header.state == "REDUCING")
    replay.port.pace(Pace("goto", instant=at("12:00:30")))
    replay.until(lambda view: view.progress.now == at("12:00:30"))
    replay.port.pace(Pace("goto", instant=at("10:30")))
    view = replay.until(lambda view: view.progress.now == at("10:30"))
    assert view.header.state == "REDUCING"
    assert view.positions.open_trades == 0
    replay.composed.writer.flush()
    assert rows(config, "SELECT session, branch_of FROM sessions") == [(1, None), (2, 1)]  # the order took the day over


def test_the_reader_chooses_which_expiry_it_sees(simulated_store: Store, config: Config) -> None:
    playing = Playing(compose_demo(config, REGISTRY, speed=60, stay=True))
    first = playing.until(lambda view: view.chain is not None and view.chain.rows)
    assert first.chain is not None
    assert len(first.chain.expiries) == 3
    playing.port.look_at(ViewRequest("SPXW", first.chain.expiries[1]))
    playing.until(lambda view: view.chain is not None and view.chain.expiry == first.chain.expiries[1])
    assert playing.leave() == "stopped"


def test_the_flatten_estimate_counts_what_is_held(replay: Playing) -> None:
    assert "nothing is held" in replay.port.flatten_estimate().text
    replay.port.pace(Pace("goto", instant=at("10:30")))
    view = replay.until(lambda view: view.progress.now == at("10:30"))
    estimate = replay.port.flatten_estimate()
    assert (estimate.trades, estimate.contracts) == (1, 4)
    assert estimate.cost == view.positions.flatten_cost
    assert estimate.cost is not None
    assert estimate.cost > 0


class Exploding(IronCondor):
    """Fails where the engine cannot excuse it: in what it asks for, not in ``decide``."""

    def decide(self, ctx, state):  # type: ignore[no-untyped-def]
        actions = super().decide(ctx, state)
        return ["not an action", *actions] if ctx.now < at("10:00") else list(_never_ending(ctx))


def _never_ending(ctx):  # type: ignore[no-untyped-def]
    from engine.strategy import Say

    yield Say(kind="again", key="x", text=f"{time.perf_counter_ns()}")


def test_an_engine_that_fails_leaves_its_last_view_with_the_error_on_it(simulated_store: Store, config: Config) -> None:
    registry: Registry = {"iron_condor": Exploding}
    source = TapeSource(simulated_store, "SPXW", SIM_DAY, "demo")
    playing = Playing(compose_replay(config, registry, source, speed=0, stay=True))
    view = playing.until(lambda view: view.error)
    assert "NoFixpoint" in view.error
    assert view.chain is not None
    assert playing.leave() == "failed"
    assert rows(config, "SELECT status, outcome FROM sessions JOIN runs USING (session)") == [("closed", "failed")]


def test_a_journal_that_cannot_be_written_stops_entries_and_says_so(replay: Playing) -> None:
    connection = replay.composed.writer._connection  # the fault: no page may be added any more
    replay.composed.writer._on_thread(lambda: connection.execute("PRAGMA max_page_count = 1").fetchall())
    replay.port.pace(Pace("goto", instant=at("11:30")))
    view = replay.until(lambda view: view.progress.now == at("11:30"))
    assert "journal" in view.alarm or "disk" in view.alarm
    assert view.header.state == "REDUCING"
    replay.composed.writer._on_thread(lambda: connection.execute("PRAGMA max_page_count = 1073741823").fetchall())
    time.sleep(1.1)
    replay.port.pace(Pace("step", value=120))
    replay.until(lambda view: view.progress.now == at("11:30") + 2 * MINUTE and not view.alarm)
