"""The socket: commands and questions are answered, and nothing a client does hurts the session behind it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from control_sessions import Running, rows, wait
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import __version__
from engine.control import Client, Declined, NoAnswer, NoSession, Place, server
from engine.control import peers as peers_room
from engine.control.protocol import LARGEST_ASK, PROTOCOL, AskCommand, AskStatus, frame, read_answer
from engine.events import CommandRecord
from engine.types import KILL_LEVELS
from engine.view import Pace

HEAD = struct.Struct(">I")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One session for all the tests that leave it as it is."""
    found = Running(tmp_path_factory.mktemp("running")).start()
    yield found
    found.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A session of the test's own."""
    found = Running(tmp_path).start()
    yield found
    found.stop()


def raw(running: Running) -> socket.socket:
    """A connection that has heard the greeting."""
    found = socket.socket(socket.AF_UNIX)
    found.settimeout(10)
    found.connect(str(running.place.socket))
    heard(found)
    return found


def heard(connection: socket.socket) -> object:
    """The next message, or None where the session hangs up."""
    head = connection.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None
    return read_answer(connection.recv(HEAD.unpack(head)[0], socket.MSG_WAITALL))


def still_answers(running: Running) -> bool:
    with running.client() as client:
        return client.status().account == "demo"


# --- who is there


def test_the_greeting_names_program_process_and_account(running: Running) -> None:
    with running.client() as client:
        assert (client.hello.protocol, client.hello.program) == (PROTOCOL, __version__)
        assert (client.hello.pid, client.hello.account) == (os.getpid(), "demo")


def test_socket_and_folder_are_for_their_owner_alone(running: Running) -> None:
    assert stat.S_IMODE(running.place.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.place.folder.stat().st_mode) == 0o700


def test_a_client_of_another_user_is_not_served(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "is_ours", lambda _connection: False)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(running.place.socket))
        with suppress(ConnectionError):
            connection.sendall(frame(AskCommand(PROTOCOL, "flatten")))
            assert heard(connection) is None
    monkeypatch.undo()
    with running.client() as client:
        assert client.status().state == "ACTIVE"


def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    """A real process of another user, where this one may start such a thing."""
    if os.getuid() != 0:
        pytest.skip("only root can start a process as another user")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        folder.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket"))
            (folder / "socket").chmod(0o666)
            listener.listen()
            listener.settimeout(20)
            code = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({str(folder / 'socket')!r}); s.recv(1)"
            python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
            other = subprocess.Popen([python, "-c", code], user=65534, cwd="/", stderr=subprocess.PIPE)
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                assert other.stderr is not None
                pytest.skip(f"no process can be started as another user: {other.stderr.read().decode()[-200:]}")
            with connection:
                assert peers_room.peer_uid(connection) == 65534
                assert not peers_room.is_ours(connection)
            other.wait(20)
    finally:
        shutil.rmtree(folder)


# --- what is asked


@pytest.mark.parametrize("level", KILL_LEVELS)
def test_a_level_is_carried_out_and_its_outcome_told(own: Running, level: str) -> None:
    with own.client() as client:
        done = client.command(level, text="from\x1b[2J a test")  # type: ignore[arg-type]
        status = client.status()
    assert "no new entries" in done.outcome or "locked until the exchange's date changes" in done.outcome
    assert status.state == ("HALTED" if level == "lock" else "REDUCING")
    assert len(status.breakers) == 1
    own.stop()
    (row,) = rows(own.place.journal, "CommandRecord")
    assert isinstance(row, CommandRecord)
    assert (row.kind, row.actor, row.outcome) == (level, "person", done.outcome)
    assert row.text == "from [2J a test", "what enters as text has no control characters"


def test_the_status_is_what_the_view_shows(own: Running) -> None:
    own.port.pace(Pace("goto", instant=own.until(lambda view: True).progress.open + 32 * 60 * 10**9))
    view = own.until(lambda view: view.positions.open_trades == 1 and view.progress.paused)
    with own.client() as client:
        status = client.status()
    assert status.fresh
    assert (status.banner, status.account, status.pid) == ("SIMULATED", "demo", os.getpid())
    assert (status.state, status.breakers, status.paused) == ("ACTIVE", (), True)
    assert (status.day_pnl, status.realised) == (view.header.day_pnl, view.header.realised)
    assert status.flatten_cost == view.positions.flatten_cost
    (trade,) = status.trades
    assert (trade.trade_id, trade.state, trade.filled) == (1, "open", 1)

    with own.client() as client:
        done = client.command("flatten")
        assert done.trades == (1,)
        (trade,) = client.status().trades
    assert trade.state == "closing", "the market stands still, and the exit with it"


def test_many_questions_over_one_connection_are_answered_in_order(running: Running) -> None:
    with raw(running) as connection:
        connection.sendall(frame(AskStatus(PROTOCOL)) * 5 + frame(AskCommand(PROTOCOL, "note", text="last")))
        kinds = [type(heard(connection)).__name__ for _ in range(6)]
    assert kinds == ["Status"] * 5 + ["Done"]


def test_another_protocol_is_refused_by_name(running: Running) -> None:
    with raw(running) as connection:
        connection.sendall(frame(AskStatus(PROTOCOL + 1)))
        answer = heard(connection)
    assert f"speaks protocol {PROTOCOL}, not {PROTOCOL + 1}" in str(answer)


@pytest.mark.parametrize(
    "ask",
    [
        {"type": "command", "protocol": PROTOCOL, "kind": "sell everything"},
        {"type": "command", "protocol": PROTOCOL, "kind": "close_trade", "trade_id": 2**63},
        {"type": "command", "protocol": PROTOCOL, "kind": "close_trade", "trade_id": -1},
        {"type": "command", "protocol": PROTOCOL, "kind": "note", "text": "x" * 201},
        {"type": "nothing", "protocol": PROTOCOL},
        {"protocol": PROTOCOL},
        ["command"],
    ],
    ids=str,
)
def test_what_is_no_question_is_refused_and_leads_to_nothing(running: Running, ask: object) -> None:
    body = msgspec.msgpack.encode(ask)
    before = running.until(lambda view: True).version
    with raw(running) as connection:
        connection.sendall(HEAD.pack(len(body)) + body)
        assert "not understood" in str(heard(connection))
        assert heard(connection) is None
    log = running.until(lambda view: view.version >= before).log
    assert not any("sell everything" in row.text for row in log)
    assert still_answers(running)


def test_a_question_too_large_is_not_read(running: Running) -> None:
    with raw(running) as connection:
        connection.sendall(HEAD.pack(2**31))
        assert f"{LARGEST_ASK} are the most" in str(heard(connection))
    assert still_answers(running)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(min_size=1, max_size=300))
def test_noise_never_hurts_the_session(running: Running, noise: bytes) -> None:
    with raw(running) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        while (answer := heard(connection)) is not None:
            assert type(answer).__name__ == "Refused"
    assert running.port.view() is not None


# --- clients that misbehave


def test_a_client_that_stops_in_the_middle_of_a_question_is_dropped(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FRAME_SECONDS", 0.1)
    with raw(running) as connection:
        connection.sendall(HEAD.pack(100) + b"half")
        assert heard(connection) is None


def test_a_silent_client_is_dropped(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.1)
    with raw(own) as connection:
        assert heard(connection) is None


def test_a_client_that_never_reads_holds_nobody_up(running: Running) -> None:
    with raw(running) as connection:
        connection.setblocking(False)
        with suppress(BlockingIOError):
            for _ in range(2000):
                connection.sendall(frame(AskStatus(PROTOCOL)))
        assert still_answers(running)


def test_a_crowd_does_not_keep_a_newcomer_out(running: Running) -> None:
    crowd = [raw(running) for _ in range(server.MOST_CLIENTS + 5)]
    try:
        assert still_answers(running)
    finally:
        for each in crowd:
            each.close()
    wait(lambda: not running.control._server._clients, "the crowd's leaving")


def test_a_client_that_leaves_before_its_answer_changes_nothing_about_the_command(own: Running) -> None:
    with raw(own) as connection:
        connection.sendall(frame(AskCommand(PROTOCOL, "pause")))
    own.until(lambda view: view.header.state == "REDUCING")


# --- ends


def test_who_waits_is_told_that_the_session_is_over_and_the_socket_is_gone(own: Running) -> None:
    with own.client() as client:
        client.status()
        own.stop()
        with pytest.raises(Declined, match="the session has ended: stopped"):
            client.status()
    assert not own.place.folder.exists()
    with pytest.raises(NoSession):
        own.client()


def test_a_session_whose_engine_has_stopped_says_so_instead_of_taking_commands(own: Running) -> None:
    def explode(_event: object) -> None:
        raise ZeroDivisionError("a test")

    own.composed.runner._playing.engine.process = explode  # type: ignore[method-assign,assignment]
    own.port.pace(Pace("step", value=60))
    own.until(lambda view: view.error)
    with own.client() as client:
        assert "ZeroDivisionError" in client.status().error
        with pytest.raises(Declined, match="the engine stopped: ZeroDivisionError: a test; act at the broker"):
            client.command("flatten")


def test_a_socket_that_cannot_be_had_is_told_and_kill_files_work_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "demo.sqlite.control").write_text("in the way")
    running = Running(tmp_path).start()
    try:
        assert "other terminals cannot reach this session, only kill files can" in running.control.problem
        (tmp_path / "demo.kill-pause").touch()
        running.until(lambda view: view.header.state == "REDUCING")
    finally:
        running.stop()


def test_somebody_who_listens_but_never_speaks_is_no_session(tmp_path: Path) -> None:
    place = Place(tmp_path / "demo.sqlite", "demo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.prepare()))
        listener.listen()
        with pytest.raises(NoAnswer, match=r"no answer within 0\.2 s"):
            Client(place, 0.2)


@pytest.mark.parametrize("noise", [b"\xff" * 8, HEAD.pack(3) + b"abc", b""])
def test_somebody_who_speaks_nonsense_is_no_session(tmp_path: Path, noise: bytes) -> None:
    place = Place(tmp_path / "demo.sqlite", "demo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.prepare()))
        listener.listen()

        def speak() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(noise)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(NoAnswer, match=r"nonsense|breaks off"):
            Client(place, 5.0)
        thread.join()


def test_a_status_does_not_wait_for_a_busy_engine_for_ever(own: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "VIEW_SECONDS", 0.1)
    kept = own.port.view()
    monkeypatch.setattr(own.composed.runner, "view", lambda: kept)
    with own.client() as client:
        began = time.monotonic()
        assert not client.status().fresh
        assert time.monotonic() - began < 10
