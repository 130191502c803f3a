"""Every known defect of alpaca-py 0.44's streams, designed around: a test named after each, with the real SDK.

Where the local exchange can misbehave so, it does; else a small server of the test's own.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from alpaca.data.live import OptionDataStream
from feed_world import Exchange, exchange, taking
from odd_stream import AUTHENTICATED, OddStream, confirmed, error, odd_stream, quote

from engine.alpaca.keys import Keys
from engine.config.alpaca import AlpacaTable
from engine.feed.alpaca import stream_failures, subscriptions
from engine.feed.alpaca.feed import AlpacaFeed
from engine.feed.alpaca.stream import PARAMS, OptionStream
from engine.feed.alpaca.stream_silence import Silence


def odd_feed(world: Exchange, odd: OddStream, **more: Any) -> AlpacaFeed:
    """Streams from the odd server, everything else from the exchange."""
    return world.feed(stream_url=odd.url, **more)


def soon(feed: AlpacaFeed, patience: float = 0.3) -> AlpacaFeed:
    """With less patience than on a real day."""
    feed._options.silence, feed._stocks.silence = Silence(patience), Silence(patience)
    return feed


# Issue 740, PR 744


def test_mute_socket_is_noticed_in_market_hours_and_connected_again() -> None:
    with exchange() as world, taking(soon(world.feed()), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed)
        world.faults.switch("mute_data", part="/v1beta1/indicative", times=1)
        world.at("10:01")
        taker.until(lambda: taker.figure("mutes") == 1)
        taker.until(lambda: taker.state != "ok")
        assert "mute" in taker.text
        taker.until(lambda: taker.feed._options.acks >= 2)
        for text in ("10:02", "10:03"):
            world.at(text)
            taker.until(lambda: taker.figure("messages") > 0)
        taker.until(lambda: taker.state == "ok")


def test_mute_socket_before_the_open_is_no_fault() -> None:
    with exchange(start="09:00") as world, taking(soon(world.feed(), 0.1), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed)
        end = time.monotonic() + 0.5
        taker.until(lambda: time.monotonic() > end)
        assert taker.figure("mutes") == 0
        assert taker.state == "ok"


def test_mute_patience_on_a_real_day_is_under_ten_seconds() -> None:
    assert Silence().patience < 10


# [P] 248


@pytest.mark.parametrize(("code", "words"), [(402, "keys are refused"), (409, "plan does not have the feed")])
def test_402_and_409_are_told_once_and_not_hammered(code: int, words: str) -> None:
    with exchange() as world, odd_stream() as odd:
        odd.admission = error(code)
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert words in taker.text
            end = time.monotonic() + 1
            taker.until(lambda: time.monotonic() > end)
            assert odd.connections == 1
            assert [state for state, _ in taker.statuses] == ["stale", "down"]


def test_402_of_the_exchange_itself_names_the_command_that_mends_it() -> None:
    with exchange() as world, odd_stream() as odd:
        odd.admission = error(402)
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert "zdte-tui login" in taker.text


def test_409_of_a_plan_without_opra_is_told() -> None:
    with exchange() as world:
        world.faults.switch("no_subscription", part="/v1beta1/opra", times=None)
        with taking(world.feed(option_feed="opra"), world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert "plan" in taker.text


def test_406_waits_long_for_the_other_connection_to_end() -> None:
    with exchange() as world, odd_stream() as odd:
        odd.admission = error(406)
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert "another connection" in taker.text
            assert stream_failures.back_off(taker.feed._options.failure, 1) >= 5
            assert odd.connections == 1


def test_402_is_over_when_the_keys_are_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stream_failures._BACK_OFF, 402, (0.2, 0.2))
    with exchange() as world, odd_stream() as odd:
        odd.admission = error(402)
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            odd.admission = AUTHENTICATED
            taker.until(lambda: taker.state == "ok")


# [P] 405, 413


def test_405_rolls_back_and_a_reconnect_is_not_left_without_subscriptions() -> None:
    def at_most_fifty(_: OddStream, symbols: set[str]) -> Any:
        return confirmed(symbols) if len(symbols) <= 50 else error(405)

    with exchange() as world, odd_stream() as odd:
        odd.confirm = at_most_fifty
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "ok" and taker.subscribed)
            assert 20 <= len(taker.subscribed) <= 50
            assert "no more than" in taker.text
            many = len(odd.subscriptions())
            odd.cut()
            taker.until(lambda: odd.connections == 2 and taker.subscribed)
            again = odd.subscriptions(2)
            assert 20 <= len(again[0]["quotes"]) <= 50
            assert many < 8


def test_413_is_rolled_back_and_does_not_loop() -> None:
    with exchange() as world, odd_stream() as odd:
        odd.confirm = lambda _, __: error(413)
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.figure("refused") >= 1)
            end = time.monotonic() + 1
            taker.until(lambda: time.monotonic() > end)
            assert taker.figure("refused") <= 3
            assert taker.state != "ok"


# [P] 491


def test_subscribing_from_within_a_callback_does_not_deadlock() -> None:
    with exchange() as world:
        feed = world.feed()
        done = threading.Event()

        def woken() -> None:  # on the thread that the streams run on
            feed.hold([])
            feed.hold([world.venue.market.instruments[-1]])  # type: ignore[list-item]
            done.set()

        feed.start((), woken)
        try:
            assert done.wait(10)
            end = time.monotonic() + 60
            while not feed.figures["subscribed"] and time.monotonic() < end:
                feed.take(world.clock.now())
                time.sleep(0.01)
            assert feed.figures["subscribed"]
        finally:
            feed.close()


# 618


def test_run_inside_a_running_loop_works() -> None:
    async def main() -> None:
        with exchange() as world, taking(world.feed(), world.clock) as taker:
            taker.until(lambda: taker.state == "ok")

    asyncio.run(main())


# [P] 624


def test_an_unreadable_message_loses_only_itself() -> None:
    with exchange() as world, odd_stream() as odd, taking(odd_feed(world, odd), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and len(taker.subscribed) > 3)
        first, second, third = sorted(taker.subscribed)[:3]
        now = world.clock.now()
        good = [quote(first, now, 3.0, 3.1), quote(second, now, 4.0, 4.1)]
        strange: list[Any] = [
            {"T": "q", "S": third},
            quote(third, now, bid="none"),
            quote(third, now, ask=float("nan")),
            quote(third, now) | {"as": None},
            {"T": "q", "S": third, "t": "never", "bp": 1, "ap": 2, "bs": 1, "as": 1},
            {"T": "brand new", "S": third},
            {"S": third},
            "text",
            None,
            7,
        ]
        odd.tell([good[0], *strange, good[1]])
        taker.until(lambda: taker.figure("messages") >= 12)
        values = {each.symbol: taker.market.quote(each) for each in taker.quoted()}
        assert values[first][:2] == (3_0000, 3_1000)
        assert values[second][:2] == (4_0000, 4_1000)
        assert taker.figure("unreadable") == 9
        assert taker.figure("other") >= 1
        assert taker.figure("reconnects") == 0


def test_an_iso_time_does_not_lose_the_frame() -> None:
    with exchange() as world, odd_stream() as odd, taking(odd_feed(world, odd), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed)
        symbol = min(taker.subscribed)
        odd.tell([quote(symbol, world.clock.now(), 3.0, 3.1) | {"t": "2026-01-15T15:00:00.5Z"}])
        taker.until(
            lambda: any(each.symbol == symbol and taker.market.quote(each).bid == 3_0000 for each in taker.quoted())
        )


def test_a_frame_that_is_no_msgpack_loses_only_itself() -> None:
    with exchange() as world, odd_stream() as odd, taking(odd_feed(world, odd), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed)
        odd.tell(b"\xc1\xc1")
        odd.tell(b"\x81\xa1T\xa1q")
        taker.until(lambda: taker.figure("unreadable") == 2)
        symbol = min(taker.subscribed)
        odd.tell([quote(symbol, world.clock.now(), 3.0, 3.1)])
        taker.until(
            lambda: any(each.symbol == symbol and taker.market.quote(each).bid == 3_0000 for each in taker.quoted())
        )
        assert odd.connections == 1


# [P] run() without a subscription; stop() before run()


def turns_without_a_subscription(run: Callable[[], Coroutine[Any, Any, None]], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a stream that nobody has subscribed on gives way and comes back at once, in a fifth of a second."""
    turns, asleep = [0], asyncio.sleep

    async def counted(seconds: float, *more: Any) -> Any:
        turns[0] += seconds == 0
        return await asleep(seconds, *more)

    monkeypatch.setattr(asyncio, "sleep", counted)

    async def main() -> None:
        task = asyncio.create_task(run())
        await asleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    return turns[0]


def test_run_without_a_subscription_burns_no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    table = AlpacaTable(stream_url="ws://127.0.0.1:9")
    ours = OptionStream(Keys("PKFAKEFAKE", "fake"), table, lambda _: (0, []))
    assert turns_without_a_subscription(ours.live, monkeypatch) == 0


def test_the_sdk_by_itself_does_burn_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above would see if it were not designed around."""
    theirs = OptionDataStream("PKFAKEFAKE", "fake", url_override="ws://127.0.0.1:9")
    assert turns_without_a_subscription(theirs._run_forever, monkeypatch) > 100


def test_no_words_of_a_server_bring_a_key_back() -> None:
    with exchange() as world, odd_stream() as odd:
        odd.admission = error(499, f"no such pair: {world.keys.key_id} {world.keys.secret}")
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert "no such pair" in taker.text
            assert world.keys.secret not in taker.text
            assert world.keys.key_id not in taker.text


def test_closing_before_anything_began_is_no_error() -> None:
    with exchange() as world:
        world.feed().close()
        feed = world.feed()
        feed.start((), lambda: None)
        feed.close()
        assert feed._thread is not None
        assert not feed._thread.is_alive()


# [P] 415, of the feed's own requests


def test_a_server_that_never_answers_does_not_hold_the_feed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, exchange() as world:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        feed = world.feed(trading_url=url, connect_seconds=0.2, read_seconds=0.2)
        with taking(feed, world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert "contracts" in taker.text
        assert feed._thread is not None
        assert not feed._thread.is_alive()


def test_only_get_requests_leave() -> None:
    import inspect

    from engine.feed.alpaca import backfill, catching_up, reference

    for module in (backfill, catching_up, reference):
        text = inspect.getsource(module)
        assert not any(word in text for word in (".post(", ".patch(", ".delete(", "submit_order"))


# [P] APIError.code


def test_html_instead_of_json_is_said_in_words() -> None:
    with exchange() as world:
        feed = world.feed(trading_url=world.table().trading_url + "/control/nowhere")
        with taking(feed, world.clock) as taker:
            taker.until(lambda: taker.state == "down")
            assert "contracts" in taker.text


# 743


def test_it_runs_on_websockets_legacy_with_our_settings() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok")
        legacy: Any = taker.feed._options._ws
        assert type(legacy).__module__.startswith("websockets.legacy")
        assert (legacy.ping_interval, legacy.ping_timeout, legacy.max_queue) == (5, 10, 1024)


# [P] pings, 407, no replay


def test_default_pings_are_replaced_by_ones_that_notice_within_fifteen_seconds() -> None:
    assert PARAMS["ping_interval"] + PARAMS["ping_timeout"] <= 15


def test_407_is_connected_again_and_counted() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed)
        world.faults.switch("slow_client", part="/v1beta1/indicative", times=1)
        world.at("10:01")
        taker.until(lambda: taker.figure("slow") == 1)
        taker.until(lambda: taker.state == "ok" and taker.figure("reconnects") == 1)


def test_what_a_disconnect_has_missed_is_read_again() -> None:
    with exchange() as world, taking(world.feed(), world.clock) as taker:
        taker.until(lambda: taker.state == "ok" and taker.subscribed and taker.quoted())
        world.faults.switch("drop_data", part="/v1beta1/indicative", times=1)
        world.at("10:05")
        taker.until(lambda: taker.figure("reconnects") == 1)
        taker.until(lambda: taker.state == "ok")
        theirs = world.venue.market
        taker.until(lambda: all(taker.market.quote(each)[:2] == theirs.quote(each)[:2] for each in taker.quoted()))


def test_a_dropped_confirmation_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "ACK_SECONDS", 0.2)
    with exchange() as world:
        world.faults.switch("dropped_subscription", part="/v1beta1/indicative", times=1)
        with taking(world.feed(), world.clock) as taker:
            taker.until(lambda: taker.state == "ok" and taker.subscribed)
            assert taker.figure("acks_missing") == 1
            assert taker.figure("reconnects") == 0


def test_subscriptions_that_are_never_confirmed_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "ACK_SECONDS", 0.05)
    with exchange() as world, odd_stream() as odd:
        odd.confirm = lambda _, __: None
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: odd.connections >= 2)
            assert ("down", "option quotes: subscriptions are not confirmed") in taker.statuses


def test_a_symbol_that_is_not_there_does_not_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "ACK_SECONDS", 0.2)
    gone: set[str] = set()

    def without_the_first(_: OddStream, symbols: set[str]) -> Any:
        gone.update(gone or {min(symbols)})
        return confirmed(symbols - gone)

    with exchange() as world, odd_stream() as odd:
        odd.confirm = without_the_first
        with taking(odd_feed(world, odd), world.clock) as taker:
            taker.until(lambda: taker.state == "ok" and taker.subscribed)
            end = time.monotonic() + 0.5
            taker.until(lambda: time.monotonic() > end)
            assert odd.connections == 1
            assert len(odd.subscriptions()) <= 3
            assert not gone & taker.subscribed
