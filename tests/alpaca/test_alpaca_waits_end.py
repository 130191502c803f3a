"""A trade-update stream that is let in and then left alone: no wait of it is without end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from alpaca.trading.stream import TradingStream
from odd_updates import OddUpdates, odd_updates

from engine.alpaca import trade_stream
from engine.alpaca.keys import Keys
from engine.alpaca.trade_stream import TradeStream

KEYS = Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are waited for a moment only, and the next try comes soon."""
    monkeypatch.setattr(trade_stream, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(trade_stream, "_BACK_OFF", (0.01, 0.02))


def soon(done: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def listened(server: OddUpdates) -> Iterator[list[tuple[bool, str]]]:
    said: list[tuple[bool, str]] = []
    stream = TradeStream(KEYS, server.url, lambda _: None, lambda up, why: said.append((up, why)))
    try:
        yield said
    finally:
        stream.close()
        assert not stream._thread.is_alive()


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("authenticate", "connected, and no answer to the keys"),
        ("listen", "connected, and no word that updates come"),
    ],
)
def test_a_server_that_never_answers_is_told_and_asked_again(action: str, why: str) -> None:
    with odd_updates() as server:
        server.mute = {action}
        with listened(server) as said:
            soon(lambda: server.connections > 1)
            assert (False, why) in said
            assert (True, "") not in said
            server.mute = set()
            soon(lambda: (True, "") in said)


def test_one_that_answered_in_time_is_left_alone() -> None:
    with odd_updates() as server, listened(server) as said:
        soon(lambda: (True, "") in said)
        time.sleep(0.3)
        assert (server.connections, said) == (1, [(True, "")])


def test_one_that_hangs_up_on_the_keys_is_told() -> None:
    with odd_updates() as server:
        server.hangs_up = True
        with listened(server) as said:
            soon(lambda: (False, "the connection ended before the keys were taken") in said)


def test_a_dead_peer_is_not_waited_for_to_say_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own settings wait 10 s, three times, for the end of a connection that pings have found dead."""
    monkeypatch.setattr(trade_stream, "_PINGS", trade_stream._PINGS | {"ping_interval": 0.05, "ping_timeout": 0.05})
    with odd_updates() as server:
        server.deaf = True
        with listened(server) as said:
            soon(lambda: (True, "") in said)
            soon(lambda: server.connections > 1, 8)


def test_the_sdk_alone_waits_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    import asyncio

    caplog.set_level(logging.CRITICAL, "alpaca.trading.stream")

    async def asked(url: str) -> None:
        stream = TradingStream(KEYS.key_id, KEYS.secret, url_override=url)
        await stream._connect()  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait_for(stream._auth(), 0.5)  # type: ignore[no-untyped-call]
        finally:
            await stream.close()

    with odd_updates() as server:
        server.mute = {"authenticate"}
        with pytest.raises(TimeoutError):
            asyncio.run(asked(f"ws://127.0.0.1:{server.port}/stream"))
