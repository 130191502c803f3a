"""Health over HTTP: what a session tells of itself, and that asking changes nothing."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from watched_sessions import Process, Watched, free_port, get, wait

from engine.view import CommandRequest
from engine.watch.server import MOST_AT_ONCE, WatchServer


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path).start()
    try:
        yield watched
    finally:
        watched.stop()


def figures(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Samples by name and label values, as Prometheus reads them."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_a_session_that_is_well_says_ok(session: Watched) -> None:
    assert get(session.port, "/healthz") == (200, "ok\n")


def test_its_figures_are_what_prometheus_reads(session: Watched) -> None:
    status, text = get(session.port, "/metrics")
    found = figures(text)
    assert status == 200
    assert found["zdte_simulated"] == {(): 1.0}
    assert found["zdte_trading_state"][("ACTIVE",)] == 1.0
    assert found["zdte_events_total"][()] == found["zdte_event_seconds_count"][()] > 0
    assert found["zdte_records_total"][("signals",)] > 0
    assert found["zdte_limit"][("day loss", "dollars")] == 500
    assert found["zdte_equity_dollars"][()] == 100_000
    (session_info,) = [each for each in text_string_to_metric_families(text) if each.name == "zdte_session_info"]
    labels = session_info.samples[0].labels
    assert (labels["mode"], labels["day"], labels["data"]) == ("demo", "2026-01-15", "SIMULATED")


def test_what_is_not_known_is_left_out(session: Watched) -> None:
    found = figures(get(session.port, "/metrics")[1])
    assert "zdte_held_quote_age_seconds" not in found  # nothing is held


def test_a_locked_day_is_not_well_and_says_why(session: Watched) -> None:
    session.port_to_it.command(CommandRequest("lock", text="enough"))
    session.until(lambda view: view.header.state == "HALTED")
    status, text = get(session.port, "/healthz")
    assert status == 503
    assert "the day is locked: LOCKED: HALTED" in text
    assert "enough" in text
    found = figures(get(session.port, "/metrics")[1])
    assert found["zdte_breaker"][("LOCKED",)] == 1
    assert found["zdte_healthy"][()] == 0
    assert found["zdte_records_total"][("commands",)] == 1


def test_entries_that_a_person_paused_are_no_ailment(session: Watched) -> None:
    session.port_to_it.command(CommandRequest("pause"))
    session.until(lambda view: view.header.state == "REDUCING")
    assert get(session.port, "/healthz") == (200, "ok\n")


def test_an_engine_that_is_stuck_is_said_to_be_silent_and_answered_for(session: Watched) -> None:
    with session.stuck():
        session.age(60)
        status, text = get(session.port, "/healthz")
        assert status == 503
        assert text.startswith("the engine has been silent for 6")
        assert figures(get(session.port, "/metrics")[1])["zdte_engine_silent_seconds"][()] >= 60
    wait(lambda: get(session.port, "/healthz")[0] == 200, "the engine's next turn")


def test_an_engine_that_failed_says_so_at_once(session: Watched) -> None:
    session.breaks("a wheel came off")
    status, text = get(session.port, "/healthz")
    assert status == 503
    assert "the engine stopped: RuntimeError: a wheel came off" in text


def test_a_name_of_the_web_that_points_here_is_told_nothing(session: Watched) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", session.port, timeout=60)) as connection:
        connection.request("GET", "/metrics", headers={"Host": f"evil.example:{session.port}"})
        answer = connection.getresponse()
        assert answer.status == 403
        assert b"zdte_" not in answer.read()


def test_it_listens_on_this_machines_own_address_alone(session: Watched) -> None:
    with socket.socket() as other:
        other.settimeout(5)
        with pytest.raises(ConnectionRefusedError):
            other.connect(("127.0.0.2", session.port))


def test_another_path_is_named_and_nothing_can_be_posted(session: Watched) -> None:
    assert get(session.port, "/") == (404, "there are /healthz and /metrics\n")
    request = urllib.request.Request(f"http://127.0.0.1:{session.port}/healthz", data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 501
    refused.value.close()


def test_silent_clients_do_not_keep_others_out_for_ever(monkeypatch: pytest.MonkeyPatch, session: Watched) -> None:
    monkeypatch.setattr("engine.watch.server._Handler.timeout", 0.2)
    crowd = [socket.create_connection(("127.0.0.1", session.port)) for _ in range(MOST_AT_ONCE + 4)]
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                assert get(session.port, "/healthz") == (200, "ok\n")
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        pytest.fail("the silent clients kept everyone out")
    finally:
        for each in crowd:
            each.close()


def test_a_label_cannot_break_out_of_its_quotes(session: Watched) -> None:
    text = 'x"} 1\nzdte_healthy 1\\'
    session.port_to_it.command(CommandRequest("lock", text=text))
    session.until(lambda view: view.header.state == "HALTED")
    found = figures(get(session.port, "/metrics")[1])
    assert found["zdte_healthy"] == {(): 0.0}
    assert len(get(session.port, "/healthz")[1].splitlines()) == 1


def test_a_port_that_is_taken_is_a_line_and_the_session_goes_on(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        session = Watched(tmp_path, port=port).start()
        try:
            (line,) = session.watching.told
            assert line.startswith(f"health is not served: port {port} of 127.0.0.1: Address already in use")
            session.watching.note()  # as a screen has it, which has no other place for a line
            view = session.until(lambda view: any(line in row.text for row in view.log))
            assert view.error == ""
        finally:
            session.stop()


def test_closed_it_answers_no_more(tmp_path: Path) -> None:
    session = Watched(tmp_path).start()
    session.stop()
    with pytest.raises(OSError, match="refused"):
        get(session.port, "/healthz")


def test_a_page_that_cannot_be_made_ends_nothing() -> None:
    def broken() -> None:
        raise ValueError("secret words")

    server = WatchServer(0, {"/healthz": broken})  # type: ignore[dict-item]
    try:
        status, text = get(server.port, "/healthz")
        assert (status, text) == (500, "it cannot be told: ValueError\n")
    finally:
        server.close()


def test_a_session_without_a_screen_serves_it_while_it_runs(tmp_path: Path) -> None:
    port = free_port()
    process = Process(tmp_path, "--demo", "--no-ui", "--speed", "60", "--set", f"health.port={port}")
    try:
        process.wait_for(lambda: get(port, "/healthz") == (200, "ok\n"))
        assert process.end() == 0
    finally:
        process.leave()


def test_what_watches_may_break_and_the_session_begins_and_ends_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a screw is loose")

    monkeypatch.setattr("engine.watch.room.Health.__init__", broken)
    session = Watched(tmp_path).start()
    assert session.watching.told == ["health is not served: RuntimeError; see the log"]
    assert "a screw is loose" in caplog.text
    assert session.stop() == "stopped"


def test_a_rehearsal_tells_what_its_feed_counts_and_that_it_is_simulated(tmp_path: Path) -> None:
    port = free_port()
    words = ("--rehearse", "--no-ui", "--speed", "60", "--set", f"health.port={port}")
    process = Process(tmp_path, *words)
    try:
        process.wait_for(lambda: figures(get(port, "/metrics")[1])["zdte_feed_quotes"][()] > 0)
        found = figures(get(port, "/metrics")[1])
        assert found["zdte_simulated"] == {(): 1.0}
        assert found["zdte_feed_reconnects"] == {(): 0.0}
        assert ("rehearsal", "rehearse") in [(key[0], key[4]) for key in found["zdte_session_info"]]
        assert process.end() == 0
    finally:
        process.leave()
