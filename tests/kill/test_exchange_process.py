"""``zdte-tui exchange`` and sessions on it: what a person meets when one of the two is not as it should be."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from exchange_room import ExchangeRoom, heard


@pytest.fixture
def room(tmp_path: Path) -> Iterator[ExchangeRoom]:
    made = ExchangeRoom(tmp_path)
    yield made
    made.close()


def rows(room: ExchangeRoom, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{room.journal}?mode=ro", uri=True)) as journal:
        return journal.execute(query).fetchall()


def refusal(stderr: str) -> str:
    """The one line of a refusal; where files are kept is told after it the first time."""
    lines = [line for line in stderr.splitlines() if "are kept in" not in line]
    assert len(lines) == 1, stderr
    return lines[0]


def test_a_session_without_an_exchange_says_how_to_start_one(room: ExchangeRoom) -> None:
    done = room.run("--demo", "--no-ui")

    assert done.returncode == 69
    assert "start `zdte-tui exchange` with the same configuration" in refusal(done.stderr)


def test_a_place_where_no_exchange_can_listen_is_refused_and_left_alone(room: ExchangeRoom) -> None:
    too_long = room.run("exchange", settings=(f"broker.path={room.home / ('x' * 120)}",))
    assert too_long.returncode == 73
    assert "has more than 100 bytes: set broker.path to a shorter one" in refusal(too_long.stderr)

    room.socket.write_text("a file of somebody else")
    foreign = room.run("exchange")
    assert foreign.returncode == 73
    assert "there is a file of another kind" in refusal(foreign.stderr)
    assert room.socket.read_text() == "a file of somebody else"


def test_one_exchange_one_market_one_session_a_journal(room: ExchangeRoom) -> None:
    room.exchange()

    second = room.run("exchange")
    assert second.returncode == 73
    assert "another exchange listens there" in refusal(second.stderr)

    other = room.run("--demo", "--no-ui", settings=("fills.model=mid",))
    assert other.returncode == 69
    assert "start both with the same configuration" in refusal(other.stderr)
    assert len(other.stderr) < 500

    session = room.session("600")
    heard(session, "entering")
    beside = room.run("--demo", "--no-ui")
    assert beside.returncode == 73
    assert f"is in use by process {session.pid}" in refusal(beside.stderr)


def test_ctrl_c_ends_an_exchange_with_a_session_on_it_and_the_session_says_so(room: ExchangeRoom) -> None:
    exchange, session = room.exchange(), room.session("600")
    heard(session, "entering")

    exchange.send_signal(signal.SIGINT)

    assert exchange.wait(20) == 0
    assert not room.socket.exists()
    heard(session, "alarm")
    session.send_signal(signal.SIGTERM)
    assert session.wait(20) == 0
    assert rows(room, "SELECT count(*) FROM notices WHERE level = 'alarm' AND text LIKE '%exchange at%'") == [(1,)]


def test_an_exchange_that_was_killed_and_has_forgotten_all_is_believed_and_that_is_said(room: ExchangeRoom) -> None:
    exchange, session = room.exchange(), room.session("900")
    heard(session, "entered")

    exchange.kill()
    exchange.wait()
    room.exchange()

    assert session.stderr is not None
    said = session.stderr.read()
    assert session.wait() == 0, said[-800:]
    assert "the broker answers again" in said
    assert "the broker holds what no execution explains" in said
    assert "adopted" in said
    last = rows(room, "SELECT name, state FROM breakers WHERE name = 'RECONCILE' ORDER BY id DESC LIMIT 1")
    assert last == [("RECONCILE", "ACTIVE")], "it agrees again once the broker's word is taken in"
    held = rows(room, "SELECT symbol, sum(quantity) FROM fills WHERE trade_id = 1 GROUP BY 1")
    assert held
    assert all(quantity == 0 for _, quantity in held)


def test_a_session_that_was_stopped_for_a_while_goes_on(room: ExchangeRoom) -> None:
    room.exchange()
    session = room.session("1800")
    heard(session, "entered")

    session.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    session.send_signal(signal.SIGCONT)

    assert session.stderr is not None
    said = session.stderr.read()
    assert session.wait() == 0, said[-800:]
    assert rows(room, "SELECT status, outcome FROM sessions JOIN runs USING (session)") == [("closed", "completed")]
    assert not rows(room, "SELECT text FROM notices WHERE level = 'alarm'")
