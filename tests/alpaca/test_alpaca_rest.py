"""Requests to Alpaca through its SDK: each ends in time, none that changes something leaves twice, errors are ours."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from typing import Any

import pytest
from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import LimitOrderRequest
from answering_server import DROP, MUTE, Asked, answering

from engine.alpaca.bucket import HOLD
from engine.alpaca.failures import AlpacaError
from engine.alpaca.keys import Keys
from engine.alpaca.rest import Rest
from engine.config.alpaca import AlpacaTable

KEYS = Keys("PKFAKEFAKEFAKE1", "notarealsecretatall1", "a test")
QUICK = AlpacaTable(connect_seconds=0.2, read_seconds=0.2)
MIDNIGHT = dt.datetime(2026, 1, 15, 5, tzinfo=dt.UTC)
ORDER = LimitOrderRequest(
    symbol="SPY260115C00600000",
    qty=1,
    side=OrderSide.BUY,
    time_in_force=TimeInForce.DAY,
    limit_price=0.3,
    client_order_id="one",
)


def rest(url: str, table: AlpacaTable = QUICK, **more: Any) -> Rest:
    return Rest(KEYS, url, table, **more)


def failure(answer: object, call: str = "account", path: str = "GET /v2/account") -> AlpacaError:
    with answering({path: answer}) as told, pytest.raises(AlpacaError) as caught:
        getattr(rest(told.url), call)(*([ORDER, False] if call == "submit" else []))
    return caught.value


def test_an_answer_is_given_raw_and_carries_the_keys_in_its_headers() -> None:
    with answering({"GET /v2/account": (200, {"account_number": "PA1", "new_field": 7})}) as told:
        assert rest(told.url).account() == {"account_number": "PA1", "new_field": 7}
        assert told.asked[0].headers["APCA-API-KEY-ID"] == KEYS.key_id


@pytest.mark.parametrize(
    ("answer", "kind", "status", "code"),
    [
        ((401, {"message": "unauthorized."}), "keys", 401, 0),
        ((401, {"code": 40110000, "message": "request is not authorized"}), "keys", 401, 40110000),
        ((403, {"message": "forbidden."}), "keys", 403, 0),
        ((403, {"code": 40310000, "message": "insufficient options buying power"}), "refused", 403, 40310000),
        ((422, {"code": 42210000, "message": "invalid options order_type"}), "refused", 422, 42210000),
        ((404, {"code": 40410000, "message": "order not found"}), "absent", 404, 40410000),
        ((404, {"message": "Not Found"}), "unreadable", 404, 0),
        ((404, "<html>gone</html>"), "unreadable", 404, 0),
        ((429, "<html>slow down</html>"), "limit", 429, 0),
        ((429, {"message": "too many requests."}), "limit", 429, 0),
        ((500, "<!doctype html><h1>oops</h1>"), "server", 500, 0),
        ((504, ""), "server", 504, 0),
        ((408, ""), "server", 408, 0),
        ((403, "<html>a firewall</html>"), "unreadable", 403, 0),
        ((422, {"code": "x", "message": None}), "refused", 422, 0),
        ((422, "[1, 2]"), "unreadable", 422, 0),
        ((200, "<html>a captive portal</html>"), "unreadable", 0, 0),
        ((200, [1]), "unreadable", 0, 0),
        ((302, "<html>over there</html>"), "unreadable", 0, 0),
        ((200, None), "unreadable", 0, 0),
        (DROP, "dropped", 0, 0),
        (MUTE, "timeout", 0, 0),
    ],
)
def test_every_failure_has_a_kind_of_its_own(answer: object, kind: str, status: int, code: int) -> None:
    failed = failure(answer)
    assert (failed.kind, failed.status, failed.code) == (kind, status, code)
    assert "\n" not in str(failed)
    assert "<" not in str(failed)


@pytest.mark.parametrize("answer", [(504, ""), (500, "<html>"), (429, ""), (408, ""), (200, "<html>"), DROP, MUTE])
def test_what_no_answer_of_alpacas_has_settled_is_unknown_and_the_post_left_once(answer: object) -> None:
    with answering({"POST /v2/orders": answer}) as told:
        with pytest.raises(AlpacaError) as caught:
            rest(told.url).submit(ORDER, closes=False)
        assert caught.value.unknown
        assert told.count("POST /v2/orders") == 1


@pytest.mark.parametrize("status", [401, 403, 422])
def test_what_alpaca_has_turned_down_is_not_in_doubt(status: int) -> None:
    assert not failure((status, {"code": 42210000, "message": "no"}), "submit", "POST /v2/orders").unknown


def test_a_port_where_nothing_listens_and_a_name_nobody_knows_are_told_apart_from_silence() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(AlpacaError, match="nothing answers there") as caught:
            rest(f"http://127.0.0.1:{held.getsockname()[1]}").account()
    assert caught.value.kind == "unreachable"


def test_an_answer_that_trickles_in_ends_in_time_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
                while not done.wait(0.05):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(AlpacaError, match="no whole answer") as caught:
            rest(f"http://127.0.0.1:{listening.getsockname()[1]}").account()
        done.set()
        thread.join()
    assert caught.value.unknown


def test_no_key_stands_in_a_failure() -> None:
    failed = failure((403, {"code": 1, "message": f"no {KEYS.key_id}, nor {KEYS.secret}"}))
    assert "no (a key), nor (a key)" in str(failed)
    words = f"{failed} {failed!r} {failed.__cause__} {failed.__context__}"
    assert KEYS.secret not in words
    assert KEYS.key_id not in words


def test_a_cancellation_that_was_taken_says_nothing_more() -> None:
    order = "61e69015-8549-4bfd-b9c3-01e75843f47d"
    with answering({f"DELETE /v2/orders/{order}": (204, None)}) as told:
        assert rest(told.url).cancel(order) is None


def test_orders_are_read_page_by_page_even_where_many_left_at_one_instant() -> None:
    sent = [{"id": f"{n:04}", "submitted_at": f"2026-01-15T15:00:00.00{n // 300}000000Z"} for n in range(1100)]

    def page(asked: Asked) -> tuple[int, Any]:
        assert (asked.query["status"], asked.query["nested"], asked.query["direction"]) == ("all", "true", "asc")
        after = asked.query["after"].replace("Z", "")
        return 200, [each for each in sent if each["submitted_at"].replace("Z", "") > after][
            : int(asked.query["limit"])
        ]

    with answering({"GET /v2/orders": page}) as told:
        found = rest(told.url, AlpacaTable()).orders(MIDNIGHT)
    assert [each["id"] for each in found] == [each["id"] for each in sent]


def test_more_orders_than_can_be_read_are_told_and_not_read_in_part() -> None:
    same = [{"id": f"{n:04}", "submitted_at": "2026-01-15T15:00:00Z"} for n in range(500)]
    with (
        answering({"GET /v2/orders": (200, same)}) as told,
        pytest.raises(AlpacaError, match="no way to read on"),
    ):
        rest(told.url, AlpacaTable()).orders(MIDNIGHT)


def test_after_a_429_what_can_wait_waits_and_a_cancellation_leaves_at_once() -> None:
    now, order = [0], "61e69015-8549-4bfd-b9c3-01e75843f47d"

    def sleep(seconds: float) -> None:
        now[0] += round(seconds * 1e9)

    answers = {"GET /v2/account": [(429, ""), (200, {})], f"DELETE /v2/orders/{order}": (204, None)}
    with answering(answers) as told:
        mine = rest(told.url, steady=lambda: now[0], sleep=sleep)
        with pytest.raises(AlpacaError):
            mine.account()
        mine.cancel(order)
        assert now[0] == 0
        mine.account()
        assert now[0] == HOLD
        assert len(told.asked) == 3


def test_what_would_wait_too_long_is_kept_back_and_was_never_sent() -> None:
    with answering({"GET /v2/account": (200, {})}) as told:
        mine = rest(told.url, AlpacaTable(requests_a_minute=2, reserve=1), steady=lambda: 0)
        mine.account()
        with pytest.raises(AlpacaError, match="kept back") as caught:
            mine.account()
        assert len(told.asked) == 1
    assert (caught.value.kind, caught.value.unknown) == ("unsent", False)


def test_a_request_waits_for_its_token_if_that_comes_soon() -> None:
    now = [0]

    def sleep(seconds: float) -> None:
        now[0] += round(seconds * 1e9)

    with answering({"GET /v2/account": (200, {})}) as told:
        mine = rest(told.url, AlpacaTable(requests_a_minute=2, reserve=0), steady=lambda: now[0], sleep=sleep)
        mine.account()
        now[0] = 40_000_000_000
        mine.account()
        mine.account()
        assert len(told.asked) == 3
    assert now[0] == 60_000_000_000
