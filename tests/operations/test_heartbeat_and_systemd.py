"""Outside services and systemd hear of a session while its engine lives, and no longer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from answering_server import Told, answering
from watched_sessions import Process, Watched, wait

from engine.watch.heartbeat import Heartbeat
from engine.watch.systemd import Notifier, Service

BEAT = "GET /ping/canary-uuid"


@pytest.fixture
def outside() -> Iterator[Told]:
    with answering({BEAT: (200, "OK")}) as told:
        yield told


def beats(told: Told) -> int:
    return told.count(BEAT)


class Systemd:
    """The socket a manager reads."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self.env = {"NOTIFY_SOCKET": address}
        self.heard: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                text = self._socket.recv(4096).decode()
            except OSError:
                return
            self.heard += text.splitlines()

    def count(self, line: str) -> int:
        return self.heard.count(line)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    found = Systemd(str(tmp_path / "notify"))
    try:
        yield found
    finally:
        found.close()


# --- the heartbeat


def test_it_beats_while_the_engine_lives_and_stops_when_it_is_stuck(outside: Told) -> None:
    alive = threading.Event()
    alive.set()
    heart = Heartbeat(f"{outside.url}/ping/canary-uuid", 0.02, alive.is_set)
    wait(lambda: beats(outside) >= 3)
    alive.clear()
    time.sleep(0.1)
    stopped = beats(outside)
    time.sleep(0.2)
    assert beats(outside) == stopped
    alive.set()
    wait(lambda: beats(outside) > stopped)
    heart.close()


def test_a_refusal_is_known_without_the_address(outside: Told, caplog: pytest.LogCaptureFixture) -> None:
    outside.answers[BEAT] = (503, "no")
    heart = Heartbeat(f"{outside.url}/ping/canary-uuid", 0.02, lambda: True)
    wait(lambda: heart.missed >= 2)
    outside.answers[BEAT] = (200, "OK")
    wait(lambda: heart.beats)
    heart.close()
    assert [each.getMessage() for each in caplog.records if each.name.endswith("heartbeat")] == [
        "the heartbeat did not arrive: HTTP 503",
        "the heartbeat arrives again",
    ]
    assert "canary" not in caplog.text


def test_nobody_there_is_missed_and_nothing_ends(caplog: pytest.LogCaptureFixture) -> None:
    heart = Heartbeat("http://127.0.0.1:1/ping/canary-uuid", 0.02, lambda: True)
    wait(lambda: heart.missed >= 2)
    heart.close()
    assert heart.problem == "ConnectionError"
    assert "canary" not in caplog.text


def test_a_session_beats_until_its_engine_is_stuck(
    tmp_path: Path, outside: Told, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("ZDTE_HEARTBEAT_URL", f"{outside.url}/ping/canary-uuid")
    settings = ['push.modes=["demo"]', "push.heartbeat_seconds=1", "health.silent_seconds=2"]
    session = Watched(tmp_path, *settings).start()
    wait(lambda: beats(outside) >= 1)
    with session.stuck():
        session.age(60)
        time.sleep(0.3)
        stopped = beats(outside)
        time.sleep(1.5)
        assert beats(outside) == stopped
    wait(lambda: beats(outside) > stopped)
    session.stop()


# --- systemd


def test_without_a_socket_nobody_is_told() -> None:
    silent = Notifier({})
    assert not silent.listens
    assert not silent.tell("READY=1")


def test_lines_arrive_as_one_datagram(systemd: Systemd) -> None:
    assert Notifier(systemd.env).tell("READY=1", "STATUS=well")
    wait(lambda: systemd.heard == ["READY=1", "STATUS=well"])


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_an_abstract_socket_is_one_too() -> None:
    found = Systemd(f"@zdte-test-{os.getpid()}")
    assert Notifier(found.env).tell("READY=1")
    wait(lambda: found.heard == ["READY=1"])
    found.close()


def test_a_socket_nobody_reads_raises_nothing(tmp_path: Path) -> None:
    assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, 0.0),
        ({"WATCHDOG_USEC": "soon"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_watchdog_is_of_this_process_or_of_none(env: dict[str, str], seconds: float) -> None:
    assert Notifier(env).watchdog == seconds


def test_the_watchdog_hears_only_an_engine_that_lives(systemd: Systemd) -> None:
    alive = threading.Event()
    alive.set()
    notifier = Notifier(systemd.env | {"WATCHDOG_USEC": "60000"})
    service = Service(notifier, lambda: True, alive.is_set, lambda: "two\nlines")
    wait(lambda: systemd.count("WATCHDOG=1") >= 3)
    alive.clear()
    time.sleep(0.1)
    stopped, told = systemd.count("WATCHDOG=1"), systemd.count("STATUS=two lines")
    wait(lambda: systemd.count("STATUS=two lines") > told + 2)
    assert systemd.count("WATCHDOG=1") == stopped
    service.close()
    wait(lambda: "STOPPING=1" in systemd.heard)
    assert systemd.heard[0] == "READY=1"


def test_it_is_ready_once_the_engine_turns_and_not_before(systemd: Systemd) -> None:
    turns = threading.Event()
    service = Service(Notifier(systemd.env), turns.is_set, lambda: True, lambda: "x")
    time.sleep(0.25)
    assert systemd.heard == []
    turns.set()
    wait(lambda: "READY=1" in systemd.heard)
    service.close()


def test_a_session_that_systemd_started_tells_how_it_stands(tmp_path: Path, systemd: Systemd) -> None:
    env = systemd.env | {"WATCHDOG_USEC": "600000"}
    process = Process(tmp_path, "--demo", "--no-ui", "--speed", "60", env=env)
    try:
        process.wait_for(lambda: systemd.count("WATCHDOG=1") >= 2)
        process.wait_for(lambda: any("feed ok" in line for line in systemd.heard))
        assert systemd.heard[0] == "READY=1"
        assert any(line.startswith("STATUS=zdte-tui SIMULATED demo: ACTIVE, feed ok, day ") for line in systemd.heard)
        assert process.end() == 0
        wait(lambda: "STOPPING=1" in systemd.heard)
    finally:
        process.leave()


def test_the_watchdog_hears_nothing_of_a_process_that_is_stopped(tmp_path: Path, systemd: Systemd) -> None:
    process = Process(tmp_path, "--demo", "--no-ui", "--speed", "60", env=systemd.env | {"WATCHDOG_USEC": "300000"})
    try:
        process.wait_for(lambda: systemd.count("WATCHDOG=1") >= 2)
        subprocess.run(["kill", "-STOP", str(process.process.pid)], check=True)
        time.sleep(0.2)
        stopped = systemd.count("WATCHDOG=1")
        time.sleep(0.5)
        assert systemd.count("WATCHDOG=1") == stopped
        subprocess.run(["kill", "-CONT", str(process.process.pid)], check=True)
        wait(lambda: systemd.count("WATCHDOG=1") > stopped)
    finally:
        process.leave()
