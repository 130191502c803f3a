"""Hard cases of a session's life, one runner at a time: cut off while catching up, rewound, commanded in the past."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.calendar import from_new_york, session
from engine.config import Config, load, with_trading
from engine.core import Engine
from engine.events import Tick
from engine.journal import JournalReader
from engine.session.audit import Audit, audit
from engine.session.compose import Composed, compose_demo
from engine.strategy import build_strategies
from engine.view import CommandRequest, Pace
from strategies.registry import REGISTRY


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(settings=[f"journal.path={tmp_path / 'demo.sqlite'}"])


def at(text: str) -> int:
    import datetime as dt

    return from_new_york(dt.date(2026, 1, 15), dt.time.fromisoformat(text))


def rows(config: Config, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(config.journal.path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def play(config: Config, *, until: Callable[[Tick, Composed], bool] | None = None, before: object = None) -> str:
    """Play the demo day flat out in this thread, until a condition on a tick stops it as a signal would."""
    holder: list[Composed] = []

    def watch(tick: Tick) -> None:
        if until is not None and until(tick, holder[0]):
            holder[0].runner.stop()

    composed = compose_demo(config, REGISTRY, speed=0, stay=False, on_tick=watch)
    holder.append(composed)
    if isinstance(before, CommandRequest):
        composed.runner.send(before)
    try:
        return composed.runner.run()
    finally:
        composed.close()


def reaches(instant: int) -> Callable[[Tick, Composed], bool]:
    return lambda tick, _: tick.now >= instant


def audited(config: Config) -> Audit:
    path = Path(config.journal.path)
    with JournalReader(path) as reader:
        row = reader.select("last")[-1]
    traded = with_trading(config, row.info.config_text)

    def make_engine() -> Engine:
        meanings = {root: label.meaning for root, label in zip(row.info.roots, row.info.provenance, strict=False)}
        strategies = build_strategies(traded.strategies, REGISTRY, list(row.info.roots))
        return Engine(traded, session(row.info.day), row.info.account, row.info.roots, meanings, strategies)

    return audit(path, row, make_engine)


FINAL = "SELECT trade_id, key, status, credit_e4, realised_e4 FROM trades GROUP BY trade_id HAVING max(id)"


def test_cut_off_while_it_catches_up_a_session_still_goes_on_where_it_was(config: Config, tmp_path: Path) -> None:
    assert play(config, until=reaches(at("12:30"))) == "stopped"
    assert play(config, until=lambda tick, _: tick.seq >= 200) == "stopped"  # the market of 10:18, caught up with
    assert play(config) == "completed"

    assert rows(config, "SELECT epoch, progress_ts IS NULL FROM runs") == [(0, 0), (1, 1), (2, 0)]
    assert rows(config, "SELECT count(*), count(DISTINCT trade_id || '@' || (ts / 60000000000)) FROM marks") == [
        rows(config, "SELECT count(*), count(*) FROM marks")[0]
    ]
    whole = load(settings=[f"journal.path={tmp_path / 'whole.sqlite'}"])
    play(whole)
    assert rows(config, FINAL) == rows(whole, FINAL)
    assert audited(config).difference == ""


def test_many_restarts_in_a_row_end_as_none(config: Config, tmp_path: Path) -> None:
    for text in ("10:00:05", "10:14:40", "10:15:00", "11:00", "13:00:15", "15:20:05", "15:59:59", "16:00:05"):
        play(config, until=reaches(at(text)))
    assert play(config) == "completed"
    whole = load(settings=[f"journal.path={tmp_path / 'whole.sqlite'}"])
    play(whole)
    assert rows(config, FINAL) == rows(whole, FINAL)
    ids = [row[0] for row in rows(config, "SELECT client_order_id FROM orders")]
    assert len(ids) == len(set(ids))
    assert audited(config).difference == ""


def test_a_flatten_that_comes_before_the_restore_flattens_what_is_restored(config: Config) -> None:
    play(config, until=reaches(at("12:30")))
    play(config, before=CommandRequest("flatten"), until=reaches(at("12:31")))
    (outcome,) = rows(config, "SELECT outcome FROM commands")[0]
    assert str(outcome).startswith("closing 2 trades")
    held = rows(config, "SELECT quantity FROM positions GROUP BY trade_id, symbol HAVING max(id)")
    assert all(quantity >= 0 for (quantity,) in held), "a short is still open"
    assert rows(config, "SELECT count(*) FROM exits WHERE trigger = 'flatten'") == [(2,)]


def test_order_ids_of_two_sessions_of_one_day_are_never_the_same(config: Config) -> None:
    play(config)
    play(config)
    ids = [row[0] for row in rows(config, "SELECT client_order_id FROM orders")]
    assert len(ids) == len(set(ids)) > 10
    assert rows(config, "SELECT name, status FROM sessions") == [
        ("demo-2026-01-15-SPXW-1", "closed"),
        ("demo-2026-01-15-SPXW-2", "closed"),
    ]


def test_cut_off_before_the_day_began_a_session_is_begun_anew_with_ids_of_its_own(config: Config) -> None:
    play(config)
    play(config, until=lambda tick, _: tick.seq >= 1)  # a close of the evening before
    play(config)
    ids = [row[0] for row in rows(config, "SELECT client_order_id FROM orders")]
    assert len(ids) == len(set(ids)) > 10
    assert rows(config, "SELECT session, count(*) FROM signals WHERE kind = 'scheduled' GROUP BY session") == [
        (1, 4),
        (3, 4),
    ]
    assert rows(config, "SELECT outcome FROM runs") == [("completed",), ("stopped",), ("abandoned",), ("completed",)]
    assert audited(config).difference == ""


class Script:
    """Sends messages when the session reaches instants, as a person at the keys does; then lets it end."""

    def __init__(self, *lines: tuple[str, CommandRequest | Pace]) -> None:
        self.lines = [(at(when), message) for when, message in lines]

    def __call__(self, tick: Tick, composed: Composed) -> bool:
        while self.lines and tick.now >= self.lines[0][0]:
            composed.runner.send(self.lines.pop(0)[1])
        return False


def scripted(config: Config, *lines: tuple[str, CommandRequest | Pace]) -> None:
    script = Script(*lines)
    assert play(config, until=script) == "completed"
    assert not script.lines


def test_a_command_given_in_the_past_makes_a_branch_with_the_whole_past(config: Config) -> None:
    """To 12:30, back to 10:30, flatten there: what 11:00 and 12:00 did is another session's."""
    composed = compose_demo(config, REGISTRY, speed=0, stay=True)
    from engine.session.port import LocalPort

    port = LocalPort(composed.runner)
    port.start()
    for message in (Pace("goto", instant=at("12:30")), Pace("goto", instant=at("10:30"))):
        port.pace(message)
        _until(port, lambda view, wanted=message.instant: view.progress.now == wanted)
    port.command(CommandRequest("flatten"))
    _until(port, lambda view: view.header.state == "REDUCING")
    port.pace(Pace("goto", instant=at("16:35")))
    _until(port, lambda view: view.progress.finished)
    port.stop()
    composed.close()

    assert rows(config, "SELECT session, branch_of FROM sessions") == [(1, None), (2, 1)]
    assert rows(config, "SELECT session, kind FROM commands") == [(2, "flatten")]
    assert rows(config, "SELECT DISTINCT key FROM trades WHERE session = 2") == [("10:00",)]
    assert rows(config, "SELECT DISTINCT trigger FROM exits WHERE session = 2 AND actor = 'person'") == [("flatten",)]
    found = audited(config)
    assert found.difference == ""


def test_commands_come_back_exactly_where_they_were_given(config: Config) -> None:
    """Pause at 10:30, flatten after a timer, go on to 12:00, back to 11:30: the past must come out the same."""
    from engine.session.port import LocalPort

    composed = compose_demo(config, REGISTRY, speed=0, stay=True)
    port = LocalPort(composed.runner)
    port.start()
    port.pace(Pace("goto", instant=at("10:14:03")))
    _until(port, lambda view: view.progress.now == at("10:14:03"))
    port.command(CommandRequest("flatten"))
    _until(port, lambda view: view.header.state == "REDUCING")
    port.pace(Pace("goto", instant=at("11:30")))
    there = _until(port, lambda view: view.progress.now == at("11:30"))
    port.pace(Pace("goto", instant=at("12:00:30")))
    _until(port, lambda view: view.progress.now == at("12:00:30"))
    port.pace(Pace("goto", instant=at("11:30")))
    again = _until(port, lambda view: view.progress.now == at("11:30"))
    assert (again.version, again.positions, again.signals) == (there.version, there.positions, there.signals)
    port.pace(Pace("goto", instant=at("16:35")))
    _until(port, lambda view: view.progress.finished)
    port.stop()
    composed.close()
    assert rows(config, "SELECT count(*) FROM sessions") == [(1,)]
    assert audited(config).difference == ""


def _until(port, condition):  # type: ignore[no-untyped-def]
    import time

    end = time.monotonic() + 60
    while time.monotonic() < end:
        view = port.view()
        if view is not None and condition(view):
            return view
        time.sleep(0.01)
    view = port.view()
    raise AssertionError(f"never: {view and (view.header, view.progress, view.alarm, view.error)}")


def test_a_view_that_cannot_be_made_does_not_stop_the_trading(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.session.port import LocalPort
    from engine.view.build import ViewBuilder

    composed = compose_demo(config, REGISTRY, speed=0, stay=True)
    port = LocalPort(composed.runner)
    port.start()
    port.pace(Pace("goto", instant=at("10:30")))
    _until(port, lambda view: view.progress.now == at("10:30"))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a view's bug")

    monkeypatch.setattr(ViewBuilder, "build", broken)
    port.pace(Pace("goto", instant=at("16:35")))
    view = _until(port, lambda view: view.progress.finished)
    assert "a view's bug" in view.alarm
    assert not view.error
    assert port.stop() == "completed"
    composed.close()
    assert {row[2] for row in rows(config, FINAL)} == {"closed", "settled"}


def test_an_observer_that_fails_does_not_stop_the_trading(config: Config) -> None:
    def broken(_tick: Tick, _composed: Composed) -> bool:
        raise BrokenPipeError

    assert play(config, until=broken) == "completed"
    assert {row[2] for row in rows(config, FINAL)} == {"closed", "settled"}


def test_a_recording_that_cannot_be_written_stops_entries_and_nothing_else(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.tape.recording import Recorder

    real = Recorder.write
    count = 0

    def full(self: Recorder, event: object) -> None:
        nonlocal count
        count += 1
        if count > 300:
            raise OSError(28, "No space left on device")
        real(self, event)  # type: ignore[arg-type]

    monkeypatch.setattr(Recorder, "write", full)
    assert play(config) == "completed"
    assert rows(config, "SELECT name, state FROM breakers") == [("JOURNAL", "REDUCING")]
    assert {row[2] for row in rows(config, FINAL)} == {"settled"}


def test_a_recording_of_a_deleted_journal_is_set_aside(config: Config) -> None:
    play(config)
    path = Path(config.journal.path)
    path.unlink()
    assert play(config) == "completed"
    names = sorted(file.name.split("-")[-1].split(".")[0] for file in path.with_suffix(".inputs").iterdir())
    assert len(names) == 2
    assert audited(config).difference == ""


def test_a_jump_asked_for_right_after_the_open_is_made_at_once(config: Config) -> None:
    """At speed 1 the first quotes are fifteen seconds away: nothing may wait for them."""
    from engine.session.port import LocalPort

    composed = compose_demo(config, REGISTRY, speed=1, stay=True)
    port = LocalPort(composed.runner)
    port.start()
    _until(port, lambda view: view.chain is not None and view.chain.rows)
    port.pace(Pace("goto", instant=at("10:12")))
    view = _until(port, lambda view: view.progress.now == at("10:12"))
    assert view.positions.open_trades == 1
    port.stop()
    composed.close()
