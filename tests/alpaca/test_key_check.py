"""Whether keys are right: the real SDK asks a real server, and whatever goes wrong is one line that comes in time."""

from __future__ import annotations

import io
import json
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from account_server import HTML, KEY_ID, SECRET, AccountServer, account_server, closed_port
from rich.console import Console
from rich.traceback import Traceback

from engine.alpaca.key_check import AccountSeen, NotChecked, account_of, in_the_clear
from engine.alpaca.keys import Keys
from engine.config import AlpacaTable

KEYS = Keys(KEY_ID, SECRET)


@pytest.fixture
def server() -> Iterator[AccountServer]:
    with account_server() as found:
        yield found


def within(connect_seconds: float = 2, read_seconds: float = 5) -> AlpacaTable:
    return AlpacaTable(connect_seconds=connect_seconds, read_seconds=read_seconds)


def seen(server: AccountServer, keys: Keys = KEYS) -> AccountSeen:
    return account_of(keys, server.url, within())


def refusal(server: AccountServer, keys: Keys = KEYS, read_seconds: float = 5) -> NotChecked:
    with pytest.raises(NotChecked) as caught:
        account_of(keys, server.url, within(2, read_seconds))
    text = str(caught.value)
    assert "\n" not in text
    for key in (keys.key_id, keys.secret):
        assert key not in text
    return caught.value


def test_the_account_is_told_with_its_number_masked(server: AccountServer) -> None:
    assert seen(server) == AccountSeen("******ABCD", "ACTIVE", 3)
    assert server.asked == [("/v2/account", KEY_ID, SECRET)]


def test_a_real_answer_of_alpaca(server: AccountServer, shared: Path) -> None:
    server.account = json.loads((shared / "fixtures" / "alpaca" / "account_routes__get_account.json").read_text())
    assert seen(server) == AccountSeen("******ABCD", "ACTIVE", 1)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"account_number": "AB12"}, AccountSeen("****", "ACTIVE", 3)),
        ({"account_number": None}, AccountSeen("", "ACTIVE", 3)),
        ({"options_trading_level": None}, AccountSeen("******ABCD", "ACTIVE", None)),
        ({"options_trading_level": "none"}, AccountSeen("******ABCD", "ACTIVE", None)),
        ({"options_trading_level": 0}, AccountSeen("******ABCD", "ACTIVE", 0)),
        ({"status": "A_WORD_OF_2027"}, AccountSeen("******ABCD", "A_WORD_OF_2027", 3)),
        ({"trading_blocked": True}, AccountSeen("******ABCD", "ACTIVE", 3, ("trading_blocked",))),
    ],
)
def test_an_account_with_a_word_the_sdk_does_not_know_or_without_one(
    server: AccountServer, changed: dict[str, object], told: AccountSeen
) -> None:
    server.account |= changed
    assert seen(server) == told


@pytest.mark.parametrize(
    ("status", "body", "refused", "told"),
    [
        (401, None, True, "refuses them (HTTP 401)"),
        (401, "", True, "refuses them (HTTP 401)"),
        (401, HTML, True, "refuses them (HTTP 401)"),
        (403, '{"code": 40310000, "message": "forbidden."}', True, "refuses them (HTTP 403)"),
        (403, HTML, False, "HTTP 403"),
        (404, '{"message": "Not Found"}', False, "HTTP 404"),
        (429, '{"message": "too many requests."}', False, "HTTP 429"),
        (500, "", False, "HTTP 500"),
        (502, HTML, False, "HTTP 502"),
        (504, HTML, False, "HTTP 504"),
        (200, HTML, False, "is not Alpaca's trading API"),
        (200, "", False, "is not Alpaca's trading API"),
        (200, "[]", False, "is not Alpaca's trading API"),
        (200, '{"hello": 1}', False, "is not Alpaca's trading API"),
        (302, "", False, "is not Alpaca's trading API"),
    ],
)  # fmt: skip
def test_anything_else_is_one_line_and_asked_once(
    server: AccountServer, status: int, body: str | None, refused: bool, told: str
) -> None:
    server.status, server.body = status, body
    found = refusal(server, KEYS if body is not None else Keys(KEY_ID, "another-secret"))
    assert told in str(found)
    assert found.refused is refused
    assert len(server.asked) == 1  # the SDK would ask again after 429 and 504


def test_what_a_server_says_of_a_key_is_not_passed_on(server: AccountServer) -> None:
    server.status, server.body = 401, json.dumps({"code": 1, "message": f"unknown key {KEY_ID} {SECRET}"})
    assert refusal(server).refused


def test_keys_do_not_follow_to_another_address(server: AccountServer) -> None:
    with account_server() as other:
        server.status, server.body, server.location = 307, "", f"{other.url}/v2/account"
        refusal(server)
        assert other.asked == []


def test_neither_a_proxy_nor_a_netrc_comes_between(
    server: AccountServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", closed_port())
    monkeypatch.setenv("http_proxy", closed_port())
    assert seen(server).status == "ACTIVE"


def test_a_server_that_says_nothing(server: AccountServer) -> None:
    server.silent = True
    found = refusal(server, read_seconds=0.2)
    assert "did not answer in time (2 s to connect and 0.2 s to answer)" in str(found)
    assert not found.refused


def test_an_answer_that_trickles_in_is_waited_for_no_longer(server: AccountServer) -> None:
    server.trickle = 0.1  # each byte comes in time for the socket; all of them would take half a minute
    before = time.monotonic()
    with pytest.raises(NotChecked, match="did not answer in time"):
        account_of(KEYS, server.url, within(0.3, 0.5))
    assert time.monotonic() - before < 15


def test_nobody_there() -> None:
    with pytest.raises(NotChecked, match="cannot be reached"):
        account_of(KEYS, closed_port(), within())


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://paper-api.alpaca.markets", True),
        ("http://127.0.0.1:8787", True),
        ("http://localhost:8787", True),
        ("http://[::1]:8787", True),
        ("http://paper-api.alpaca.markets", False),
        ("http://192.168.1.7:8787", False),
        ("http://localhost.example.com", False),
    ],
)
def test_keys_go_through_no_network_unencrypted(url: str, sent: bool) -> None:
    assert (in_the_clear(url) is None) is sent
    if not sent:
        with pytest.raises(NotChecked, match="not encrypted"):
            account_of(KEYS, url, within())


def test_a_traceback_with_all_its_variables_shows_no_key(server: AccountServer) -> None:
    server.status, server.body = 500, HTML
    with pytest.raises(NotChecked) as caught:
        account_of(KEYS, server.url, within())
    error, frames = caught.value, caught.value.__traceback__.tb_next  # not the variables of this test
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(Traceback.from_exception(NotChecked, error, frames, show_locals=True))
    plain = traceback.TracebackException(NotChecked, error, frames, capture_locals=True)
    told = console.export_text() + "".join(plain.format())
    assert "keys = Keys(source='')" in told
    assert KEY_ID not in told
    assert SECRET not in told
