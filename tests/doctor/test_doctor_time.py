"""Clock, zones and the table of days; a server is asked only if a person asks for it."""

from __future__ import annotations

import datetime as dt
import email.utils
import threading
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from zdte_tui.doctor.checks import calendar, clock
from zdte_tui.doctor.surroundings import Surroundings

NOW = 1_790_000_000.0
CHRONY = "C0A80001,192.168.0.1,3,1790000000.1,{offset},0.1,0.2,1.0,0.1,0.1,0.02,0.001,64.2,{leap}"


def only(found: Iterator[object]) -> object:
    (one,) = found
    return one


@contextmanager
def server(date: Callable[[], str | None], status: int = 200) -> Iterator[str]:
    """A server on this machine whose ``Date`` is what we say."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(status)
            told = date()
            if told is not None:
                self.send_header("Date", told)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/"
        finally:
            listening.shutdown()
            thread.join()


def ahead(seconds: float) -> Callable[[], str]:
    return lambda: email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("now", "youngest", "state"),
    [(NOW, NOW - 9, "ok"), (NOW, NOW + 9, "ok"), (NOW, NOW + 900, "warn"), (0.0, 0.0, "fail")],
)
def test_a_clock_that_was_set_back_is_noticed(now: float, youngest: float, state: str) -> None:
    assert clock.plausible(now, youngest).state == state


@pytest.mark.parametrize(("wall", "state"), [(0.1, "ok"), (0.102, "ok"), (0.3, "warn"), (-5.0, "warn")])
def test_the_wall_clock_goes_as_far_as_the_monotonic_one(wall: float, state: str) -> None:
    assert clock.steady(wall, 0.1).state == state


@pytest.mark.parametrize(
    ("timedatectl", "chrony", "state"),
    [
        ("yes\n", None, "ok"),
        ("no\n", None, "warn"),
        (None, None, "note"),
        ("", "", "note"),
        ("no\n", CHRONY.format(offset="0.000021", leap="Normal"), "ok"),
        ("yes\n", CHRONY.format(offset="-4.5", leap="Normal"), "warn"),
        ("yes\n", CHRONY.format(offset="0.0", leap="Not synchronised"), "warn"),
        ("yes\n", CHRONY.format(offset="what", leap="Normal"), "warn"),
    ],
)
def test_what_the_system_says_of_its_clock(timedatectl: str | None, chrony: str | None, state: str) -> None:
    (found,) = clock.synchronised(timedatectl, chrony)
    assert found.state == state


@pytest.mark.parametrize(
    ("server_ahead", "status", "state"), [(0, 200, "ok"), (0, 401, "ok"), (-9, 200, "warn"), (3600, 200, "fail")]
)
def test_the_clock_against_a_servers(server_ahead: float, status: int, state: str) -> None:
    with server(ahead(server_ahead), status) as url:
        found = clock.online((url,))
    assert found.state == state, found
    assert "127.0.0.1" in found.seen


def test_the_next_server_is_asked_and_silence_is_told() -> None:
    with server(lambda: None) as silent, server(ahead(0)) as talking:
        assert clock.online((silent, talking)).state == "ok"
        alone = clock.online((silent,))
    assert alone.state == "warn"
    assert "does not say the time" in alone.seen
    gone = clock.online((silent,))  # it has stopped listening
    assert gone.state == "warn"


def test_no_server_is_asked_unless_a_person_asks() -> None:
    asked: list[str] = []

    def date() -> str:
        asked.append("asked")
        return ahead(0)()

    with server(date) as url:
        quiet = list(clock.check(Surroundings(env={}, date_sources=(url,))))
        assert not asked
        loud = list(clock.check(Surroundings(env={}, date_sources=(url,), online=True)))
    assert asked == ["asked"]
    assert [each.subject for each in loud if each not in quiet][-1] == "clock skew"


def test_new_york_changes_its_clocks_when_it_should() -> None:
    assert calendar.new_york("America/New_York").state == "ok"


@pytest.mark.parametrize("name", ["America/Chicago", "Europe/London", "America/Nowhere", "UTC"])
def test_wrong_or_missing_data_of_a_zone_are_a_fault(name: str) -> None:
    found = calendar.new_york(name)
    assert found.state == "fail"
    assert "tzdata" in found.mend


def test_truncated_zone_data_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "New_York").write_bytes(b"TZif2 and nothing more")
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        assert calendar.new_york("America/New_York").state == "fail"
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize(
    ("variable", "state"),
    [("America/New_York", "ok"), (":UTC", "ok"), ("EST5EDT,M3.2.0,M11.1.0", "ok"), ("Amerika/New_York", "warn")],
)
def test_a_zone_nobody_knows_is_a_warning(variable: str, state: str) -> None:
    assert calendar.local_zone(variable).state == state


def test_how_far_the_table_of_days_reaches() -> None:
    last = dt.date(2028, 12, 29)
    assert calendar.reach(dt.date(2026, 1, 1), last).state == "ok"
    assert calendar.reach(dt.date(2028, 12, 1), last).state == "warn"
    assert calendar.reach(dt.date(2029, 1, 2), last).state == "fail"
