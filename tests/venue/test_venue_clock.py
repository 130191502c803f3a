"""The exchange's clock as another program on this machine reads it, and what it takes for no clock of an exchange."""

from __future__ import annotations

import asyncio
import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from venue_data_world import World, at, played

from engine.alpaca.venue_clock import VenueTime, read_venue_clock


def test_a_client_tells_the_markets_time_as_the_exchange_does() -> None:
    async def scene(world: World) -> None:
        await world.ask("POST", "/control/clock", {"now": "2026-01-15T14:45:00Z", "speed": 600})
        read = await asyncio.to_thread(read_venue_clock, world.http)
        assert read is not None
        assert read.speed == 600
        for _ in range(3):
            before, theirs, after = time.monotonic_ns(), world.venue.clock.now(), time.monotonic_ns()
            assert read.at(before) <= theirs <= read.at(after)

    played(scene)


def test_a_clock_that_stands_still_and_is_moved_by_hand_is_read_again() -> None:
    async def scene(world: World) -> None:
        read = await asyncio.to_thread(read_venue_clock, world.http)
        assert read is not None
        assert (read.speed, read.at(0), read.at(10**15)) == (0, at("09:29"), at("09:29"))
        await world.play("10:00")
        again = await asyncio.to_thread(read_venue_clock, world.http + "/")
        assert again is not None
        assert again.at(time.monotonic_ns()) == at("10:00")

    played(scene)


@contextmanager
def answering(answer: bytes, pause: float = 0.0) -> Iterator[str]:
    """A server that says this to whoever asks, a byte at a time if there is a pause."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            try:
                for piece in [answer] if not pause else [bytes([each]) for each in answer]:
                    self.request.sendall(piece)
                    time.sleep(pause)
            except OSError:
                pass  # the client has gone

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def answer(status: str = "200 OK", body: Any = None) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}".encode()


STOOD = {"now": "2026-01-15T15:00:00Z", "speed": 0, "start": at("10:00"), "from": 0}


def test_this_is_how_an_answer_is_read() -> None:
    with answering(answer(body=STOOD)) as url:
        assert read_venue_clock(url) == VenueTime(at("10:00"), 0, 0.0)


@pytest.mark.parametrize(
    "said",
    [
        answer("404 Not Found", STOOD),
        answer(body=[]),
        answer(body={"code": 40410000, "message": "endpoint not found"}),
        answer(body=STOOD | {"start": "2026"}),
        answer(body=STOOD | {"speed": True}),
        answer(body=STOOD | {"speed": -1}),
        answer(body=STOOD | {"now": 3}),
        answer(body=STOOD | {"now": "2026-01-15T15:00:01Z"}),  # the anchor and the time do not agree
        answer(body=STOOD | {"speed": 1}),  # its steady clock stands elsewhere than ours
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_exchanges_clock_is_none(said: bytes) -> None:
    with answering(said) as url:
        assert read_venue_clock(url) is None


def test_an_answer_that_trickles_in_ends_in_time() -> None:
    with answering(answer(body=STOOD), pause=0.05) as url, pytest.raises(TimeoutError):
        read_venue_clock(url, seconds=0.2)  # it would be a clock if it were waited for


def test_an_exchange_that_does_not_answer_may_have_a_clock() -> None:
    with answering(b"") as url, pytest.raises(ConnectionError):
        read_venue_clock(url)
    with pytest.raises(ConnectionError):
        read_venue_clock("http://127.0.0.1:1")


@pytest.mark.parametrize(
    "url",
    [
        "https://paper-api.alpaca.markets",
        "http://192.0.2.1:8787",
        "https://127.0.0.1:8787",
        "http://127.0.0.1:99999",
        "http://[",
        "",
    ],
)
def test_another_machine_is_not_asked(url: str) -> None:
    assert read_venue_clock(url, seconds=0.5) is None
